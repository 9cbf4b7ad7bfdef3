"""kill -9 at random and at every named step: at the wire, every message is there once, as an oracle counts."""

from __future__ import annotations

import asyncio
import collections
import multiprocessing
import os
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from bot.alerts.topics import TOPICS
from bot.calendar.delivery_times import AT_ONCE, DeliveryTimes, QuietHours
from bot.database.connection import connect, transaction
from bot.database.places import delivery_times, destinations
from tests.discord_server.faults import Answer, AnswerAfter, DropAfter, DropBefore, Fault, Hang, Slow
from tests.discord_server.limits import Limits
from tests.discord_server.server import DiscordServer
from tests.discord_server.world import CHANNEL_ID, PERSON_ID, Channel, Json
from tests.storm import process
from tests.storm.market import BOARDS, PERSON, THREAD_EVERY, Story, expected, story
from tests.storm.process import DM_ID, STEPS, Death

pytestmark = [pytest.mark.thorough, pytest.mark.slow]

KILLS = int(os.environ.get("STORM_KILLS", "60"))
CHANNELS = 6
DAYS_A_KILL = 24
"""Sessions of the story for each kill: enough that a quiet machine does not finish it before the last kill."""
TELLING_SECONDS = 120.0
"""The longest that a process takes for what is left of the story, on a machine that is busy."""
HTML = "<html>Request Entity Too Large</html>"
FAULTS: tuple[Fault, ...] = (
    DropBefore(),
    DropAfter(),
    Hang(),
    Answer(503),
    AnswerAfter(Answer(502)),
    Answer(413, HTML),
    Slow(0.1),
)
TOO_OLD = Answer(400, {"code": 30046, "message": "Maximum number of edits to messages older than 1 hour reached"})
MESSAGE, THREADS = "/channels/*/messages/*", "/channels/*/threads"
OTHER_FAULTS: tuple[tuple[str, str, Fault], ...] = (
    *(("PATCH", MESSAGE, fault) for fault in (*FAULTS, TOO_OLD)),
    *(("DELETE", MESSAGE, fault) for fault in FAULTS),
    *(("POST", THREADS, fault) for fault in (DropBefore(), DropAfter(), Slow(0.1))),
)
BOARD, NOTICE = "board/", "notice/"


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
        await ended(child, end if isinstance(end, float) else TELLING_SECONDS if end is None else 3.0)
    finally:
        killed = child.exitcode != 0
        child.kill()
        child.join()
    return killed


def place_of(channel: Channel) -> str:
    """A channel by its number, a thread by that and the number of its topic, or the person."""
    if channel.person_id is not None:
        return PERSON
    if channel.parent_id is None:
        return str(channel.id - CHANNEL_ID)
    topic = next(number for number, topic in enumerate(TOPICS) if topic.title == channel.name)
    return f"{channel.parent_id - CHANNEL_ID}>{topic}"


def read(discord: DiscordServer) -> list[str]:
    """Every line that stands in a channel, with the place where it stands.

    But those of live boards, and what a place is told of a message that nobody can look for.
    """
    return sorted(
        f"{line}@{PERSON if message['mentions'] else place_of(channel)}"
        for channel in discord.world.channels.values()
        for message in channel.messages.values()
        for line in message["content"].split()
        if not line.startswith((BOARD, NOTICE, "<@"))
    )


def boards_in(channel: Channel) -> list[str]:
    """What the live boards of a channel show."""
    return [each["content"] for each in channel.messages.values() if each["content"].startswith(BOARD)]


def change_of_mind(folder: Path, channel: int, times: DeliveryTimes) -> None:
    """Somebody wants the alerts of a channel at other times."""
    db, now = connect(folder / "bot.db"), datetime.now(UTC)
    with transaction(db):
        place = destinations.find_channel(db, CHANNEL_ID + channel)
        assert place is not None
        delivery_times.change(db, place.id, lambda _: times, created_by=1, now=now)
    db.close()


def dms(folder: Path, discord: DiscordServer, *, are_open: bool) -> None:
    """The person takes no DMs, or takes them again, and the bot has noticed that."""
    discord.world.channel(DM_ID).refuses = None if are_open else (403, 50007, "Cannot send messages to this user")
    if are_open:
        db = connect(folder / "bot.db")
        with transaction(db):
            destinations.dm_destination(db, PERSON_ID, channel_id=DM_ID, now=datetime.now(UTC))
        db.close()


