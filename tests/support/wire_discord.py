"""A Discord on the loopback, the real discord.py and the real courier in front of it, and the bot that logs in there."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
import pytest

from bot import outbox
from bot.calendar.discord_clock import DiscordClock
from bot.courier import Courier, DeliveryPolicy, Pacer
from bot.database.codec import rows
from bot.database.connection import Store
from bot.database.places import destinations
from bot.discord_app.date_header import date_trace
from bot.discord_app.delivery.notifier import DiscordNotifier
from bot.domain.chart_request import ChartKind, ChartRequest, Picture
from bot.domain.model import Destination, ItemKind, OutboxItem
from bot.outbox.message import Notifier, Payload, Render
from tests.discord_server import TOKEN, DiscordServer
from tests.discord_server.limits import Limits
from tests.discord_server.world import CHANNEL_ID, GUILD_ID, PERSON_ID
from tests.support.clock import ManualClock
from tests.support.sample_readings import SESSION

START = datetime(2026, 1, 13, 21, 20, tzinfo=UTC)
"""What the clock of a new `WireDiscord` shows."""

DM_ID = 830_000_000_000_000_001
"""The channel that `WireDiscord.dm` opens."""


def render_keys(destination: Destination, items: Sequence[OutboxItem]) -> Payload:
    """As plain as a renderer can be: the keys of the items, so that tests see what was sent. Keys with `chart` have one."""
    if any("unrenderable" in item.key for item in items):
        raise ValueError("this item has no words")
    keys = " ".join(item.key for item in items)
    charts = {item.key: ChartRequest(ChartKind.SIGNAL, SESSION, (item.key,)) for item in items if "chart" in item.key}
    return Payload(
        content=keys + "!" * 2000 * ("too-long" in keys),
        embeds=tuple(
            {"title": item.key, "description": str(item.value)}
            | ({"image": {"url": f"attachment://{charts[item.key].file}"}} if item.key in charts else {})
            for item in items[:10]
        ),
        pictures=tuple(request.to_json() for request in charts.values()),
        mention_roles=tuple(sorted({item.role_id for item in items if item.role_id is not None})),
    )


class InstantCharts:
    """Draws at once whatever is asked for, but the signals in `cannot`; those in `slow` never come."""

    def __init__(self) -> None:
        self.cannot: set[str] = set()
        self.slow: set[str] = set()
        self.drawn: list[ChartRequest] = []

    async def draw(self, request: ChartRequest) -> Picture | None:
        if request.names[0] in self.slow:
            await asyncio.Event().wait()
        self.drawn.append(request)
        if request.names[0] in self.cannot:
            return None
        return Picture(request.file, f"PNG of {request.names[0]}".encode(), f"The chart of {request.names[0]}")


@dataclass
class WireDiscord:
    """One installation: its database, its Discord on the loopback, a client that is logged in there, and its clock.

    `courier()` is a fresh process on it. `sent` are the payloads that couriers reported as delivered. `clock` is that of
    the machine, and that of Discord unless a test makes them differ by `ahead_seconds`; `delivery_clock` is what the
    process knows of Discord's.
    """

    store: Store
    discord: DiscordServer
    client: discord.Client
    clock: ManualClock
    delivery_clock: DiscordClock
    sent: list[Payload] = field(default_factory=list)
    charts: InstantCharts = field(default_factory=InstantCharts)

    def courier(
        self,
        *,
        notifier: Notifier | None = None,
        store: Any = None,
        policy: DeliveryPolicy | None = None,
        render: Render | None = None,
    ) -> Courier:
        """A courier that has not begun, with a plain renderer; the keywords replace its parts."""
        return Courier(
            store or self.store,
            notifier or DiscordNotifier(self.client, answer_seconds=1.0),
            render or render_keys,
            self.delivery_clock,
            pacer=Pacer(1e6),
            policy=policy,
            chance=lambda: 1.0,
            on_delivered=lambda claimed, payload: self.sent.append(payload),
            charts=self.charts,
        )

    async def restart(self) -> None:
        """What a new process has: a client of its own, and no leases of the dead one."""
        await self.client.close()
        self.delivery_clock = DiscordClock(self.clock, elapsed=self.clock.elapsed)
        self.client = await logged_in_client(self.delivery_clock)
        await self.store.run(outbox.release)

    async def announce(self) -> None:
        """The client hears what the gateway would tell it: the server with its channels as they are now."""
        await announce(self.client)

    async def channel(self, index: int = 0) -> int:
        """A channel that Discord and the store know; returns the id of its destination."""
        if CHANNEL_ID + index not in self.discord.world.channels:
            self.discord.world.add_channel(CHANNEL_ID + index)
            await self.announce()
        made = await self.store.run(
            destinations.channel_destination, CHANNEL_ID + index, GUILD_ID, now=self.clock.now()
        )
        return made.id

    async def dm(self, *, opened: bool = True, fallback: int | None = None) -> int:
        """The DM with the person; returns the id of its destination."""
        self.discord.world.add_dm(DM_ID)
        if fallback is not None:
            await self.store.run(destinations.set_fallback, PERSON_ID, fallback, GUILD_ID, now=self.clock.now())
        made = await self.store.run(
            destinations.dm_destination, PERSON_ID, channel_id=DM_ID if opened else None, now=self.clock.now()
        )
        return made.id

    async def enqueue(
        self, destination_id: int, *keys: str, kind: ItemKind = ItemKind.ALERT, role_id: int | None = None
    ) -> None:
        """Put items with these keys into the outbox."""
        for key in keys:
            item = OutboxItem(
                id=0,
                key=key,
                kind=kind,
                destination_id=destination_id,
                session=SESSION,
                created_at=self.clock.now(),
                role_id=role_id,
                value=1.5,
            )
            await self.store.run(outbox.put, item)

    async def deliver_all(self, courier: Courier | None = None, *, longest: int = 50) -> None:
        """Deliver, moving the clock to each next attempt, until nothing is open any more."""
        courier = courier or self.courier()
        for _ in range(longest):
            await courier.flush()
            upcoming = await self.store.read(outbox.next_attempt, now=self.clock.now())
            if upcoming is None:
                return
            self.clock.advance(max((upcoming - self.clock.now()).total_seconds(), 1))
        raise AssertionError("the outbox did not become empty")

    def contents(self, index: int = 0) -> list[str]:
        """Contents of a channel's messages, oldest first."""
        return [message["content"] for message in self.discord.world.posted(CHANNEL_ID + index)]

    def keys_shown(self) -> list[str]:
        """Every key that people can read anywhere, sorted; one that was sent twice stands there twice."""
        channels = self.discord.world.channels.values()
        texts = [message["content"] for channel in channels for message in channel.messages.values()]
        return sorted(key for text in texts for key in text.split() if not key.startswith("<"))

    async def states(self) -> dict[str, str]:
        """State of every outbox row by key."""
        found = await self.store.read(rows, "SELECT key, state FROM outbox ORDER BY id")
        return {each["key"]: each["state"] for each in found}

    def post_requests(self) -> list[Any]:
        """Every request that wanted to post a message."""
        return [each for each in self.discord.requests if each.method == "POST" and each.path.endswith("/messages")]


