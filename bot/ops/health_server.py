"""Health pages, by default on loopback: /livez, /readyz, and /metrics for Prometheus."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

from aiohttp import web

from bot.errors import UserError
from bot.ingest.status import IngestStatus
from bot.ops.metrics import HealthSnapshot, metrics_text
from bot.readings.state import ReadingState

SLOWEST_TICK = timedelta(minutes=2)
"""When the timer has not ticked for this long, the program hangs and has to be restarted."""

ROUND_SECONDS = 30.0
"""A connection lasts one to two rounds; a page is answered in milliseconds."""


@contextlib.asynccontextmanager
async def served(
    host: str,
    port: int,
    readings: ReadingState,
    ingest: IngestStatus,
    take: Callable[[], Awaitable[HealthSnapshot]],
    *,
    round_seconds: float = ROUND_SECONDS,
) -> AsyncIterator[None]:
    """Serve the three pages on `host`:`port` while the context lasts.

    Raises UserError when the port is taken.
    """
    runner = web.AppRunner(_pages(readings, ingest, take), access_log=None)
    await runner.setup()
    try:
        await _listen(runner, host, port)
        closing = asyncio.create_task(_close_old_connections(runner, round_seconds))
        try:
            yield
        finally:
            closing.cancel()
    finally:
        await runner.cleanup()


def _pages(
    readings: ReadingState, ingest: IngestStatus, take: Callable[[], Awaitable[HealthSnapshot]]
) -> web.Application:
    async def livez(_: web.Request) -> web.Response:
        health = await take()
        alive = health.now - health.ticked_at < SLOWEST_TICK
        return web.Response(text="alive\n" if alive else "the timer stands still\n", status=200 if alive else 503)

    async def readyz(_: web.Request) -> web.Response:
        health = await take()
        missing = [
            sentence
            for sentence, applies in (
                ("not connected to Discord", not health.connected),
                ("no reading has been computed yet", readings.snapshot is None),
            )
            if applies
        ]
        return web.Response(text="\n".join(missing or ["ready"]) + "\n", status=503 if missing else 200)

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=metrics_text(readings, ingest, await take()), content_type="text/plain")

    app = web.Application()
    app.add_routes([web.get("/livez", livez), web.get("/readyz", readyz), web.get("/metrics", metrics)])
    return app


async def _listen(runner: web.AppRunner, host: str, port: int) -> None:
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        raise UserError(_unusable(host, port, error)) from error


def port_problem(host: str, port: int) -> str | None:
    """Why the pages cannot listen there; None when they can."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        return _unusable(host, port, error)
    return None


def _unusable(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} of this machine is in use by another program. Choose another one in [health] of config.toml."
        )
    reason = os.strerror(error.errno) if error.errno else str(error)
    return f"The health pages cannot listen on {host}, port {port} ({reason}). Mend [health] in config.toml."


async def _close_old_connections(runner: web.AppRunner, round_seconds: float) -> None:
    """Close what was open a round ago: half a request that never ends would hold its file descriptor for ever."""
    old: frozenset[web.RequestHandler] = frozenset()
    while True:
        await asyncio.sleep(round_seconds)
        present = frozenset(runner.server.connections if runner.server is not None else ())
        for connection in old & present:
            connection.force_close()
        old = present - old
