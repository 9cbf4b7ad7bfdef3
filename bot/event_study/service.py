"""Running studies: in the worker process, one at a time for each person."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from bot.archive.location import ArchiveLocation
from bot.calendar.clock import Calendar
from bot.domain.model import ConditionKey
from bot.domain.ports import Clock
from bot.errors import UserError
from bot.event_study import worker_tasks
from bot.event_study.model import StudyAnswer, StudyQuestion, StudyRunner, TrackRecords
from bot.worker.process import Worker


@dataclass
class StudyService:
    """One study at a time for each person, because each takes the worker process for a moment."""

    runner: StudyRunner
    _asking: set[int] = field(default_factory=set)

    async def ask(self, person: int, question: StudyQuestion) -> StudyAnswer:
        """Run a study.

        Raises UserError while this person's last one is still running, and as `StudyRunner.study`
        does.
        """
        if person in self._asking:
            raise UserError("Your last study is still being counted. Ask again when it is there.")
        self._asking.add(person)
        try:
            return await self.runner.study(question)
        finally:
            self._asking.discard(person)


@dataclass(frozen=True)
class ArchiveStudyRunner:
    """Runs studies in the worker process over all years up to the last final session."""

    worker: Worker
    location: ArchiveLocation
    calendar: Calendar
    clock: Clock

    async def count(self, conditions: Collection[ConditionKey], sessions: Collection[date]) -> TrackRecords:
        """See `bot.event_study.model.TrackRecordCounter`."""
        return await self.worker.run(worker_tasks.count, self.location, frozenset(conditions), frozenset(sessions))

    async def study(self, question: StudyQuestion) -> StudyAnswer:
        """See `bot.event_study.model.StudyRunner`."""
        return await self.worker.run(
            worker_tasks.study, self.location, question, self.calendar.last_final(self.clock.now())
        )
