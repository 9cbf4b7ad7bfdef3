"""One process of the storm: engine, outbox and courier over a real database, before a Discord on the wire.

It judges one day after the other and delivers what fires, until all is told; whatever happens to it meanwhile.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import discord
from discord.http import Route

from bot import outbox
from bot.alerts import composites, engine, rules
from bot.calendar.clock import SystemClock
from bot.calendar.discord_clock import DiscordClock
from bot.courier import Courier, DeliveryPolicy, Pacer
from bot.database import Database, alerts, destinations, guilds, subscriptions
from bot.database import readings as stored_readings
from bot.database.connection import Store
from bot.discord_app.date_header import listening
from bot.discord_app.notifier import DiscordNotifier
from bot.domain.backoff import Backoff
from bot.domain.model import After, AlertSpec, Combination, Condition, Destination, ItemEvent, OutboxItem
from bot.outbox.message import Payload
from signals.core.model import Measure, Measures, Reading, State
from tests.discord_server.world import CHANNEL_ID, GUILD_ID, TOKEN
from tests.storm.market import BAND, REMIND_EVERY, REMINDED, TOLD_BACK, Story, day

POLICY = DeliveryPolicy(
    nonce_seconds=1,
    backoff=Backoff(timedelta(seconds=0.05), timedelta(seconds=0.5), jitter=(0.5, 1.0)),
    idle_seconds=0.2,
)
STEPS = ("catch_up", "claim_batches", "begin", "settle_sent", "settle_retry", "send", "find")
"""Where a process may be told to die: transactions of the store and requests to Discord."""


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
            step = getattr(arguments[0], "__name__", "") if name in ("run", "read") else name
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


def set_up(db: Database, story: Story) -> None:
    """The alerts of the story; the id of each is its number and one."""
    now = datetime.now(UTC)
    guilds.joined(db, GUILD_ID, "Storm", now=now)
    for wish in story.wishes:
        spec = AlertSpec(
            wish.signal,
            Measure.VALUE,
            Condition.ABOVE if wish.above else Condition.BELOW,
            float(wish.level),
            band=float(BAND),
            after=After.BACK
            if wish.signal in TOLD_BACK
            else After.REMIND
            if wish.signal in REMINDED
            else After.NOTHING,
            remind_every=REMIND_EVERY if wish.signal in REMINDED else 0,
        )
        first, *others = (
            destinations.channel_destination(db, CHANNEL_ID + channel, GUILD_ID, now=now).id
            for channel in wish.channels
        )
        made = alerts.add(
            db,
            spec,
            rules.new_triggers(spec, None, day(0)),
            owner_id=1,
            guild_id=GUILD_ID,
            destination_id=first,
            now=now,
        )
        for other in others:
            db.execute(
                """INSERT INTO subscription (alert_id, destination_id, created_by, created_at)
                SELECT alert_id, ?, created_by, created_at FROM subscription WHERE alert_id = ?""",
                (other, made.id),
            )
        assert subscriptions.get(db, made.id, first) is not None
    for combined in story.combined:
        place = destinations.channel_destination(db, CHANNEL_ID + combined.channel, GUILD_ID, now=now)
        composites.create(
            db,
            Combination(combined.at_least, 1, tuple(member + 1 for member in combined.members)),
            owner_id=1,
            guild_id=GUILD_ID,
            destination_id=place.id,
            session=day(0),
            now=now,
        )


def render(destination: Destination, items: Sequence[OutboxItem]) -> Payload:
    """A line for each item, as the oracle names it."""
    channel = (destination.channel_id or 0) - CHANNEL_ID
    return Payload(" ".join(_line(item, channel) for item in items))


def _line(item: OutboxItem, channel: int) -> str:
    what = "" if item.event is ItemEvent.FIRED else f"/{item.event.value}"
    return f"{(item.alert_id or 0) - 1}/{(item.session - day(0)).days}/{channel}{what}"


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
    asyncio.run(_live(folder, api_base, story, death))


async def _live(folder: Path, api_base: str, story: Story, death: Death | None) -> None:
    Route.BASE = api_base
    clock = DiscordClock(SystemClock())
    async with Store.open(folder / "bot.db") as real:
        store: Any = Mortal(real, death)
        client = discord.Client(intents=discord.Intents(guilds=True), http_trace=listening(clock))
        await client.login(TOKEN)
        notifier: Any = Mortal(DiscordNotifier(client, answer_seconds=0.4), death)
        courier = Courier(store, notifier, render, clock, pacer=Pacer(1_000), policy=POLICY)
        delivering = asyncio.create_task(courier.run())
        newest = await real.read(judged)
        for number in range(0 if newest is None else (newest - day(0)).days + 1, story.days):
            await store.run(engine.catch_up, [(day(number), readings_of(story, number))], now=clock.now())
            courier.wake()
            await asyncio.sleep(0.01)
        while (await real.read(outbox.pending)).waiting:
            await asyncio.sleep(0.02)
        await courier.stop()
        await delivering
        await client.close()
