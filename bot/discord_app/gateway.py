"""The connection to Discord: log in, stay connected, deliver, and stop in time.

After a failure a new connection is made with a new client, after ever longer pauses: discord.py's
own reconnecting ends with the process or tries the same address for ever
(https://github.com/Rapptz/discord.py/issues/10520).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Collection, Coroutine
from datetime import timedelta
from typing import Any

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.courier import Courier
from bot.database import DatabaseError
from bot.discord_app.client import RotationBot
from bot.domain.backoff import Backoff
from bot.errors import TokenRefusedError, UserError

log = logging.getLogger(__name__)

RECONNECTS = Backoff(first=timedelta(seconds=2), most=timedelta(minutes=5))
STEADY_SECONDS = 600.0
"""After a connection of this length the count of failures starts again at one."""

GATEWAY_SECONDS = 180.0
DELIVERY_STOP_SECONDS, CLOSE_SECONDS = 5.0, 2.0
AUTHENTICATION_FAILED = 4004

Retriable = (
    discord.HTTPException,
    discord.GatewayNotFound,
    discord.ConnectionClosed,
    discord.RateLimited,
    aiohttp.ClientError,
    OSError,
    # Raised by discord.py's half-built client when a connection fails while it is being made
    # (#10520).
    AttributeError,
    RecursionError,
)


class IntentsRefusedError(UserError):
    """Discord closed the gateway with 4014: a switch of the developer portal is off."""


def use_api_base(address: str) -> None:
    """Send this process's requests to another address, such as a proxy that limits their rate."""
    Route.BASE = address


class GatewayConnection:
    """The only connection of the process.

    Args:
        make_client: Makes a new client.
        make_courier: Makes the courier that sends through a client.
        own_gateway: Request the gateway's address for every new connection instead of using the one
            built into discord.py; needed for an `api_base` other than Discord's.
    """

    def __init__(
        self,
        make_client: Callable[[], RotationBot],
        make_courier: Callable[[RotationBot], Courier],
        *,
        own_gateway: bool = False,
    ) -> None:
        self._make_client, self._make_courier, self._own_gateway = make_client, make_courier, own_gateway
        self._bot: RotationBot | None = None
        self._courier: Courier | None = None

    @property
    def ready(self) -> bool:
        """Whether Discord counts the bot as online."""
        return self._bot is not None and self._bot.is_ready() and not self._bot.is_closed()

    def guild_of(self, channel_id: int) -> int | None:
        """The server of a channel; None where Discord has not announced it."""
        channel = self._bot.get_channel(channel_id) if self._bot is not None else None
        return channel.guild.id if isinstance(channel, discord.abc.GuildChannel | discord.Thread) else None

    def wake(self) -> None:
        """Let the courier look into the outbox, because there may be something to deliver."""
        if self._courier is not None:
            self._courier.wake()

    async def run(self, token: str, stopping: asyncio.Event) -> None:
        """Stay connected until `stopping` is set.

        Raises TokenRefusedError when Discord refuses the token, IntentsRefusedError when it refuses the intents.
        """
        loop, failures = asyncio.get_running_loop(), 0
        while not stopping.is_set():
            began, reason = loop.time(), "it was closed"
            try:
                await self._connect(token, stopping)
            except Retriable as error:
                reason = f"{type(error).__name__}: {error}"
            if stopping.is_set():
                return
            failures = 1 if loop.time() - began > STEADY_SECONDS else failures + 1
            pause = RECONNECTS.after(failures).total_seconds()
            log.warning("no connection to Discord (%s); trying again in %.0f s", reason, pause)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await stopping.wait()

    async def _connect(self, token: str, stopping: asyncio.Event) -> None:
        """One connection from log-in to its end.

        Raises the error that ended it; returns when `stopping` was set.
        """
        bot = self._bot = self._make_client()
        courier = self._courier = bot.courier = self._make_courier(bot)
        try:
            await _first_of(stopping.wait(), self._log_in(bot, token))
            if not stopping.is_set():
                work = (stopping.wait(), bot.connect(), _deliver(bot, courier), _gateway_timeout(bot))
                await _first_of(*work, ending=lambda: courier.stop(within_seconds=DELIVERY_STOP_SECONDS))
        except discord.LoginFailure as error:
            raise TokenRefusedError(f"Discord refused the token: {error}") from error
        except discord.ConnectionClosed as error:
            if error.code == AUTHENTICATION_FAILED:
                raise TokenRefusedError("Discord refused the token (4004)") from error
            raise
        except discord.PrivilegedIntentsRequired as error:
            raise IntentsRefusedError(
                "Discord refuses the connection because of its intents (4014). Open "
                "https://discord.com/developers/applications, choose the application, and on the page Bot switch on the "
                "Privileged Gateway Intents that it is started with. This program asks for Guilds alone, which needs no "
                "switch: where nobody has changed that, save the page once and start again."
            ) from error
        finally:
            self._courier = self._bot = None
            await _close(bot)

    async def _log_in(self, bot: RotationBot, token: str) -> None:
        await bot.login(token)
        if self._own_gateway:
            # discord.py requests the address once; for a further session it takes its built-in one.
            _, address, _ = await bot.http.get_bot_gateway()
            DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(address)


async def _deliver(bot: RotationBot, courier: Courier) -> None:
    await bot.wait_until_ready()
    servers = len(bot.guilds)
    log.info("connected to Discord as %s in %d server%s", bot.user, servers, "" if servers == 1 else "s")
    try:
        await bot.reconcile_guilds()
    except DatabaseError:
        log.exception("servers joined or left while offline are only stored at the next connection")
    await courier.run()


async def _gateway_timeout(bot: RotationBot) -> None:
    """Raise when no shard has reached the gateway in time: its address may have changed."""
    await asyncio.sleep(GATEWAY_SECONDS)
    if not bot.shards:
        raise ConnectionError(f"the gateway did not answer within {GATEWAY_SECONDS:g} s")
    await asyncio.Event().wait()


async def _first_of(*work: Coroutine[Any, Any, object], ending: Callable[[], Awaitable[None]] | None = None) -> None:
    """Run these concurrently until one ends, then run `ending`, then cancel the others.

    Raises the error of the first.
    """
    running = [asyncio.create_task(coroutine) for coroutine in work]
    try:
        await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        if ending is not None:
            await ending()
    finally:
        await _cancelled(running)
    for task in running:
        if task.done() and not task.cancelled() and (error := task.exception()) is not None:
            raise error


async def _cancelled(tasks: Collection[asyncio.Task[Any]]) -> None:
    """Cancel tasks; one that has not ended after `CLOSE_SECONDS` is left alone.

    discord.py's reconnecting may swallow a cancellation and go on.
    """
    for task in tasks:
        task.cancel()
    _, pending = await asyncio.wait(tasks, timeout=CLOSE_SECONDS)
    if pending:
        log.warning("%d tasks of the connection to Discord did not end within %g s", len(pending), CLOSE_SECONDS)


async def _close(bot: RotationBot) -> None:
    """Close the connection; a gateway that does not answer in `CLOSE_SECONDS` is not waited for."""
    closing = asyncio.create_task(bot.close())
    _, pending = await asyncio.wait({closing}, timeout=CLOSE_SECONDS)
    await _cancelled(pending or {closing})
    with contextlib.suppress(Exception):
        await bot.http.close()
    if closing.done() and not closing.cancelled() and (error := closing.exception()) is not None:
        log.warning("the connection to Discord could not be closed: %r", error)
