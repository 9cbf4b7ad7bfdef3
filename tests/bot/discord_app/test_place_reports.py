"""What a person is told at their next command of places that refuse, once, and what that command sets off."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

import pytest

from bot import outbox
from bot.database.codec import rows
from bot.database.places import destinations, places, summary_channels
from bot.domain import place as rules
from bot.domain.model import Destination, Direction, ItemKind, OutboxItem
from signals.core.model import Measure
from tests.support import SimulatedDiscord, answer_text, sample_readings

SILVER = sample_readings.SILVER


@pytest.fixture
async def dm(chat: SimulatedDiscord) -> Destination:
    """Theirs, without a channel to fall back to."""
    await chat.person.slash(chat.channel, "subscribe", topic="stress")
    await chat.core.store.run(lambda db: db.execute("UPDATE destination SET fallback_channel_id = NULL"))
    found = await chat.core.store.read(destinations.find_dm, chat.person.id)
    assert found is not None
    return found


async def refused(chat: SimulatedDiscord, place: Destination, *, days: int = 0) -> None:
    now = chat.core.now()
    for when in (now - timedelta(days=days), now) if days else (now,):
        await chat.core.store.run(
            places.change, place.id, lambda found, at=when: rules.refused(found, "Missing Access", now=at), now=when
        )


async def owed(chat: SimulatedDiscord, place: Destination, count: int) -> None:
    for number in range(count):
        item = OutboxItem(0, f"k{number}", ItemKind.ALERT, place.id, sample_readings.SESSION, chat.core.now())
        facts = {
            "signal": SILVER,
            "measure": Measure.VALUE,
            "direction": Direction.ABOVE,
            "level": 80.0,
            "value": 85.88,
        }
        named = OutboxItem(**{name: getattr(item, name) for name in item.__slots__} | facts)
        await chat.core.store.run(outbox.put, named)


async def states(chat: SimulatedDiscord) -> set[str]:
    return {each["state"] for each in await chat.core.store.read(rows, "SELECT state FROM outbox")}


async def test_a_place_that_waits_is_told_once_and_tried_at_every_command(
    chat: SimulatedDiscord, dm: Destination
) -> None:
    await refused(chat, dm)
    first = answer_text(await chat.person.slash(chat.channel, "help"))
    assert "Discord takes no message to your DM for now: Missing Access." in first
    place = await chat.core.store.read(places.get, dm.id)
    assert place is not None
    assert (place.next_try, place.told) == (chat.core.now(), True)
    await refused(chat, dm)
    assert "takes no message" not in answer_text(await chat.person.slash(chat.channel, "alert list"))
    again = await chat.core.store.read(places.get, dm.id)
    assert again is not None
    assert again.next_try == chat.core.now()


async def test_what_waited_for_a_place_that_was_given_up_is_told_once_and_dropped(
    chat: SimulatedDiscord, dm: Destination
) -> None:
    await owed(chat, dm, 12)
    await refused(chat, dm, days=14)
    told = answer_text(await chat.person.slash(chat.channel, "alert list"))
    assert "Nothing can be delivered to your DM any more: Missing Access." in told
    assert "12 messages could not be delivered and will not come:" in told
    assert told.count("85.88") == 10
    assert "and 2 older" in told
    assert await states(chat) == {"cancelled"}
    assert "Nothing can be delivered" not in answer_text(await chat.person.slash(chat.channel, "alert list"))


async def test_summaries_and_notices_that_waited_are_named_too(chat: SimulatedDiscord, dm: Destination) -> None:
    room = await chat.core.store.run(
        destinations.channel_destination, chat.channel.id, chat.guild.id, now=chat.core.now()
    )
    at = sample_readings.NOW.time()
    await chat.core.store.run(
        summary_channels.put, room.id, zone="UTC", at=at, created_by=chat.person.id, now=chat.core.now()
    )
    for kind in (ItemKind.SUMMARY, ItemKind.NOTICE):
        item = OutboxItem(0, kind.value, kind, room.id, sample_readings.SESSION, chat.core.now())
        await chat.core.store.run(outbox.put, item)
    await chat.core.store.run(destinations.park, room.id, "Unknown Channel", now=chat.core.now())
    told = answer_text(await chat.person.slash(chat.channel, "alert list"))
    assert f"Nothing can be delivered to <#{chat.channel.id}> any more: Unknown Channel." in told
    assert "- summary of Tue, Jan 13" in told
    assert "- notice of Tue, Jan 13" in told


async def test_a_button_tells_of_it_as_a_command_does(chat: SimulatedDiscord, dm: Destination) -> None:
    shown = await chat.person.slash(chat.channel, "rotation")
    await refused(chat, dm)
    first = answer_text(await chat.person.click(shown.response, label="Past turns"))
    assert "Discord takes no message to your DM for now: Missing Access." in first
    assert "takes no message" not in answer_text(await chat.person.click(shown.response, label="Past turns"))


async def test_others_are_told_nothing(chat: SimulatedDiscord, dm: Destination) -> None:
    await refused(chat, dm)
    assert "takes no message" not in answer_text(await chat.manager.slash(chat.channel, "alert list"))


async def test_a_database_that_cannot_be_read_costs_the_report_and_not_the_answer(
    chat: SimulatedDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = chat.core.store.read

    async def read(function: object, *arguments: object, **named: object) -> object:
        if function is places.concern:
            raise sqlite3.OperationalError("disk I/O error")
        return await real(function, *arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(chat.core.store, "read", read)
    assert answer_text(await chat.person.slash(chat.channel, "help"))
