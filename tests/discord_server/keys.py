"""Where the parts of the stand-in find each other during a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

if TYPE_CHECKING:
    from tests.discord_server.server import DiscordServer

SERVER: web.AppKey[DiscordServer] = web.AppKey("server")
BODY: web.RequestKey[Any] = web.RequestKey("body", object)
HEADERS: web.RequestKey[dict[str, str]] = web.RequestKey("headers", dict)


def server_of(request: web.Request) -> DiscordServer:
    """The stand-in that answers this request."""
    return request.app[SERVER]
