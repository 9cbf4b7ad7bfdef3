"""A market replayed session by session: its clock, and the readings after each close.

Histories are computed once over the whole market. No signal looks ahead (the tests prove it for
each), so what a session shows is what it would have shown on its own evening; track records count
only outcomes that were complete by then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

import pandas as pd

from bot.calendar.clock import Calendar
from bot.calendar.discord_clock import elapsed_seconds
from bot.domain.own_signal import Listing, OwnSignalState
from bot.event_study.track_record import TrackRecordHistory, topic_conditions
from bot.readings import superlatives
from bot.readings.compute import Computed, compute, with_track_records
from bot.sources.simulated.source import market_listing
from signals import catalogue
from signals.core.market import Market
from signals.core.model import History


class ReplayClock:
    """A clock that only moves when it is set."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        """The instant that the replay has reached, UTC."""
        return self._now

    def elapsed(self) -> float:
        """Seconds of the process: pauses are as long in a replay as elsewhere."""
        return elapsed_seconds()

    def put(self, now: datetime) -> None:
        """Move forward; never back."""
        self._now = max(now, self._now)


@dataclass(frozen=True)
class Replay:
    """A market with all its histories; the `ReadingComputer` of the demo."""

    market: Market
    histories: Mapping[str, History]
    calendar: Calendar
    track_records: TrackRecordHistory
    own: OwnSignalState = field(default_factory=OwnSignalState)

    @classmethod
    def of(cls, market: Market) -> Replay:
        """Compute the histories of a market."""
        sessions = market.sessions
        calendar = Calendar(sessions[0].date(), sessions[-1].date() + timedelta(days=10))
        histories = catalogue.compute(market)
        return cls(market, histories, calendar, TrackRecordHistory.of(market, histories, topic_conditions()))

    def sessions(self, first: date | None, count: int | None) -> list[date]:
        """`count` sessions (None: all) from the first one at or after `first`.

        At least one session lies before them.

        Raises ValueError, with the dates that would do, when there are none.
        """
        days = [stamp.date() for stamp in self.market.days]
        start = 1 if first is None else max(1, next((i for i, day in enumerate(days) if day >= first), len(days)))
        chosen = days[start:] if count is None else days[start : start + count]
        if not chosen:
            raise ValueError(f"nothing to play from {first}: the market has sessions from {days[0]} to {days[-1]}")
        return chosen

    async def compute(self, since: Mapping[str, date] | None, now: datetime) -> Computed | None:
        """Readings of the final sessions after `since`; None before the first one is final."""
        session = self.calendar.last_final(now)
        if session < self.market.sessions[0].date():
            return None
        histories = {**self.histories, **self.of_own(self.own.current.signals)}
        computed = compute(self.market.until(session), histories, since=since, now=now)
        years = superlatives.of_histories(self.histories).loc[: pd.Timestamp(session)]
        computed = replace(computed, snapshot=replace(computed.snapshot, all_years=years))
        return with_track_records(computed, [self.track_records])

    def of_own(self, names: Iterable[str]) -> Mapping[str, History]:
        """The histories of those of these signals that are own ones."""
        return catalogue.compute(self.market, [name for name in names if name not in self.histories])

    async def look_up(self, symbol: str) -> Listing | None:
        """See `bot.domain.ports.TickerLookup`."""
        return market_listing(self.market.close, self.market.universe, symbol)
