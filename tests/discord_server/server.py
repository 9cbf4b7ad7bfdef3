"""The stand-in as a running server: REST under `/api/v10`, the gateway under `/gateway`, a tester's door under `/control`."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

from aiohttp import web
from aiohttp.web_request import FileField

from tests.discord_server import interactions, rest
from tests.discord_server.control import control_routes
from tests.discord_server.faults import (
    Answer,
    AnswerAfter,
    DropAfter,
    DropBefore,
    Fault,
    Faults,
    Hang,
    HangAfterHeaders,
    Slow,
)
from tests.discord_server.gateway import Gateway
from tests.discord_server.keys import BODY, HEADERS, SERVER
from tests.discord_server.limits import Limits
from tests.discord_server.world import PERSON_ID, Json, RefusalError, World

API = "/api/v10"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Received:
    """One request as it came in; `status` 0 while and when it is not answered."""

    at: float
    method: str
    path: str
    body: Any
    status: int = 0


@dataclass
class DiscordServer:
    """`async with DiscordServer() as discord:` listens on a free port of the loopback.

    `requests` is all that was asked, `rest` and `gateway` below `api_base`.
    """

    world: World = field(default_factory=World)
    limits: Limits = field(default_factory=Limits)
    faults: Faults = field(default_factory=Faults)
    requests: list[Received] = field(default_factory=list)
    host: str = "127.0.0.1"
    port: int = 0

    def __post_init__(self) -> None:
        self.gateway = Gateway(self.world)
        self._runner: web.AppRunner | None = None
        self._answered = asyncio.Event()

    @property
    def api_base(self) -> str:
        """What `discord.http.Route.BASE` is to be set to."""
        return f"http://{self.host}:{self.port}{API}"

    async def __aenter__(self) -> DiscordServer:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen; a port of 0 becomes the one that was free."""
        app = web.Application(middlewares=[self._meet], client_max_size=30 * 2**20)
        app[SERVER] = self
        app.router.add_get("/gateway", self.gateway.handle)
        app.router.add_get("/gateway/", self.gateway.handle)
        app.add_routes(control_routes())
        app.add_routes(rest.routes(API))
        self._runner = web.AppRunner(app, shutdown_timeout=0.05, handler_cancellation=True)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.host, self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        self.gateway.url = f"ws://{self.host}:{self.port}/gateway"

    async def stop(self) -> None:
        """Close every connection and the port; `start` listens on the same one again."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @web.middleware
    async def _meet(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not request.path.startswith(API):
            return await handler(request)
        path = request.path.removeprefix(API)
        body = await read_body(request)
        request[BODY] = body
        fault = self.faults.take(request.method, path)
        received = Received(self.limits.elapsed(), request.method, path, body)
        self.requests.append(received)
        response = await self._answer(request, path, fault, handler)
        if response is None:
            drop(request)
            return web.Response()
        received.status = response.status
        response.headers["Date"] = formatdate(self.world.now(), usegmt=True)
        return response

    async def _answer(
        self, request: web.Request, path: str, fault: Fault | None, handler: Handler
    ) -> web.StreamResponse | None:
        if isinstance(fault, DropBefore):
            return None
        if isinstance(fault, Answer):
            return refusal(fault)
        limited = self._limited(request, path)
        done = limited if limited is not None else await self._do(request, handler)
        if isinstance(fault, DropAfter):
            return None
        if isinstance(fault, AnswerAfter):
            return refusal(fault.answer)
        if isinstance(fault, Slow):
            await asyncio.sleep(fault.seconds)
        if isinstance(fault, HangAfterHeaders):
            await web.StreamResponse().prepare(request)
        if isinstance(fault, Hang | HangAfterHeaders):
            await asyncio.Event().wait()
        return done

    def _limited(self, request: web.Request, path: str) -> web.Response | None:
        # Discord counts neither answers to interactions nor their follow-ups.
        if path.startswith(("/interactions/", "/webhooks/")):
            return None
        if not self._authorized(request):
            return plain_json({"message": "401: Unauthorized", "code": 0}, 401)
        if wait := self.limits.over_global():
            return too_many(wait, everywhere=True, headers={"X-RateLimit-Global": "true"})
        if request.method == "POST" and path.startswith("/channels/") and path.endswith("/messages"):
            wait, headers = self.limits.over_channel(path)
            request[HEADERS] = headers
            if wait:
                return too_many(wait, everywhere=False, headers=headers)
        return None

    def _authorized(self, request: web.Request) -> bool:
        return request.headers.get("Authorization") == f"Bot {self.world.token}"

    async def _do(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            response = await handler(request)
        except RefusalError as error:
            response = plain_json({"message": error.message, "code": error.code}, error.status)
        except web.HTTPNotFound:
            response = plain_json({"message": "404: Not Found", "code": 0}, 404)
        response.headers.update(request.get(HEADERS, {}))
        return response

    def mark_answered(self) -> None:
        """Called by the routes of interactions: somebody got an answer."""
        self._answered.set()

    async def command(
        self,
        line: str,
        options: Json | None = None,
        *,
        channel_id: int,
        person_id: int = PERSON_ID,
        focused: str | None = None,
    ) -> str:
        """A person types a slash command (or, with `focused`, is typing one); returns the interaction's token."""
        data = interactions.command_data(self.world, line, options, focused=focused)
        kind = interactions.AUTOCOMPLETE if focused else interactions.COMMAND
        return await self._dispatch(kind, data, channel_id=channel_id, person_id=person_id)

    async def press(
        self, message: Json, custom_id: str, *, person_id: int = PERSON_ID, values: list[str] | None = None
    ) -> str:
        """A person presses a button of a message, or chooses `values` in its menu; returns the interaction's token."""
        data = interactions.component_data(custom_id, values)
        channel_id = int(message["channel_id"])
        return await self._dispatch(
            interactions.COMPONENT, data, channel_id=channel_id, person_id=person_id, message=message
        )

    async def _dispatch(self, kind: int, data: Json, *, channel_id: int, person_id: int, **more: Any) -> str:
        event = interactions.interaction(self.world, kind, data, channel_id=channel_id, person_id=person_id)
        await self.gateway.dispatch("INTERACTION_CREATE", {**event, **more})
        return str(event["token"])

    def answers(self, token: str) -> list[Json]:
        """What the bot has answered to an interaction so far: `step` callback, followup or edit, and the `body`."""
        return [each for each in self.world.answers if each["token"] == token]

    async def answered(self, token: str, *, at_least: int = 1, within_seconds: float = 5.0) -> list[Json]:
        """The answers to an interaction, as soon as there are so many."""
        async with asyncio.timeout(within_seconds):
            while len(self.answers(token)) < at_least:
                self._answered.clear()
                await self._answered.wait()
        return self.answers(token)

    def asked(self, method: str, part: str) -> list[Received]:
        """Requests of a method whose path contains `part`."""
        return [each for each in self.requests if each.method == method and part in each.path]


