"""Summaries that are due are enqueued together with the readings that they show."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time

from bot.commands.context import Core
from bot.commands.summary.due import enqueue_due, shown_readings
from bot.commands.summary.summary import contents_of
from bot.database import Database, readings
from bot.database.places import destinations, guilds, summary_channels
from tests.support import sample_readings
from tests.support.sample_readings import SESSION, snapshot

MADE = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)


def channel(db: Database, channel_id: int) -> None:
    guilds.joined(db, 800, "Somewhere", now=MADE)
    made = destinations.channel_destination(db, channel_id, 800, now=MADE)
    summary_channels.put(db, made.id, zone="America/New_York", at=time(16, 25), created_by=5, now=MADE)


async def test_what_a_summary_shows_is_stored_once_when_it_is_enqueued(core: Core) -> None:
    core.readings.put(replace(snapshot(), finals={SESSION: snapshot().readings}))
    for channel_id in (810, 811):
        await core.store.run(channel, channel_id)
    before = await core.store.read(readings.shown, SESSION)
    assert before == {}
    for _ in range(2):
        await enqueue_due(core, now=sample_readings.NOW, known=SESSION)
    stored = await core.store.read(readings.shown, SESSION)
    contents = contents_of(core, SESSION)
    assert {mover.signal.id for mover in contents.movers} <= contents.shown
    assert {crossing.signal.id for crossing in contents.crossings} <= contents.shown
    assert set(stored) == contents.shown
    for name, shown in stored.items():
        assert shown.value == snapshot().readings[name].value
    count = await core.store.read(lambda db: db.execute("SELECT count(*) FROM reading").fetchone()[0])
    assert count == len(stored)


async def test_a_session_that_is_no_longer_in_memory_stores_nothing(core: Core) -> None:
    assert shown_readings(core, SESSION) == ()
    await core.store.run(channel, 810)
    await enqueue_due(core, now=sample_readings.NOW, known=SESSION)
    assert await core.store.read(readings.shown, SESSION) == {}


async def test_a_corrected_value_is_stored_beside_the_first_and_is_what_people_saw_last(core: Core) -> None:
    first = snapshot().readings["havens.silver"]
    now = sample_readings.NOW
    for reading in (first, first, replace(first, value=86.0)):
        await core.store.run(readings.keep_shown, [reading], now=now)
    shown = await core.store.read(readings.shown, SESSION)
    assert (shown["havens.silver"].value, shown["havens.silver"].recorded_at) == (86.0, now)
    count = await core.store.read(lambda db: db.execute("SELECT count(*) FROM reading").fetchone()[0])
    assert count == 2
