"""Running studies: in the worker process, one at a time for each person; the past of topics once a session."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from bot.alerts.level_suggestion import Backtest
from bot.archive.location import ArchiveLocation
from bot.calendar.clock import Calendar
from bot.domain.model import ConditionKey
from bot.domain.ports import Clock
from bot.errors import UserError
from bot.event_study import worker_tasks
from bot.event_study.model import StudyAnswer, StudyQuestion, StudyRunner, TopicPastCounter, TrackRecords
from bot.worker.process import Worker

log = logging.getLogger(__name__)


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


@dataclass
class TopicPastService:
    """The past of topics, counted when it is first asked for after a session and kept until the next one.

    Whoever asks while it is being counted waits for the same count.
    """

    counter: TopicPastCounter
    _session: date | None = None
    _counting: asyncio.Task[Mapping[str, Backtest] | None] | None = None

    async def after(self, session: date, *, seconds: float) -> Mapping[str, Backtest]:
        """The past of each topic by its key as known after `session`.

        Empty when it is not counted within so many `seconds` (the count goes on) or when counting
        fails (the next call counts again).
        """
        if self._counting is None or self._session != session or _failed(self._counting):
            self._session, self._counting = session, asyncio.create_task(self._count())
        task = self._counting
        done, _ = await asyncio.wait({task}, timeout=seconds)
        counted = None if not done or task.cancelled() else task.result()
        return {} if counted is None else counted

    async def _count(self) -> Mapping[str, Backtest] | None:
        try:
            return await self.counter.topic_pasts()
        except Exception as error:
            log.warning("the past of topics could not be counted: %r", error)
            return None


def _failed(task: asyncio.Task[Mapping[str, Backtest] | None]) -> bool:
    return task.done() and (task.cancelled() or task.result() is None)


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

    async def topic_pasts(self) -> Mapping[str, Backtest]:
        """See `bot.event_study.model.TopicPastCounter`."""
        return await self.worker.run(
            worker_tasks.pasts_of_topics, self.location, self.calendar.last_final(self.clock.now())
        )
