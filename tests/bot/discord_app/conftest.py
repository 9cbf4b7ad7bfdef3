"""The real bot over a hand-made world in a simulated Discord, with one server, one channel and two people."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import discord
import pytest
from simcord.env import Env

from bot.commands.context import Core
from bot.discord_app.client import RotationBot, build_bot
from tests.bot.commands import world


@dataclass
class Desk:
    """What a test acts on: `ann` is anybody, `boss` has the permission Manage Server."""

    env: Any
    bot: RotationBot
    core: Core
    guild: Any
    channel: Any
    ann: Any
    boss: Any


@contextlib.asynccontextmanager
async def _opened(core: Core) -> AsyncIterator[Desk]:
    # Not `simcord.run`: its context variable cannot be reset in the other context in which pytest-asyncio ends a fixture.
    env = Env(build_bot(core, shard_count=1), settle_timeout=20)
    await env.start()
    try:
        guild = env.create_guild(name="Desk")
        channel = guild.create_text_channel("market")
        managers = guild.create_role("Managers", permissions=discord.Permissions(manage_guild=True))
        ann = guild.add_member(env.create_user("ann"))
        boss = guild.add_member(env.create_user("boss"), roles=[managers])
        yield Desk(env, env.bot, core, guild, channel, ann, boss)
    finally:
        await env.shutdown()
    # What a test has not looked at must not have gone wrong.
    env._raise_errors_since(env._errors_acknowledged)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """A bot that knows five years of every signal."""
    core = await world.with_topics(world.make_core(tmp_path))
    async with _opened(core) as made:
        yield made
    await core.store.close()


@pytest.fixture
async def empty_desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """A bot in its first minute: nothing is known yet."""
    core = world.make_core(tmp_path, data=False)
    async with _opened(core) as made:
        yield made
    await core.store.close()


def text_of(message: Any) -> str:
    """Everything that a message shows, in one text."""
    parts = [message.content]
    for embed in message.embeds:
        parts += [embed.title or "", embed.description or "", embed.footer.text or ""]
        parts += [f"{field.name}\n{field.value}" for field in embed.fields]
    return "\n".join(parts)


def said(result: Any) -> str:
    """Everything that a person was answered, first answer and follow-ups."""
    return "\n".join(text_of(message) for message in (result.response, *result.followups) if message is not None)


def labels(message: Any) -> list[str]:
    """What stands on a message's buttons."""
    rows = message.components
    return [part["label"] for row in rows for part in row["components"] if part["type"] == 2]