@contextlib.asynccontextmanager
async def discord_server(limits: Limits | None = None) -> AsyncIterator[DiscordServer]:
    """A Discord on a free port of the loopback that discord.py asks in place of the real one.

    It has one server and one channel. Without `limits` it has no rate limits. At the end it is stopped and discord.py
    asks the address of before.
    """
    async with DiscordServer(limits=limits or Limits(global_per_second=None, per_channel=None)) as server:
        server.world.add_guild()
        server.world.add_channel(CHANNEL_ID)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(discord.http.Route, "BASE", server.api_base)
            yield server


async def logged_in_client(clock: DiscordClock | None = None) -> discord.Client:
    """A real client that is logged in to the `discord_server`, without a gateway; whoever asked for it closes it.

    It knows the server with the channels that are there now. `clock` hears Discord's time from its answers.
    """
    trace = aiohttp.TraceConfig() if clock is None else date_trace(clock)
    client = discord.Client(intents=discord.Intents(guilds=True), max_ratelimit_timeout=30, http_trace=trace)
    await client.login(TOKEN)
    await announce(client)
    return client


async def announce(client: discord.Client) -> None:
    """Put into the memory of a client without a gateway what that would say of the server."""
    client._connection._add_guild_from_data(await client.http.get_guild(GUILD_ID))


def shorten_pauses(patch: pytest.MonkeyPatch, during: Callable[[], Awaitable[object]] | None = None) -> None:
    """discord.py's pauses between its own tries of one request take no time; `during` is what happens in each.

    Connections that the other side has closed meanwhile are noticed.
    """

    async def pause(seconds: float) -> None:
        if during is not None:
            await during()
        for _ in range(3):
            await asyncio.sleep(0)

    patch.setattr(discord.http, "asyncio", SimpleNamespace(**{**vars(asyncio), "sleep": pause}))


@contextlib.asynccontextmanager
async def wire_discord(
    folder: Path, *, limits: Limits | None = None, ahead_seconds: float = 0.0
) -> AsyncIterator[WireDiscord]:
    """An installation with nothing to send: the real client and the real courier before a `discord_server`.

    It needs a folder for `bot.db`, which may lie there already. Its clock is a `ManualClock` at `START`. Its Discord's
    is `ahead_seconds` behind that, and goes on with what passes, not with what somebody sets.
    At the end client, Discord and database are closed.
    """
    clock = ManualClock(START)
    async with discord_server(limits) as server:
        zero = START.timestamp() - clock.elapsed() - ahead_seconds
        server.world.now = lambda: zero + clock.elapsed()
        delivery_clock = DiscordClock(clock, elapsed=clock.elapsed)
        client = await logged_in_client(delivery_clock)
        wire = WireDiscord(Store.open(folder / "bot.db"), server, client, clock, delivery_clock)
        try:
            yield wire
        finally:
            await wire.client.close()
            await wire.store.close()
