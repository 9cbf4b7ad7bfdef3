"""The simulated market as the signals read it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cached_property

import pandas as pd

from bot.calendar.bond_market import is_bond_day
from bot.calendar.clock import Calendar
from bot.sources.simulated import filings, release_calendar
from bot.sources.simulated.analysts import Analysts, analysts, estimates, surprises
from bot.sources.simulated.closes import SimulatedPrices, prices
from bot.sources.simulated.instruments import Instruments, read_instruments
from bot.sources.simulated.option_chains import chains
from bot.sources.simulated.paths import futures
from bot.sources.simulated.paths.time_grid import EPOCH
from bot.sources.simulated.paths.world import World, make_world
from bot.sources.simulated.series import series
from bot.sources.simulated.shares import shares
from bot.sources.simulated.weights import weights
from signals.core.market import FINAL_AFTER, Market

SOURCE = "simulated"
SEED = 312


def simulate(calendar: Calendar, first: date, last: date, *, seed: int = SEED) -> Market:
    """The market on the sessions from `first` to `last` (inclusive), as known after the close of the latter.

    Prices in dollars, series in the units of their real namesakes. A date has the same figures
    whatever the span and the time of the computation. Raises ValueError when the span has no
    session, begins before the epoch (1970) or ends with the calendar, because a Market includes the
    session that follows.
    """
    market = SimulatedMarket(calendar, first, last, seed=seed)
    close, adjusted = market.closes
    return Market(
        sessions=market.sessions,
        ends=market.ends,
        last=market.days[-1],
        close=close,
        adj_close=adjusted,
        series=market.series,
        universe=market.universe,
        sources=dict.fromkeys((*close.columns, *market.series), SOURCE),
        records=market.records(_RECORDS),
    )


class SimulatedMarket:
    """The market of `simulate` in parts, each made when it is first needed: all of them at once take 110 MB.

    Attributes:
        days: The sessions from `first` to `last`.
        bond_days: Those of them on which the bond market is open, too.
        sessions: The same and the one that follows.
        ends: When `sessions` close.
    """

    def __init__(self, calendar: Calendar, first: date, last: date, *, seed: int = SEED) -> None:
        if first < EPOCH:
            raise ValueError(f"the simulated market begins on {EPOCH}, not on {first}")
        index = calendar.sessions
        top, end = index.searchsorted(pd.Timestamp(first)), index.searchsorted(pd.Timestamp(last), side="right")
        if top >= end:
            raise ValueError(f"there is no session from {first} to {last} in the calendar")
        if end >= len(index):
            raise ValueError(f"the calendar ends on {index[-1].date()}; it must hold one session after {last}")
        self.days, self.sessions = index[top:end], index[top : end + 1]
        self.ends = calendar.closes[top : end + 1]
        self.bond_days = self.days[[is_bond_day(day.date(), calendar) for day in self.days]]
        self._seed = seed

    @property
    def universe(self) -> pd.DataFrame:
        """The members."""
        return self.instruments.table

    @cached_property
    def closes(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Closes and adjusted closes, sessions x tickers."""
        contracts = futures.contracts(self.world, self.days)
        # Without a copy, because these are the largest tables.
        close, adjusted = (
            pd.DataFrame(table, index=self.days, columns=list(self.prices.tickers), copy=False)
            for table in (self.prices.close, self.prices.adjusted)
        )
        return pd.concat([close, contracts], axis=1), pd.concat([adjusted, contracts], axis=1)

    @cached_property
    def series(self) -> dict[str, pd.DataFrame]:
        """Dated observations by series."""
        return series(self.world, self.days, self.bond_days)

    def records(self, names: Iterable[str]) -> dict[str, pd.DataFrame]:
        """The datasets of these names, those that there are.

        They are not kept: each is asked for once a day.
        """
        return {name: _public(_RECORDS[name](self), self.ends[-2]) for name in names if name in _RECORDS}

    @cached_property
    def world(self) -> World:
        """What depends on the seed alone."""
        return make_world(self.days[-1].date(), seed=self._seed)

    @cached_property
    def instruments(self) -> Instruments:
        """What is traded."""
        return read_instruments()

    @cached_property
    def prices(self) -> SimulatedPrices:
        """Closes of all but futures."""
        return prices(self.world, self.instruments, self.days)

    def views(self) -> Analysts:
        """What analysts expect; not kept."""
        return analysts(self.world, self.instruments, self.days)


_RECORDS: Mapping[str, Callable[[SimulatedMarket], pd.DataFrame]] = {
    "weights": lambda market: weights(market.instruments, market.prices, market.days),
    "funds": lambda market: shares(market.world, market.prices, market.days),
    "options": lambda market: chains(market.world, market.days, market.ends[:-1]),
    "estimates": lambda market: estimates(market.views(), market.instruments, market.prices, market.days),
    "surprises": lambda market: surprises(market.world, market.views(), market.days),
    "meetings": lambda market: futures.plan(market.days),
    "projections": lambda market: futures.projections(market.world, market.days),
    "releases": lambda market: release_calendar.releases(market.days),
    "facts": lambda market: filings.facts(market.world, market.days),
    "guidance": lambda market: filings.guidance(market.world, market.instruments, market.days),
    "holdings": lambda market: filings.holdings(market.world, market.instruments, market.prices, market.days),
}


def _public(rows: pd.DataFrame, close: pd.Timestamp) -> pd.DataFrame:
    """Rows of a dataset that were known after the last close, the oldest first, with their source."""
    known = rows["known_at"] <= close + FINAL_AFTER
    if not known.all():
        rows = rows[known]
    if not rows["known_at"].is_monotonic_increasing:
        rows = rows.sort_values("known_at", kind="stable")
    rows = rows.reset_index(drop=True)
    return rows.assign(known_at=rows["known_at"].astype("datetime64[ns, UTC]"), source=SOURCE)
