"""Readings from the archive and quotes of the running session, by the worker process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from bot.archive.location import ArchiveLocation
from bot.calendar.clock import Calendar
from bot.domain.fetched import Fetched
from bot.domain.own_signal import OwnSignalState
from bot.readings import worker_tasks
from bot.readings.completeness import complete_readings
from bot.readings.compute import Computed
from bot.worker.process import Worker
from signals.core.model import Signal


@dataclass(frozen=True)
class ReadingService:
    """The `ReadingComputer` of the real bot.

    `quotes`, `prices_at` and `members_awaited` give the newest of the ingest service. `own` has the own signals, which
    are computed like the built-in ones. `alone` is held while the worker computes, which is when it takes most memory.

    While `importing`, nothing is evaluated: the first value would be made of half the members, and
    the next one could cross a level for that reason alone.
    """

    worker: Worker
    location: ArchiveLocation
    calendar: Calendar
    signals: Mapping[str, Signal]
    quotes: Callable[[], Fetched | None]
    prices_at: Callable[[], datetime | None]
    importing: Callable[[], bool] = lambda: False
    own: OwnSignalState = field(default_factory=OwnSignalState)
    alone: Callable[[], AbstractAsyncContextManager[None]] = nullcontext
    members_awaited: Callable[[date, datetime], bool] = lambda session, now: False

    async def compute(self, since: Mapping[str, date] | None, now: datetime) -> Computed | None:
        """Readings of the sessions after `since` that can be evaluated, and of the newest one."""
        quotes = self.quotes()
        running = self.calendar.running(now)
        if quotes is None or running is None or quotes.partial_day != running:
            quotes, as_of = None, self.calendar.last_final(now)
        else:
            as_of = running
        async with self.alone():
            computed = await self.worker.run(
                worker_tasks.compute_archive,
                self.location,
                as_of=as_of,
                since=since,
                quotes=quotes,
                now=now,
                own=self.own.current.signals,
                signals=tuple(self.signals),
            )
        if computed is None:
            return None
        if self.importing():
            return replace(computed, finals=[], provisional=None)
        finals = [
            (
                session,
                complete_readings(
                    readings,
                    self.signals,
                    session=session,
                    prices_at=self.prices_at(),
                    calendar=self.calendar,
                    now=now,
                    members_awaited=self.members_awaited(session, now),
                ),
            )
            for session, readings in computed.finals
        ]
        return replace(computed, finals=finals)
