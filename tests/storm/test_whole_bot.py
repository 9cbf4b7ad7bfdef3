"""kill -9 of the whole program, as its users run it, at random moments: at the wire, every message is there once.

A channel has a live board, of which there is never more than one.
"""

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
from bot.database.connection import connect, transaction
from bot.database.places import boards, destinations, guilds
from bot.domain.model import ItemKind, OutboxItem
from bot.domain.occasion import Occasion, OccasionKind
from tests.discord_server.faults import DropAfter, DropBefore, Fault, Hang
from tests.discord_server.server import DiscordServer
from tests.discord_server.world import CHANNEL_ID, GUILD_ID, IS_COMPONENTS_V2, PERSON_ID
from tests.e2e.test_run import Bot, until

pytestmark = [pytest.mark.thorough, pytest.mark.slow]

KILLS = int(os.environ.get("STORM_BOTS", "5"))
KILLS_A_STORM = 5
CHANNELS = 3
DAY = date(2026, 1, 13)
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
    """News of ended alerts and lines of releases, by names that stand in their words."""
    now = datetime.now(UTC)
    db = connect(home / "bot.db")
    with transaction(db):
        guilds.joined(db, GUILD_ID, "Somewhere", now=now)
        for name in names:
            channel = CHANNEL_ID + chance.randrange(CHANNELS)
            there = destinations.channel_destination(db, channel, GUILD_ID, now=now)
            item = OutboxItem(0, f"ended:{name}", ItemKind.NOTICE, there.id, DAY, now, signal=name)
            if chance.random() < 0.5:
                line = Occasion(OccasionKind.CPI, DAY, now).to_json(f"{name}: 3.1 %")
                item = OutboxItem(0, f"release:{name}", ItemKind.RELEASE, there.id, DAY, now, occasion=line)
            assert outbox.put(db, item)
    db.close()


def set_up_board(home: Path) -> None:
    now = datetime.now(UTC)
    db = connect(home / "bot.db")
    with transaction(db):
        guilds.joined(db, GUILD_ID, "Somewhere", now=now)
        there = destinations.channel_destination(db, CHANNEL_ID, GUILD_ID, now=now)
        boards.put(db, there.id, created_by=PERSON_ID, now=now)
    db.close()


def boards_shown(discord: DiscordServer) -> int:
    return sum(bool(message["flags"] & IS_COMPONENTS_V2) for message in discord.world.posted(CHANNEL_ID))


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
    chance, promised, most_boards = random.Random(seed), list[str](), [0]
    bot.discord.world.on_message.append(lambda _: most_boards.append(boards_shown(bot.discord)))
    set_up_board(bot.home)
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
    process = await bot.start()
    try:
        await until(lambda: set(names_read(bot.discord)) == set(promised), WITHIN_SECONDS)
        await until(lambda: boards_shown(bot.discord), WITHIN_SECONDS)
    finally:
        process.kill()
        await process.communicate()
    assert names_read(bot.discord) == sorted(promised)
    assert boards_shown(bot.discord) == max(most_boards) == 1
