"""Who answers questions about the past: the worker process, from the archive."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from bot.calendar.clock import Calendar, Clock
from bot.event_study.model import Noted, Watched
from bot.event_study.study import Answer, Question
from bot.readings import worker_tasks
from bot.worker.process import Worker


@dataclass(frozen=True)
class ArchiveScholar:
    """From all years of the archive, up to the last final session, in the worker process."""

    worker: Worker
    desk: worker_tasks.Desk
    calendar: Calendar
    clock: Clock

    async def count(self, watched: Collection[Watched], sessions: Collection[date]) -> Noted:
        """See `bot.event_study.model.Historian`."""
        return await self.worker.run(worker_tasks.count, self.desk, frozenset(watched), frozenset(sessions))

    async def study(self, question: Question) -> Answer:
        """See `bot.event_study.study.Scholar`."""
        return await self.worker.run(
            worker_tasks.study, self.desk, question, self.calendar.last_final(self.clock.now())
        )
