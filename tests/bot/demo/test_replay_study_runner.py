"""What people ask of a replay is answered as of its clock, changes of the legs' figures included."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.calendar.clock import Calendar
from bot.database.records import DueRecord
from bot.demo.replay import Replay, ReplayClock
from bot.demo.replay_study_runner import ReplayStudyRunner
from bot.domain.model import AlertSpec, Condition, ConditionKey, Direction
from bot.event_study.model import StudyQuestion
from bot.event_study.track_record import TrackRecordHistory
from signals import catalogue
from signals.core.model import Measure
from tests.support.rotation_pack import made_market, session

MOVE = AlertSpec("rotation.equal_weight.move", Measure.CHANGE_5D, Condition.ABOVE, 1.5)
NOW = session(700)
"""Equal weight gains 0.25% a session, so 1.5 points in five of them from session 497 to 600 and from 797 to 900."""


@pytest.fixture(scope="module")
def runner() -> ReplayStudyRunner:
    market = made_market()
    histories = catalogue.compute(market, [MOVE.signal, "rotation.equal_weight.age"])
    calendar = Calendar(session(0), session(939) + timedelta(days=10))
    replay = Replay(market, histories, calendar, TrackRecordHistory.of(market, histories, []))
    return ReplayStudyRunner(replay, ReplayClock(replay.calendar.final_at(NOW)), None)


async def test_a_study_of_a_legs_change_ends_with_the_session_that_the_replay_has_reached(
    runner: ReplayStudyRunner,
) -> None:
    answer = await runner.study(StudyQuestion(MOVE, "RSP-SPY"))
    assert (answer.session, answer.results[0].n_days, answer.results[0].n_episodes) == (NOW, 104, 1)


async def test_a_record_of_a_legs_change_is_judged_with_the_legs_of_its_time(runner: ReplayStudyRunner) -> None:
    """The month after session 497: RSP gains 100 (1.0025^21 - 1) = 5.38%, SPY nothing."""
    key = ConditionKey(MOVE.signal, MOVE.measure, Direction.ABOVE, 1.5)
    [judged] = await runner.judge_records([DueRecord(7, key, session(497), 21)], NOW)
    assert (judged.id, judged.outcome) == (7, pytest.approx(100 * (1.0025**21 - 1)))
