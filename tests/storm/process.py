"""One process of the storm: engine, outbox and courier over a real database, before a Discord on the wire.

It judges one day after the other and delivers what fires and what else the day owes, until all is told; whatever happens
to it meanwhile. A day that was judged is over, so it is judged last; all before that may be done again.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
from discord.http import Route

from bot import outbox
from bot.alerts import composites, engine, rules
from bot.alerts.topics import TOPICS
from bot.calendar.clock import Calendar, SystemClock
from bot.calendar.discord_clock import DiscordClock
from bot.courier import Courier, DeliveryPolicy, Pacer
from bot.database import Database
from bot.database import readings as stored_readings
from bot.database.alerts import alerts
from bot.database.connection import Store
from bot.database.places import boards, destinations, guilds, reminders, subscriptions, summary_channels
from bot.discord_app.date_header import date_trace
from bot.discord_app.delivery.notifier import DiscordNotifier
from bot.discord_app.delivery.topic_threads import thread_of
from bot.domain.backoff import Backoff
from bot.domain.model import (
    After,
    Alert,
    AlertSpec,
    Combination,
    Condition,
    Destination,
    ItemEvent,
    ItemKind,
    OutboxItem,
    SummaryCadence,
)
from bot.domain.occasion import Occasion, OccasionKind
from bot.outbox import occasion_messages, summary_schedule
from bot.outbox.message import Payload
from signals.core.model import Measure, Measures, Reading, State
from tests.discord_server.world import CHANNEL_ID, GUILD_ID, PERSON_ID, TOKEN
from tests.storm.market import (
    BAND,
    BOARDS,
    LETTERS,
    REMIND_EVERY,
    REMINDED,
    REMINDED_CHANNELS,
    TOLD_BACK,
    Story,
    Thread,
    Wish,
    day,
    has_release,
    topic_wish,
)
from tests.support.wire_discord import announce

POLICY = DeliveryPolicy(
    nonce_seconds=1,
    look_seconds=0.3,
    backoff=Backoff(timedelta(seconds=0.05), timedelta(seconds=0.5), jitter=(0.5, 1.0)),
    idle_seconds=0.2,
)
STEPS = (
    *("engine.catch_up", "claim.claim_batches", "settle.begin", "settle.settle_sent", "settle.settle_retry"),
    *("settle.settle_unseen", "settle.settle_elsewhere"),
    *("summary_schedule.enqueue_due", "occasion_messages.enqueue", "boards.enqueue", "boards.edited", "boards.lost"),
    *("topic_threads.put", "send", "find", "edit", "delete"),
)
"""Where a process may be told to die: transactions of the store and requests to Discord."""

ROOM = 5
"""Items that a message holds."""

DM_ID = 830_000_000_000_000_001
MENTIONS = 5
"""The channel in which the person is mentioned when their DM is refused."""

CALENDAR = Calendar(date(2019, 12, 1), date(2024, 12, 31))
CALENDAR.at_or_before(day(0))  # read once, before processes are forked


@dataclass(frozen=True)
class Death:
    """At the `count`-th `step`, `after` it or before it; by SIGKILL, so that nothing of the process notices."""

    step: str
    count: int
    after: bool


class Mortal:
    """Anything with asynchronous methods; the process dies at one of their calls."""

    def __init__(self, real: Any, death: Death | None) -> None:
        self._real, self._death, self._seen = real, death, 0

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._real, name)

        async def call(*arguments: Any, **named: Any) -> Any:
            step = _name(arguments[0]) if name in ("run", "read") else name
            now = self._death is not None and self._death.step == step and self._counted() == self._death.count
            if now and not self._death.after:
                os.kill(os.getpid(), signal.SIGKILL)
            result = await method(*arguments, **named)
            if now:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        return call

    def _counted(self) -> int:
        self._seen += 1
        return self._seen


def _name(step: Any) -> str:
    return f"{step.__module__.rpartition('.')[2]}.{step.__name__}"


def set_up(db: Database, story: Story) -> None:
    """What the channels want; the id of each alert is its number and one."""
    now = datetime.now(UTC)
    guilds.joined(db, GUILD_ID, "Storm", now=now)
    for wish in story.wishes:
        first, *others = (_channel(db, channel) for channel in wish.channels)
        made = _add(db, wish, first, owner_id=1, guild_id=GUILD_ID)
        for other in others:
            db.execute(
                """INSERT INTO subscription (alert_id, destination_id, created_by, created_at)
                SELECT alert_id, ?, created_by, created_at FROM subscription WHERE alert_id = ?""",
                (other, made.id),
            )
        assert subscriptions.get(db, made.id, first) is not None
    for combined in story.combined:
        composites.create(
            db,
            Combination(combined.at_least, 1, tuple(member + 1 for member in combined.members)),
            owner_id=1,
            guild_id=GUILD_ID,
            destination_id=_channel(db, combined.channel),
            session=day(0),
            now=now,
        )
    person = destinations.dm_destination(db, PERSON_ID, channel_id=DM_ID, now=now)
    destinations.set_fallback(db, PERSON_ID, CHANNEL_ID + MENTIONS, GUILD_ID, now=now)
    for wish in story.private:
        _add(db, wish, person.id, owner_id=PERSON_ID, guild_id=None)
    for number, topic in enumerate(TOPICS):
        spec = replace(_spec(topic_wish(number)), after=After.NOTHING, remind_every=0)
        alerts.add_topic(db, topic.key, spec, rules.new_triggers(spec, None, day(0)), now=now)
    for channel in BOARDS:
        boards.put(db, _channel(db, channel), created_by=1, now=now)
    for channel in LETTERS:
        place, at = _channel(db, channel), {"zone": "UTC", "at": time(23), "cadence": SummaryCadence.WEEKLY}
        summary_channels.put(db, place, **at, created_by=1, now=instant(0, time()))
    for channel in REMINDED_CHANNELS:
        reminders.put(db, _channel(db, channel), created_by=1, now=instant(0, time()))


def _add(db: Database, wish: Wish, destination_id: int, *, owner_id: int, guild_id: int | None) -> Alert:
    return alerts.add(
        db,
        _spec(wish),
        rules.new_triggers(_spec(wish), None, day(0)),
        owner_id=owner_id,
        guild_id=guild_id,
        destination_id=destination_id,
        now=datetime.now(UTC),
    )


def _channel(db: Database, channel: int) -> int:
    return destinations.channel_destination(db, CHANNEL_ID + channel, GUILD_ID, now=datetime.now(UTC)).id


def _spec(wish: Wish) -> AlertSpec:
    after = After.BACK if wish.signal in TOLD_BACK else After.REMIND if wish.signal in REMINDED else After.NOTHING
    return AlertSpec(
        wish.signal,
        Measure.VALUE,
        Condition.ABOVE if wish.above else Condition.BELOW,
        float(wish.level),
        band=float(BAND),
        after=after,
        remind_every=REMIND_EVERY if after is After.REMIND else 0,
    )


def instant(number: int, at: time) -> datetime:
    """A time of a day of the story."""
    return datetime.combine(day(number), at, UTC)


def render(destination: Destination, items: Sequence[OutboxItem]) -> Payload:
    """A line for each of the first few items, as the oracle names it; of a board, the newest day alone."""
    if items[0].kind is ItemKind.BOARD:
        return Payload(f"board/{_number(max(item.session for item in items))}")
    return Payload(" ".join(_line(item) for item in items[:ROOM]), told=ROOM if len(items) > ROOM else None)


def _number(session: date) -> int:
    return (session - day(0)).days


def _line(item: OutboxItem) -> str:
    if item.kind is ItemKind.LETTER:
        year, week, _ = item.session.isocalendar()
        return f"letter/{year}-{week}"
    if item.kind is not ItemKind.ALERT:
        return f"{item.kind}/{_number(item.session)}"
    what = "" if item.event is ItemEvent.FIRED else f"/{item.event.value}"
    return f"{(item.alert_id or 0) - 1}/{_number(item.session)}{what}"


def readings_of(story: Story, number: int) -> Mapping[str, Reading]:
    """What is known of one day."""
    return {
        name: Reading(
            signal=name,
            session=day(number),
            value=float(values[number]),
            state=State.FINAL,
            measures=Measures(),
            sources=(),
        )
        for name, values in story.values.items()
    }


def judged(db: Database) -> date | None:
    """The newest day that is judged."""
    found = [final for final in stored_readings.evaluated(db).values() if final is not None]
    return max(found, default=None)


def live(folder: Path, api_base: str, story: Story, death: Death | None) -> None:
    """The life of one process."""
    boards.EVERY = timedelta(0)  # a day takes milliseconds here
    asyncio.run(_live(folder, api_base, story, death))


async def _live(folder: Path, api_base: str, story: Story, death: Death | None) -> None:
    Route.BASE = api_base
    clock = DiscordClock(SystemClock())
    async with Store.open(folder / "bot.db") as real:
        store: Any = Mortal(real, death)
        client = discord.Client(intents=discord.Intents(guilds=True), http_trace=date_trace(clock))
        await client.login(TOKEN)
        await announce(client)
        notifier: Any = Mortal(DiscordNotifier(client, answer_seconds=0.4), death)
        courier = Courier(store, notifier, render, clock, pacer=Pacer(1_000), policy=POLICY)
        delivering = asyncio.create_task(courier.run())
        newest = await real.read(judged)
        for number in range(0 if newest is None else _number(newest) + 1, story.days):
            for thread in story.threads:
                if thread.day == number:
                    await open_thread(store, client, thread, clock)
            await owe(store, number, clock)
            await store.run(engine.catch_up, [(day(number), readings_of(story, number))], now=clock.now())
            courier.wake()
            await asyncio.sleep(0.01)
        while (await real.read(outbox.pending)).waiting:
            await asyncio.sleep(0.02)
        await courier.stop()
        await delivering
        await client.close()


async def owe(store: Any, number: int, clock: DiscordClock) -> None:
    """The letter of the week, reminders and lines of releases, and the live boards of one day."""
    evening = instant(number, time(23, 30))
    await store.run(summary_schedule.enqueue_due, CALENDAR, now=evening)
    if has_release(number):
        at = instant(number, time(13, 30))
        release, before = Occasion(OccasionKind.CPI, day(number), at), at - timedelta(minutes=30)
        reminding = occasion_messages.due_reminders([release], now=before)
        await store.run(occasion_messages.enqueue, reminding, now=before)
        line = occasion_messages.Message(ItemKind.RELEASE, release, day(number), "3.1 %")
        await store.run(occasion_messages.enqueue, [line], now=evening)
    await store.run(boards.enqueue, day(number), evening, now=clock.now())


async def open_thread(store: Any, client: discord.Client, thread: Thread, clock: DiscordClock) -> None:
    """Somebody wants a topic in a thread of its own, and gives the command again until it succeeds."""
    key, channel_id = TOPICS[thread.topic].key, CHANNEL_ID + thread.channel
    core: Any = SimpleNamespace(store=store, now=clock.now)
    while True:
        try:
            guild = discord.Guild(data=await client.http.get_guild(GUILD_ID), state=client._connection)
            command: Any = SimpleNamespace(guild=guild)
            thread_id = await thread_of(command, core, channel_id, key)
            break
        except (discord.HTTPException, aiohttp.ClientError, OSError):
            await asyncio.sleep(0.02)
    place = await store.run(destinations.channel_destination, thread_id, GUILD_ID, now=clock.now())
    await store.run(subscriptions.subscribe, key, place.id, created_by=1, now=clock.now())
