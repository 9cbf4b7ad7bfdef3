"""Every command on the real bot: happy path, bad input, missing permission, nothing known yet, refused DM."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest

from bot.alerts.topics import TOPICS
from bot.database import alerts, destinations, key_value, subscriptions
from bot.formatting import formats
from bot.ingest.status import BackfillProgress
from tests.bot.commands import world
from tests.bot.discord_app.conftest import Desk, labels, said, text_of

N = formats.THIN
SILVER = {"signal": world.SILVER, "condition": "above", "level": "90"}


async def added(desk: Desk, person: Any, **options: str) -> int:
    """Set an alert and confirm it; its number."""
    shown = await person.slash(desk.channel, "alert add", **{**SILVER, **options})
    pressed = await person.click(shown.response, label="Confirm")
    found = re.search(r"Alert (\d+) is set", text_of(pressed.response or shown.response))
    assert found is not None, said(pressed)
    return int(found[1])


async def test_every_command_is_registered_with_discord(desk: Desk) -> None:
    assert set(desk.ann.available_commands(desk.channel)) == {
        "signals", "signal", "scenario", "summary", "topics", "subscribe", "unsubscribe", "status", "sources", "help",
        "breadth", "yields", "flows", "rotation", "sectors", "megacaps", "earnings", "havens", "chart", "compare", "study",
        "alert add", "alert list", "alert edit", "alert test", "alert remove",
        "setup summary", "setup alerts", "setup show", "privacy export", "privacy delete",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("command", "options", "shown"),
    [
        ("signals", {}, "the most unusual of each family"),
        ("signals", {"family": "breadth"}, "BREADTH"),
        ("signal", {"id": world.STREAK}, "## 8 sessions"),
        ("summary", {}, "Equal weight beat the index"),
        ("scenario", {}, "Recovery of big tech: **"),
        ("status", {}, "Stored figures: nothing is fetched"),
        ("sources", {}, "Stored figures: nothing is fetched"),
        ("breadth", {}, "of members above their 50-day average"),
        ("yields", {}, "Real yields"),
        ("flows", {}, "Money enters tech funds"),
        ("rotation", {}, "Rotation away from it: **"),
        ("sectors", {}, "RETURNS, %"),
        ("megacaps", {}, "of 7 ahead of the S&P 500 this year"),
        ("earnings", {}, "Estimates for tech rise"),
        ("havens", {}, "85.88 USD"),
    ],
)
async def test_what_concerns_everybody_is_public(desk: Desk, command: str, options: dict[str, str], shown: str) -> None:
    result = await desk.ann.slash(desk.channel, command, **options)
    assert shown in said(result)
    assert not result.ephemeral


@pytest.mark.parametrize(
    ("command", "options", "shown"),
    [
        ("help", {}, "/alert add"),
        ("topics", {}, "Russell streak"),
        ("subscribe", {"topic": "russell-streak"}, "You will hear by DM."),
        ("alert add", SILVER, "Silver above 90 USD"),
        ("alert list", {}, "You have no alerts yet"),
        ("privacy export", {}, "0 rows"),
        ("privacy delete", {}, "Delete everything about you?"),
    ],
)
async def test_what_concerns_one_person_is_private(
    desk: Desk, command: str, options: dict[str, str], shown: str
) -> None:
    result = await desk.ann.slash(desk.channel, command, **options)
    assert shown in said(result)
    assert result.ephemeral


@pytest.mark.parametrize(
    ("command", "options", "sentence"),
    [
        ("signal", {"id": "real yeild"}, 'No signal "real yeild". Did you mean rates.real_10y (10-year real yield)?'),
        ("signal", {"id": "🚀🚀🚀"}, 'No signal "🚀🚀🚀".'),
        ("signals", {"family": "breath"}, 'No family "breath". Did you mean breadth?'),
        ("alert add", {**SILVER, "level": "9o"}, 'Level "9o" is not a number. Try 90 or 90.5.'),
        ("alert add", {**SILVER, "level": "🚀"}, 'Level "🚀" is not a number.'),
        ("alert add", {**SILVER, "condition": "outside"}, "needs two levels"),
        ("alert edit", {"alert": "🚀", "level": "3"}, "is not the number of an alert. /alert list shows yours."),
        ("alert edit", {"alert": "4000"}, "That alert does not exist any more."),
        ("alert test", {"alert": "4000"}, "That alert does not exist any more."),
        ("alert remove", {"alert": "x"}, "is not the number of an alert."),
        ("subscribe", {"topic": "rusell"}, "Did you mean russell-streak"),
        ("unsubscribe", {"topic": "stress"}, "You are not subscribed to Stress in options."),
    ],
)
async def test_bad_input_is_answered_privately_with_what_would_be_right(
    desk: Desk, command: str, options: dict[str, str], sentence: str
) -> None:
    result = await desk.ann.slash(desk.channel, command, **options)
    assert sentence in said(result)
    assert result.ephemeral or result.followups[0].ephemeral


async def test_what_was_typed_has_no_power_as_markup_or_mention(desk: Desk) -> None:
    result = await desk.ann.slash(desk.channel, "signal", id="@everyone **x** <@1> `y` https://x.example")
    assert "@everyone" not in said(result)
    assert "**x**" not in said(result)
    assert "<@1>" not in said(result)
    assert "://" not in said(result)


async def test_out_of_range_values_of_a_tampered_client_are_refused_in_the_core(desk: Desk) -> None:
    command = desk.bot.tree.get_command("alert")
    assert command is not None
    leaf = command.get_command("add")  # type: ignore[union-attr]
    for option in leaf._params.values():
        option.max_value = option.min_value = None
    await desk.bot.tree.sync()
    shown = await desk.ann.slash(desk.channel, "alert add", **SILVER, confirm=400)
    assert said(shown) == "Confirmation over 400 sessions is not possible. Try 1 to 20."
    shown = await desk.ann.slash(desk.channel, "alert add", **SILVER, cooldown=5000)
    assert said(shown) == "A pause of 5000 days is not possible. Try 0 to 365."


@pytest.mark.parametrize(
    ("command", "options"),
    [("setup summary", {}), ("setup alerts", {"topic": "all"}), ("setup show", {}), ("setup summary", {"off": True})],
)
async def test_setting_up_without_the_permission_is_a_sentence(
    desk: Desk, command: str, options: dict[str, Any]
) -> None:
    result = await desk.ann.slash(desk.channel, command, **options)
    assert "That needs the permission Manage Server." in said(result)


async def test_a_channel_alert_without_the_permission_is_a_sentence(desk: Desk) -> None:
    result = await desk.ann.slash(desk.channel, "alert add", **SILVER, channel=desk.channel)
    assert said(result) == "That needs the permission Manage Server."


async def test_a_manager_sets_a_server_up_and_sees_it(desk: Desk) -> None:
    role = desk.guild.create_role("Traders")
    await desk.boss.slash(desk.channel, "setup summary", time="17:30", zone="Europe/Berlin")
    await desk.boss.slash(desk.channel, "setup alerts", topic="all", channel=desk.channel, role=role)
    shown = said(await desk.boss.slash(desk.channel, "setup show"))
    assert "Daily summary at 17:30 (Europe/Berlin)" in shown
    assert f"Mentions <@&{role.id}>" in shown
    await desk.boss.slash(desk.channel, "setup alerts", topic="all", off=True)
    await desk.boss.slash(desk.channel, "setup summary", off=True)
    assert "Nothing is set up" in said(await desk.boss.slash(desk.channel, "setup show"))


async def test_a_channel_that_the_bot_may_not_write_in_is_refused_with_what_is_missing(desk: Desk) -> None:
    me = desk.guild.me
    assert me is not None
    closed = desk.guild.create_text_channel("closed", overwrites={desk.guild.default_role: _denied()})
    result = await desk.boss.slash(desk.channel, "setup summary", channel=closed)
    assert f"I may not write in <#{closed.id}>" in said(result)


def _denied() -> Any:
    import discord

    return discord.PermissionOverwrite(send_messages=False)


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("signals", {}),
        ("signals", {"family": "rates"}),
        ("signal", {"id": world.SILVER}),
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
    empty_desk: Desk, command: str, options: dict[str, str]
) -> None:
    empty_desk.core.ingest.progress = (BackfillProgress("members", 120, 606),)
    assert "120 of 606 members" in said(await empty_desk.ann.slash(empty_desk.channel, command, **options))


async def test_an_alert_can_be_set_before_there_are_data(empty_desk: Desk) -> None:
    assert await added(empty_desk, empty_desk.ann) > 0


async def test_an_alert_is_confirmed_listed_edited_tested_and_removed(desk: Desk) -> None:
    number = await added(desk, desk.ann)
    assert "Silver above 90 USD" in said(await desk.ann.slash(desk.channel, "alert list"))
    edited = await desk.ann.slash(desk.channel, "alert edit", alert=str(number), level="95", confirm=2)
    assert "Silver above 95 USD" in said(edited)
    assert "after 2 sessions in a row" in said(edited)
    tested = await desk.ann.slash(desk.channel, "alert test", alert=str(number))
    assert "Test sent" in said(tested)
    message = desk.ann.user.dm_channel.last_message
    assert message.content.startswith("Test: Silver is above 95 USD") or message.content.startswith("Test: ")
    assert message.embeds[0].title == f"{desk.core.signals[world.SILVER].label}: 85.88 USD"
    assert "Removed" in said(await desk.ann.slash(desk.channel, "alert remove", alert=str(number)))
    assert "You have no alerts yet" in said(await desk.ann.slash(desk.channel, "alert list"))


async def test_commands_work_in_a_dm(desk: Desk) -> None:
    person = desk.ann.user
    assert "Silver" in said(await person.slash("signal", id=world.SILVER))
    shown = await person.slash("alert add", **SILVER)
    pressed = await person.click(shown.response, label="Confirm")
    assert "You will hear by DM." in said(pressed) or "You will hear by DM." in text_of(shown.response)
    assert "works in a server" in said(await person.slash("setup show"))


async def test_a_refused_dm_falls_back_to_a_mention_and_tells(desk: Desk) -> None:
    desk.env.inject_error("POST", "/users/@me/channels", status=403)
    result = await desk.ann.slash(desk.channel, "subscribe", topic="stress")
    assert f"I cannot open a DM with you, so I will mention you in <#{desk.channel.id}> instead." in said(result)
    place = await desk.core.store.read(destinations.find_dm, desk.ann.id)
    assert place is not None
    assert (place.channel_id, place.fallback_channel_id) == (None, desk.channel.id)


async def test_a_test_message_that_discord_refuses_is_explained(desk: Desk) -> None:
    number = await added(desk, desk.ann)
    desk.env.inject_error("POST", "/channels/*/messages", status=403)
    result = await desk.ann.slash(desk.channel, "alert test", alert=str(number))
    assert "Discord refused the test message" in said(result)


async def test_a_parked_dm_is_told_at_the_next_command_once(desk: Desk) -> None:
    await desk.ann.slash(desk.channel, "subscribe", topic="stress")
    place = await desk.core.store.read(destinations.find_dm, desk.ann.id)
    assert place is not None
    await desk.core.store.run(destinations.park, place.id, "Your DMs are closed.", now=desk.core.now())
    first = said(await desk.ann.slash(desk.channel, "alert list"))
    assert "Nothing can be delivered to your DM any more: Your DMs are closed." in first
    assert "Nothing can be delivered" not in said(await desk.ann.slash(desk.channel, "alert list"))


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
async def test_autocomplete_finds(desk: Desk, command: str, option: str, typed: str, value: str) -> None:
    found = await desk.boss.autocomplete(desk.channel, command, option, typed)
    assert value in [choice["value"] for choice in found]
    assert len(found) <= 25


async def test_autocomplete_offers_ones_own_alerts_only(desk: Desk) -> None:
    number = await added(desk, desk.ann)
    mine = await desk.ann.autocomplete(desk.channel, "alert remove", "alert", "silv")
    assert [choice["value"] for choice in mine] == [str(number)]
    assert await desk.boss.autocomplete(desk.channel, "alert remove", "alert", "") == []


async def test_autocomplete_of_nonsense_offers_nothing(desk: Desk) -> None:
    assert await desk.ann.autocomplete(desk.channel, "signal", "id", "🚀") == []


async def test_an_unexpected_failure_gives_the_person_an_id_that_is_in_the_log(
    desk: Desk, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk.core.readings, "reading", _broken)
    with caplog.at_level(logging.ERROR, "bot.discord_app"):
        result = await desk.ann.slash(desk.channel, "signal", id=world.SILVER)
    found = re.fullmatch(r"That went wrong on our side \(error ([0-9A-F]{4})\)\. It has been logged\.", said(result))
    assert found is not None
    assert found[1] in caplog.text
    assert "the wires are cut" in caplog.text
    assert len(desk.env.errors) == 1


def _broken(*_: object) -> None:
    raise RuntimeError("the wires are cut")


async def test_a_failure_after_deferring_still_reaches_the_person(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts, "triggers_of", _broken)
    await added(desk, desk.ann)
    result = await desk.ann.slash(desk.channel, "alert list")
    assert "That went wrong on our side" in said(result)
    assert len(desk.env.errors) == 1


async def test_joining_and_leaving_a_server_is_remembered(desk: Desk) -> None:
    await desk.boss.slash(desk.channel, "setup summary")
    await desk.bot.on_guild_remove(desk.bot.get_guild(desk.guild.id))  # type: ignore[arg-type]
    place = await desk.core.store.read(destinations.find_channel, desk.channel.id)
    assert place is not None
    assert place.state == "paused"
    await desk.bot.on_guild_join(desk.bot.get_guild(desk.guild.id))  # type: ignore[arg-type]
    place = await desk.core.store.read(destinations.find_channel, desk.channel.id)
    assert place is not None
    assert place.state == "active"


async def test_commands_are_registered_again_only_when_they_have_changed(desk: Desk) -> None:
    def puts() -> int:
        return sum(1 for each in desk.env.http_requests if each.method == "PUT" and each.path.endswith("/commands"))

    before = puts()
    await desk.env.restart_bot()
    assert puts() == before
    await desk.core.store.run(key_value.put, "discord.commands", "other")
    await desk.env.restart_bot()
    assert puts() == before + 1


async def test_nobody_is_mentioned_by_an_answer(desk: Desk) -> None:
    await desk.boss.slash(desk.channel, "setup alerts", topic="stress", role=desk.guild.create_role("Traders"))
    bodies = [
        each.json for each in desk.env.http_requests if isinstance(each.json, dict) and "allowed_mentions" in each.json
    ]
    assert all(body["allowed_mentions"] == {"parse": []} for body in bodies)


async def test_the_bot_asks_for_no_intent_but_guilds(desk: Desk) -> None:
    assert [name for name, on in desk.bot.intents if on] == ["guilds"]


async def test_subscribing_is_stored(desk: Desk) -> None:
    await desk.ann.slash(desk.channel, "subscribe", topic="all")
    place = await desk.core.store.read(destinations.find_dm, desk.ann.id)
    assert place is not None
    assert len(await desk.core.store.read(subscriptions.of_destination, place.id)) == sum(
        len(topic.specs) for topic in TOPICS
    )
    await desk.ann.slash(desk.channel, "unsubscribe", topic="all")
    assert await desk.core.store.read(subscriptions.of_destination, place.id) == []


async def test_the_preview_has_its_three_buttons_and_a_fourth_where_it_would_never_fire(desk: Desk) -> None:
    shown = await desk.ann.slash(desk.channel, "alert add", **SILVER | {"level": "80"})
    assert labels(shown.response) == ["Confirm", "Change level", "Study", "Cancel"]
    never = await desk.ann.slash(desk.channel, "alert add", **SILVER)
    assert labels(never.response) == ["Confirm", "Use 85 USD", "Change level", "Study", "Cancel"]


async def test_a_role_without_a_channel_is_refused(desk: Desk) -> None:
    role = desk.guild.create_role("Traders")
    result = await desk.boss.slash(desk.channel, "alert add", **SILVER, role=role)
    assert "A role is mentioned in a channel." in said(result)


async def test_a_manager_sets_an_alert_for_a_channel(desk: Desk) -> None:
    role = desk.guild.create_role("Traders")
    shown = await desk.boss.slash(desk.channel, "alert add", **SILVER, channel=desk.channel, role=role)
    assert f"in <#{desk.channel.id}>" in said(shown)
    await desk.boss.click(shown.response, label="Confirm")
    assert f"It will speak in <#{desk.channel.id}>, mentioning <@&{role.id}>." in text_of(shown.response)
    assert await desk.core.store.read(alerts.count_in_guild, desk.guild.id) == 1
