"""Analysts' estimates in the simulated market, and the reports with their surprises.

Estimates follow slow trends of each company, around which prices fluctuate; analysts raise companies
with high recent returns. Snapshots are on Tuesdays and Thursdays, which is often enough for every
signal and keeps the number of rows low.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bot.sources.simulated.closes import SimulatedPrices
from bot.sources.simulated.instruments import SECTORS, Instruments
from bot.sources.simulated.paths.stocks import TREND
from bot.sources.simulated.paths.time_grid import (
    EPOCH,
    PER_YEAR,
    REFERENCE,
    Floats,
    Stream,
    fading_sum,
    generator,
    normals,
    slot,
    slots,
)
from bot.sources.simulated.paths.world import World
from signals.asof import watched_names
from signals.core.datasets import empty
from signals.core.instruments import SEVEN

Slots = NDArray[np.int64]

_TURNS = {
    "Information Technology": 25.0, "Communication Services": 18.0, "Consumer Discretionary": 21.0, "Financials": 14.5,
    "Energy": 12.5, "Health Care": 17.5, "Industrials": 20.0, "Consumer Staples": 19.5, "Utilities": 17.0, "Materials": 18.5,
    "Real Estate": 30.0,
}  # fmt: skip
_OWN_TURNS = {
    "NVDA": 31.0,
    "TSLA": 85.0,
    "PLTR": 120.0,
    "AVGO": 30.0,
    "META": 23.0,
    "GOOGL": 20.0,
    "MSFT": 29.0,
    "MU": 11.0,
}
_SHAKY = {"INTC": 5.3, "BA": 7.1}
"""Companies with recurring losses, and the period of the recurrence in years."""
_LONG_AGO = 100
_SEASON = 65
"""Weekdays from one report of a company to the next."""
_ZONE = "America/New_York"
_FUND_TURNS = 17.5
_SMALL_TREND = TREND - 0.025 - 0.012


@dataclass(frozen=True, slots=True)
class Analysts:
    """Analysts' views.

    Attributes:
        first: Slot of the first row.
        sentiment: Per row x company, about -1 to 1.
        eps: Expected earnings per share of next year, per row x company.
        count: Number of analysts per company.
        growth: Expected growth in ordinary times per company, percent.
        report: Weekday of the reports in their season, per company.
    """

    first: int
    sentiment: Floats
    eps: Floats
    count: Floats
    growth: Floats
    report: Floats


def analysts(world: World, instruments: Instruments, days: pd.DatetimeIndex) -> Analysts:
    """Views on the companies of `watched_names`, as far back as the rows of `days` need them."""
    first = max(slot(days[0].date()) - _LONG_AGO, 0)
    at = np.array([instruments.tickers.index(ticker) for ticker in watched_names.COMPANIES])
    character = generator(0, Stream.ANALYSTS).standard_normal((len(at), 4))
    sentiment = _sentiment(world, instruments, at, first)
    years = world.grid.years_since_reference[first:, None]
    turns = _turns(instruments, at) * np.exp(0.12 * character[:, 0])
    lean = 9.0 * np.tanh(years / 9.0) * instruments.growth[at]
    eps = (
        instruments.price[at] / turns * np.exp((TREND - instruments.dividend[at] * 4) * years + lean + 0.06 * sentiment)
    )
    for ticker, period in _SHAKY.items():
        column = watched_names.COMPANIES.index(ticker)
        eps[:, column] *= 0.55 + np.cos(2 * np.pi * years[:, 0] / period)
    return Analysts(
        first=first,
        sentiment=sentiment,
        eps=eps,
        count=np.clip(np.rint(26 + 9 * character[:, 1]), 8.0, 55.0),
        growth=8.5
        + 90.0 * instruments.growth[at]
        + 2.5 * np.isin(watched_names.COMPANIES, SEVEN)
        + 2.5 * character[:, 2],
        report=np.clip(np.rint(22 + 10 * character[:, 3]), 5.0, 52.0),
    )


def _turns(instruments: Instruments, at: Slots) -> Floats:
    sectors = [SECTORS[number] for number in instruments.sector[at]]
    both = zip(watched_names.COMPANIES, sectors, strict=True)
    return np.array([_OWN_TURNS.get(ticker, _TURNS[sector]) for ticker, sector in both])


def _sentiment(world: World, instruments: Instruments, at: Slots, first: int) -> Floats:
    """Two months of the common factors by exposure, and a company's own noise, from the slot `first` on."""
    common = world.common

    def lately(path: Floats) -> Floats:
        return fading_sum(np.diff(path, prepend=path[0]), 0.975)[first:, None]

    own = normals(world.seed, Stream.ANALYSTS, world.grid, width=len(at))
    own *= 0.055
    shared = (
        lately(common.market)
        + lately(common.mega) * instruments.mega[at]
        + lately(common.chips) * instruments.chips[at]
    )
    shared += lately(common.value) * instruments.value[at]
    shared *= 9.0
    shared += fading_sum(own, 0.985)[first:]
    return np.tanh(shared, out=shared)


def estimates(
    views: Analysts, instruments: Instruments, prices: SimulatedPrices, days: pd.DatetimeIndex
) -> pd.DataFrame:
    """Rows of the dataset `estimates` on Tuesdays and Thursdays of `days`, each known since 9 in
    the evening in New York.
    """
    snapshot_days = days[np.isin(days.dayofweek, (1, 3))]
    # Year by year, so that copies of little more than the result are ever held.
    years = [snapshot_days[snapshot_days.year == year] for year in snapshot_days.year.unique()]
    return pd.concat([_estimates(views, instruments, prices, days, year) for year in years], ignore_index=True)


