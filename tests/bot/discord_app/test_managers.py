"""A role that may set a server up, on the real bot in a simulated Discord."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import discord
import pytest

from bot.commands.context import Caller
from bot.commands.server import managers
from bot.database.places import guilds
from bot.errors import UserError
from tests.support import SimulatedDiscord, answer_text, button_labels, message_text, sample_readings


async def answer(chat: SimulatedDiscord, person: Any, command: str, **options: Any) -> str:
    return answer_text(await person.slash(chat.channel, command, **options))


async def test_members_of_the_role_may_set_up_and_nobody_else(chat: SimulatedDiscord) -> None:
    desk = chat.guild.create_role("Desk")
    dealer = chat.guild.add_member(chat.env.create_user("dealer"), roles=[desk])
    assert "Manage Server" in await answer(chat, dealer, "setup summary")
    assert f"Members of <@&{desk.id}> may use /setup" in await answer(chat, chat.manager, "setup managers", role=desk)
    assert "Daily summary is set" in await answer(chat, dealer, "setup summary")
    assert f"members of <@&{desk.id}>" in await answer(chat, dealer, "setup show")
    assert "Manage Server" in await answer(chat, chat.person, "setup summary")
    assert "Only Manage Server counts again" in await answer(chat, chat.manager, "setup managers", off=True)
    assert "You need the Manage Server permission" in await answer(chat, dealer, "setup summary")


async def test_the_role_cannot_pass_on_what_it_was_given(chat: SimulatedDiscord) -> None:
    desk, friends = chat.guild.create_role("Desk"), chat.guild.create_role("Friends")
    dealer = chat.guild.add_member(chat.env.create_user("dealer"), roles=[desk])
    await answer(chat, chat.manager, "setup managers", role=desk)
    assert "role is not enough" in await answer(chat, dealer, "setup managers", role=friends)
    assert "role is not enough" in await answer(chat, dealer, "setup managers", off=True)
    assert chat.core.managers.of(chat.guild.id) == desk.id


async def test_the_role_outlives_a_restart(chat: SimulatedDiscord) -> None:
    desk = chat.guild.create_role("Desk")
    await answer(chat, chat.manager, "setup managers", role=desk)
    chat.core.managers.put(chat.guild.id, None)
    await chat.bot.reconcile_guilds()
    assert chat.core.managers.of(chat.guild.id) == desk.id


async def test_a_server_that_was_deleted_after_the_bot_left_has_no_role_any_more(chat: SimulatedDiscord) -> None:
    desk = chat.guild.create_role("Desk")
    await answer(chat, chat.manager, "setup managers", role=desk)
    await chat.core.store.run(guilds.left, chat.guild.id, now=chat.core.now() - timedelta(days=31))
    await chat.core.store.run(guilds.delete_expired, now=chat.core.now())
    guild = chat.bot.get_guild(chat.guild.id)
    assert guild is not None
    await chat.bot.on_guild_join(guild)
    assert chat.core.managers.of(chat.guild.id) is None


async def test_everyone_and_nothing_are_no_roles_of_managers(chat: SimulatedDiscord) -> None:
    boss = Caller(user_id=12, guild_id=1, channel_id=100, may_manage=True)
    with pytest.raises(UserError, match="@everyone cannot be"):
        await managers.set_role(chat.core, boss, 1)
    with pytest.raises(UserError, match="No role has been chosen"):
        await managers.end(chat.core, boss)


async def test_without_a_role_or_off_the_command_says_what_to_choose(chat: SimulatedDiscord) -> None:
    assert "Choose a role" in await answer(chat, chat.manager, "setup managers")


async def test_managers_reach_the_alerts_of_their_channels_whoever_has_set_them(chat: SimulatedDiscord) -> None:
    """Also before they fire, of a member who has left, and more of them than a menu holds."""
    role = chat.guild.create_role("More", permissions=discord.Permissions(manage_guild=True))
    leaving = chat.guild.add_member(chat.env.create_user("carl"), roles=[role])
    for number in range(26):
        typed = {"signal": sample_readings.SILVER, "condition": f"above {90 + number}", "channel": chat.channel}
        shown = await leaving.slash(chat.channel, "alert add", **typed)
        await leaving.click(shown.response, label="Confirm")
    chat.guild.remove_member(leaving)
    listed = await chat.manager.slash(chat.channel, "setup show")
    assert "26 alerts" in answer_text(listed)
    await chat.manager.click(listed.response, label="Next")
    [option] = listed.response.components[0]["components"][0]["options"]
    assert option["label"] == "Silver above $115"
    card = await chat.manager.select(listed.response, [option["value"]])
    shown = card.response or card.followups[0]
    assert "Silver above $115" in message_text(shown)
    assert "Removed: Silver above $115" in answer_text(await chat.manager.click(shown, label="Remove"))
    again = await chat.manager.slash(chat.channel, "setup show")
    assert "25 alerts" in answer_text(again)
    assert button_labels(again.response) == []
