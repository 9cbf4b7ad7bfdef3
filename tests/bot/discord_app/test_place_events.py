"""Events of Discord after which a place that refused is tried at once, and those that leave it alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot import outbox
from bot.database.codec import rows
from bot.database.places import destinations, guilds
from bot.domain.model import ItemKind, OutboxItem
from tests.discord_server.world import ALL_PERMISSIONS, BOT_ID, CHANNEL_ID, GUILD_ID, ROLE_ID
from tests.support import OnlineBot, core_without_readings, online_bot, sample_readings

pytestmark = pytest.mark.slow

SEND, MANAGE_THREADS = 1 << 11, 1 << 34
PATH = f"/channels/{CHANNEL_ID}/messages"
THREAD: dict[str, Any] = {
    "id": "840000000000000001",
    "guild_id": str(GUILD_ID),
    "parent_id": str(CHANNEL_ID),
    "owner_id": str(BOT_ID),
    "type": 11,
    "name": "alerts",
    "message_count": 0,
    "member_count": 1,
    "thread_metadata": {
        "archived": False,
        "auto_archive_duration": 60,
        "archive_timestamp": "2026-01-13T21:00:00+00:00",
        "locked": False,
    },
}


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[OnlineBot]:
    """Online, with a message for a channel that has just refused it; at the end it is offline again."""
    async with core_without_readings(tmp_path) as core, online_bot(core) as made:
        made.discord.world.channel(CHANNEL_ID).refuses = (403, 50013, "Missing Permissions")
        now = sample_readings.NOW
        await core.store.run(guilds.joined, GUILD_ID, "Somewhere", now=now)
        there = await core.store.run(destinations.channel_destination, CHANNEL_ID, GUILD_ID, now=now)
        item = OutboxItem(0, "a", ItemKind.ALERT, there.id, sample_readings.SESSION, now, signal="x")
        await core.store.run(outbox.put, item)
        task = made.begin()
        await made.until(lambda: made.discord.asked("POST", PATH))
        await waited_for(made, "SELECT 1 FROM destination WHERE next_try IS NOT NULL")
        yield made
        await made.end(task)


async def waited_for(bot: OnlineBot, sql: str, *parameters: object) -> None:
    """Look into the database again and again until it holds a row."""
    async with asyncio.timeout(10):
        while not await bot.core.store.read(rows, sql, parameters):
            await asyncio.sleep(0.01)


def channel_with(bot: OnlineBot, denied: int) -> dict[str, Any]:
    overwrite = {"id": str(GUILD_ID), "type": 0, "allow": "0", "deny": str(denied)}
    return {
        **bot.discord.world.channel_json(bot.discord.world.channel(CHANNEL_ID)),
        "permission_overwrites": [overwrite],
    }


def role(permissions: str) -> dict[str, Any]:
    """The role that everybody has."""
    names = {"id": str(GUILD_ID), "name": "@everyone", "permissions": permissions, "position": 0}
    return {**names, "color": 0, "hoist": False, "managed": False, "mentionable": False, "flags": 0}


def member(until: str | None) -> dict[str, Any]:
    """The bot itself, timed out or not."""
    user = {"id": str(BOT_ID), "username": "rotation-bot", "discriminator": "0", "avatar": None, "bot": True}
    return {
        "guild_id": str(GUILD_ID),
        "user": user,
        "roles": [str(ROLE_ID)],
        "nick": None,
        "flags": 0,
        "joined_at": "2024-01-02T00:00:00+00:00",
        "communication_disabled_until": until,
    }


async def test_a_permission_that_is_given_back_lets_the_message_come(bot: OnlineBot) -> None:
    await bot.discord.gateway.dispatch("CHANNEL_UPDATE", channel_with(bot, SEND))
    bot.discord.world.channel(CHANNEL_ID).refuses = None
    await bot.discord.gateway.dispatch("CHANNEL_UPDATE", channel_with(bot, 0))
    await bot.until(lambda: bot.discord.world.posted(CHANNEL_ID))
    assert len(bot.discord.asked("POST", PATH)) == 2


async def test_a_role_that_may_write_again_does(bot: OnlineBot) -> None:
    bot.discord.world.channel(CHANNEL_ID).refuses = None
    for permissions in ("0", ALL_PERMISSIONS):
        event = {"guild_id": str(GUILD_ID), "role": role(permissions)}
        await bot.discord.gateway.dispatch("GUILD_ROLE_UPDATE", event)
    await bot.until(lambda: bot.discord.world.posted(CHANNEL_ID))
    assert len(bot.discord.asked("POST", PATH)) == 2


async def test_a_time_out_that_a_moderator_ends_does(bot: OnlineBot) -> None:
    bot.discord.world.channel(CHANNEL_ID).refuses = None
    for until in ("2999-01-01T00:00:00+00:00", None):
        await bot.discord.gateway.dispatch("GUILD_MEMBER_UPDATE", member(until))
    await bot.until(lambda: bot.discord.world.posted(CHANNEL_ID))
    assert len(bot.discord.asked("POST", PATH)) == 2


@pytest.mark.parametrize("event", ["THREAD_UPDATE", "THREAD_CREATE"])
async def test_an_event_of_a_thread_does(bot: OnlineBot, event: str) -> None:
    bot.discord.world.channel(CHANNEL_ID).refuses = None
    await bot.discord.gateway.dispatch(event, THREAD)
    await bot.until(lambda: bot.discord.world.posted(CHANNEL_ID))


async def test_a_thread_that_is_unlocked_is_tried_and_one_that_is_still_locked_is_not(bot: OnlineBot) -> None:
    thread_id, now, store = int(str(THREAD["id"])), sample_readings.NOW, bot.core.store
    await bot.discord.gateway.dispatch("THREAD_CREATE", THREAD)
    await bot.discord.gateway.dispatch("CHANNEL_UPDATE", channel_with(bot, MANAGE_THREADS))
    bot.discord.world.add_channel(thread_id).refuses = (403, 160005, "The thread is locked")
    there = await store.run(destinations.channel_destination, thread_id, GUILD_ID, now=now)
    item = OutboxItem(0, "b", ItemKind.ALERT, there.id, sample_readings.SESSION, now, signal="x")
    await store.run(outbox.put, item)
    bot.online.wake()
    waits = "SELECT 1 FROM destination WHERE next_try IS NOT NULL AND channel_id = ?"
    await waited_for(bot, waits, thread_id)
    for locked in (True, False):
        bot.discord.world.channel(thread_id).refuses = None
        metadata = {**THREAD["thread_metadata"], "locked": locked}
        await bot.discord.gateway.dispatch("THREAD_UPDATE", {**THREAD, "thread_metadata": metadata})
    await bot.until(lambda: bot.discord.world.posted(thread_id))
    assert len(bot.discord.asked("POST", f"/channels/{thread_id}/messages")) == 2


async def test_a_server_that_throws_the_bot_out_and_invites_it_again_gets_what_waited(bot: OnlineBot) -> None:
    await bot.discord.gateway.dispatch("GUILD_DELETE", {"id": str(GUILD_ID)})
    await waited_for(bot, "SELECT 1 FROM destination WHERE state = 'paused'")
    bot.discord.world.channel(CHANNEL_ID).refuses = None
    await bot.discord.gateway.dispatch("GUILD_CREATE", bot.discord.world.guild_json(GUILD_ID))
    await bot.until(lambda: bot.discord.world.posted(CHANNEL_ID))
    await waited_for(bot, "SELECT 1 FROM destination WHERE state = 'active' AND refused_since IS NULL")