def _estimates(
    views: Analysts,
    instruments: Instruments,
    prices: SimulatedPrices,
    days: pd.DatetimeIndex,
    snapshot_days: pd.DatetimeIndex,
) -> pd.DataFrame:
    rows, at = days.get_indexer(snapshot_days), slots(snapshot_days)
    frame = pd.concat([_companies(views, instruments, prices, rows, at), _fund(prices, rows, at)], ignore_index=True)
    times = len(watched_names.NAMES)
    evening = np.tile(_evening(snapshot_days).asi8, times)
    dated = frame.assign(date=np.tile(snapshot_days, times), known_at=pd.to_datetime(evening, utc=True))
    return _shaped("estimates", dated, drop="price")


def _companies(
    views: Analysts, instruments: Instruments, prices: SimulatedPrices, rows: Slots, at: Slots
) -> pd.DataFrame:
    """Rows of all companies, one company after the other: tables of days x companies, read column
    by column.
    """
    sentiment, eps = views.sentiment[at - views.first], np.round(views.eps[at - views.first], 4)
    month_ago = np.round(views.eps[np.maximum(at - 21, 0) - views.first], 4)
    price = prices.close[np.ix_(rows, np.array([prices.tickers.index(ticker) for ticker in watched_names.COMPANIES]))]
    shares = instruments.shares[np.array([instruments.tickers.index(ticker) for ticker in watched_names.COMPANIES])]
    growth = np.round(views.growth + 11.0 * sentiment, 2)
    gains = np.where(eps > 0, eps, np.nan)
    active = 0.8 * views.count
    tables = {
        "up_30d": np.round(active / (1 + np.exp(-1.6 * sentiment - 0.1))),
        "down_30d": np.round(active / (1 + np.exp(1.6 * sentiment + 0.1))),
        "up_7d": np.round(0.25 * active / (1 + np.exp(-1.6 * sentiment - 0.1))),
        "down_7d": np.round(0.25 * active / (1 + np.exp(1.6 * sentiment + 0.1))),
        "eps_next_year": eps,
        "eps_30d_ago": month_ago,
        "growth_next_year": np.where(eps > 0, growth, np.nan),
        "price": price,
        "market_cap": np.round(price * shares) * 1e9,
        "trailing_pe": np.round(price / gains * (1 + growth / 100) * 1.05, 2),
        "forward_pe": price / gains,
    }
    frame = pd.DataFrame({name: table.ravel(order="F") for name, table in tables.items()})
    reports = _last_report(at[:, None], views.report) + _SEASON
    tickers = np.repeat(np.array(watched_names.COMPANIES, dtype=object), len(at))
    return frame.assign(ticker=tickers, next_report=_day_of(reports.ravel(order="F")))


def _fund(prices: SimulatedPrices, rows: Slots, at: Slots) -> pd.DataFrame:
    price = prices.close[rows, prices.tickers.index(watched_names.FUND)]
    years = (at - slot(REFERENCE)) / PER_YEAR
    turns = np.round(_FUND_TURNS * (price / 221.0 / np.exp(_SMALL_TREND * years)) ** 0.6, 2)
    return pd.DataFrame({"ticker": watched_names.FUND, "price": price, "trailing_pe": turns, "forward_pe": turns})


def surprises(world: World, views: Analysts, days: pd.DatetimeIndex) -> pd.DataFrame:
    """Rows of the dataset `surprises` of reports from 100 weekdays before the first of `days`,
    known the same evening.
    """
    first, last = slots(days[[0, -1]])
    luck = normals(world.seed, Stream.REPORTS, world.grid, width=len(watched_names.COMPANIES))
    newest = _last_report(np.array([last]), views.report)
    own = [np.arange(last_report, max(first - _LONG_AGO, 0), -_SEASON) for last_report in newest]
    at, place = np.concatenate(own), np.repeat(np.arange(len(own)), [len(own_slots) for own_slots in own])
    day = _day_of(at)
    estimate = np.round(views.eps[at - views.first, place] / 4, 4)
    beat = 0.02 + 0.03 * views.sentiment[at - views.first, place] + 0.032 * luck[at, place]
    rows = pd.DataFrame(
        {
            "ticker": np.array(watched_names.COMPANIES, dtype=object)[place],
            "quarter": (day - pd.Timedelta(days=20)).to_period("M").start_time - pd.Timedelta(days=1),
            "reported": day,
            "actual": np.round(estimate + np.abs(estimate) * beat, 4),
            "estimate": estimate,
            "known_at": _evening(day),
        }
    )
    return _shaped("surprises", rows, drop="actual")


def _last_report(at: Slots, phase: Floats) -> Slots:
    """Slot of the last report at or before each slot, by the weekday of the reports in their season."""
    start = slot(REFERENCE) + phase.astype(np.int64)
    last: Slots = start + (at - start) // _SEASON * _SEASON
    return last


def _day_of(at: Slots) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(np.busday_offset(np.datetime64(EPOCH, "D"), at))


def _evening(days: pd.DatetimeIndex) -> pd.DatetimeIndex:
    return (days + pd.Timedelta(hours=21)).tz_localize(_ZONE).tz_convert("UTC").as_unit("ns")


def _shaped(dataset: str, rows: pd.DataFrame, *, drop: str) -> pd.DataFrame:
    """Rows with the columns of a dataset, those without `drop` left out (companies that are not
    listed yet).
    """
    shape = empty(dataset).drop(columns="source")
    complete = rows[rows[drop].notna()].reindex(columns=shape.columns).astype(shape.dtypes.to_dict())
    return complete.sort_values(["known_at", "ticker"], ignore_index=True)
