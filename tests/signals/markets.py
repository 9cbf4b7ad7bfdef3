"""Small markets for tests: a few sessions written by hand, or random ones with everything that can be missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache

import exchange_calendars
import numpy as np
import pandas as pd

from signals import catalogue
from signals.asof.series import monthly_lag
from signals.asof.watched_names import OTHERS, TECH
from signals.core.market import Market
from signals.derivatives import fed_funds
from tests.signals.random_records import MEMBERS, random_records

Observation = tuple[str, float] | tuple[str, float, str]

SECTOR_OF = {"T": "Information Technology", "M": "Communication Services", "F": "Financials"}


@cache
def calendar() -> exchange_calendars.ExchangeCalendar:
    """NYSE over all years that tests use."""
    return exchange_calendars.get_calendar("XNYS", start="2004-12-01", end="2026-06-01")


def sessions_from(first: str, count: int) -> pd.DatetimeIndex:
    """`count` sessions from the first one at or after a date, and the one beyond."""
    known = calendar().sessions
    start = known.searchsorted(pd.Timestamp(first))
    return known[start : start + count + 1]


def market(
    first: str = "2024-01-02",
    *,
    close: Mapping[str, Sequence[float]] | None = None,
    adjusted: Mapping[str, Sequence[float]] | None = None,
    series: Mapping[str, Sequence[Observation]] | None = None,
    universe: Sequence[tuple[str, str, str]] = (),
    count: int | None = None,
    **others: object,
) -> Market:
    """A market of the lists given, oldest first; `adjusted` is `close` unless given.

    `universe`: (ticker, sector, groups). `series`: (date, value) or (date, value, known_at).
    """
    close = close or adjusted or {}
    adjusted = close if adjusted is None else adjusted
    count = (
        count
        if count is not None
        else max((len(values) for values in (*close.values(), *adjusted.values())), default=1)
    )
    sessions = sessions_from(first, count)
    days = sessions[:count]
    return Market(
        sessions=sessions,
        ends=pd.DatetimeIndex(calendar().closes.loc[sessions]),
        last=days[-1],
        close=pd.DataFrame(close, index=days, dtype=float),
        adj_close=pd.DataFrame(adjusted, index=days, dtype=float),
        series={name: rows(observations) for name, observations in (series or {}).items()},
        universe=pd.DataFrame(
            [(ticker, ticker, sector, "", groups) for ticker, sector, groups in universe],
            columns=["ticker", "name", "sector", "industry", "groups"],
            dtype=str,
        ),
        **others,
    )


def rows(observations: Sequence[Observation]) -> pd.DataFrame:
    """A series' frame as the contract has it."""
    known = [pd.Timestamp(row[2], tz="UTC") if len(row) > 2 else pd.NaT for row in observations]
    index = pd.DatetimeIndex([row[0] for row in observations], name="observed")
    values = [float(row[1]) for row in observations]
    return pd.DataFrame({"value": values, "known_at": pd.DatetimeIndex(known, tz="UTC")}, index=index)


def last_value(found: Market, id: str) -> float | None:
    """Value of the last session's reading."""
    return last(found, id).value


def last(found: Market, id: str):
    """Reading of the last session."""
    return catalogue.readings(found, catalogue.compute(found, [id]), found.last.date())[id]


def values(found: Market, id: str) -> list[float | None]:
    """Values of all sessions, None where withheld."""
    history = catalogue.compute(found, [id])[id].values
    return [None if value != value else value for value in history.tolist()]


def random_market(
    seed: int, *, count: int = 330, members: int = 24, holes: float = 0.0, first: str = "2023-05-15"
) -> Market:
    """Random walks for everything that the register reads. `holes`: share of bars and observations that are missing."""
    dice = np.random.default_rng(seed)
    sessions = sessions_from(first, count)
    days = sessions[:count]
    names = [*MEMBERS, *(f"M{number}" for number in range(members))][:members]
    futures = fed_funds.contracts(days[0].date(), days[-1].date())
    close = _walks(dice, list(dict.fromkeys([*names, *catalogue.tickers(), *futures])), days, holes)
    adjusted = close * (1 + 0.1 * np.linspace(-1, 0, count)[:, None])
    sectors = [
        SECTOR_OF["F" if name in OTHERS else "TMF"[place % 3 % (2 if name in TECH else 3)]]
        for place, name in enumerate(names)
    ]
    groups = [
        ("sp500", "sp500 ndx100", "ndx100")[place % 11 % 3 if name in MEMBERS else place % 5 % 3]
        for place, name in enumerate(names)
    ]
    return Market(
        sessions=sessions,
        ends=pd.DatetimeIndex(calendar().closes.loc[sessions]),
        last=days[-1],
        close=close,
        adj_close=adjusted,
        series={name: _random_series(dice, name, days, holes) for name in catalogue.series_ids()},
        universe=pd.DataFrame(
            {"ticker": names, "name": names, "sector": sectors, "industry": "", "groups": groups}, dtype=str
        ),
        sources=dict.fromkeys(close, "dice"),
        records=random_records(dice, close, pd.DatetimeIndex(calendar().closes.loc[days]), holes),
    )


def _walks(dice: np.random.Generator, tickers: list[str], days: pd.DatetimeIndex, holes: float) -> pd.DataFrame:
    steps = dice.normal(0.0003, 0.012, (len(days), len(tickers))) + dice.normal(0, 0.01, (len(days), 1))
    prices = np.round(50 * np.exp(np.cumsum(steps, axis=0)), 2)
    prices[dice.random(prices.shape) < holes] = np.nan
    for column in np.flatnonzero(dice.random(len(tickers)) < 4 * holes):
        prices[: dice.integers(0, len(days)), column] = np.nan
    return pd.DataFrame(prices, index=days, columns=tickers)


def _random_series(dice: np.random.Generator, name: str, days: pd.DatetimeIndex, holes: float) -> pd.DataFrame:
    monthly = monthly_lag(name) is not None
    if monthly:
        dates = pd.date_range(days[0] - pd.DateOffset(months=20), days[-1], freq="MS")
    else:
        dates = pd.date_range(days[0] - pd.Timedelta(days=20), days[-1], freq="D" if name.startswith("DFED") else "B")
    found = pd.DataFrame(
        {"value": np.round(20 * np.exp(np.cumsum(dice.normal(0, 0.01, len(dates)))), 2)},
        index=dates.rename("observed"),
    )
    found["known_at"] = pd.DatetimeIndex([pd.NaT] * len(found), tz="UTC")
    found = found[dice.random(len(found)) >= holes]
    if not holes or found.empty:
        return found
    revised = found[dice.random(len(found)) < 2 * holes].copy()
    revised["value"] += 0.5
    revised["known_at"] = (revised.index + pd.Timedelta(days=50 if monthly else 3, hours=13)).tz_localize("UTC")
    return pd.concat([found, revised]).sort_index(kind="stable")


def position(found: Market, day: date | str) -> int:
    """Position of a session."""
    return int(found.days.get_loc(pd.Timestamp(day)))
