"""Every command on the real bot: happy path, bad input, missing permission, nothing known yet, refused DM."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest

from bot.alerts.topics import TOPICS
from bot.database import key_value
from bot.database.alerts import alerts
from bot.database.places import destinations, subscriptions
from bot.ingest.status import BackfillProgress
from tests.support import SimulatedDiscord, answer_text, button_labels, message_text, sample_readings

SILVER = {"signal": sample_readings.SILVER, "condition": "above 90"}


async def added(chat: SimulatedDiscord, person: Any, **options: str) -> int:
    """Set an alert and confirm it; its number."""
    shown = await person.slash(chat.channel, "alert add", **{**SILVER, **options})
    pressed = await person.click(shown.response, label="Confirm")
    found = re.search(r"Alert (\d+) is set", message_text(pressed.response or shown.response))
    assert found is not None, answer_text(pressed)
    return int(found[1])


async def test_every_command_is_registered_with_discord(chat: SimulatedDiscord) -> None:
    assert set(chat.person.available_commands(chat.channel)) == {
        "signals", "signal", "scenario", "summary", "topics", "subscribe", "unsubscribe", "status", "sources", "help",
        "breadth", "yields", "flows", "rotation", "sectors", "megacaps", "earnings", "havens", "chart", "compare", "study",
        "claims", "since", "asof", "record", "watch add", "watch list", "watch remove",
        "alert add", "alert list", "alert edit", "alert test", "alert mention", "alert remove", "alert pause",
        "alert resume", "alert duplicate", "alert history", "alert combine", "alert snooze", "me", "setup quiet",
        "calendar", "setup calendar", "setup board", "setup managers",
        "setup summary", "setup alerts", "setup mentions", "setup show", "privacy export", "privacy delete",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("command", "options", "shown"),
    [
        ("signals", {}, "The most unusual signals of each family"),
        ("signals", {"family": "breadth"}, "BREADTH"),
        ("signal", {"id": sample_readings.STREAK}, "## 8 sessions"),
        ("summary", {}, "Equal weight beat the S&P 500"),
        ("scenario", {}, "Tech recovery: **"),
        ("calendar", {}, "no trading, Martin Luther King Day"),
        ("status", {}, "Stored figures only: no source is asked"),
        ("sources", {}, "Stored figures only: no source is asked"),
        ("breadth", {}, "of members above their 50-day average"),
        ("yields", {}, "Real yields"),
        ("flows", {}, "Money enters tech funds"),
        ("rotation", {}, "Is money rotating out of big tech?"),
        ("rotation", {"view": "past turns"}, "newest first"),
        ("rotation", {"view": "signals"}, "Rotation: **"),
        ("sectors", {}, "RETURNS, %"),
        ("megacaps", {}, "of 7 ahead of the S&P 500 this year"),
        ("earnings", {}, "Estimates for tech fall"),
        ("havens", {}, "$85.88"),
    ],
)
async def test_what_concerns_everybody_is_public(
    chat: SimulatedDiscord, command: str, options: dict[str, str], shown: str
) -> None:
    result = await chat.person.slash(chat.channel, command, **options)
    assert shown in answer_text(result)
    assert not result.ephemeral


@pytest.mark.parametrize(
    ("command", "options", "shown"),
    [
        ("help", {}, "/alert add"),
        ("topics", {}, "Russell streak"),
        ("subscribe", {"topic": "russell-streak"}, "You'll get a DM."),
        ("alert add", SILVER, "Silver above $90"),
        ("alert list", {}, "You have no alerts yet"),
        ("privacy export", {}, "0 rows"),
        ("privacy delete", {}, "Delete everything about you?"),
    ],
)
async def test_what_concerns_one_person_is_private(
    chat: SimulatedDiscord, command: str, options: dict[str, str], shown: str
) -> None:
    result = await chat.person.slash(chat.channel, command, **options)
    assert shown in answer_text(result)
    assert result.ephemeral


@pytest.mark.parametrize(
    ("command", "options", "sentence"),
    [
        ("signal", {"id": "real yeild"}, "No signal “real yeild”. Did you mean rates.real_10y (10-year real yield)?"),
        ("signal", {"id": "🚀🚀🚀"}, "No signal “🚀🚀🚀”."),
        ("signals", {"family": "breath"}, "No family “breath”. Did you mean breadth?"),
        ("alert add", {**SILVER, "condition": "above 9o"}, "“9o” is not a number. Type a level such as 90 or 90.5."),
        ("alert add", {**SILVER, "condition": "above 🚀"}, "“🚀” is not a number."),
        ("alert add", {**SILVER, "condition": "outside 20"}, "needs two levels"),
        (
            "alert edit",
            {"alert": "🚀", "level": "3"},
            "is not an alert number. Type a number such as 12; /alert list shows yours.",
        ),
        ("alert edit", {"alert": "4000"}, "That alert no longer exists."),
        ("alert test", {"alert": "4000"}, "That alert no longer exists."),
        ("alert remove", {"alert": "x"}, "is not an alert number."),
        ("subscribe", {"topic": "rusell"}, "Did you mean russell-streak"),
        ("unsubscribe", {"topic": "stress"}, "You are not subscribed to Stress in options."),
    ],
)
async def test_bad_input_is_answered_privately_with_what_would_be_right(
    chat: SimulatedDiscord, command: str, options: dict[str, str], sentence: str
) -> None:
    result = await chat.person.slash(chat.channel, command, **options)
    assert sentence in answer_text(result)
    assert result.ephemeral or result.followups[0].ephemeral


async def test_what_was_typed_has_no_power_as_markup_or_mention(chat: SimulatedDiscord) -> None:
    result = await chat.person.slash(chat.channel, "signal", id="@everyone **x** <@1> `y` https://x.example")
    assert "@everyone" not in answer_text(result)
    assert "**x**" not in answer_text(result)
    assert "<@1>" not in answer_text(result)
    assert "://" not in answer_text(result)


async def test_out_of_range_values_of_a_tampered_client_are_refused_in_the_core(chat: SimulatedDiscord) -> None:
    command = chat.bot.tree.get_command("alert")
    assert command is not None
    leaf = command.get_command("edit")  # type: ignore[union-attr]
    for option in leaf._params.values():
        option.max_value = option.min_value = None
    await chat.bot.tree.sync()
    offered = await chat.person.slash(chat.channel, "alert add", **SILVER)
    await chat.person.click(offered.response, label="Confirm")
    shown = await chat.person.slash(chat.channel, "alert edit", alert="1", confirm=400)
    assert answer_text(shown) == "Confirmation over 400 sessions is not possible. Try 1 to 20."
    shown = await chat.person.slash(chat.channel, "alert edit", alert="1", cooldown=5000)
    assert answer_text(shown) == "A pause of 5000 days is not possible. Try 0 to 365."


@pytest.mark.parametrize(
    ("command", "options"),
    [("setup summary", {}), ("setup alerts", {"topic": "all"}), ("setup show", {}), ("setup summary", {"off": True})],
)
async def test_setting_up_without_the_permission_is_a_sentence(
    chat: SimulatedDiscord, command: str, options: dict[str, Any]
) -> None:
    result = await chat.person.slash(chat.channel, command, **options)
    assert "You need the Manage Server permission for that." in answer_text(result)


async def test_a_channel_alert_without_the_permission_is_a_sentence(chat: SimulatedDiscord) -> None:
    result = await chat.person.slash(chat.channel, "alert add", **SILVER, channel=chat.channel)
    assert answer_text(result) == "You need the Manage Server permission for that."


async def test_a_person_chooses_a_zone_once_then_quiet_hours(chat: SimulatedDiscord) -> None:
    asked = await chat.person.slash(chat.channel, "me", quiet="22-7")
    assert "Set your time zone first" in answer_text(asked)
    shown = await chat.person.slash(chat.channel, "me")
    assert "Europe/Berlin" in answer_text(await chat.person.select(shown.response, ["Europe/Berlin"]))
    assert "10:00 p.m. to 7:00 a.m., every day" in answer_text(
        await chat.person.slash(chat.channel, "me", quiet="22-7")
    )


async def test_a_person_snoozes_an_alert_a_topic_or_everything(chat: SimulatedDiscord) -> None:
    number = await added(chat, chat.person)
    await chat.person.slash(chat.channel, "subscribe", topic="stress")
    offered = await chat.person.autocomplete(chat.channel, "alert snooze", "what", "")
    assert {"all", "stress", str(number)} <= {choice["value"] for choice in offered}
    for what in (str(number), "stress"):
        assert "is snoozed" in answer_text(await chat.person.slash(chat.channel, "alert snooze", what=what, until="2d"))
        ended = await chat.person.slash(chat.channel, "alert snooze", what=what, until="off")
        assert "Snooze ended" in answer_text(ended)
    await chat.person.slash(chat.channel, "alert snooze", what="all", until="2d")
    assert "All alerts snoozed" in answer_text(await chat.person.slash(chat.channel, "me"))
    refused = await chat.person.slash(chat.channel, "alert snooze", what="russell-streak", until="2d")
    assert "not subscribed" in answer_text(refused) or "no longer exists" in answer_text(refused)


async def test_a_person_gets_the_summary_or_a_letter_by_dm(chat: SimulatedDiscord) -> None:
    for choice, words in (
        ("daily", "every session, at 5:00 p.m. ET"),
        ("weekly", "a letter after"),
        ("off", "DM:** off"),
    ):
        assert words in answer_text(await chat.person.slash(chat.channel, "me", summary=choice))


async def test_a_manager_sets_and_ends_the_quiet_hours_of_a_channel(chat: SimulatedDiscord) -> None:
    refused = await chat.manager.slash(chat.channel, "setup quiet", hours="22-7")
    assert "Nothing is posted to" in answer_text(refused)
    await chat.manager.slash(chat.channel, "setup summary")
    await chat.manager.slash(chat.channel, "setup quiet", hours="22-7", zone="Europe/Berlin")
    shown = answer_text(await chat.manager.slash(chat.channel, "setup show"))
    assert "Quiet hours 10:00 p.m. to 7:00 a.m. Central European Time, every day" in shown
    ended = await chat.manager.slash(chat.channel, "setup quiet", off=True)
    assert "Quiet hours ended" in answer_text(ended)
    again = await chat.manager.slash(chat.channel, "setup quiet", off=True)
    assert "has no quiet hours" in answer_text(again)


async def test_a_manager_sets_a_server_up_and_sees_it(chat: SimulatedDiscord) -> None:
    role = chat.guild.create_role("Traders", mentionable=True)
    await chat.manager.slash(chat.channel, "setup summary", time="17:30", zone="Europe/Berlin")
    await chat.manager.slash(chat.channel, "setup alerts", topic="all", channel=chat.channel, role=role)
    shown = answer_text(await chat.manager.slash(chat.channel, "setup show"))
    assert "Daily summary at 5:30 p.m. Central European Time" in shown
    assert f"Mentions <@&{role.id}>" in shown
    await chat.manager.slash(chat.channel, "setup alerts", topic="all", off=True)
    await chat.manager.slash(chat.channel, "setup summary", off=True)
    assert "Nothing is set up" in answer_text(await chat.manager.slash(chat.channel, "setup show"))


async def test_a_channel_that_the_bot_may_not_write_in_is_refused_with_what_is_missing(chat: SimulatedDiscord) -> None:
    me = chat.guild.me
    assert me is not None
    closed = chat.guild.create_text_channel("closed", overwrites={chat.guild.default_role: _denied()})
    result = await chat.manager.slash(chat.channel, "setup summary", channel=closed)
    assert f"I cannot post in <#{closed.id}>" in answer_text(result)


def _denied() -> Any:
    import discord

    return discord.PermissionOverwrite(send_messages=False)


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("signals", {}),
        ("signals", {"family": "rates"}),
        ("signal", {"id": sample_readings.SILVER}),
        ("summary", {}),
        ("status", {}),
        ("sources", {}),
        ("breadth", {}),
        ("yields", {}),
        ("rotation", {}),
        ("sectors", {}),
        ("megacaps", {}),
        ("havens", {}),
    ],
)
async def test_before_there_are_data_commands_say_what_is_loading(
    empty_chat: SimulatedDiscord, command: str, options: dict[str, str]
) -> None:
    empty_chat.core.ingest.progress = (BackfillProgress("members", 120, 606),)
    assert "120 of 606 members" in answer_text(await empty_chat.person.slash(empty_chat.channel, command, **options))


async def test_an_alert_can_be_set_before_there_are_data(empty_chat: SimulatedDiscord) -> None:
    assert await added(empty_chat, empty_chat.person) > 0


async def test_an_alert_is_confirmed_listed_edited_tested_and_removed(chat: SimulatedDiscord) -> None:
    number = await added(chat, chat.person)
    assert "Silver above $90" in answer_text(await chat.person.slash(chat.channel, "alert list"))
    edited = await chat.person.slash(chat.channel, "alert edit", alert=str(number), level="95", confirm=2)
    assert "Silver above $95" in answer_text(edited)
    assert "after 2 sessions in a row" in answer_text(edited)
    tested = await chat.person.slash(chat.channel, "alert test", alert=str(number))
    assert "Test sent" in answer_text(tested)
    message = chat.person.user.dm_channel.last_message
    assert message.content.startswith("Test: Silver is above $95") or message.content.startswith("Test: ")
    assert message.embeds[0].title == f"{chat.core.signals[sample_readings.SILVER].label}: $85.88"
    assert "Removed" in answer_text(await chat.person.slash(chat.channel, "alert remove", alert=str(number)))
    assert "You have no alerts yet" in answer_text(await chat.person.slash(chat.channel, "alert list"))


async def test_commands_work_in_a_dm(chat: SimulatedDiscord) -> None:
    person = chat.person.user
    assert "Silver" in answer_text(await person.slash("signal", id=sample_readings.SILVER))
    shown = await person.slash("alert add", **SILVER)
    pressed = await person.click(shown.response, label="Confirm")
    assert "You'll get a DM." in answer_text(pressed) or "You'll get a DM." in message_text(shown.response)
    assert "works only in a server" in answer_text(await person.slash("setup show"))


async def test_a_refused_dm_falls_back_to_a_mention_only_by_the_persons_word_and_the_servers(
    chat: SimulatedDiscord,
) -> None:
    chat.env.inject_error("POST", "/users/@me/channels", status=403)
    refused = answer_text(await chat.person.slash(chat.channel, "subscribe", topic="stress"))
    assert refused.strip() == (
        "Discord does not let me write to you. Allow direct messages from this server, or type /alert mention where I "
        "may mention you instead. Then try again."
    )
    assert await chat.core.store.read(destinations.find_dm, chat.person.id) is None
    assert "does not allow mentions" in answer_text(await chat.person.slash(chat.channel, "alert mention"))
    assert "Manage Server" in answer_text(await chat.person.slash(chat.channel, "setup mentions"))
    await chat.manager.slash(chat.channel, "setup mentions")
    asked = answer_text(await chat.person.slash(chat.channel, "alert mention"))
    assert f"I post your alerts in <#{chat.channel.id}> and mention you, without your notes." in asked
    chat.env.inject_error("POST", "/users/@me/channels", status=403)
    result = await chat.person.slash(chat.channel, "subscribe", topic="stress")
    assert f"I cannot open a DM with you, so I will mention you in <#{chat.channel.id}> instead." in answer_text(result)
    place = await chat.core.store.read(destinations.find_dm, chat.person.id)
    assert place is not None
    assert (place.channel_id, place.fallback_channel_id) == (None, chat.channel.id)


async def test_a_test_message_that_discord_refuses_is_explained(chat: SimulatedDiscord) -> None:
    number = await added(chat, chat.person)
    chat.env.inject_error("POST", "/channels/*/messages", status=403)
    result = await chat.person.slash(chat.channel, "alert test", alert=str(number))
    assert "Discord refused the test message" in answer_text(result)


async def test_a_parked_dm_is_told_at_the_next_command_once(chat: SimulatedDiscord) -> None:
    await chat.person.slash(chat.channel, "subscribe", topic="stress")
    place = await chat.core.store.read(destinations.find_dm, chat.person.id)
    assert place is not None
    await chat.core.store.run(destinations.park, place.id, "Your DMs are closed.", now=chat.core.now())
    first = answer_text(await chat.person.slash(chat.channel, "alert list"))
    assert "Nothing can be delivered to your DM any more: Your DMs are closed." in first
    assert "Nothing can be delivered" not in answer_text(await chat.person.slash(chat.channel, "alert list"))


@pytest.mark.parametrize(
    ("command", "option", "typed", "value"),
    [
        ("signal", "id", "real y", "rates.real_10y"),
        ("signals", "family", "mega", "megacap"),
        ("alert add", "signal", "silv", "havens.silver"),
        ("subscribe", "topic", "russell", "russell-streak"),
        ("unsubscribe", "topic", "al", "indexes-back-to-back"),
        ("setup summary", "zone", "lord", "Australia/Lord_Howe"),
        ("setup alerts", "topic", "stre", "stress"),
    ],
)
async def test_autocomplete_finds(chat: SimulatedDiscord, command: str, option: str, typed: str, value: str) -> None:
    found = await chat.manager.autocomplete(chat.channel, command, option, typed)
    assert value in [choice["value"] for choice in found]
    assert len(found) <= 25


async def test_autocomplete_offers_ones_own_alerts_only(chat: SimulatedDiscord) -> None:
    number = await added(chat, chat.person)
    mine = await chat.person.autocomplete(chat.channel, "alert remove", "alert", "silv")
    assert [choice["value"] for choice in mine] == [str(number)]
    assert await chat.manager.autocomplete(chat.channel, "alert remove", "alert", "") == []


async def test_autocomplete_of_nonsense_offers_nothing(chat: SimulatedDiscord) -> None:
    assert await chat.person.autocomplete(chat.channel, "signal", "id", "🚀") == []


async def test_an_unexpected_failure_gives_the_person_an_id_that_is_in_the_log(
    chat: SimulatedDiscord, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat.core.readings, "reading", _broken)
    with caplog.at_level(logging.ERROR, "bot.discord_app"):
        result = await chat.person.slash(chat.channel, "signal", id=sample_readings.SILVER)
    found = re.fullmatch(
        r"Something went wrong on our side \(error ([0-9A-F]{4})\)\. It has been logged\.", answer_text(result)
    )
    assert found is not None
    assert found[1] in caplog.text
    assert "the wires are cut" in caplog.text
    assert len(chat.env.errors) == 1


def _broken(*_: object) -> None:
    raise RuntimeError("the wires are cut")


async def test_a_failure_after_deferring_still_reaches_the_person(
    chat: SimulatedDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alerts, "triggers_of", _broken)
    await added(chat, chat.person)
    result = await chat.person.slash(chat.channel, "alert list")
    assert "Something went wrong on our side" in answer_text(result)
    assert len(chat.env.errors) == 1


async def test_joining_and_leaving_a_server_is_remembered(chat: SimulatedDiscord) -> None:
    await chat.manager.slash(chat.channel, "setup summary")
    await chat.bot.on_guild_remove(chat.bot.get_guild(chat.guild.id))  # type: ignore[arg-type]
    place = await chat.core.store.read(destinations.find_channel, chat.channel.id)
    assert place is not None
    assert place.state == "paused"
    await chat.bot.on_guild_join(chat.bot.get_guild(chat.guild.id))  # type: ignore[arg-type]
    place = await chat.core.store.read(destinations.find_channel, chat.channel.id)
    assert place is not None
    assert place.state == "active"


async def test_commands_are_registered_again_only_when_they_have_changed(chat: SimulatedDiscord) -> None:
    def puts() -> int:
        return sum(1 for each in chat.env.http_requests if each.method == "PUT" and each.path.endswith("/commands"))

    before = puts()
    await chat.env.restart_bot()
    assert puts() == before
    await chat.core.store.run(key_value.put, "discord.commands", "other")
    await chat.env.restart_bot()
    assert puts() == before + 1


async def test_nobody_is_mentioned_by_an_answer(chat: SimulatedDiscord) -> None:
    await chat.manager.slash(
        chat.channel, "setup alerts", topic="stress", role=chat.guild.create_role("Traders", mentionable=True)
    )
    bodies = [
        each.json for each in chat.env.http_requests if isinstance(each.json, dict) and "allowed_mentions" in each.json
    ]
    assert all(body["allowed_mentions"] == {"parse": []} for body in bodies)


async def test_the_bot_asks_for_no_intent_but_guilds(chat: SimulatedDiscord) -> None:
    assert [name for name, on in chat.bot.intents if on] == ["guilds"]


async def test_subscribing_is_stored(chat: SimulatedDiscord) -> None:
    await chat.person.slash(chat.channel, "subscribe", topic="all")
    place = await chat.core.store.read(destinations.find_dm, chat.person.id)
    assert place is not None
    assert len(await chat.core.store.read(subscriptions.of_destination, place.id)) == sum(
        len(topic.specs) for topic in TOPICS
    )
    await chat.person.slash(chat.channel, "unsubscribe", topic="all")
    assert await chat.core.store.read(subscriptions.of_destination, place.id) == []


async def test_the_preview_has_its_three_buttons_and_a_fourth_where_it_would_never_fire(chat: SimulatedDiscord) -> None:
    shown = await chat.person.slash(chat.channel, "alert add", **SILVER | {"condition": "above 80"})
    assert button_labels(shown.response) == ["Confirm", "Change level", "Study", "More", "Cancel"]
    never = await chat.person.slash(chat.channel, "alert add", **SILVER)
    assert button_labels(never.response) == ["Confirm", "Use $85", "Change level", "Study", "More", "Cancel"]


async def test_a_role_without_a_channel_is_refused(chat: SimulatedDiscord) -> None:
    role = chat.guild.create_role("Traders", mentionable=True)
    result = await chat.manager.slash(chat.channel, "alert add", **SILVER, role=role)
    assert "A role is mentioned in a channel." in answer_text(result)


async def test_a_manager_sets_an_alert_for_a_channel(chat: SimulatedDiscord) -> None:
    role = chat.guild.create_role("Traders", mentionable=True)
    shown = await chat.manager.slash(chat.channel, "alert add", **SILVER, channel=chat.channel, role=role)
    assert f"in <#{chat.channel.id}>" in answer_text(shown)
    await chat.manager.click(shown.response, label="Confirm")
    assert f"Posts to <#{chat.channel.id}>, mentioning <@&{role.id}>." in message_text(shown.response)
    assert await chat.core.store.read(alerts.count_in_guild, chat.guild.id) == 1
