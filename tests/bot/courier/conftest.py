"""A store, a stand-in for Discord, a logged-in client of the real discord.py, and a clock that tests move."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import discord
import pytest
from discord import Client

from bot import outbox
from bot.courier import Courier, DeliveryPolicy, Pacer
from bot.database import destinations
from bot.database.codec import rows
from bot.database.connection import Store
from bot.discord_app.notifier import DiscordNotifier
from bot.domain.chart_request import ChartKind, ChartRequest, Picture
from bot.domain.model import Destination, ItemKind, OutboxItem
from bot.outbox.message import Notifier, Payload
from tests.discord_server import TOKEN, DiscordServer
from tests.discord_server.limits import Limits
from tests.discord_server.world import CHANNEL_ID, GUILD_ID, PERSON_ID

START = datetime(2026, 1, 13, 21, 20, tzinfo=UTC)
SESSION = date(2026, 1, 13)
DM_ID = 830_000_000_000_000_001


class ManualClock:
    """Time that passes only when a test says so."""

    def __init__(self) -> None:
        self._now = START

    def now(self) -> datetime:
        return self._now

    def advance(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


def render(destination: Destination, items: Sequence[OutboxItem]) -> Payload:
    """As plain as a renderer can be: the keys of the items, so that tests see what was told. Keys with `chart` have one."""
    if any("unrenderable" in item.key for item in items):
        raise ValueError("this item has no words")
    keys = " ".join(item.key for item in items)
    charts = {item.key: ChartRequest(ChartKind.SIGNAL, SESSION, (item.key,)) for item in items if "chart" in item.key}
    return Payload(
        content=keys + "!" * 2000 * ("too-long" in keys),
        embeds=tuple(
            {"title": item.key, "description": str(item.value)}
            | ({"image": {"url": f"attachment://{charts[item.key].file}"}} if item.key in charts else {})
            for item in items
        ),
        pictures=tuple(sketch.to_json() for sketch in charts.values()),
        mention_roles=tuple(sorted({item.role_id for item in items if item.role_id is not None})),
    )


class Painter:
    """Paints at once whatever is asked for, but the signals in `cannot`; those in `slow` never dry."""

    def __init__(self) -> None:
        self.cannot: set[str] = set()
        self.slow: set[str] = set()
        self.painted: list[ChartRequest] = []

    async def draw(self, sketch: ChartRequest) -> Picture | None:
        if sketch.names[0] in self.slow:
            await asyncio.Event().wait()
        self.painted.append(sketch)
        if sketch.names[0] in self.cannot:
            return None
        return Picture(sketch.file, f"PNG of {sketch.names[0]}".encode(), f"The chart of {sketch.names[0]}")


@dataclass
class Post:
    """One installation: its database, its Discord, its clock. `courier()` is a fresh process on it."""

    store: Store
    discord: DiscordServer
    client: Client
    clock: ManualClock
    sent: list[Payload] = field(default_factory=list)
    painter: Painter = field(default_factory=Painter)

    def courier(
        self, *, notifier: Notifier | None = None, store: Any = None, policy: DeliveryPolicy | None = None
    ) -> Courier:
        return Courier(
            store or self.store,
            notifier or DiscordNotifier(self.client, answer_seconds=0.25),
            render,
            self.clock,
            pacer=Pacer(1e6),
            policy=policy,
            chance=lambda: 1.0,
            on_delivered=lambda claimed, payload: self.sent.append(payload),
            charts=self.painter,
        )

    async def restart(self) -> None:
        """What a new process has: a client of its own, and no leases of the dead one."""
        await self.client.close()
        self.client = await logged_in()
        await self.store.run(outbox.release)

    async def channel(self, index: int = 0) -> int:
        """A channel that Discord and the store know; returns the id of its destination."""
        if CHANNEL_ID + index not in self.discord.world.channels:
            self.discord.world.add_channel(CHANNEL_ID + index)
        made = await self.store.run(
            destinations.channel_destination, CHANNEL_ID + index, GUILD_ID, now=self.clock.now()
        )
        return made.id

    async def dm(self, *, opened: bool = True, fallback: int | None = None) -> int:
        """The DM with the person; returns the id of its destination."""
        self.discord.world.add_dm(DM_ID)
        made = await self.store.run(
            destinations.dm_destination,
            PERSON_ID,
            channel_id=DM_ID if opened else None,
            fallback_channel_id=fallback,
            now=self.clock.now(),
        )
        return made.id

    async def put(
        self, destination_id: int, *keys: str, kind: ItemKind = ItemKind.ALERT, role_id: int | None = None
    ) -> None:
        """Promise items with these keys."""
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

    async def settle(self, courier: Courier | None = None, *, longest: int = 50) -> None:
        """Deliver, moving the clock to each next attempt, until nothing is open any more."""
        courier = courier or self.courier()
        for _ in range(longest):
            await courier.flush()
            upcoming = await self.store.read(outbox.next_attempt, now=self.clock.now())
            if upcoming is None:
                return
            self.clock.advance(max((upcoming - self.clock.now()).total_seconds(), 1))
        raise AssertionError("the outbox did not become empty")

    def told(self, index: int = 0) -> list[str]:
        """Contents of a channel's messages, oldest first."""
        return [message["content"] for message in self.discord.world.posted(CHANNEL_ID + index)]

    def told_everywhere(self) -> list[str]:
        """Every key that people can read, sorted; one told twice stands there twice."""
        worlds = self.discord.world.channels.values()
        texts = [message["content"] for channel in worlds for message in channel.messages.values()]
        return sorted(key for text in texts for key in text.split() if not key.startswith("<"))

    async def states(self) -> dict[str, str]:
        """State of every outbox row by key."""
        found = await self.store.read(rows, "SELECT key, state FROM outbox ORDER BY id")
        return {each["key"]: each["state"] for each in found}

    def posts(self) -> list[Any]:
        """Every request that wanted to post a message."""
        return [each for each in self.discord.requests if each.method == "POST" and each.path.endswith("/messages")]


async def make_post(path: Path, monkeypatch: pytest.MonkeyPatch, *, limits: Limits | None = None) -> Post:
    """An installation with nothing to send."""
    clock = ManualClock()
    server = DiscordServer(limits=limits or Limits(global_per_second=None, per_channel=None))
    server.world.now = lambda: clock.now().timestamp()
    server.world.add_guild()
    await server.start()
    monkeypatch.setattr(discord.http.Route, "BASE", server.api_base)
    return Post(Store.open(path / "bot.db"), server, await logged_in(), clock)


async def logged_in() -> discord.Client:
    """The real client, without a gateway."""
    client = discord.Client(intents=discord.Intents(guilds=True), max_ratelimit_timeout=30)
    await client.login(TOKEN)
    return client


async def end(post: Post) -> None:
    await post.client.close()
    await post.discord.stop()
    await post.store.close()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where the system has one: what is tried here are dying processes, not power cuts."""
    memory = Path("/dev/shm")  # noqa: S108 - a fresh folder below it is used
    if not memory.is_dir():
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


@pytest.fixture
async def post(home: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Post]:
    """An installation without Discord's rate limits."""
    made = await make_post(home, monkeypatch)
    yield made
    await end(made)


@pytest.fixture
async def limited_post(home: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Post]:
    """An installation with them."""
    made = await make_post(home, monkeypatch, limits=Limits())
    yield made
    await end(made)