async def read_body(request: web.Request) -> Any:
    """The JSON of a request, None when it has none. Of one that comes with files `files` says by number what they are."""
    if request.content_type.startswith("multipart/"):
        form = await request.post()
        files = {
            key[6:-1]: part for key, part in form.items() if key.startswith("files[") and isinstance(part, FileField)
        }
        found = {number: await received_file(part) for number, part in files.items()}
        return {**json.loads(str(form.get("payload_json") or "{}")), "files": found}
    text = await request.text()
    return json.loads(text) if text else None


async def received_file(part: FileField) -> Json:
    """What came of an uploaded file."""
    content = part.file.read()
    return {
        "filename": part.filename,
        "content_type": part.content_type,
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def refusal(fault: Answer) -> web.Response:
    """An answer made up by a test. A 429 gets the header by which Discord's own are told from its shield's."""
    headers = dict(fault.headers)
    if isinstance(fault.body, str):
        return web.Response(status=fault.status, text=fault.body, content_type="text/html", headers=headers)
    return plain_json(dict(fault.body), fault.status, headers)


def too_many(seconds: float, *, everywhere: bool, headers: dict[str, str]) -> web.Response:
    """A 429 as Discord answers it."""
    body = {"message": "You are being rate limited.", "retry_after": round(seconds, 3), "global": everywhere}
    return plain_json(body, 429, {**headers, "Retry-After": f"{seconds:.3f}", "Via": "1.1 google"})


def plain_json(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """JSON with `Content-Type: application/json` and nothing after it: discord.py compares the whole header."""
    return web.Response(
        body=json.dumps(body).encode(), status=status, headers={"Content-Type": "application/json", **(headers or {})}
    )


def drop(request: web.Request) -> None:
    """Break the connection of a request."""
    if request.transport is not None:
        request.transport.abort()
