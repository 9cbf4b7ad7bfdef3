"""Where the bot says that it may write, and which roles it takes to mention."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import discord
import pytest

from bot.cli.setting_up.trials import PERMISSIONS
from bot.database.codec import rows
from tests.support import SimulatedDiscord, answer_text, core_with_readings, simulated_discord

WRITES = discord.Permissions(view_channel=True, send_messages=True, embed_links=True)


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[SimulatedDiscord]:
    async with core_with_readings(tmp_path) as core, simulated_discord(core) as discord_:
        yield discord_


async def deny(chat: SimulatedDiscord, channel_id: int, **denied: bool) -> None:
    """Take permissions away from everybody in a channel."""
    await chat.env.settle()
    channel = chat.bot.get_channel(channel_id)
    assert isinstance(channel, discord.abc.GuildChannel)
    await channel.set_permissions(channel.guild.default_role, **denied)
    await chat.env.settle()


@pytest.mark.parametrize("kind", ["voice", "stage"])
@pytest.mark.parametrize(("denied", "name"), [("connect", "Connect"), ("send_messages", "Send Messages")])
async def test_the_chat_of_a_voice_or_stage_channel_needs_connect_and_send_messages(
    chat: SimulatedDiscord, kind: str, denied: str, name: str
) -> None:
    lounge = getattr(chat.guild, f"create_{kind}_channel")("lounge")
    await deny(chat, lounge.id, **{denied: False})
    shown = await chat.manager.slash(lounge, "setup summary", time="17:00", zone="UTC")
    assert answer_text(shown) == f"I cannot post in <#{lounge.id}>. Give me {name} there."


async def test_a_voice_channel_that_is_open_takes_summaries(chat: SimulatedDiscord) -> None:
    lounge = chat.guild.create_voice_channel("lounge")
    shown = await chat.manager.slash(chat.channel, "setup summary", time="17:00", zone="UTC", channel=lounge)
    assert "Daily summary is set" in answer_text(shown)


async def thread_of(chat: SimulatedDiscord) -> Any:
    channel = chat.bot.get_channel(chat.channel.id)
    assert isinstance(channel, discord.TextChannel)
    await channel.create_thread(name="alerts", type=discord.ChannelType.public_thread)
    await chat.env.settle()
    (thread,) = chat.channel.threads
    return thread


async def test_a_thread_under_a_channel_to_read_only_is_written_in_by_its_own_permission(
    chat: SimulatedDiscord,
) -> None:
    thread = await thread_of(chat)
    await deny(chat, chat.channel.id, send_messages=False, send_messages_in_threads=True)
    shown = await chat.manager.slash(thread, "setup summary", time="17:00", zone="UTC")
    assert "Daily summary is set" in answer_text(shown)


async def test_a_thread_needs_send_messages_in_threads(chat: SimulatedDiscord) -> None:
    thread = await thread_of(chat)
    await deny(chat, chat.channel.id, send_messages=True, send_messages_in_threads=False)
    shown = await chat.manager.slash(thread, "setup summary", time="17:00", zone="UTC")
    assert answer_text(shown) == f"I cannot post in <#{thread.id}>. Give me Send Messages in Threads there."


def test_the_invite_link_asks_for_what_a_send_needs_anywhere() -> None:
    invited = discord.Permissions(PERMISSIONS)
    assert invited.send_messages_in_threads
    assert invited.create_public_threads
    assert invited >= WRITES


async def test_a_role_that_the_person_may_not_mention_is_refused(chat: SimulatedDiscord) -> None:
    role = chat.guild.create_role("Traders")
    shown = await chat.manager.slash(chat.channel, "setup alerts", topic="stress", role=role)
    assert answer_text(shown).startswith(f"You cannot mention <@&{role.id}> yourself, so I will not either.")
    assert await chat.core.store.read(rows, "SELECT * FROM subscription") == []


async def test_a_role_that_the_bot_may_not_mention_is_refused(chat: SimulatedDiscord) -> None:
    role = chat.guild.create_role("Traders")
    may = chat.guild.create_role("Callers", permissions=discord.Permissions(manage_guild=True, mention_everyone=True))
    caller = chat.guild.add_member(chat.env.create_user("caller"), roles=[may])
    channel = chat.bot.get_channel(chat.channel.id)
    assert isinstance(channel, discord.TextChannel)
    await channel.set_permissions(channel.guild.me, mention_everyone=False)
    await chat.env.settle()
    shown = await caller.slash(chat.channel, "setup alerts", topic="stress", role=role)
    assert answer_text(shown).startswith(f"I cannot mention <@&{role.id}>.")


@pytest.mark.parametrize("command", ["setup alerts", "alert add"])
async def test_a_role_that_everybody_may_mention_is_taken(chat: SimulatedDiscord, command: str) -> None:
    role = chat.guild.create_role("Traders", mentionable=True)
    options = (
        {"topic": "stress"}
        if command == "setup alerts"
        else {"signal": "havens.silver", "condition": "above 90", "channel": chat.channel}
    )
    shown = await chat.manager.slash(chat.channel, command, role=role, **options)
    assert "mention <@&" not in answer_text(shown)


async def test_a_button_of_an_alert_does_not_mention_what_became_unmentionable(chat: SimulatedDiscord) -> None:
    role = chat.guild.create_role("Traders", mentionable=True)
    shown = await chat.manager.slash(
        chat.channel,
        "alert add",
        signal="havens.silver",
        condition="above 80",
        channel=chat.channel,
        role=role,
    )
    guild = chat.bot.get_guild(chat.guild.id)
    assert guild is not None
    known = guild.get_role(role.id)
    assert known is not None
    await known.edit(mentionable=False)
    await chat.env.settle()
    pressed = await chat.manager.click(shown.response, label="Confirm")
    assert "You cannot mention" in answer_text(pressed)
