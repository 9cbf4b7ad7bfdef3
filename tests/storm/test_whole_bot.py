"""kill -9 of the whole program, as its users run it, at random moments: at the wire, every message is there once."""

from __future__ import annotations

import asyncio
import os
import random
import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot import outbox
from bot.database import destinations, guilds
from bot.database.connection import connect, transaction
from bot.domain.model import ItemKind, OutboxItem
from tests.discord_server.faults import DropAfter, DropBefore, Fault, Hang
from tests.discord_server.server import DiscordServer
from tests.discord_server.world import CHANNEL_ID, GUILD_ID
from tests.e2e.test_run import Bot, until

pytestmark = [pytest.mark.thorough, pytest.mark.slow]

KILLS = int(os.environ.get("STORM_BOTS", "5"))
KILLS_A_STORM = 5
CHANNELS = 3
WITHIN_SECONDS = 120
"""For a start and a delivery, on a machine that is busy with other tests."""

FAULTS: tuple[Fault, ...] = (DropBefore(), DropAfter(), Hang())


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Bot]:
    async with DiscordServer() as discord:
        discord.world.add_guild()
        for index in range(CHANNELS):
            discord.world.add_channel(CHANNEL_ID + index)
        config = f'[discord]\napi_base = "{discord.api_base}"\n[sources]\nsimulated = true\nbackfill_years = 2\n'
        (tmp_path / "config.toml").write_text(config)
        yield Bot(tmp_path, discord)


def promise(home: Path, names: list[str], chance: random.Random) -> None:
    """News of ended alerts, by names that stand in their words."""
    now = datetime.now(UTC)
    db = connect(home / "bot.db")
    with transaction(db):
        guilds.joined(db, GUILD_ID, "Somewhere", now=now)
        for name in names:
            channel = CHANNEL_ID + chance.randrange(CHANNELS)
            there = destinations.channel_destination(db, channel, GUILD_ID, now=now)
            item = OutboxItem(0, f"ended:{name}", ItemKind.NOTICE, there.id, date(2026, 1, 13), now, signal=name)
            assert outbox.put(db, item)
    db.close()


def names_read(discord: DiscordServer) -> list[str]:
    channels = discord.world.channels.values()
    return sorted(
        name
        for channel in channels
        for message in channel.messages.values()
        for name in re.findall(r"storm\d+", message["content"])
    )


async def a_moment(bot: Bot, chance: random.Random) -> None:
    """Some moment of a program that has just been started: while it starts, once it is online, while it sends."""
    identified, asked = bot.discord.gateway.identified, len(bot.discord.asked("POST", "/messages"))
    if chance.random() < 0.3:
        await asyncio.sleep(chance.uniform(0.5, 3))
    elif chance.random() < 0.5:
        await until(lambda: bot.discord.gateway.identified > identified, WITHIN_SECONDS)
        await asyncio.sleep(chance.uniform(0, 0.5))
    else:
        await until(lambda: len(bot.discord.asked("POST", "/messages")) > asked, WITHIN_SECONDS)
        await asyncio.sleep(chance.uniform(0, 0.05))


@pytest.mark.parametrize("seed", range(-(-KILLS // KILLS_A_STORM)))
async def test_every_message_is_read_once_however_often_the_program_is_killed(bot: Bot, seed: int) -> None:
    chance, promised = random.Random(seed), list[str]()
    for _ in range(KILLS_A_STORM):
        names = [f"storm{len(promised) + index}" for index in range(chance.randint(1, 4))]
        promise(bot.home, names, chance)
        promised += names
        bot.discord.faults.waiting = []
        bot.discord.faults.add("POST", "/channels/*/messages", chance.choice(FAULTS))
        process = await bot.start()
        try:
            await a_moment(bot, chance)
        finally:
            process.kill()
            await process.communicate()
        assert process.returncode == -9
    bot.discord.faults.waiting = []
    async with bot.running():
        await until(lambda: set(names_read(bot.discord)) == set(promised), WITHIN_SECONDS)
    assert names_read(bot.discord) == sorted(promised)
