"""The gateway: HELLO, IDENTIFY, READY, RESUME, heartbeats, events, and the ways in which it breaks."""

from __future__ import annotations

import contextlib
import itertools
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

import aiohttp
from aiohttp import web

from tests.discord_server.world import BOT_ID, Json, World

DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT, INVALID, HELLO, ACK = 0, 1, 2, 6, 7, 9, 10, 11


@dataclass
class Session:
    """One IDENTIFY and everything dispatched since, for RESUME."""

    id: str
    shard: list[int]
    socket: web.WebSocketResponse | None = None
    events: list[Json] = field(default_factory=list)


class Gateway:
    """All sessions of the bot.

    `deaf` leaves heartbeats unanswered, `silent` says nothing on new connections, `refuses` closes IDENTIFY with that
    code (4004). `shards`: how many Discord recommends.
    """

    def __init__(self, world: World, *, heartbeat_seconds: float = 41.25) -> None:
        self.world, self.heartbeat_seconds = world, heartbeat_seconds
        self.sessions: dict[str, Session] = {}
        self.identified = self.resumed = 0
        self.deaf = self.silent = False
        self.opened = 0
        self.shards = 1
        self.refuses: int | None = None
        self.url = ""
        self._numbers = itertools.count(1)

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """A connection of discord.py."""
        socket = web.WebSocketResponse(max_msg_size=0)
        socket.headers["Date"] = formatdate(self.world.now(), usegmt=True)
        await socket.prepare(request)
        self.opened += 1
        if not self.silent:
            await self._say(socket, HELLO, {"heartbeat_interval": self.heartbeat_seconds * 1000})
        async for message in socket:
            if message.type is aiohttp.WSMsgType.TEXT:
                await self._hear(socket, message.json())
        return socket

    async def _hear(self, socket: web.WebSocketResponse, message: Json) -> None:
        match message["op"]:
            case 1 if not self.deaf:
                await self._say(socket, ACK, None)
            case 2:
                await self._identify(socket, message["d"])
            case 6:
                await self._resume(socket, message["d"])

    async def _identify(self, socket: web.WebSocketResponse, wish: Json) -> None:
        if self.refuses is not None or wish["token"] != self.world.token:
            await socket.close(code=self.refuses or 4004, message=b"Authentication failed.")
            return
        self.identified += 1
        session = Session(f"session-{next(self._numbers)}", wish.get("shard") or [0, 1], socket)
        self.sessions[session.id] = session
        ours = [key for key in self.world.guilds if (key >> 22) % session.shard[1] == session.shard[0]]
        await self._dispatch(session, "READY", self._ready(session, ours))
        for guild_id in ours:
            await self._dispatch(session, "GUILD_CREATE", self.world.guild_json(guild_id))

    def _ready(self, session: Session, guilds: list[int]) -> Json:
        return {
            "v": 10,
            "user": self.world.bot_json(),
            "guilds": [{"id": str(key), "unavailable": True} for key in guilds],
            "session_id": session.id,
            "resume_gateway_url": self.url,
            "shard": session.shard,
            "application": {"id": str(BOT_ID), "flags": 0},
        }

    async def _resume(self, socket: web.WebSocketResponse, wish: Json) -> None:
        session = self.sessions.get(wish["session_id"])
        if session is None:
            await self._say(socket, INVALID, False)
            return
        self.resumed += 1
        session.socket = socket
        for event in [each for each in session.events if each["s"] > (wish["seq"] or 0)]:
            await socket.send_json(event)
        await self._dispatch(session, "RESUMED", {})

    async def dispatch(self, name: str, data: Json) -> None:
        """Send an event to every session; one that is not connected gets it when it resumes."""
        for session in self.sessions.values():
            await self._dispatch(session, name, data)

    async def close(self, code: int = 1001, *, forget: bool = False) -> None:
        """Break every connection; `forget` makes their sessions impossible to resume."""
        sessions = list(self.sessions.values())
        if forget:
            self.sessions.clear()
        for session in sessions:
            if session.socket is not None and not session.socket.closed:
                await session.socket.close(code=code)

    async def _dispatch(self, session: Session, name: str, data: Any) -> None:
        event = {"op": DISPATCH, "t": name, "s": len(session.events) + 1, "d": data}
        session.events.append(event)
        if session.socket is not None and not session.socket.closed:
            # A bot that was killed has not said farewell.
            with contextlib.suppress(ConnectionError):
                await session.socket.send_json(event)

    async def _say(self, socket: web.WebSocketResponse, op: int, data: Any) -> None:
        await socket.send_json({"op": op, "d": data, "s": None, "t": None})
