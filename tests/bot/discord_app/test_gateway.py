"""Being on Discord: whatever Discord does, the bot comes back, ends in time and says when its token is refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import discord
import pytest
import yarl
from discord.gateway import DiscordWebSocket

from bot import outbox
from bot.courier import Courier
from bot.database import destinations, guilds
from bot.database.codec import row
from bot.discord_app import gateway as module
from bot.discord_app.client import RotationBot, build_bot
from bot.discord_app.gateway import GatewayConnection
from bot.discord_app.messages import payloads
from bot.discord_app.notifier import DiscordNotifier
from bot.domain.backoff import Backoff
from bot.domain.model import ItemKind, OutboxItem
from bot.errors import TokenRefusedError
from tests.bot.commands import world
from tests.discord_server import TOKEN, Answer, DiscordServer, Hang
from tests.discord_server.world import CHANNEL_ID, GUILD_ID
from tests.helpers import CrampedStore

pytestmark = pytest.mark.slow


@dataclass
class Place:
    """One bot in this process, and its Discord."""

    discord: DiscordServer
    online: GatewayConnection
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    def begin(self) -> asyncio.Task[None]:
        return asyncio.create_task(self.online.run(TOKEN, self.stopping))

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(10):
            while not condition():
                await asyncio.sleep(0.01)

    async def end(self, task: asyncio.Task[None]) -> float:
        """Stop; returns the seconds that it took."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        self.stopping.set()
        await asyncio.wait_for(task, 10)
        return loop.time() - began


async def at_once(bot: RotationBot, shard_id: int | None, *, initial: bool = False) -> None:
    """Log in without waiting."""