def wishes_of_now(now: datetime) -> list[DeliveryTimes]:
    """What crosses meanwhile waits for tomorrow, for later, or until somebody wants it at once."""
    around = [(now + timedelta(minutes=ahead)).time().replace(second=0, microsecond=0) for ahead in (-1, 60)]
    return [
        AT_ONCE,
        DeliveryTimes("UTC", digest=around[0]),
        DeliveryTimes("UTC", quiet=QuietHours(around[0], around[1])),
        DeliveryTimes(snoozed_until=now + timedelta(hours=1)),
    ]


@dataclass(frozen=True)
class Outcome:
    """What must be read, what is read after so many kills, and what the boards show.

    `boards`: for each channel with one. `most_boards`: how many a channel has had at any time.
    """

    wanted: list[str]
    there: list[str]
    kills: int
    boards: list[list[str]]
    most_boards: int
    threads: list[str]


async def storm(folder: Path, seed: int, kills: int) -> Outcome:
    """A story that is told by processes that are killed so many times."""
    chance, context = random.Random(seed), forkserver()
    told = story(seed, days=DAYS_A_KILL * kills, channels=CHANNELS, topics=len(TOPICS))
    db = connect(folder / "bot.db")
    with transaction(db):
        process.set_up(db, told)
    db.close()
    discord = DiscordServer(limits=Limits(global_per_second=None, per_channel=None))
    world = discord.world
    world.nonce_seconds = 1.5
    world.add_guild()
    for index in range(CHANNELS):
        world.add_channel(CHANNEL_ID + index)
    world.add_dm(DM_ID)
    count, most_boards = 0, [0]

    def posted(message: Json) -> None:
        most_boards.append(len(boards_in(world.channel(int(message["channel_id"])))))

    world.on_message.append(posted)
    async with discord:
        for end in deaths(chance, kills):
            discord.faults.waiting = []
            if chance.random() < 0.5:
                change_of_mind(folder, chance.randrange(CHANNELS), chance.choice(wishes_of_now(datetime.now(UTC))))
            if chance.random() < 0.5:
                dms(folder, discord, are_open=chance.random() < 0.5)
            for fault in chance.choices(FAULTS, k=chance.randint(0, 3)):
                discord.faults.add("POST", "/channels/*/messages", fault)
            for method, path, fault in chance.sample(OTHER_FAULTS, k=2):
                discord.faults.add(method, path, fault)
            for channel in world.channels.values():
                # Nobody has written there for a week.
                channel.archived = channel.parent_id is not None and bool(channel.messages) and chance.random() < 0.3
                # A moderator takes Read Message History away, or gives it. In a DM everybody has it.
                channel.may_read = channel.guild_id is None or chance.random() < 0.6
            count += await one_life(context, folder, discord.api_base, told, end)
        discord.faults.waiting = []
        for channel in world.channels.values():
            channel.may_read = True
        dms(folder, discord, are_open=True)
        for channel_number in range(CHANNELS):
            change_of_mind(folder, channel_number, AT_ONCE)
        for _ in range(5):
            if not await one_life(context, folder, discord.api_base, told, None):
                break
    channels = [world.channel(CHANNEL_ID + number) for number in BOARDS]
    threads = [place_of(channel) for channel in world.channels.values() if channel.parent_id is not None]
    return Outcome(
        expected(told), read(discord), count, [boards_in(each) for each in channels], max(most_boards), sorted(threads)
    )


@pytest.mark.parametrize("seed", range((KILLS + 59) // 60))
async def test_every_message_is_read_once_however_often_the_process_is_killed(tmp_path: Path, seed: int) -> None:
    kills = min(KILLS, 60)
    days = DAYS_A_KILL * kills
    outcome = await storm(tmp_path, seed, kills)
    wanted, there = outcome.wanted, outcome.there
    doubled = {line: times for line, times in collections.Counter(there).items() if times > 1}
    missing = sorted(set(wanted) - set(there))
    assert (doubled, missing, sorted(set(there) - set(wanted))) == ({}, [], []), f"seed {seed}"
    assert outcome.boards == [[f"{BOARD}{days - 1}"]] * len(BOARDS), f"seed {seed}"
    assert outcome.most_boards == 1, f"seed {seed}"
    assert len(outcome.threads) == len(set(outcome.threads)) == len(range(1, days, THREAD_EVERY)), f"seed {seed}"
    assert len(wanted) > 100
    assert outcome.kills >= kills * 3 // 4, "the processes finished before they were killed"
