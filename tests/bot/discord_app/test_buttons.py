"""Buttons and menus: what they do, that they outlive a restart, and that they obey the right person only."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import discord
import pytest

from bot.commands.alerts import service as commands
from bot.commands.alerts.draft import unpack_draft
from bot.commands.context import Caller
from bot.database import alerts, destinations, subscriptions
from bot.database.readings import facts_of
from bot.discord_app import components
from bot.discord_app.client import build_bot
from bot.discord_app.messages import payloads
from bot.domain.model import Destination, DestinationKind, DestinationState, Direction, ItemKind, OutboxItem
from tests.bot.commands import world
from tests.bot.discord_app.conftest import Desk, labels, said, text_of

SILVER = {"signal": world.SILVER, "condition": "above", "level": "90"}


async def post(desk: Desk, items: list[OutboxItem], channel_id: int) -> Any:
    """Send what the courier would send, and the message as the channel shows it."""
    place = Destination(
        1, DestinationKind.CHANNEL, None, channel_id, desk.guild.id, DestinationState.ACTIVE, None, None
    )
    payload = payloads(desk.core)(place, items)
    sent = await desk.bot.get_partial_messageable(channel_id).send(
        payload.text,
        embeds=[discord.Embed.from_dict(dict(each)) for each in payload.embeds],
        view=components.view_of(payload.components),
    )
    await desk.env.settle()
    return await sent.fetch()


def fired(desk: Desk, alert: alerts.Alert, number: int = 1) -> OutboxItem:
    reading = desk.core.readings.reading(alert.spec.signal)
    assert reading is not None
    return OutboxItem(
        id=number,
        key=str(number),
        kind=ItemKind.ALERT,
        destination_id=1,
        session=world.SESSION,
        created_at=world.NOW,
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


async def own_alert(desk: Desk, level: str = "90") -> alerts.Alert:
    shown = await desk.ann.slash(desk.channel, "alert add", **{**SILVER, "level": level})
    await desk.ann.click(shown.response, label="Confirm")
    return (await desk.core.store.read(alerts.list_for, desk.ann.id))[-1]


async def topic_in_channel(desk: Desk) -> alerts.Alert:
    await desk.boss.slash(desk.channel, "setup alerts", topic="russell-streak")
    (found,) = await desk.core.store.read(alerts.by_topic, "russell-streak")
    return found


async def test_cancel_saves_nothing(desk: Desk) -> None:
    shown = await desk.ann.slash(desk.channel, "alert add", **SILVER)
    await desk.ann.click(shown.response, label="Cancel")
    assert "Nothing was changed" in text_of(shown.response)
    assert labels(shown.response) == []
    assert await desk.core.store.read(alerts.count) == 0


async def test_change_level_shows_the_new_draft_before_anything_is_saved(desk: Desk) -> None:
    shown = await desk.ann.slash(desk.channel, "alert add", **SILVER)
    form = await desk.ann.click(shown.response, label="Change level")
    level = form.modal["components"][0]["components"][0]
    assert level["value"] == "90"
    await desk.ann.submit_modal(form, {level["custom_id"]: "95.5"})
    assert "Silver above 95.5 USD" in text_of(shown.response)
    assert await desk.core.store.read(alerts.count) == 0


async def test_a_proposed_level_leads_to_its_own_preview_before_anything_is_saved(desk: Desk) -> None:
    shown = await desk.ann.slash(desk.channel, "alert add", **SILVER)
    await desk.ann.click(shown.response, label="Use 85 USD")
    assert "Silver above 85 USD" in text_of(shown.response)
    assert labels(shown.response) == ["Confirm", "Change level", "Study", "Cancel"]
    assert await desk.core.store.read(alerts.count) == 0
    await desk.ann.click(shown.response, label="Confirm")
    [alert] = await desk.core.store.read(alerts.list_for, desk.ann.id)
    assert alert.spec.level == 85


async def test_a_level_that_is_no_number_is_refused_by_the_form_too(desk: Desk) -> None:
    shown = await desk.ann.slash(desk.channel, "alert add", **SILVER)
    form = await desk.ann.click(shown.response, label="Change level")
    level = form.modal["components"][0]["components"][0]
    refused = await desk.ann.submit_modal(form, {level["custom_id"]: "🚀"})
    assert 'Level "🚀" is not a number.' in said(refused)


async def test_set_an_alert_here_opens_a_form_with_todays_value(desk: Desk) -> None:
    shown = await desk.ann.slash(desk.channel, "signal", id=world.SILVER)
    form = await desk.ann.click(shown.response, label="Set an alert here")
    condition, level = (row["components"][0] for row in form.modal["components"])
    assert (condition["value"], level["value"]) == ("above", "85.88")
    draft = await desk.ann.submit_modal(form, {condition["custom_id"]: "below", level["custom_id"]: "80"})
    assert "Silver below 80 USD" in said(draft)
    assert draft.ephemeral


async def test_buttons_of_a_draft_work_after_a_restart(desk: Desk) -> None:
    shown = await desk.ann.slash(desk.channel, "alert add", **SILVER)
    await desk.env.restart_bot(build_bot(desk.core, shard_count=1))
    await desk.ann.click(shown.response, label="Confirm")
    assert await desk.core.store.read(alerts.count_owned, desk.ann.id) == 1


async def test_buttons_of_a_message_work_after_a_restart(desk: Desk) -> None:
    topic = await topic_in_channel(desk)
    message = await post(desk, [fired(desk, topic)], desk.channel.id)
    await desk.env.restart_bot(build_bot(desk.core, shard_count=1))
    assert "Quiet until" in said(await desk.boss.click(message, label="Snooze 1 week"))
    place = await desk.core.store.read(destinations.find_channel, desk.channel.id)
    assert place is not None
    subscription = await desk.core.store.read(subscriptions.get, topic.id, place.id)
    assert subscription is not None
    assert subscription.snoozed_until is not None


async def test_somebody_without_the_permission_is_told_privately_and_changes_nothing(desk: Desk) -> None:
    topic = await topic_in_channel(desk)
    message = await post(desk, [fired(desk, topic)], desk.channel.id)
    for label in ("Snooze 1 day", "Remove"):
        pressed = await desk.ann.click(message, label=label)
        assert "That needs the permission Manage Server." in said(pressed)
        assert pressed.ephemeral
    place = await desk.core.store.read(destinations.find_channel, desk.channel.id)
    assert place is not None
    subscription = await desk.core.store.read(subscriptions.get, topic.id, place.id)
    assert subscription is not None
    assert subscription.snoozed_until is None


async def test_a_private_alert_mentioned_in_a_channel_obeys_its_owner_only(desk: Desk) -> None:
    alert = await own_alert(desk)
    message = await post(desk, [fired(desk, alert)], desk.channel.id)
    assert "Only the person who set this alert can do that." in said(await desk.boss.click(message, label="Remove"))
    assert "Removed: Silver above 90 USD" in said(await desk.ann.click(message, label="Remove"))
    assert "does not exist any more" in said(await desk.ann.click(message, label="Snooze 1 day"))


async def test_details_are_for_everybody_and_private(desk: Desk) -> None:
    topic = await topic_in_channel(desk)
    message = await post(desk, [fired(desk, topic)], desk.channel.id)
    pressed = await desk.ann.click(message, label="Details")
    assert "## 8 sessions" in said(pressed)
    assert pressed.ephemeral


async def test_two_people_removing_one_topic_do_it_once(desk: Desk) -> None:
    topic = await topic_in_channel(desk)
    message = await post(desk, [fired(desk, topic)], desk.channel.id)
    assert "Unsubscribed" in said(await desk.boss.click(message, label="Remove"))
    second = desk.guild.add_member(
        desk.env.create_user("second"),
        roles=[desk.guild.create_role("More", permissions=discord.Permissions(manage_guild=True))],
    )
    assert "not subscribed to that topic here" in said(await second.click(message, label="Remove"))


async def test_confirming_twice_at_the_same_time_stores_one_alert(desk: Desk) -> None:
    shown = await desk.ann.slash(desk.channel, "alert add", **SILVER)
    draft = components.unpack(shown.response.components[0]["components"][0]["custom_id"])[1]
    caller = Caller(desk.ann.id, desk.guild.id, desk.channel.id, can_post=True)
    await asyncio.gather(*(commands.save(desk.core, caller, unpack_draft(desk.core.signals, draft)) for _ in range(5)))
    assert await desk.core.store.read(alerts.count_owned, desk.ann.id) == 1


async def test_several_alerts_in_one_message_are_managed_one_by_one(desk: Desk) -> None:
    first, second = await own_alert(desk, "84"), await own_alert(desk, "80")
    message = await post(desk, [fired(desk, first, 1), fired(desk, second, 2)], desk.channel.id)
    assert message.content == "2 alerts: Silver above 84 USD, Silver above 80 USD"
    assert len(message.embeds) == 2
    chosen = await desk.ann.select(message, [f"a{second.id}"])
    assert f"Alert {second.id}" in said(chosen)
    assert labels(chosen.followups[0] if chosen.followups else chosen.response) == [
        "Snooze 1 day",
        "Snooze 1 week",
        "Edit",
        "Remove",
    ]
    assert "Only the person" in said(await desk.boss.select(message, [f"a{first.id}"]))


async def test_the_edit_button_changes_a_stored_alert(desk: Desk) -> None:
    alert = await own_alert(desk)
    message = await post(desk, [fired(desk, alert)], desk.channel.id)
    form = await desk.ann.click(message, label="Edit")
    level = form.modal["components"][0]["components"][0]
    assert "is now: Silver above 95 USD" in said(await desk.ann.submit_modal(form, {level["custom_id"]: "95"}))


async def test_pages_and_families_turn_in_place_for_whoever_asked(desk: Desk) -> None:
    shown = await desk.ann.slash(desk.channel, "signals", family="sectors")
    assert "1 of 3" in labels(shown.response)
    await desk.ann.click(shown.response, label="Next")
    assert "2 of 3" in labels(shown.response)
    await desk.ann.select(shown.response, ["rates"])
    assert "RATES" in text_of(shown.response)
    other = await desk.boss.select(shown.response, ["havens"])
    assert "HAVENS" in said(other)
    assert other.ephemeral
    assert "RATES" in text_of(shown.response)


async def test_ones_own_list_turns_its_pages(desk: Desk) -> None:
    for level in range(90, 102):
        await own_alert(desk, str(level))
    shown = await desk.ann.slash(desk.channel, "alert list")
    await desk.ann.click(shown.response, label="Next")
    assert re.search(r"Silver above 101 USD", text_of(shown.response))


async def test_the_menu_of_topics_subscribes_and_unsubscribes(desk: Desk) -> None:
    shown = await desk.ann.slash(desk.channel, "topics")
    assert "Subscribed to Russell streak" in said(await desk.ann.select(shown.response, ["russell-streak"]))
    assert "You hear no more of Russell streak" in said(await desk.ann.select(shown.response, ["russell-streak"]))


async def test_everything_about_a_person_goes_after_a_second_question(desk: Desk) -> None:
    await own_alert(desk)
    shown = await desk.ann.slash(desk.channel, "privacy delete")
    await desk.ann.click(shown.response, label="Delete everything")
    assert "1 alert and everything else about you are gone." in text_of(shown.response)
    assert await desk.core.store.read(alerts.list_for, desk.ann.id) == []


@pytest.mark.parametrize(
    "custom_id", ["rb:ok~nonsense", "rb:snooze~x~1", "rb:page~signals~9", "rb:gone~1", "rb:page~signals~x~breadth"]
)
async def test_a_forged_or_outdated_button_is_answered_with_a_sentence(desk: Desk, custom_id: str) -> None:
    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Button(label="Press", custom_id=custom_id))
    view.stop()
    sent = await desk.bot.get_partial_messageable(desk.channel.id).send("x", view=view)
    pressed = await desk.ann.click(sent, label="Press")
    assert "older version" in said(pressed)


async def test_nothing_is_kept_in_memory_for_a_sent_message(desk: Desk) -> None:
    await desk.ann.slash(desk.channel, "alert add", **SILVER)
    await desk.ann.slash(desk.channel, "signals")
    store = desk.bot._connection._view_store
    assert not store._views
    assert not store._synced_message_views


async def test_the_menu_of_a_family_screen_opens_one_signal_privately(desk: Desk) -> None:
    shown = await desk.ann.slash(desk.channel, "havens")
    for person in (desk.ann, desk.boss):
        opened = await person.select(shown.response, [world.SILVER])
        assert "## 85.88 USD" in said(opened)
        assert opened.ephemeral or opened.followups[0].ephemeral
    assert "Havens: gold, silver" in text_of(shown.response)
