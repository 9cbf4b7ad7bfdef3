"""Datasets beyond prices and series: the columns of their rows and when the rows became public.

A market has each dataset as a plain frame, `Market.records[name]`. The archive and the packs store
them by the same description, so a dataset is added here and nowhere else. Rows with the same key
and a later `known_at` are corrections.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

import pandas as pd

INPUT = "records:"
"""Prefix of a dataset's name among the inputs of a signal."""


class ColumnKind(StrEnum):
    """What a column holds: dates are naive midnights, numbers floats with NaN for unknown, texts
    never NaN.
    """

    DATE = "date"
    TEXT = "text"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a dataset with its unit or meaning."""

    name: str
    kind: ColumnKind
    meaning: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """A kind of row.

    Every frame has `known_at` (datetime64[ns, UTC], never NaT) and `source` (text) besides
    `columns`.

    Attributes:
        name: Name of the dataset.
        meaning: What one row describes.
        key: The columns that identify what a row describes; the other columns are its values.
        columns: All columns but `known_at` and `source`.
        dated: Column of the date from which `lag_days` counts where `known_at` is not recorded.
        lag_days: Days after that date at which such a row counts as public, at `MORNING`.
    """

    name: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    dated: str = "date"
    lag_days: int = 1


def _column(name: str, kind: ColumnKind, meaning: str) -> Column:
    return Column(name, kind, meaning)


_DATE, _TEXT, _NUMBER = ColumnKind.DATE, ColumnKind.TEXT, ColumnKind.NUMBER

DATASETS: Mapping[str, Dataset] = MappingProxyType(
    {
        dataset.name: dataset
        for dataset in (
            Dataset(
                "funds",
                "One fund on one day, as its issuer or a newspaper published it.",
                ("date", "ticker"),
                (
                    _column("date", _DATE, "the day that the issuer prints on the row"),
                    _column("ticker", _TEXT, "the fund"),
                    _column("nav", _NUMBER, "net asset value per share, USD"),
                    _column("shares_outstanding", _NUMBER, "shares, in units"),
                    _column("flow_usd", _NUMBER, "published net creations of the day, USD; unknown for most sources"),
                ),
            ),
            Dataset(
                "options",
                "One underlying on one day, summed up from its whole option chain.",
                ("date", "symbol"),
                (
                    _column("date", _DATE, "the session of the chain"),
                    _column("symbol", _TEXT, "the underlying"),
                    _column("put_volume", _NUMBER, "contracts, expiries of 7 to 60 days"),
                    _column("call_volume", _NUMBER, "contracts, expiries of 7 to 60 days"),
                    _column("put_open_interest", _NUMBER, "contracts at the end of the session before, 7 to 60 days"),
                    _column("call_open_interest", _NUMBER, "contracts at the end of the session before, 7 to 60 days"),
                    _column("skew_25d", _NUMBER, "30-day 25-delta put less call implied volatility, vol points"),
                    _column("iv_atm", _NUMBER, "30-day at-the-money implied volatility, vol points"),
                ),
            ),
            Dataset(
                "weights",
                "One fund on one day, summed up from the list of its holdings.",
                ("date", "fund"),
                (
                    _column("date", _DATE, "the day as of which the list is dated"),
                    _column("fund", _TEXT, "the fund"),
                    _column("seven", _NUMBER, "weight of the Magnificent Seven, all share classes, percent"),
                    _column("top_ten", _NUMBER, "weight of the ten largest lines, percent"),
                ),
            ),
            Dataset(
                "meetings",
                "One decision day of the Fed that was announced, moved or cancelled; what is planned beside it stands in `fomc`.",
                ("date",),
                (
                    _column("date", _DATE, "the last day of the meeting, on which its decision is announced"),
                    _column("planned", _NUMBER, "1 planned, 0 moved away or cancelled"),
                ),
            ),
            Dataset(
                "projections",
                "The median of the Fed's members for the policy rate at the end of one year (SEP), as of one meeting.",
                ("year_end",),
                (
                    _column("year_end", _DATE, "December 31 of the year projected"),
                    _column("median", _NUMBER, "middle of the target range, percent"),
                ),
            ),
            Dataset(
                "releases",
                "The day of one month on which a statistics office publishes a figure, as announced, moved or cancelled.",
                ("month", "release"),
                (
                    _column("month", _DATE, "first day of the calendar month in which it is published"),
                    _column(
                        "release",
                        _TEXT,
                        "cpi (consumer prices), payrolls (the employment report) or pce (consumption prices)",
                    ),
                    _column("date", _DATE, "the day, in New York; it comes out at 08:30"),
                    _column("planned", _NUMBER, "1 planned, 0 nothing is published in that month after all"),
                ),
                dated="month",
                lag_days=-31,
            ),
            Dataset(
                "estimates",
                "Analysts' estimates and valuation of one company, as a source showed them on one day.",
                ("date", "ticker"),
                (
                    _column("date", _DATE, "the day of the snapshot"),
                    _column("ticker", _TEXT, "the company or fund"),
                    _column("up_30d", _NUMBER, "upward revisions of next fiscal year's earnings in 30 days"),
                    _column("down_30d", _NUMBER, "downward revisions of next fiscal year's earnings in 30 days"),
                    _column("up_7d", _NUMBER, "upward revisions of next fiscal year's earnings in 7 days"),
                    _column("down_7d", _NUMBER, "downward revisions of next fiscal year's earnings in 7 days"),
                    _column("eps_next_year", _NUMBER, "mean estimate of next fiscal year's earnings per share, USD"),
                    _column("eps_30d_ago", _NUMBER, "the same estimate as it stood 30 days before, USD"),
                    _column(
                        "growth_next_year", _NUMBER, "expected growth of earnings per share, next year on this, percent"
                    ),
                    _column("price", _NUMBER, "price of the snapshot, USD"),
                    _column("market_cap", _NUMBER, "USD"),
                    _column("trailing_pe", _NUMBER, "turns"),
                    _column(
                        "forward_pe",
                        _NUMBER,
                        "price over eps_next_year for companies; the source's own for funds, turns",
                    ),
                    _column("next_report", _DATE, "the day, in New York, of the next report; may be unknown"),
                ),
            ),
            Dataset(
                "surprises",
                "One quarter's reported earnings against the last estimate before.",
                ("quarter", "ticker"),
                (
                    _column("quarter", _DATE, "end of the fiscal quarter"),
                    _column("ticker", _TEXT, "the company"),
                    _column("reported", _DATE, "the day, in New York, of the report; may be unknown"),
                    _column("actual", _NUMBER, "earnings per share, USD"),
                    _column("estimate", _NUMBER, "earnings per share, USD"),
                ),
                dated="reported",
            ),
            Dataset(
                "facts",
                "One XBRL fact of a company as filed.",
                ("ticker", "concept", "start", "end", "accession"),
                (
                    _column("ticker", _TEXT, "the filer"),
                    _column("concept", _TEXT, "us-gaap tag"),
                    _column("start", _DATE, "first day of the period; equal to end for balances"),
                    _column("end", _DATE, "last day of the period"),
                    _column("value", _NUMBER, "USD"),
                    _column("form", _TEXT, "10-Q, 10-K, ..."),
                    _column("accession", _TEXT, "number of the filing"),
                ),
                dated="end",
                lag_days=60,
            ),
            Dataset(
                "guidance",
                "What one press release (8-K exhibit) did to a company's own outlook.",
                ("ticker", "accession"),
                (
                    _column("ticker", _TEXT, "the company"),
                    _column("accession", _TEXT, "number of the filing"),
                    _column("filed", _DATE, "day of filing"),
                    _column("direction", _NUMBER, "1 raised, -1 lowered, 0 reaffirmed; unknown: says nothing or both"),
                    _column("sentence", _TEXT, "the sentence that says so"),
                    _column("url", _TEXT, "where it stands"),
                ),
                dated="filed",
            ),
            Dataset(
                "holdings",
                "One manager's shares of one stock at the end of a quarter (13F), options and principal amounts left out.",
                ("quarter", "manager", "ticker"),
                (
                    _column("quarter", _DATE, "end of the quarter"),
                    _column("manager", _TEXT, "name of the manager"),
                    _column("ticker", _TEXT, "the stock"),
                    _column("shares", _NUMBER, "shares held; 0 when a manager that filed holds none"),
                    _column("value_usd", _NUMBER, "USD, also for filings in thousands"),
                    _column("filed", _DATE, "day of filing"),
                ),
                dated="filed",
            ),
        )
    }
)


def empty(name: str) -> pd.DataFrame:
    """A frame of the dataset without rows, every column with its type.

    Raises KeyError for an unknown name.
    """
    types = {ColumnKind.DATE: "datetime64[ns]", ColumnKind.TEXT: "object", ColumnKind.NUMBER: "float64"}
    columns = {column.name: pd.Series(dtype=types[column.kind]) for column in DATASETS[name].columns}
    return pd.DataFrame(
        {**columns, "known_at": pd.Series(dtype="datetime64[ns, UTC]"), "source": pd.Series(dtype="object")}
    )


MORNING = pd.Timedelta(hours=13)
"""Time of day in UTC before which figures of the day before are out: 8 or 9 in the morning in New York."""


def published(name: str, frame: pd.DataFrame) -> pd.Series:
    """The instants at which rows count as public when `known_at` is not recorded.

    Aware UTC, one a row; NaT where the row's date is unknown too.
    """
    dataset = DATASETS[name]
    if dataset.dated not in frame:
        return pd.Series(pd.NaT, index=frame.index, dtype="datetime64[ns, UTC]")
    days = pd.to_datetime(frame[dataset.dated]) + pd.Timedelta(days=dataset.lag_days) + MORNING
    return days.dt.as_unit("ns").dt.tz_localize("UTC")
