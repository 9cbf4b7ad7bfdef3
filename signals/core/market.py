"""Market: the frames that every signal reads, as they were known at one instant.

It has no rules of a single signal and does no input or output; `bot.archive` builds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

import pandas as pd

FINAL_AFTER = timedelta(minutes=20)
"""A session's prices count as final this long after its close (`--as-of D` means D's close plus this)."""


@dataclass(frozen=True)
class Market:
    """What was known about the market after one session.

    Attributes:
        sessions: NYSE sessions, naive midnights ascending, from the first bar to **one session
            beyond** `last`, so that ends of weeks and months are known without reading later rows.
        ends: Closes of those sessions as UTC instants, same length (half days close earlier).
        last: The session described, a member of `sessions`.
        close: Split-adjusted closes, sessions (up to `last`) x tickers, float, NaN = no bar. No
            forward fill.
        adj_close: The same, adjusted for splits and dividends.
        series: Series id -> frame with columns `value` (float, no NaN) and `known_at`
            (datetime64[ns, UTC], NaT where the rule of `signals.asof.series` holds), index
            `observed` (naive dates ascending; a date repeats when it was revised).
        universe: Columns ticker, name, sector, industry, groups (words separated by blanks), one
            row a member.
        sources: Ticker or series id -> name of the source of its newest row.
        suspicious: Ticker -> sentence, for tickers whose last bar could not be confirmed: such a
            member is not counted, a signal of that ticker alone is withheld.
        provisional: Whether the bars of `last` were taken before its close + 20 minutes.
        first_close: Ticker -> date of its first close ever, for tickers whose first close lies
            before the frame (a tail of the history): such a member is listed from then on, also
            when it has no close inside the frame.
        earlier: Adjusted closes of the sessions before the first of the frame (a tail of the
            history), sessions x tickers, for the few tickers whose whole past some signal reads;
            empty when there are none.
        records: Name of a dataset of `signals.core.datasets` -> its rows that were public by the
            close of `last` + 20 minutes, oldest `known_at` first; a dataset without rows may be
            left out.
        fetched_at: Id of a monthly series -> when its rows without `known_at` were fetched, index
            `observed`; a series may be left out.
    """

    sessions: pd.DatetimeIndex
    ends: pd.DatetimeIndex
    last: pd.Timestamp
    close: pd.DataFrame
    adj_close: pd.DataFrame
    series: Mapping[str, pd.DataFrame]
    universe: pd.DataFrame
    sources: Mapping[str, str] = field(default_factory=dict)
    suspicious: Mapping[str, str] = field(default_factory=dict)
    provisional: bool = False
    first_close: Mapping[str, date] = field(default_factory=dict)
    earlier: pd.DataFrame = field(default_factory=pd.DataFrame)
    records: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    fetched_at: Mapping[str, pd.Series] = field(default_factory=dict)

    @property
    def days(self) -> pd.DatetimeIndex:
        """Sessions up to and including the one described: the index of every signal."""
        return self.sessions[: self.sessions.searchsorted(self.last, side="right")]

    def members(self, group: str) -> list[str]:
        """Tickers of a universe group in the order of the universe.

        `tech` is S&P 500 technology and communication. Raises KeyError with the known names for any
        other group.
        """
        if group not in self._members:
            raise KeyError(f"no group {group!r}; known are {', '.join((*GROUPS, 'tech'))}")
        return list(self._members[group])

    @cached_property
    def _members(self) -> Mapping[str, list[str]]:
        tickers, sectors = self.universe["ticker"].tolist(), self.universe["sector"].tolist()
        groups = [set(words.split()) for words in self.universe["groups"].fillna("").astype(str)]
        members = {
            name: [ticker for ticker, own in zip(tickers, groups, strict=True) if name in own] for name in GROUPS
        }
        of_tech = {ticker for ticker, sector in zip(tickers, sectors, strict=True) if sector in TECH_SECTORS}
        return members | {"tech": [ticker for ticker in members["sp500"] if ticker in of_tech]}

    def until(self, day: date) -> Market:
        """The same market cut after the last session at or before `day`, for tests of look-ahead
        and for replays.

        Prices, observations and records after it are left out; the session after it stays in
        `sessions`.

        Raises:
            ValueError: `day` is before the first session.
        """
        position = int(self.sessions.searchsorted(pd.Timestamp(day), side="right")) - 1
        if position < 0:
            raise ValueError(f"{day} is before the first session {self.sessions[0].date()}")
        last = self.sessions[position]
        final_at = self.ends[position] + FINAL_AFTER
        return Market(
            sessions=self.sessions[: position + 2],
            ends=self.ends[: position + 2],
            last=last,
            close=self.close.loc[:last],
            adj_close=self.adj_close.loc[:last],
            series={
                name: frame[(frame.index <= last) & ~(frame["known_at"] > final_at)]
                for name, frame in self.series.items()
            },
            universe=self.universe,
            sources=self.sources,
            suspicious=self.suspicious if last == self.last else {},
            provisional=self.provisional and last == self.last,
            first_close=self.first_close,
            earlier=self.earlier,
            records={name: frame[frame["known_at"] <= final_at] for name, frame in self.records.items()},
            fetched_at=self.fetched_at,
        )


GROUPS = ("sp500", "ndx100")
MEMBER_COLUMNS = ("ticker", "name", "sector", "industry", "groups")
TECH_SECTORS = ("Information Technology", "Communication Services")
