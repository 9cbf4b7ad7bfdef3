"""Panel: one market as arrays for computing, with the intermediate results that signals share.

It has arrays, positions and the calendar, but no formula. It lives as long as one computation and
as long as the histories computed on it, whose `why` refers to it; nothing in it changes the market.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from signals.core.market import FINAL_AFTER, Market
from signals.core.rolling import Floats

Positions = NDArray[np.int64]
T = TypeVar("T")


class Panel:
    """Arrays over the sessions of a market, addressed by position.

    Position 0 is the first session, `count - 1` the one described.
    """

    def __init__(self, market: Market) -> None:
        self.market = market
        self.days = market.days
        self.count = len(self.days)
        self.dates: NDArray[np.datetime64] = self.days.to_numpy().astype("datetime64[D]")
        self._memo: dict[Hashable, object] = {}
        self._bulk: dict[Hashable, object] = {}

    def once(self, key: Hashable, make: Callable[[], T], *, bulk: bool = False) -> T:
        """The result of `make`, computed at most once a key, for work that several signals share.

        `bulk` results (tables of all members) are dropped at `release`; a later call computes them
        again.
        """
        memo = self._bulk if bulk else self._memo
        if key not in memo:
            memo[key] = make()
        return cast(T, memo[key])

    def release(self) -> None:
        """Drop the bulky intermediate results once every signal is computed.

        Reasons do not need them.
        """
        self._bulk.clear()

    def prices(self, ticker: str, *, adjusted: bool) -> Floats:
        """Closes of one ticker; NaN where there is none or it could not be confirmed.

        `adjusted`: for splits and dividends, else for splits alone. All NaN for a ticker without a
        column. The array is shared: do not write into it.
        """
        return self.once(("prices", ticker, adjusted), lambda: self._prices([ticker], adjusted)[:, 0].copy())

    @property
    def earlier(self) -> int:
        """How many sessions `whole_past` has before position 0."""
        return len(self.market.earlier)

    def whole_past(self, ticker: str) -> Floats:
        """Adjusted closes of one ticker since the first session of all, also where the market is a tail.

        The last `count` of them are those of `prices`; NaN where there is none.
        """
        frame = self.market.earlier
        before = frame[ticker].to_numpy(dtype=np.float64) if ticker in frame else np.full(len(frame), np.nan)
        return np.concatenate([before, self.prices(ticker, adjusted=True)])

    @property
    def whole_past_dates(self) -> NDArray[np.datetime64]:
        """The dates of the sessions of `whole_past`."""
        earlier = self.market.earlier.index.to_numpy() if self.earlier else np.array([], dtype="datetime64[D]")
        return np.concatenate([earlier.astype("datetime64[D]"), self.dates])

    def closes(self, tickers: Sequence[str]) -> Floats:
        """Split-adjusted closes, sessions x tickers, as `prices` has them."""
        return self._prices(tickers, False)

    def _prices(self, tickers: Sequence[str], adjusted: bool) -> Floats:
        places, table = self.once(("table", adjusted), lambda: self._table(adjusted), bulk=True)
        columns = np.array([places.get(ticker, -1) for ticker in tickers], dtype=np.int64)
        result = np.full((self.count, len(tickers)), np.nan)
        result[:, columns >= 0] = table[:, columns[columns >= 0]]
        result[np.isinf(result)] = np.nan
        suspicious = [place for place, ticker in enumerate(tickers) if ticker in self.market.suspicious]
        result[-1:, suspicious] = np.nan
        return result

    def _table(self, adjusted: bool) -> tuple[dict[str, int], Floats]:
        frame = self.market.adj_close if adjusted else self.market.close
        if not frame.index.equals(self.days):
            frame = frame.reindex(self.days)
        return {name: place for place, name in enumerate(frame.columns)}, frame.to_numpy(dtype=np.float64)

    def no_price(self, ticker: str, position: int, *, adjusted: bool) -> str | None:
        """Why a ticker has no close at a position, as a sentence; None where it has one."""
        prices = self.prices(ticker, adjusted=adjusted)
        if not np.isnan(prices[position]):
            return None
        if position == self.count - 1 and ticker in self.market.suspicious:
            return self.market.suspicious[ticker]
        word = "adjusted close" if adjusted else "close"
        priced = np.flatnonzero(~np.isnan(prices))
        if not len(priced):
            return f"{ticker} has no {word}"
        if position < priced[0]:
            return f"{ticker} has no {word} before {self.day(int(priced[0]))}"
        return f"{ticker} has no {word} for {self.day(position)}"

    def too_short(self, needed: int, position: int) -> str | None:
        """A sentence when fewer than `needed` sessions are known up to a position, itself included;
        else None.
        """
        if position + 1 >= needed:
            return None
        return f"needs {needed} sessions, {position + 1} are known since {self.day(0)}"

    def day(self, position: int) -> str:
        """The date at a position as text, YYYY-MM-DD."""
        return str(self.dates[position])

    def first_final_at(self, instants: NDArray[np.int64]) -> Positions:
        """For each instant (ns since the epoch, UTC) the position of the first session whose readings
        became final at or after it, the count of sessions when there is none.
        """
        return np.searchsorted(self._final, instants, side="left").astype(np.int64)

    @property
    def _final(self) -> NDArray[np.int64]:
        """When the readings of each session became final."""
        return self.once("final", lambda: (self.market.ends[: self.count] + FINAL_AFTER).as_unit("ns").asi8)

    @property
    def year_base(self) -> Positions:
        """Per session the position of the last session of the calendar year before, -1 where unknown."""
        return self.once("year base", lambda: self._base("datetime64[Y]"))

    @property
    def month_base(self) -> Positions:
        """Per session the position of the last session of the calendar month before, -1 where unknown."""
        return self.once("month base", lambda: self._base("datetime64[M]"))

    def _base(self, period: str) -> Positions:
        periods = self.dates.astype(period).astype(np.int64)
        return np.searchsorted(periods, periods, side="left").astype(np.int64) - 1

    @property
    def month_ends(self) -> Positions:
        """Positions of the last sessions of completed calendar months: the session after it is in
        another month.
        """
        return self.once("month ends", lambda: self._ends(self._all_dates.astype("datetime64[M]").astype(np.int64)))

    @property
    def week_ends(self) -> Positions:
        """Positions of the last sessions of completed weeks, Monday to Sunday."""
        # Day 0 of the epoch was a Thursday, so that 3 days more make Mondays divisible by 7.
        return self.once("week ends", lambda: self._ends((self._all_dates.astype(np.int64) + 3) // 7))

    @property
    def _all_dates(self) -> NDArray[np.datetime64]:
        """Dates of the sessions and of the one after them, which shows whether a month or week is
        complete.
        """
        dates: NDArray[np.datetime64] = self.market.sessions[: self.count + 1].to_numpy().astype("datetime64[D]")
        return dates

    def _ends(self, periods: NDArray[np.int64]) -> Positions:
        return np.flatnonzero(periods[1:] != periods[:-1]).astype(np.int64)

    def held(self, positions: Positions) -> Positions:
        """For each session the number of the last of `positions` (ascending) at or before it, -1
        before the first.
        """
        return np.searchsorted(positions, np.arange(self.count), side="right").astype(np.int64) - 1

    def first_at(self, dates: NDArray[np.datetime64]) -> Positions:
        """For each date the position of the first session at or after it, the count of sessions
        when there is none.
        """
        return np.searchsorted(self.dates.astype(np.int64), dates.astype(np.int64), side="left").astype(np.int64)

    def first_after(self, dates: NDArray[np.datetime64]) -> Positions:
        """For each date the position of the first session after it, the count of sessions when
        there is none.
        """
        return np.searchsorted(self.dates.astype(np.int64), dates.astype(np.int64), side="right").astype(np.int64)
