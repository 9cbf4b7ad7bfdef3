"""kill -9 at random and at every named step: at the wire, every message is there once, as an oracle counts."""

from __future__ import annotations

import asyncio
import collections
import multiprocessing
import os
import random
from datetime import UTC, datetime, time, timedelta
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from bot.calendar.delivery_times import DeliveryTimes
from bot.database import delivery_times, destinations
from bot.database.connection import connect, transaction
from tests.discord_server.faults import Answer, DropAfter, DropBefore, Fault, Hang, Slow
from tests.discord_server.limits import Limits
from tests.discord_server.server import DiscordServer
from tests.discord_server.world import CHANNEL_ID
from tests.storm import process
from tests.storm.market import Story, expected, story
from tests.storm.process import STEPS, Death

pytestmark = [pytest.mark.thorough, pytest.mark.slow]

KILLS = int(os.environ.get("STORM_KILLS", "60"))
CHANNELS = 6
DAYS_A_KILL = 24
"""Sessions of the story for each kill: enough that a quiet machine does not finish it before the last kill."""
HTML = "<html>Request Entity Too Large</html>"
FAULTS: tuple[Fault, ...] = (DropBefore(), DropAfter(), Hang(), Answer(503), Answer(413, HTML), Slow(0.1))


def forkserver() -> ForkServerContext:
    """Processes that begin with everything imported, so that a life costs a tenth of a second."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.storm.process"])
    return context


async def ended(child: BaseProcess, within_seconds: float) -> bool:
    """Whether a process has ended by then."""
    return await asyncio.to_thread(child.join, within_seconds) is None and child.exitcode is not None


def deaths(chance: random.Random, count: int) -> list[Death | float]:
    """So many ends: every named step before and after, the others after a random time of up to half a second."""
    named = [Death(step, chance.randint(1, 4), after) for step in STEPS for after in (False, True)]
    ends: list[Death | float] = [*named[: count // 2]]
    ends += [chance.uniform(0.02, 0.5) for _ in range(count - len(ends))]
    chance.shuffle(ends)
    return ends


async def one_life(context: ForkServerContext, folder: Path, base: str, told: Story, end: Death | float | None) -> bool:
    """A process until its end; whether it was killed rather than finished."""
    death = end if isinstance(end, Death) else None
    child = context.Process(target=process.live, args=(folder, base, told, death), daemon=True)
    child.start()
    try:
        await ended(child, end if isinstance(end, float) else 20.0 if end is None else 3.0)
    finally:
        killed = child.exitcode != 0
        child.kill()
        child.join()
    return killed


def read(discord: DiscordServer) -> list[str]:
    """Every line that stands in a channel."""
    channels = discord.world.channels.values()
    return sorted(
        line for channel in channels for message in channel.messages.values() for line in message["content"].split()
    )


def change_of_mind(folder: Path, channel: int, digest: time | None) -> None:
    """Somebody wants the alerts of a channel in one message a day, or each at once again."""
    db, now = connect(folder / "bot.db"), datetime.now(UTC)
    with transaction(db):
        place = destinations.find_channel(db, CHANNEL_ID + channel)
        assert place is not None
        delivery_times.change(db, place.id, lambda _: DeliveryTimes("UTC", digest=digest), created_by=1, now=now)
    db.close()


async def storm(folder: Path, seed: int, kills: int) -> tuple[list[str], list[str], int]:
    """What must be read, what is read after so many kills, and how many there were."""
    chance, told, context = random.Random(seed), story(seed, days=DAYS_A_KILL * kills, channels=CHANNELS), forkserver()
    db = connect(folder / "bot.db")
    with transaction(db):
        process.set_up(db, told)
    db.close()
    discord = DiscordServer(limits=Limits(global_per_second=None, per_channel=None))
    discord.world.nonce_seconds = 1.5
    discord.world.add_guild()
    for index in range(CHANNELS):
        discord.world.add_channel(CHANNEL_ID + index)
    count = 0
    async with discord:
        for end in deaths(chance, kills):
            discord.faults.waiting = []
            if chance.random() < 0.5:
                # What crosses meanwhile waits for tomorrow, or until somebody wants it at once.
                digest = chance.choice((None, (datetime.now(UTC) - timedelta(minutes=1)).time().replace(second=0)))
                change_of_mind(folder, chance.randrange(CHANNELS), digest)
            for fault in chance.choices(FAULTS, k=chance.randint(0, 3)):
                discord.faults.add("POST", "/channels/*/messages", fault)
            count += await one_life(context, folder, discord.api_base, told, end)
        discord.faults.waiting = []
        for channel in range(CHANNELS):
            change_of_mind(folder, channel, None)
        for _ in range(5):
            if not await one_life(context, folder, discord.api_base, told, None):
                break
        return expected(told), read(discord), count


@pytest.mark.parametrize("seed", range((KILLS + 59) // 60))
async def test_every_message_is_read_once_however_often_the_process_is_killed(tmp_path: Path, seed: int) -> None:
    kills = min(KILLS, 60)
    wanted, there, count = await storm(tmp_path, seed, kills)
    doubled = {line: times for line, times in collections.Counter(there).items() if times > 1}
    missing = sorted(set(wanted) - set(there))
    assert (doubled, missing, sorted(set(there) - set(wanted))) == ({}, [], []), f"seed {seed}"
    assert len(wanted) > 100
    assert count >= kills * 3 // 4, "the processes finished before they were killed"
