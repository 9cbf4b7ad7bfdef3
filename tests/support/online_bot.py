"""The real bot on its way to a Discord on the loopback: log-in, gateway, commands and delivery."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
import yarl
from discord.gateway import DiscordWebSocket

from bot.calendar.discord_clock import DiscordClock
from bot.commands.context import Core
from bot.courier import Courier
from bot.discord_app import gateway
from bot.discord_app.client import RotationBot, build_bot
from bot.discord_app.delivery.messages import payloads
from bot.discord_app.delivery.notifier import DiscordNotifier
from bot.discord_app.gateway import GatewayConnection
from bot.domain.backoff import Backoff
from tests.discord_server import TOKEN, DiscordServer
from tests.support.wire_discord import discord_server


@dataclass
class OnlineBot:
    """One bot that has not begun yet, and its Discord.

    `begin` starts it, `until` waits for what a test expects, `end` stops it.
    """

    discord: DiscordServer
    core: Core
    online: GatewayConnection
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    def begin(self) -> asyncio.Task[None]:
        """Log in and stay; the task ends when `stopping` is set."""
        return asyncio.create_task(self.online.run(TOKEN, self.stopping))

    async def until(self, condition: Callable[[], object], *, within_seconds: float = 10.0) -> None:
        """Wait for a condition. Raises TimeoutError when it does not come true."""
        async with asyncio.timeout(within_seconds):
            while not condition():
                await asyncio.sleep(0.01)

    async def end(self, task: asyncio.Task[None]) -> float:
        """Stop; returns the seconds that it took."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        self.stopping.set()
        await asyncio.wait_for(task, 10)
        return loop.time() - began


@contextlib.asynccontextmanager
async def online_bot(core: Core) -> AsyncIterator[OnlineBot]:
    """The real bot over `core`, which stays open, and a `discord_server` with its gateway; nothing is running yet.

    Log-ins and reconnects do not wait as long as in front of the real Discord. A test that begins it ends it; at the
    end the Discord is stopped.
    """
    with pytest.MonkeyPatch.context() as patch:
        # An address that nobody listens at: a bot that falls back to the built-in one is seen at once.
        patch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL("ws://127.0.0.1:9/"))
        patch.setattr(gateway, "RECONNECTS", Backoff(timedelta(seconds=0.05), timedelta(minutes=5)))
        # The five seconds that discord.py leaves between two logins; this Discord does not count them.
        patch.setattr(RotationBot, "before_identify_hook", _at_once)
        async with discord_server() as server:
            yield OnlineBot(server, core, online_for(core, own_gateway=True))


def online_for(core: Core, *, own_gateway: bool = False) -> GatewayConnection:
    """The connection of another bot over `core` to the Discord of an `online_bot`."""

    def deliver(bot: RotationBot) -> Courier:
        return Courier(core.store, DiscordNotifier(bot), payloads(core), DiscordClock(core.clock))

    return GatewayConnection(lambda: build_bot(core), deliver, own_gateway=own_gateway)


async def _at_once(bot: RotationBot, shard_id: int | None, *, initial: bool = False) -> None:
    """Log in without waiting."""
