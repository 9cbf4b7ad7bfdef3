"""Running studies: in a worker process, one at a time for each person, each question and the past of topics once a session."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date

from bot.alerts.level_suggestion import Backtest
from bot.archive.location import ArchiveLocation
from bot.calendar.clock import Calendar
from bot.domain.model import ConditionKey
from bot.domain.ports import Clock, TaskRunner
from bot.errors import UserError
from bot.event_study import worker_tasks
from bot.event_study.model import (
    StudyAnswer,
    StudyQuestion,
    StudyRunner,
    TopicPastCounter,
    TrackRecordCounter,
    TrackRecords,
)
from bot.worker.shared_answers import SharedAnswers

MOST_PREVIEWS = 2

log = logging.getLogger(__name__)


@dataclass
class StudyService:
    """One study at a time for each person; each question is counted once for a session.

    `known` gives what the answers depend on, such as the newest session; when it changes, questions
    are counted anew. Who asks what is being counted for somebody else waits for that answer.
    """

    runner: StudyRunner
    known: Callable[[], Hashable]
    _asking: set[int] = field(default_factory=set)
    _answers: SharedAnswers[StudyAnswer] = field(init=False)

    def __post_init__(self) -> None:
        self._answers = SharedAnswers(self.known)

    async def ask(self, person: int, question: StudyQuestion) -> StudyAnswer:
        """Run a study.

        Raises UserError while this person's last one is still running, and as `StudyRunner.study`
        does.
        """
        if person in self._asking:
            raise UserError("Your last study is still being counted. Ask again when it is there.")
        self._asking.add(person)
        try:
            return await self._answers.ask(question, lambda: self.runner.study(question))
        finally:
            self._asking.discard(person)


@dataclass
class PreviewCounter:
    """Counts track records for previews, few at once, so that a crowd of them does not hold up checks."""

    counter: TrackRecordCounter
    _under_way: int = 0

    async def count(self, conditions: Collection[ConditionKey], sessions: Collection[date]) -> TrackRecords:
        """See `bot.event_study.model.TrackRecordCounter`. Nothing while enough others are being counted."""
        if self._under_way >= MOST_PREVIEWS:
            return {}
        self._under_way += 1
        task = asyncio.ensure_future(self.counter.count(conditions, sessions))
        task.add_done_callback(self._ended)
        # Shielded: a preview gives up after a moment, the process computes on.
        return await asyncio.shield(task)

    def _ended(self, task: asyncio.Future[TrackRecords]) -> None:
        self._under_way -= 1
        if not task.cancelled():
            task.exception()


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
    """Runs studies in a worker process over all years up to the last final session."""

    worker: TaskRunner
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
