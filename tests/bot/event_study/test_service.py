"""Asking for studies: one at a time for each person, each question counted once for a session, previews few at once."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import date

import pytest

from bot.domain.model import AlertSpec, Condition, ConditionKey, Direction
from bot.errors import UserError
from bot.event_study.model import StudyAnswer, StudyQuestion, TrackRecords
from bot.event_study.service import MOST_PREVIEWS, PreviewCounter, StudyService
from bot.worker.shared_answers import MOST_KEPT
from signals.core.model import Measure
from signals.event_study import Outcome

ANSWER = StudyAnswer(Outcome("^IXIC"), (), date(2026, 1, 13), None, None)


def question(level: float = 95.0) -> StudyQuestion:
    return StudyQuestion(AlertSpec("havens.silver.level", Measure.VALUE, Condition.ABOVE, level))


class Waiting:
    """Counts the calls; each answers when `go` is set, and those about a level of 0 fail."""

    def __init__(self) -> None:
        self.go, self.asked = asyncio.Event(), [0.0][:0]
        self.counted = 0

    async def study(self, study_question: StudyQuestion) -> StudyAnswer:
        self.asked.append(study_question.spec.level)
        await self.go.wait()
        if not study_question.spec.level:
            raise UserError("nothing to count")
        return ANSWER

    async def count(self, conditions: Collection[ConditionKey], sessions: Collection[date]) -> TrackRecords:
        self.counted += 1
        await self.go.wait()
        return {each: {} for each in sessions}


async def test_everybody_asks_one_at_a_time() -> None:
    runner = Waiting()
    studies = StudyService(runner, lambda: 1)
    first = asyncio.create_task(studies.ask(1, question()))
    await asyncio.sleep(0)
    with pytest.raises(UserError, match="still being counted"):
        await studies.ask(1, question(90))
    other = asyncio.create_task(studies.ask(2, question(90)))
    runner.go.set()
    await asyncio.gather(first, other)
    assert await studies.ask(1, question(91)) is ANSWER


async def test_a_question_of_many_people_is_counted_once_for_a_session() -> None:
    runner, session = Waiting(), 1
    studies = StudyService(runner, lambda: session)
    asking = [asyncio.create_task(studies.ask(person, question())) for person in range(50)]
    await asyncio.sleep(0)
    asking[0].cancel()
    runner.go.set()
    answers = await asyncio.gather(*asking, return_exceptions=True)
    assert isinstance(answers[0], asyncio.CancelledError)
    assert all(answer is ANSWER for answer in answers[1:])
    assert await studies.ask(1, question()) is ANSWER
    assert runner.asked == [95.0]
    session = 2
    await studies.ask(1, question())
    assert runner.asked == [95.0, 95.0]


async def test_a_failure_is_not_kept() -> None:
    runner = Waiting()
    runner.go.set()
    studies = StudyService(runner, lambda: 1)
    for _ in range(2):
        with pytest.raises(UserError, match="nothing to count"):
            await studies.ask(1, question(0.0))
    assert runner.asked == [0.0, 0.0]


async def test_only_the_newest_answers_are_kept() -> None:
    runner = Waiting()
    runner.go.set()
    studies = StudyService(runner, lambda: 1)
    for level in range(1, MOST_KEPT + 2):
        await studies.ask(1, question(float(level)))
    await studies.ask(1, question(float(MOST_KEPT + 1)))
    assert len(runner.asked) == MOST_KEPT + 1
    await studies.ask(1, question(1.0))
    assert len(runner.asked) == MOST_KEPT + 2


async def test_a_crowd_of_previews_takes_the_worker_for_few_counts_at_once() -> None:
    runner = Waiting()
    previews = PreviewCounter(runner)
    condition = ConditionKey("havens.silver.level", Measure.VALUE, Direction.ABOVE, 95.0)
    counts = [asyncio.create_task(previews.count({condition}, {date(2026, 1, 13)})) for _ in range(50)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert runner.counted == MOST_PREVIEWS
    runner.go.set()
    results = await asyncio.gather(*counts)
    assert sum(bool(result) for result in results) == MOST_PREVIEWS
    assert await previews.count({condition}, {date(2026, 1, 13)})
