"""A local HTTP server in place of every host that the sources ask; replies are scripted per host and path."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass(frozen=True)
class Reply:
    """One answer. `how`: whole, slow (headers, then nothing), reset (connection torn), truncated (less than announced)."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    how: str = "whole"


@dataclass(frozen=True)
class Seen:
    """One request."""

    place: str
    query: Mapping[str, str]
    headers: Mapping[str, str]


def as_json(body: Any, status: int = 200, **headers: str) -> Reply:
    return Reply(json.dumps(body).encode(), status, {"Content-Type": "application/json", **headers})


def as_text(text: str, status: int = 200) -> Reply:
    return Reply(text.encode(), status, {"Content-Type": "text/csv"})


PAGE = Reply(b"<!DOCTYPE html><html><body>Access denied</body></html>", 200, {"Content-Type": "text/html"})


def too_many(retry_after: str | None = None) -> Reply:
    return Reply(b"Too Many Requests", 429, {"Retry-After": retry_after} if retry_after else {})


class HttpStub:
    """`on(place, reply, ...)`: replies in their order, the last one from then on. What is not scripted is 404.

    A place is host and path. `seen` are all requests; `base_urls` leads a source's requests here.
    """

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.url = ""
        self._replies: dict[str, list[Reply]] = {}
        self._counts: dict[str, int] = defaultdict(int)
        self._asked: dict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._done = asyncio.Event()
        self._runner: web.AppRunner | None = None

    def on(self, place: str, *replies: Reply) -> None:
        """Script the replies of a place anew."""
        self._replies[place] = list(replies)
        self._counts[place] = 0

    def count(self, place: str) -> int:
        """How often a place was asked."""
        return sum(seen.place == place for seen in self.seen)

    @property
    def base_urls(self) -> dict[str, str]:
        return {"*": self.url}

    async def start(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/{place:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        self._done.set()
        assert self._runner is not None
        await self._runner.cleanup()

    async def asked(self, place: str) -> None:
        """Wait for the first request to `place`."""
        await self._asked[place].wait()

    async def release(self) -> None:
        """End answers that are slow."""
        self._done.set()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        place = request.match_info["place"]
        self.seen.append(Seen(place, dict(request.query), dict(request.headers)))
        self._asked[place].set()
        replies = self._replies.get(place)
        if replies is None:
            return web.Response(status=404, text="nothing is scripted here")
        reply = replies[min(self._counts[place], len(replies) - 1)]
        self._counts[place] += 1
        return await self._send(request, reply)

    async def _send(self, request: web.Request, reply: Reply) -> web.StreamResponse:
        if reply.how == "whole":
            return web.Response(body=reply.body, status=reply.status, headers=reply.headers)
        assert request.transport is not None
        if reply.how == "reset":
            _tear(request.transport)
            return web.Response()
        response = web.StreamResponse(status=reply.status, headers={**reply.headers, "Content-Length": "100000"})
        await response.prepare(request)
        await response.write(reply.body or b"{")
        if reply.how == "slow":
            await self._done.wait()
        request.transport.close()
        return response


@contextlib.asynccontextmanager
async def http_stub() -> AsyncIterator[HttpStub]:
    """A running `HttpStub` on a free port of the loopback; at the end it is stopped."""
    stub = HttpStub()
    await stub.start()
    try:
        yield stub
    finally:
        await stub.stop()


class Waits:
    """Stands in for `asyncio.sleep`: nothing waits, everything is written down in `seconds`."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def _tear(transport: asyncio.Transport) -> None:
    connection: socket.socket = transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