@pytest.fixture
async def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Place]:
    # An address that nobody listens at: a bot that falls back to the built-in one is seen at once.
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL("ws://127.0.0.1:9/"))
    monkeypatch.setattr(module, "RECONNECTS", Backoff(timedelta(seconds=0.05), timedelta(minutes=5)))
    # The five seconds that discord.py leaves between two logins; this Discord does not count them.
    monkeypatch.setattr(RotationBot, "before_identify_hook", at_once)
    core = world.make_core(tmp_path)
    async with DiscordServer() as server:
        server.world.add_guild()
        server.world.add_channel(CHANNEL_ID)
        monkeypatch.setattr(discord.http.Route, "BASE", server.api_base)

        def deliver(bot: RotationBot) -> Courier:
            return Courier(core.store, DiscordNotifier(bot), payloads(core), core.clock)

        yield Place(server, GatewayConnection(lambda: build_bot(core), deliver, own_gateway=True))
    await core.store.close()


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/users/@me"), ("PUT", "/applications/*"), ("GET", "/gateway/bot")]
)
async def test_a_log_in_without_an_answer_does_not_hold_up_the_end(place: Place, method: str, path: str) -> None:
    place.discord.faults.add(method, path, Hang(), times=9)
    task = place.begin()
    await place.until(lambda: place.discord.asked(method, path.rstrip("*")))
    assert await place.end(task) < 3


async def test_a_gateway_that_is_down_does_not_hold_up_the_end(place: Place) -> None:
    place.discord.gateway.url = "ws://127.0.0.1:9/gateway"
    task = place.begin()
    await place.until(lambda: place.discord.asked("GET", "/gateway/bot"))
    await asyncio.sleep(0.2)
    assert await place.end(task) < 3
    assert not place.online.ready


async def test_a_gateway_that_nobody_reaches_is_asked_for_again(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GATEWAY_SECONDS", 0.2)
    right, place.discord.gateway.url = place.discord.gateway.url, "ws://127.0.0.1:9/gateway"
    task = place.begin()
    await place.until(lambda: place.discord.asked("GET", "/gateway/bot"))
    place.discord.gateway.url = right
    await place.until(lambda: place.online.ready)
    await place.end(task)


async def test_a_discord_that_is_down_at_the_start_is_tried_again(place: Place) -> None:
    place.discord.faults.add("GET", "/users/@me", Answer(503), times=2)
    task = place.begin()
    await place.until(lambda: place.online.ready)
    assert [each.status for each in place.discord.asked("GET", "/users/@me")] == [503, 503, 200]
    await place.end(task)


@pytest.mark.parametrize("forgotten", [False, True], ids=["resumed", "invalid session"])
async def test_a_broken_session_is_taken_up_or_begun_again_at_the_same_gateway(place: Place, forgotten: bool) -> None:
    task = place.begin()
    gateway = place.discord.gateway
    await place.until(lambda: place.online.ready)
    await gateway.close(1001, forget=forgotten)
    await place.until(lambda: (gateway.identified, gateway.resumed) == ((2, 0) if forgotten else (1, 1)))
    await place.end(task)


@pytest.mark.parametrize("code", [4004, 1001])
async def test_a_token_that_is_refused_later_ends_it(place: Place, code: int) -> None:
    task = place.begin()
    await place.until(lambda: place.online.ready)
    place.discord.gateway.refuses = 4004
    await place.discord.gateway.close(code, forget=True)
    with pytest.raises(TokenRefusedError):
        await asyncio.wait_for(task, 10)


async def test_a_full_disk_at_the_log_in_keeps_nobody_from_being_online(place: Place, tmp_path: Path) -> None:
    core = world.make_core(tmp_path / "full")
    real, cramped = core.store, CrampedStore(core.store, range(3))
    core = replace(core, store=cramped)  # type: ignore[arg-type]
    stopping = asyncio.Event()
    online = GatewayConnection(
        lambda: build_bot(core), lambda made: Courier(core.store, DiscordNotifier(made), payloads(core), core.clock)
    )
    task = asyncio.create_task(online.run(TOKEN, stopping))
    await place.until(lambda: cramped.writes >= 3)
    room = await real.run(destinations.channel_destination, CHANNEL_ID, GUILD_ID, now=core.now())
    summary = OutboxItem(0, "k", ItemKind.SUMMARY, room.id, world.SESSION, core.now())
    await real.run(outbox.put, summary)
    online.wake()
    await place.until(lambda: place.discord.world.posted(CHANNEL_ID))
    assert place.discord.gateway.identified == 1
    stopping.set()
    await asyncio.wait_for(task, 10)
    await real.close()


async def test_leaving_and_coming_back_while_away_is_noticed_at_the_next_start(place: Place, tmp_path: Path) -> None:
    core = world.make_core(tmp_path / "other")
    await core.store.run(guilds.joined, 5, "Elsewhere", now=core.now() - timedelta(days=1))
    bot = build_bot(core)
    stopping = asyncio.Event()
    online = GatewayConnection(
        lambda: bot, lambda made: Courier(core.store, DiscordNotifier(made), payloads(core), core.clock)
    )
    task = asyncio.create_task(online.run(TOKEN, stopping))
    async with asyncio.timeout(10):
        while await core.store.read(row, "SELECT 1 FROM guild WHERE id = 5 AND left_at IS NOT NULL") is None:
            await asyncio.sleep(0.01)
    stopping.set()
    await asyncio.wait_for(task, 10)
    assert await core.store.read(row, "SELECT 1 FROM guild WHERE id = ? AND left_at IS NULL", (GUILD_ID,))
    await core.store.close()


async def test_a_server_that_is_left_pauses_and_delivers_again_on_return(place: Place, tmp_path: Path) -> None:
    core = world.make_core(tmp_path / "third")
    stopping = asyncio.Event()
    online = GatewayConnection(
        lambda: build_bot(core), lambda made: Courier(core.store, DiscordNotifier(made), payloads(core), core.clock)
    )
    task = asyncio.create_task(online.run(TOKEN, stopping))
    await place.until(lambda: online.ready)
    await core.store.run(destinations.channel_destination, CHANNEL_ID, GUILD_ID, now=core.now())
    for event, data, state in (
        ("GUILD_DELETE", {"id": str(GUILD_ID), "unavailable": True}, "active"),
        ("GUILD_CREATE", place.discord.world.guild_json(GUILD_ID), "active"),
        ("GUILD_DELETE", {"id": str(GUILD_ID)}, "paused"),
        ("GUILD_CREATE", place.discord.world.guild_json(GUILD_ID), "active"),
    ):
        await place.discord.gateway.dispatch(event, data)
        async with asyncio.timeout(5):
            await asyncio.sleep(0.1)
            while (await core.store.read(row, "SELECT state FROM destination") or {})["state"] != state:
                await asyncio.sleep(0.01)
    stopping.set()
    await asyncio.wait_for(task, 10)
    await core.store.close()
