"""Being on Discord: log in, stay connected, deliver what is promised, and end in time whatever Discord does meanwhile.

A connection that fails is made anew, ever more slowly, with a new client: discord.py's own ends with the process or tries the
same address for ever (https://github.com/Rapptz/discord.py/issues/10520).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Coroutine
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
from bot.errors import TokenRefusedError

log = logging.getLogger(__name__)

RECONNECTS = Backoff(first=timedelta(seconds=2), most=timedelta(minutes=5))
STEADY_SECONDS = 600.0
"""A connection that stood for so long was a good one: the next failure is the first of its row."""

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
    # A connection that breaks while discord.py makes it: its client is only half there (#10520).
    AttributeError,
    RecursionError,
)


def use_api_base(address: str) -> None:
    """Send this process's requests to an address of one's own instead of Discord's, such as a proxy that limits their rate."""
    Route.BASE = address


class Online:
    """The one connection. `make` gives a new client, `deliver` the courier that sends through it.

    `own_gateway`: ask Discord for the gateway's address on every new connection instead of using the one discord.py knows,
    for an `api_base` of one's own.
    """

    def __init__(
        self,
        make: Callable[[], RotationBot],
        deliver: Callable[[RotationBot], Courier],
        *,
        own_gateway: bool = False,
    ) -> None:
        self._make, self._deliver, self._own_gateway = make, deliver, own_gateway
        self._bot: RotationBot | None = None
        self._courier: Courier | None = None

    @property
    def ready(self) -> bool:
        """Whether Discord counts the bot as online."""
        return self._bot is not None and self._bot.is_ready() and not self._bot.is_closed()

    def wake(self) -> None:
        """There may be something to deliver."""
        if self._courier is not None:
            self._courier.wake()

    async def stay(self, token: str, stopping: asyncio.Event) -> None:
        """Be on Discord until `stopping` is set. Raises TokenRefusedError when Discord refuses the token."""
        loop, failures = asyncio.get_running_loop(), 0
        while not stopping.is_set():
            began, reason = loop.time(), "it was closed"
            try:
                await self._once(token, stopping)
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

    async def _once(self, token: str, stopping: asyncio.Event) -> None:
        """One connection from log-in to its end. Raises what ended it; returns when `stopping` was set."""
        bot = self._bot = self._make()
        courier = self._courier = self._deliver(bot)
        try:
            await _first_of(stopping.wait(), self._log_in(bot, token))
            if not stopping.is_set():
                work = (stopping.wait(), bot.connect(), _delivering(bot, courier), _patience(bot))
                await _first_of(*work, ending=lambda: courier.stop(within_seconds=DELIVERY_STOP_SECONDS))
        except discord.LoginFailure as error:
            raise TokenRefusedError(f"Discord refused the token: {error}") from error
        except discord.ConnectionClosed as error:
            if error.code == AUTHENTICATION_FAILED:
                raise TokenRefusedError("Discord refused the token (4004)") from error
            raise
        finally:
            self._courier = self._bot = None
            await _close(bot)

    async def _log_in(self, bot: RotationBot, token: str) -> None:
        await bot.login(token)
        if self._own_gateway:
            # discord.py asks for the address once; for a further session it takes the one that it has built in.
            _, address, _ = await bot.http.get_bot_gateway()
            DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(address)


async def _delivering(bot: RotationBot, courier: Courier) -> None:
    await bot.wait_until_ready()
    log.info("connected to Discord as %s in %d servers", bot.user, len(bot.guilds))
    try:
        await bot.reconcile_guilds()
    except DatabaseError:
        log.exception("servers joined or left while away are not noted before the next connection")
    await courier.run()


async def _patience(bot: RotationBot) -> None:
    """Raise when no shard has reached the gateway after a while: its address may have changed."""
    await asyncio.sleep(GATEWAY_SECONDS)
    if not bot.shards:
        raise ConnectionError(f"the gateway did not answer within {GATEWAY_SECONDS:g} s")
    await asyncio.Event().wait()


async def _first_of(*work: Coroutine[Any, Any, object], ending: Callable[[], Awaitable[None]] | None = None) -> None:
    """Run these side by side until one ends, then `ending`, then the others are cancelled. Raises what the first raised."""
    running = [asyncio.create_task(each) for each in work]
    try:
        await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        if ending is not None:
            await ending()
    finally:
        for task in running:
            task.cancel()
        results = await asyncio.gather(*running, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception):
            raise result


async def _close(bot: RotationBot) -> None:
    """Leave Discord; a gateway that does not even answer the farewell is left without one."""
    closing = asyncio.create_task(bot.close())
    _, pending = await asyncio.wait({closing}, timeout=CLOSE_SECONDS)
    for task in pending:
        task.cancel()
    results = await asyncio.gather(closing, return_exceptions=True)
    with contextlib.suppress(Exception):
        await bot.http.close()
    if isinstance(results[0], Exception):
        log.warning("the connection to Discord was left behind: %r", results[0])
