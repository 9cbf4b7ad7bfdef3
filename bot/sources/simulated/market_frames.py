"""The simulated market as the signals read it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pandas as pd

from bot.calendar.clock import FINAL_AFTER, Calendar
from bot.sources.simulated import filings, futures, release_calendar
from bot.sources.simulated.analysts import analysts, estimates, surprises
from bot.sources.simulated.closes import SimulatedPrices, prices
from bot.sources.simulated.instruments import Instruments, read_instruments
from bot.sources.simulated.option_chains import chains
from bot.sources.simulated.series import series
from bot.sources.simulated.shares import shares
from bot.sources.simulated.time_grid import EPOCH
from bot.sources.simulated.weights import weights
from bot.sources.simulated.world import World, make_world
from signals.core.market import Market

SOURCE = "simulated"
SEED = 312


def simulate(calendar: Calendar, first: date, last: date, *, seed: int = SEED) -> Market:
    """The market on the sessions from `first` to `last` (inclusive), as known after the close of the latter.

    Prices in dollars, series in the units of their real namesakes. A date has the same figures
    whatever the span and the time of the computation. Raises ValueError when the span has no
    session, begins before the epoch (1970) or ends with the calendar, because a Market includes the
    session that follows.
    """
    if first < EPOCH:
        raise ValueError(f"the simulated market begins on {EPOCH}, not on {first}")
    index = calendar.sessions
    top, end = index.searchsorted(pd.Timestamp(first)), index.searchsorted(pd.Timestamp(last), side="right")
    if top >= end:
        raise ValueError(f"there is no session from {first} to {last} in the calendar")
    if end >= len(index):
        raise ValueError(f"the calendar ends on {index[-1].date()}; it must hold one session after {last}")
    days = index[top:end]
    world, instruments = make_world(days[-1].date(), seed=seed), read_instruments()
    bars, observations = prices(world, instruments, days), series(world, days)
    contracts, closes = futures.contracts(world, days), calendar.closes[top:end]
    records: dict[str, pd.DataFrame] = {}
    for name, rows in (
        ("weights", weights(instruments, bars, days)),
        ("funds", shares(world, bars, days)),
        ("options", chains(world, days, closes)),
        *_analyses(world, instruments, bars, days),
        ("meetings", futures.plan(days)),
        ("projections", futures.projections(world, days)),
        ("releases", release_calendar.releases(days)),
        ("facts", filings.facts(world, days)),
        ("guidance", filings.guidance(world, instruments, days)),
        ("holdings", filings.holdings(world, instruments, bars, days)),
    ):
        records[name] = _public(rows, closes[-1])
    return Market(
        sessions=index[top : end + 1],
        ends=calendar.closes[top : end + 1],
        last=days[-1],
        close=pd.concat([pd.DataFrame(bars.close, index=days, columns=list(bars.tickers)), contracts], axis=1),
        adj_close=pd.concat([pd.DataFrame(bars.adjusted, index=days, columns=list(bars.tickers)), contracts], axis=1),
        series=observations,
        universe=instruments.table,
        sources=dict.fromkeys((*bars.tickers, *contracts.columns, *observations), SOURCE),
        records=records,
    )


def _analyses(
    world: World, instruments: Instruments, prices: SimulatedPrices, days: pd.DatetimeIndex
) -> Iterator[tuple[str, pd.DataFrame]]:
    """What analysts expected, and what the companies reported; the views themselves are not kept."""
    views = analysts(world, instruments, days)
    yield "estimates", estimates(views, instruments, prices, days)
    yield "surprises", surprises(world, views, days)


def _public(rows: pd.DataFrame, close: pd.Timestamp) -> pd.DataFrame:
    """Rows of a dataset that were known after the last close, the oldest first, with their source."""
    known = rows["known_at"] <= close + FINAL_AFTER
    if not known.all():
        rows = rows[known]
    if not rows["known_at"].is_monotonic_increasing:
        rows = rows.sort_values("known_at", kind="stable")
    rows = rows.reset_index(drop=True)
    return rows.assign(known_at=rows["known_at"].astype("datetime64[ns, UTC]"), source=SOURCE)
