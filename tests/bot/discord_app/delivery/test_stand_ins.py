"""What a channel shows where it stands in for a DM that Discord refuses, and what only the person mentioned sees."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.database.places import destinations
from bot.discord_app.delivery.courier_assembly import build_courier
from bot.discord_app.delivery.messages import payloads
from bot.domain.model import DestinationState, ItemKind, OutboxItem
from bot.outbox import items
from tests.bot.discord_app.delivery.test_messages import DM, item
from tests.support import SimulatedDiscord, answer_text, core_without_store, message_text, sample_readings

STAND_IN = replace(DM, state=DestinationState.PARKED, fallback_channel_id=100)
SILVER = sample_readings.SILVER
FIRED = {
    "session": sample_readings.SESSION.toordinal(),
    "number": 3,
    "signal": SILVER,
    "measure": "value",
    "condition": "above",
    "level": 80.0,
    "level_high": None,
    "direction": "above",
    "value": 85.88,
    "members": 0,
}


@pytest.mark.parametrize("kind", [ItemKind.SUMMARY, ItemKind.LETTER])
def test_a_summary_and_a_letter_are_announced(kind: ItemKind) -> None:
    shown = payloads(core_without_store())(STAND_IN, [item(kind=kind, alert_id=None)])
    what = {ItemKind.SUMMARY: "market summary of", ItemKind.LETTER: "weekly letter of the week to"}[kind]
    assert shown.content == (
        f"Your {what} Tue, Jan 13 is ready.\nDiscord refuses me a DM to you; only you can open it here."
    )
    assert (shown.embeds, shown.pictures) == ((), ())


def test_of_many_summaries_each_has_its_button() -> None:
    days = [sample_readings.SESSION - timedelta(days=number) for number in range(7)]
    waiting = [item(number=n, kind=ItemKind.SUMMARY, session=day) for n, day in enumerate(days, 1)]
    shown = payloads(core_without_store())(STAND_IN, waiting)
    assert shown.told == 5
    rest = payloads(core_without_store())(STAND_IN, waiting[5:])
    buttons = [part["custom_id"] for each in (shown, rest) for row in each.components for part in row["components"]]
    assert buttons == [f"rb:own~{number}" for number in range(1, 8)]


@pytest.mark.parametrize("held", [None, sample_readings.NOW])
def test_a_note_is_for_its_person(held: Any) -> None:
    noted = item(SILVER, level=80.0, note="sell the house", held_until=held)
    for place, there in ((DM, True), (STAND_IN, False)):
        shown = payloads(core_without_store())(place, [noted])
        assert ("sell the house" in json.dumps([shown.content, *shown.embeds])) is there
        assert "ilver" in shown.content or held is not None


async def announced(chat: SimulatedDiscord, kind: ItemKind) -> Any:
    """The message in the channel that stands in for the person's DM, with one summary or letter."""
    core = chat.core
    place = await core.store.run(destinations.dm_destination, chat.person.id, channel_id=5, now=core.now())
    await core.store.run(destinations.set_fallback, chat.person.id, chat.channel.id, chat.guild.id, now=core.now())
    await core.store.run(destinations.park, place.id, "Cannot send messages to this user", now=core.now())
    fired = json.dumps({"alerts": [FIRED], "topics": []}) if kind is ItemKind.LETTER else None
    owed = OutboxItem(
        id=0,
        key="one",
        kind=kind,
        destination_id=place.id,
        session=sample_readings.SESSION,
        created_at=core.now(),
        fired=fired,
    )
    await core.store.run(items.put, owed)
    await build_courier(core, chat.bot, core.clock, charts=None).flush()
    [message] = chat.channel.history()
    return message


@pytest.mark.parametrize(
    ("kind", "inside"), [(ItemKind.SUMMARY, "Equal weight beat the S&P 500"), (ItemKind.LETTER, "Silver above $80")]
)
async def test_only_the_person_mentioned_opens_it(chat: SimulatedDiscord, kind: ItemKind, inside: str) -> None:
    message = await announced(chat, kind)
    assert message.content.startswith(f"<@{chat.person.id}> Your ")
    assert inside not in message_text(message)
    refused = await chat.manager.click(message, label="Show it")
    assert answer_text(refused) == "That is for the person who is mentioned. /summary shows the newest summary."
    opened = await chat.person.click(message, label="Show it")
    assert inside in answer_text(opened)
    assert opened.ephemeral


async def test_one_that_is_no_longer_kept_says_so(chat: SimulatedDiscord) -> None:
    message = await announced(chat, ItemKind.LETTER)
    await chat.core.store.run(lambda db: db.execute("DELETE FROM outbox"))
    gone = await chat.person.click(message, label="Show it")
    assert answer_text(gone).startswith("That one is no longer kept. /summary shows the newest.")


async def test_what_a_dm_has_just_refused_shows_no_more_in_the_channel(chat: SimulatedDiscord) -> None:
    """It was rendered for the DM, and is rendered anew for those who read the channel."""
    core = chat.core
    await chat.person.slash(chat.channel, "subscribe", topic="stress")
    await chat.manager.slash(chat.channel, "setup mentions")
    await chat.person.slash(chat.channel, "alert mention")
    place = await core.store.read(destinations.find_dm, chat.person.id)
    assert place is not None
    owed = OutboxItem(0, "one", ItemKind.SUMMARY, place.id, sample_readings.SESSION, created_at=core.now())
    await core.store.run(items.put, owed)
    chat.env.inject_error("POST", f"/channels/{place.channel_id}/messages", status=403, code=50007)
    courier = build_courier(core, chat.bot, core.clock, charts=None)
    for _ in range(2):
        await courier.flush()
    [message] = chat.channel.history()
    assert message.content.startswith(f"<@{chat.person.id}> Your market summary of Tue, Jan 13 is ready.")
    assert message.embeds == []
