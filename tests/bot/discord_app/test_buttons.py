"""Buttons and menus: what they do, that they outlive a restart, and that they obey the right person only."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import date
from typing import Any

import discord
import pytest

from bot.commands.alerts import service as commands
from bot.commands.alerts.draft import unpack_draft
from bot.commands.context import Caller
from bot.database.alerts import alerts
from bot.database.places import destinations, subscriptions
from bot.database.readings import facts_of
from bot.discord_app import components
from bot.discord_app.client import build_bot
from bot.discord_app.delivery.messages import payloads
from bot.domain.model import (
    After,
    Destination,
    DestinationKind,
    DestinationState,
    Direction,
    ItemKind,
    Loudness,
    Manner,
    OutboxItem,
)
from tests.support import SimulatedDiscord, answer_text, button_labels, message_text, sample_readings

SILVER = {"signal": sample_readings.SILVER, "condition": "above 90"}


async def post(chat: SimulatedDiscord, items: list[OutboxItem], channel_id: int) -> Any:
    """Send what the courier would send, and the message as the channel shows it."""
    place = Destination(
        1, DestinationKind.CHANNEL, None, channel_id, chat.guild.id, DestinationState.ACTIVE, None, None
    )
    payload = payloads(chat.core)(place, items)
    sent = await chat.bot.get_partial_messageable(channel_id).send(
        payload.text,
        embeds=[discord.Embed.from_dict(dict(each)) for each in payload.embeds],
        view=components.view_of(payload.components),
    )
    await chat.env.settle()
    return await sent.fetch()


def fired(chat: SimulatedDiscord, alert: alerts.Alert, number: int = 1) -> OutboxItem:
    reading = chat.core.readings.reading(alert.spec.signal)
    assert reading is not None
    return OutboxItem(
        id=number,
        key=str(number),
        kind=ItemKind.ALERT,
        destination_id=1,
        session=sample_readings.SESSION,
        created_at=sample_readings.NOW,
        alert_id=alert.id,
        topic=alert.topic,
        owner_id=alert.owner_id,
        signal=alert.spec.signal,
        measure=alert.spec.measure,
        direction=Direction.ABOVE,
        level=alert.spec.level,
        value=reading.measure(alert.spec.measure),
        reading=facts_of(reading),
    )


async def own_alert(chat: SimulatedDiscord, level: str = "90") -> alerts.Alert:
    shown = await chat.person.slash(chat.channel, "alert add", **{**SILVER, "condition": f"above {level}"})
    await chat.person.click(shown.response, label="Confirm")
    return (await chat.core.store.read(alerts.list_for, chat.person.id))[-1]


async def topic_in_channel(chat: SimulatedDiscord) -> alerts.Alert:
    await chat.manager.slash(chat.channel, "setup alerts", topic="russell-streak")
    (found,) = await chat.core.store.read(alerts.by_topic, "russell-streak")
    return found


async def test_cancel_saves_nothing(chat: SimulatedDiscord) -> None:
    shown = await chat.person.slash(chat.channel, "alert add", **SILVER)
    await chat.person.click(shown.response, label="Cancel")
    assert "Nothing was changed" in message_text(shown.response)
    assert button_labels(shown.response) == []
    assert await chat.core.store.read(alerts.count) == 0


async def test_change_level_shows_the_new_draft_before_anything_is_saved(chat: SimulatedDiscord) -> None:
    shown = await chat.person.slash(chat.channel, "alert add", **SILVER)
    form = await chat.person.click(shown.response, label="Change level")
    level = form.modal["components"][0]["components"][0]
    assert level["value"] == "90"
    await chat.person.submit_modal(form, {level["custom_id"]: "95.5"})
    assert "Silver above $95.5" in message_text(shown.response)
    assert await chat.core.store.read(alerts.count) == 0


async def test_a_proposed_level_leads_to_its_own_preview_before_anything_is_saved(chat: SimulatedDiscord) -> None:
    shown = await chat.person.slash(chat.channel, "alert add", **SILVER)
    await chat.person.click(shown.response, label="Use $85")
    assert "Silver above $85" in message_text(shown.response)
    assert button_labels(shown.response) == ["Confirm", "Change level", "Study", "More", "Cancel"]
    assert await chat.core.store.read(alerts.count) == 0
    await chat.person.click(shown.response, label="Confirm")
    [alert] = await chat.core.store.read(alerts.list_for, chat.person.id)
    assert alert.spec.level == 85


async def test_a_level_that_is_no_number_is_refused_by_the_form_too(chat: SimulatedDiscord) -> None:
    shown = await chat.person.slash(chat.channel, "alert add", **SILVER)
    form = await chat.person.click(shown.response, label="Change level")
    level = form.modal["components"][0]["components"][0]
    refused = await chat.person.submit_modal(form, {level["custom_id"]: "🚀"})
    assert "“🚀” is not a number." in answer_text(refused)


async def test_set_an_alert_here_opens_a_form_with_unit_value_and_range(chat: SimulatedDiscord) -> None:
    shown = await chat.person.slash(chat.channel, "signal", id=sample_readings.SILVER)
    form = await chat.person.click(shown.response, label="Set an alert here")
    condition, level = (row["components"][0] for row in form.modal["components"])
    assert (condition["value"], level["label"]) == ("above", "Level, in $")
    assert level["placeholder"] == "Now $85.88; past 5 years $20.00 to $85.88"
    refused = await chat.person.submit_modal(form, {condition["custom_id"]: "above", level["custom_id"]: "85.88"})
    assert "$85.88 is where Silver is now, so nearly any move would cross it." in answer_text(refused)
    form = await chat.person.click(shown.response, label="Set an alert here")
    condition, level = (row["components"][0] for row in form.modal["components"])
    draft = await chat.person.submit_modal(form, {condition["custom_id"]: "below", level["custom_id"]: "80"})
    assert "Silver below $80" in answer_text(draft)
    assert draft.ephemeral


async def test_buttons_of_a_draft_work_after_a_restart(chat: SimulatedDiscord) -> None:
    shown = await chat.person.slash(chat.channel, "alert add", **SILVER)
    await chat.env.restart_bot(build_bot(chat.core, shard_count=1))
    await chat.person.click(shown.response, label="Confirm")
    assert await chat.core.store.read(alerts.count_owned, chat.person.id) == 1


async def test_buttons_of_a_message_work_after_a_restart(chat: SimulatedDiscord) -> None:
    topic = await topic_in_channel(chat)
    message = await post(chat, [fired(chat, topic)], chat.channel.id)
    await chat.env.restart_bot(build_bot(chat.core, shard_count=1))
    assert "is snoozed" in answer_text(await chat.manager.select(message, [f"{topic.id}:7"]))
    place = await chat.core.store.read(destinations.find_channel, chat.channel.id)
    assert place is not None
    subscription = await chat.core.store.read(subscriptions.get, topic.id, place.id)
    assert subscription is not None
    assert subscription.snoozed_until is not None


async def test_somebody_without_the_permission_is_told_privately_and_changes_nothing(chat: SimulatedDiscord) -> None:
    topic = await topic_in_channel(chat)
    message = await post(chat, [fired(chat, topic)], chat.channel.id)
    for pressed in (
        await chat.person.select(message, [f"{topic.id}:1h"]),
        await chat.person.click(message, label="Remove"),
    ):
        assert "You need the Manage Server permission for that." in answer_text(pressed)
        assert pressed.ephemeral
    place = await chat.core.store.read(destinations.find_channel, chat.channel.id)
    assert place is not None
    subscription = await chat.core.store.read(subscriptions.get, topic.id, place.id)
    assert subscription is not None
    assert subscription.snoozed_until is None


async def test_a_private_alert_mentioned_in_a_channel_obeys_its_owner_only(chat: SimulatedDiscord) -> None:
    alert = await own_alert(chat)
    message = await post(chat, [fired(chat, alert)], chat.channel.id)
    assert "Only the person who set this alert can do that." in answer_text(
        await chat.manager.click(message, label="Remove")
    )
    assert "Removed: Silver above $90" in answer_text(await chat.person.click(message, label="Remove"))
    assert "no longer exists" in answer_text(await chat.person.select(message, [f"{alert.id}:1h"]))


async def test_details_are_for_everybody_and_private(chat: SimulatedDiscord) -> None:
    topic = await topic_in_channel(chat)
    message = await post(chat, [fired(chat, topic)], chat.channel.id)
    pressed = await chat.person.click(message, label="Details")
    assert "## 8 sessions" in answer_text(pressed)
    assert pressed.ephemeral


async def test_two_people_removing_one_topic_do_it_once(chat: SimulatedDiscord) -> None:
    topic = await topic_in_channel(chat)
    message = await post(chat, [fired(chat, topic)], chat.channel.id)
    assert "Unsubscribed" in answer_text(await chat.manager.click(message, label="Remove"))
    second = chat.guild.add_member(
        chat.env.create_user("second"),
        roles=[chat.guild.create_role("More", permissions=discord.Permissions(manage_guild=True))],
    )
    assert "not subscribed to that topic here" in answer_text(await second.click(message, label="Remove"))


async def test_confirming_twice_at_the_same_time_stores_one_alert(chat: SimulatedDiscord) -> None:
    shown = await chat.person.slash(chat.channel, "alert add", **SILVER)
    draft = components.unpack(shown.response.components[0]["components"][0]["custom_id"])[1]
    caller = Caller(chat.person.id, chat.guild.id, chat.channel.id, dm_channel_id=1)
    await asyncio.gather(*(commands.save(chat.core, caller, unpack_draft(chat.core.signals, draft)) for _ in range(5)))
    assert await chat.core.store.read(alerts.count_owned, chat.person.id) == 1


async def test_several_alerts_in_one_message_are_managed_one_by_one(chat: SimulatedDiscord) -> None:
    first, second = await own_alert(chat, "84"), await own_alert(chat, "80")
    message = await post(chat, [fired(chat, first, 1), fired(chat, second, 2)], chat.channel.id)
    assert message.content == "2 alerts: Silver above $84, Silver above $80"
    assert len(message.embeds) == 2
    chosen = await chat.person.select(message, [f"a{second.id}"])
    assert f"Alert {second.number}" in answer_text(chosen)
    assert button_labels(chosen.followups[0] if chosen.followups else chosen.response) == [
        "Study",
        "Edit",
        "More",
        "Remove",
    ]
    assert "Only the person" in answer_text(await chat.manager.select(message, [f"a{first.id}"]))


async def test_of_more_alerts_than_a_menu_holds_the_last_can_be_managed(chat: SimulatedDiscord) -> None:
    items = [fired(chat, await own_alert(chat, f"{60 + number}"), number) for number in range(1, 27)]
    message = await post(chat, [replace(item, held_until=chat.core.now()) for item in items], chat.channel.id)
    first, last = (row.children[0].custom_id for row in message.components)
    for menu, position, level in ((first, 0, 61), (last, -1, 86)):
        chosen = await chat.person.select(message, [f"a{items[position].alert_id}"], custom_id=menu)
        assert f"Silver above ${level}" in answer_text(chosen)


async def test_the_edit_button_changes_a_stored_alert(chat: SimulatedDiscord) -> None:
    alert = await own_alert(chat)
    message = await post(chat, [fired(chat, alert)], chat.channel.id)
    form = await chat.person.click(message, label="Edit")
    level = form.modal["components"][0]["components"][0]
    assert "is now: Silver above $95" in answer_text(await chat.person.submit_modal(form, {level["custom_id"]: "95"}))


async def test_pages_and_families_turn_in_place_for_whoever_asked(chat: SimulatedDiscord) -> None:
    shown = await chat.person.slash(chat.channel, "signals", family="sectors")
    assert "1 of 4" in button_labels(shown.response)
    await chat.person.click(shown.response, label="Next")
    assert "2 of 4" in button_labels(shown.response)
    await chat.person.select(shown.response, ["rates"])
    assert "RATES" in message_text(shown.response)
    other = await chat.manager.select(shown.response, ["havens"])
    assert "HAVENS" in answer_text(other)
    assert other.ephemeral
    assert "RATES" in message_text(shown.response)


async def test_ones_own_list_turns_its_pages(chat: SimulatedDiscord) -> None:
    for level in range(90, 102):
        await own_alert(chat, str(level))
    shown = await chat.person.slash(chat.channel, "alert list")
    await chat.person.click(shown.response, label="Next")
    assert re.search(r"Silver above \$101", message_text(shown.response))


async def test_the_menu_of_topics_subscribes_and_unsubscribes(chat: SimulatedDiscord) -> None:
    shown = await chat.person.slash(chat.channel, "topics")
    assert "Subscribed to Russell streak" in answer_text(await chat.person.select(shown.response, ["russell-streak"]))
    assert "No more alerts on Russell streak" in answer_text(
        await chat.person.select(shown.response, ["russell-streak"])
    )


async def test_everything_about_a_person_goes_after_a_second_question(chat: SimulatedDiscord) -> None:
    await own_alert(chat)
    shown = await chat.person.slash(chat.channel, "privacy delete")
    await chat.person.click(shown.response, label="Delete everything")
    assert "1 alert and everything else about you are gone." in message_text(shown.response)
    assert await chat.core.store.read(alerts.list_for, chat.person.id) == []


@pytest.mark.parametrize(
    "custom_id", ["rb:ok~nonsense", "rb:snooze~x~1", "rb:page~signals~9", "rb:gone~1", "rb:page~signals~x~breadth"]
)
async def test_a_forged_or_outdated_button_is_answered_with_a_sentence(chat: SimulatedDiscord, custom_id: str) -> None:
    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Button(label="Press", custom_id=custom_id))
    view.stop()
    sent = await chat.bot.get_partial_messageable(chat.channel.id).send("x", view=view)
    pressed = await chat.person.click(sent, label="Press")
    assert "older version" in answer_text(pressed)


async def test_nothing_is_kept_in_memory_for_a_sent_message(chat: SimulatedDiscord) -> None:
    await chat.person.slash(chat.channel, "alert add", **SILVER)
    await chat.person.slash(chat.channel, "signals")
    store = chat.bot._connection._view_store
    assert not store._views
    assert not store._synced_message_views


async def test_the_menu_of_a_family_screen_opens_one_signal_privately(chat: SimulatedDiscord) -> None:
    shown = await chat.person.slash(chat.channel, "havens")
    for person in (chat.person, chat.manager):
        opened = await person.select(shown.response, [sample_readings.SILVER])
        assert "## $85.88" in answer_text(opened)
        assert opened.ephemeral or opened.followups[0].ephemeral
    assert "Havens: gold, silver" in message_text(shown.response)


async def test_more_sets_the_alert_with_a_note_and_what_follows(chat: SimulatedDiscord) -> None:
    shown = await chat.person.slash(chat.channel, "alert add", **SILVER)
    form = await chat.person.click(shown.response, label="More")
    after, fires, expires, note, loudness = (row["components"][0]["custom_id"] for row in form.modal["components"])
    typed = {
        after: "remind 5",
        fires: "live, cooldown 3",
        expires: "2027-01-15",
        note: "*sell* half",
        loudness: "silent",
    }
    await chat.person.submit_modal(form, typed)
    said = message_text(shown.response)
    assert "Also during the session, every crossing, at most every 3 days, with a reminder every 5 sessions" in said
    assert "Silent; expires after Fri, Jan 15, 2027; note: \\*sell\\* half." in said
    (alert,) = await chat.core.store.read(alerts.list_for, chat.person.id)
    assert (alert.spec.after, alert.spec.remind_every, alert.spec.cooldown_days) == (After.REMIND, 5, 3)
    assert alert.manner == Manner("*sell* half", Loudness.SILENT, date(2027, 1, 15))
    listed = await chat.person.slash(chat.channel, "alert list")
    assert "\\*sell\\* half" in answer_text(listed)


async def test_more_refuses_a_date_that_is_over(chat: SimulatedDiscord) -> None:
    shown = await chat.person.slash(chat.channel, "alert add", **SILVER)
    form = await chat.person.click(shown.response, label="More")
    fields = [row["components"][0] for row in form.modal["components"]]
    typed = {field["custom_id"]: field.get("value", "") for field in fields}
    refused = await chat.person.submit_modal(form, {**typed, fields[2]["custom_id"]: "2020-01-15"})
    assert "is not in the future" in answer_text(refused)
    assert await chat.core.store.read(alerts.list_for, chat.person.id) == []


async def test_a_paused_alert_is_resumed_by_its_button(chat: SimulatedDiscord) -> None:
    await own_alert(chat, "84")
    paused = await chat.person.slash(chat.channel, "alert pause", alert="1")
    resumed = await chat.person.click(paused.response, label="Resume")
    assert "Alert 1 alerts again" in answer_text(resumed)
