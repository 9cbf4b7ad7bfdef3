"""Who answers questions about the past: the worker process, from the archive."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from bot import tasks
from bot.calendar.clock import Calendar, Clock
from bot.evidence import Noted, Watched
from bot.studying import Answer, Question
from bot.worker.process import Worker


@dataclass(frozen=True)
class ArchiveScholar:
    """From all years of the archive, up to the last final session, in the worker process."""

    worker: Worker
    desk: tasks.Desk
    calendar: Calendar
    clock: Clock

    async def count(self, watched: Collection[Watched], sessions: Collection[date]) -> Noted:
        """See `bot.evidence.Historian`."""
        return await self.worker.run(tasks.count, self.desk, frozenset(watched), frozenset(sessions))

    async def study(self, question: Question) -> Answer:
        """See `bot.studying.Scholar`."""
        return await self.worker.run(tasks.study, self.desk, question, self.calendar.last_final(self.clock.now()))
