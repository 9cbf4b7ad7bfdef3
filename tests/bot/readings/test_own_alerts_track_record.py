"""What followed such days stands beside people's own alerts too: counted when they fire, never ahead, never in the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot import outbox
from bot.alerts.rules import new_triggers
from bot.calendar.clock import Calendar
from bot.database import records
from bot.database.alerts import alerts
from bot.database.connection import Store
from bot.database.places import destinations
from bot.database.records import DueRecord, JudgedRecord
from bot.demo.replay import Replay, ReplayClock
from bot.demo.replay_study_runner import ReplayStudyRunner
from bot.domain.model import AlertSpec, Condition, ConditionKey, Direction
from bot.event_study.model import TrackRecordCounter, TrackRecords
from bot.event_study.track_record import TrackRecordHistory
from bot.readings.pipeline import Pipeline
from bot.readings.state import ReadingState
from signals import catalogue
from signals.core.market import Market
from signals.core.model import Measure
from tests.signals.markets import random_market

SPREAD = "weighting.rsp_spy.spread_1d"
FIRES = -50.0
OWN = ConditionKey(SPREAD, Measure.VALUE, Direction.ABOVE, 0.123)


@pytest.fixture(scope="module")
def replay() -> Replay:
    """Of one signal: the others would only take their time."""
    market = random_market(11, count=330, holes=0.0)
    histories = catalogue.compute(market, [SPREAD])
    calendar = Calendar(market.sessions[0].date(), market.sessions[-1].date() + timedelta(days=10))
    return Replay(market, histories, calendar, TrackRecordHistory.of(market, histories, []))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with Store.open(tmp_path / "bot.db") as made:
        yield made


def crossings(market: Market, level: float) -> list[int]:
    values = catalogue.compute(market, [SPREAD])[SPREAD].values.to_numpy()
    return [place for place in range(200, len(values) - 2) if values[place] > level >= values[place - 1]]


async def checked(
    replay: Replay, store: Store, historian: TrackRecordCounter | None, readings: ReadingState | None = None
) -> tuple[Pipeline, list[date], list[int]]:
    """A check on the evening before an own alert fires, the alert, and checks on its session and the one after."""
    place = crossings(replay.market, OWN.level)[0]
    days = [replay.market.days[each].date() for each in (place - 1, place, place + 1)]
    told: list[int] = []
    pipeline = Pipeline(
        replay,
        catalogue.SIGNALS,
        store,
        readings or ReadingState(),
        on_checked=lambda: told.append(1),
        track_records=historian,
    )
    now = replay.calendar.final_at(days[0])
    await pipeline.check(now)
    there = await store.run(destinations.dm_destination, 7, channel_id=70, now=now)
    spec = AlertSpec(SPREAD, Measure.VALUE, Condition.ABOVE, OWN.level)
    triggers = new_triggers(spec, FIRES, days[0])
    await store.run(alerts.add, spec, triggers, owner_id=7, guild_id=None, destination_id=there.id, now=now)
    for day in days[1:]:
        await pipeline.check(replay.calendar.final_at(day))
    return pipeline, days, told


@pytest.mark.slow
async def test_an_own_alert_that_fires_brings_what_was_known_that_evening(replay: Replay, store: Store) -> None:
    study_runner = ReplayStudyRunner(replay, ReplayClock(replay.calendar.final_at(replay.market.last.date())), None)
    pipeline, days, told = await checked(replay, store, study_runner)
    assert (await store.read(outbox.conditions, 0, 1)) == [(days[1], OWN)]
    assert await store.read(outbox.conditions, await store.read(outbox.newest), 10) == []
    assert pipeline.readings.snapshot is not None
    assert pipeline.readings.snapshot.session == days[2]
    cut = replay.market.until(days[1])
    expected = TrackRecordHistory.of(cut, catalogue.compute(cut, [SPREAD]), [OWN]).at(days[1])[OWN]
    assert expected.next_day.n > 20
    assert pipeline.readings.snapshot.track_records[days[1]][OWN] == expected
    assert len(told) == 3


@pytest.mark.slow
async def test_what_was_sent_is_judged_once_when_its_horizon_has_passed(replay: Replay, store: Store) -> None:
    study_runner = ReplayStudyRunner(replay, ReplayClock(replay.calendar.final_at(replay.market.last.date())), None)
    pipeline, days, _ = await checked(replay, store, study_runner)
    asked: list[list[date]] = []

    class Judge:
        async def judge_records(self, due: Sequence[DueRecord], newest: date) -> list[JudgedRecord]:
            asked.append([record.session for record in due])
            if len(asked) == 1:
                raise OSError("the worker has ended")
            return await study_runner.judge_records(due, newest)

    pipeline.record_judge = Judge()
    now = replay.calendar.final_at(days[2])
    for claimed in await store.run(outbox.claim_batches, now=now, lease_seconds=60, limit=10):
        await store.run(outbox.settle_sent, claimed, 1, now=now)
    for _ in range(3):
        await pipeline.check(now)
    assert asked == [[days[1]], [days[1]]]
    [judged] = await store.read(records.judged, 1)
    prices = replay.market.close["^IXIC"]
    assert judged.outcome == pytest.approx(100 * (prices[str(days[2])] / prices[str(days[1])] - 1))
    assert judged.counts is not None
    assert judged.counts[0] > 20


@pytest.mark.slow
async def test_counting_that_fails_or_hangs_holds_no_message_up(
    replay: Replay, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        async def count(self, watched: Collection[ConditionKey], sessions: Collection[date]) -> TrackRecords:
            await asyncio.Event().wait()
            return {}

    monkeypatch.setattr("bot.readings.pipeline.COUNTING_SECONDS", 0.01)
    pipeline, days, told = await checked(replay, store, Broken())
    assert pipeline.readings.snapshot is not None
    assert OWN not in pipeline.readings.snapshot.track_records[days[1]]
    assert len(told) == 3


@pytest.mark.slow
async def test_messages_wait_from_the_firing_until_it_is_counted_and_no_longer(replay: Replay, store: Store) -> None:
    readings, waits = ReadingState(), list[bool]()

    class Fails:
        async def count(self, watched: Collection[ConditionKey], sessions: Collection[date]) -> TrackRecords:
            waits.append(readings.awaits(OWN, max(sessions)))
            raise OSError("the worker has ended")

    _, days, _ = await checked(replay, store, Fails(), readings)
    assert waits == [True]
    assert not readings.awaits(OWN, days[1])
