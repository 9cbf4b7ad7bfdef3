"""Parses one summary into rows of the datasets `estimates` and `surprises`.

An empty field is unknown (NaN); a missing field means that the format has changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import isfinite, nan
from typing import Any

from bot.calendar.clock import NEW_YORK, new_york_date
from bot.sources.parsing import cells
from bot.sources.parsing.document_reader import reader
from bot.sources.yahoo.epochs import instant
from bot.sources.yahoo.failures import BrokenResponseError
from bot.sources.yahoo.quote_summary import Modules, missing_field, module

NEXT_YEAR, THIS_YEAR = "+1y", "0y"
SPLIT_DAYS = 7
"""Days after a split on which Yahoo's estimates may still be per old share while the price is per new one."""
_INFINITE = ("Infinity", "-Infinity", "NaN")
REPORT_WITHIN = timedelta(days=89)
"""A report comes before the next quarter ends."""

Row = dict[str, object]
Cells = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EstimateSnapshot:
    """The rows of one summary.

    `estimate`: a row of `estimates`. `surprises`: rows of `surprises`, or None where the response
    has no such module.
    """

    estimate: Row
    surprises: Sequence[Row] | None


@reader("Yahoo")
def company(modules: Modules, ticker: str, now: datetime) -> EstimateSnapshot:
    """A company's snapshot as of `now`.

    Raises BrokenResponseError naming the field that is missing.
    """
    price, trend = module(modules, "price"), _periods(module(modules, "earningsTrend"))
    coming, running = _period(trend, NEXT_YEAR), _period(trend, THIS_YEAR)
    expected, revised, course = (_part(coming, name) for name in ("earningsEstimate", "epsRevisions", "epsTrend"))
    paid, today = number(_cell(price, "regularMarketPrice")), new_york_date(now)
    fits = _same_currency(expected, price) and not _just_split(modules, today)
    coming_eps, running_eps = number(_cell(expected, "avg")), number(_cell(_part(running, "earningsEstimate"), "avg"))
    eps = coming_eps if fits else nan
    estimate: Row = {
        "date": today,
        "ticker": ticker,
        "up_30d": number(_cell(revised, "upLast30days")),
        "down_30d": number(_cell(revised, "downLast30days")),
        "up_7d": number(_cell(revised, "upLast7days")),
        "down_7d": number(_cell(revised, "downLast7days")),
        "eps_next_year": eps,
        "eps_30d_ago": number(_cell(course, "30daysAgo")) if fits else nan,
        "growth_next_year": 100.0 * (coming_eps / running_eps - 1.0) if running_eps > 0.0 else nan,
        "price": paid,
        "market_cap": number(price.get("marketCap")),
        "trailing_pe": number(modules.get("summaryDetail", {}).get("trailingPE")),
        "forward_pe": paid / eps if eps > 0.0 else nan,
        "next_report": min((day for day in _days(modules, "earningsDate") if day >= today), default=None),
    }
    return EstimateSnapshot(estimate, _surprises(modules, ticker, today))


@reader("Yahoo")
def fund(modules: Modules, ticker: str, now: datetime) -> EstimateSnapshot:
    """A fund's snapshot: its own price over earnings.

    Raises BrokenResponseError naming the field that is missing.
    """
    price, holdings = module(modules, "price"), _part(module(modules, "topHoldings"), "equityHoldings")
    estimate: Row = {
        "date": new_york_date(now),
        "ticker": ticker,
        "price": number(_cell(price, "regularMarketPrice")),
        "trailing_pe": number(modules.get("summaryDetail", {}).get("trailingPE")),
        "forward_pe": turns(number(_cell(holdings, "priceToEarnings"))),
    }
    return EstimateSnapshot(estimate, ())


def turns(shown: float) -> float:
    """A fund's price over earnings as Yahoo shows it: 0.035 is earnings over price, hence 28.6; 0
    means none.
    """
    if not shown > 0.0:
        return nan
    return 1.0 / shown if shown < 1.0 else shown


def number(cell: Any) -> float:
    """A cell as Yahoo sends it, `{"raw": 9, "fmt": "9"}`, `9`, `"Infinity"` or `{}`.

    NaN for what is empty or infinite, as a price over no earnings is. Raises BrokenResponseError for
    anything else that is no number.
    """
    value = cell.get("raw") if isinstance(cell, Mapping) else cell
    if value in _INFINITE:
        return nan
    try:
        read = cells.number(value)
    except cells.BadCellError as error:
        raise BrokenResponseError(f"Yahoo's answer has a field that is no number: {error}", again=False) from None
    return nan if read is None else read


def _cell(fields: Cells, name: str) -> Any:
    """A field, ignoring case: Yahoo writes upLast7days and downLast7Days."""
    for key, value in fields.items():
        if key.casefold() == name.casefold():
            return value
    raise missing_field(name)


def _part(fields: Cells, name: str) -> Cells:
    part = _cell(fields, name)
    if not isinstance(part, Mapping):
        raise missing_field(name)
    return part


def _periods(trend: Cells) -> dict[str, Cells]:
    listed = trend.get("trend")
    if not isinstance(listed, list):
        raise missing_field("trend")
    return {str(period.get("period")): period for period in listed if isinstance(period, Mapping)}


def _period(trend: Mapping[str, Cells], name: str) -> Cells:
    if name not in trend:
        raise missing_field(f"earningsTrend of {name}")
    return trend[name]


def _same_currency(expected: Cells, price: Cells) -> bool:
    """Whether estimate and price are in one currency, which a ratio of the two needs.

    The default is dollars.
    """
    return (expected.get("earningsCurrency") or "USD") == (price.get("currency") or "USD")


def _just_split(modules: Modules, today: date) -> bool:
    seconds = number(modules.get("defaultKeyStatistics", {}).get("lastSplitDate"))
    return isfinite(seconds) and timedelta(0) <= today - _quarter(seconds) < timedelta(days=SPLIT_DAYS)


def _days(modules: Modules, name: str) -> list[date]:
    """Days in New York of the instants that the calendar lists, e.g. calls after the close.

    None where it lists none.
    """
    earnings = modules.get("calendarEvents", {}).get("earnings")
    listed = earnings.get(name) if isinstance(earnings, Mapping) else None
    instants = [number(cell) for cell in listed] if isinstance(listed, list) else []
    return [instant(stamp).astimezone(NEW_YORK).date() for stamp in instants if isfinite(stamp)]


def _quarter(seconds: float) -> date:
    """The date of an end of a quarter or a split: midnight of UTC, which would be the evening
    before in New York.
    """
    return instant(seconds).date()


def _surprises(modules: Modules, ticker: str, today: date) -> list[Row] | None:
    if "earningsHistory" not in modules:
        return None
    history = module(modules, "earningsHistory").get("history")
    if not isinstance(history, list):
        raise missing_field("history")
    calls = [*_days(modules, "earningsCallDate"), *_days(modules, "earningsDate")]
    report_days = sorted(day for day in calls if day <= today)
    return list(_reports(history, ticker, report_days))


def _reports(history: Sequence[Cells], ticker: str, report_days: Sequence[date]) -> Iterator[Row]:
    for report in history:
        actual, estimate, seconds = (number(_cell(report, name)) for name in ("epsActual", "epsEstimate", "quarter"))
        if not (isfinite(actual) and isfinite(estimate) and isfinite(seconds)):
            continue
        quarter = _quarter(seconds)
        day = next((day for day in report_days if quarter < day <= quarter + REPORT_WITHIN), None)
        yield {"quarter": quarter, "ticker": ticker, "reported": day, "actual": actual, "estimate": estimate}
