"""Notifier on discord.py: posts one payload and returns the result.

The courier decides about trying again.

Requests go through discord.py's own HTTP client (its rate-limit buckets, its session, and whatever
replaces it in a simulated Discord), as plain JSON or, with pictures, as a form that holds the same
JSON: a stored payload is sent as it was stored.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import aiohttp
import discord
from discord.http import Route

from bot.discord_app.delivery import attachments as files
from bot.discord_app.delivery.batch_mark import carries, is_unmarked, marked
from bot.discord_app.delivery.request_tries import RequestTries
from bot.discord_app.delivery.response_codes import ARCHIVED, MISSING_PERMISSIONS, delivery_result, in_doubt
from bot.domain.chart_request import Picture
from bot.outbox.message import (
    Ambiguous,
    DeliveryResult,
    EditRefused,
    NotNow,
    Opened,
    Payload,
    PicturesRefused,
    Rejected,
    RetryAfter,
    Sent,
    Unseen,
)

ANSWER_SECONDS = 40.0
"""How long the answer to one request is waited for.

Longer than discord.py's five tries after errors of Discord's servers (25 s), and than its longest pause for a rate limit
(30 s), in which a request that was given up still holds up its channel.
"""

_PAGE = 100
_NEWEST_PAGES, _MOST_PAGES = 3, 30
"""How far a look-up reads: among the newest messages, and from an instant on, before which the margin may have many."""
_MARGIN = timedelta(minutes=2)
"""Discord's clock is known to a second; this also covers what an older version stored by the machine's clock."""

_NO_HISTORY = "Read Message History is missing"
_THREADS = (10, 11, 12)
"""Types of channels that are threads."""

_TOO_LARGE = "413 "
_SUPPRESS_NOTIFICATIONS = 1 << 12
_IS_COMPONENTS_V2 = 1 << 15

_TOO_OLD = 30046
"""Maximum number of edits to messages older than an hour."""


class DiscordNotifier:
    """Sends through a logged-in client, sharded or not."""

    def __init__(self, client: discord.Client, *, answer_seconds: float = ANSWER_SECONDS) -> None:
        self._client, self._answer_seconds = client, answer_seconds
        self._requests: set[asyncio.Task[Any]] = set()

    async def send(
        self, channel_id: int, payload: Payload, *, nonce: str, pictures: Sequence[Picture] = ()
    ) -> DeliveryResult:
        """Post `payload` with `pictures`, none where the bot may not attach files.

        Embeds of the others lose their image.

        With the same `nonce` (<= 25 characters) Discord posts it only once within a few minutes.
        """
        route = Route("POST", "/channels/{channel_id}/messages", channel_id=channel_id)
        attached = pictures if self._may_attach(channel_id) else ()
        response = await self._open_request(channel_id, route, partial(_content, payload, nonce, attached))
        if isinstance(response, _ResponseBody):
            # Whatever the body is: a status of 2xx means that the message was posted.
            return Sent(_snowflake(response.body))
        if attached and (
            isinstance(response, Rejected)
            or (isinstance(response, NotNow) and response.code == MISSING_PERMISSIONS)
            or (isinstance(response, Ambiguous) and response.reason.startswith(_TOO_LARGE))
        ):
            # Discord does not say which permission is missing, or what is wrong with the files. A proxy says that they
            # are too large for it.
            return PicturesRefused(response.reason)
        return response

    def _may_attach(self, channel_id: int) -> bool:
        """Whether the bot may attach files; True for a channel that is not in memory."""
        channel = self._client.get_channel(channel_id)
        if not isinstance(channel, discord.abc.GuildChannel | discord.Thread):
            return True
        me: discord.Member | None = channel.guild.me
        return me is None or channel.permissions_for(me).attach_files

    async def find(
        self, channel_id: int, *, nonce: str, since: datetime | None, unmarked: Payload | None = None
    ) -> DeliveryResult | None:
        """Look for the message with this nonce among our own ones in the channel since an instant of Discord's time.

        Among the newest ones without an instant. It is known by the mark in its components; what version
        0.1.0 posted (`unmarked`) by the ids of its components, where they have no mark. Without the
        permission to read the history Discord returns an empty list: it says nothing, unless the bot has it.
        """
        user, empty = self._client.user, True
        page: dict[str, int] = {}
        if since is not None:
            page["after"] = discord.utils.time_snowflake(since - _MARGIN)
        for _ in range(_MOST_PAGES if since is not None else _NEWEST_PAGES):
            route = Route("GET", "/channels/{channel_id}/messages", channel_id=channel_id)
            response = await self._request(route, params={**page, "limit": _PAGE})
            if not isinstance(response, _ResponseBody):
                return response
            messages = response.body if isinstance(response.body, list) else []
            empty = empty and not messages
            for message in messages:
                if user is None or message["author"]["id"] != str(user.id):
                    continue
                if carries(message, nonce) or (unmarked is not None and is_unmarked(message, unmarked.components)):
                    return Sent(int(message["id"]))
            if len(messages) < _PAGE:
                break
            ids = [int(message["id"]) for message in messages]
            page = {"after": max(ids)} if since is not None else {"before": min(ids)}
        return await self._unreadable(channel_id) if empty else None

    async def _unreadable(self, channel_id: int) -> DeliveryResult | None:
        """Why an empty history does not say what the channel holds; None where the bot may read it."""
        channel = self._client.get_channel(channel_id)
        if channel is None:
            # A DM, or an archived thread: neither has to be in memory.
            response = await self._request(Route("GET", "/channels/{channel_id}", channel_id=channel_id))
            if not isinstance(response, _ResponseBody):
                return response
            body = response.body if isinstance(response.body, dict) else {}
            if body.get("type") == discord.ChannelType.private.value:
                return None
            channel = self._client.get_channel(int(body["parent_id"])) if body.get("type") in _THREADS else None
        if isinstance(channel, discord.abc.PrivateChannel):
            return None
        me: discord.Member | None = channel.guild.me if channel is not None else None
        if channel is None or me is None:
            return RetryAfter(None, "Discord has not announced the channel yet")
        if not channel.permissions_for(me).read_message_history:
            return Unseen(_NO_HISTORY)
        return await self._refused_a_single_message(channel_id, getattr(channel, "last_message_id", None))

    async def _refused_a_single_message(self, channel_id: int, newest: int | None) -> DeliveryResult | None:
        """Why a single message may not be read there; None where it may, or is there no more.

        What this process remembers of its permissions is old while the gateway is away. Of a single message Discord
        says that it may not be read, where a list would be empty
        (https://github.com/discord/discord-api-docs/issues/77).
        """
        route = Route(
            "GET",
            "/channels/{channel_id}/messages/{message_id}",
            channel_id=channel_id,
            message_id=channel_id if newest is None else newest,
        )
        response = await self._request(route)
        if isinstance(response, _ResponseBody | Sent):
            return None
        return Unseen(_NO_HISTORY) if isinstance(response, NotNow) else response

    async def edit(
        self, channel_id: int, message_id: int, payload: Payload, *, nonce: str
    ) -> DeliveryResult | EditRefused:
        """Make `payload` of a message of ours, without its pictures; doing it again changes nothing."""
        route = Route(
            "PATCH", "/channels/{channel_id}/messages/{message_id}", channel_id=channel_id, message_id=message_id
        )
        # Of a message that is there only what it shows can be changed; whom it notified is past.
        body = _body(replace(payload, silent=False), nonce)
        kept = ("content", "embeds", "components", "allowed_mentions", "flags")
        shown = {name: body[name] for name in kept if name in body}
        response = await self._open_request(channel_id, route, lambda: {"json": shown})
        if isinstance(response, _ResponseBody):
            return Sent(message_id)
        if isinstance(response, Sent):
            return EditRefused(gone=True)
        if isinstance(response, Rejected) and response.code == _TOO_OLD:
            return EditRefused(gone=False)
        return response

    async def delete(self, channel_id: int, message_id: int) -> DeliveryResult:
        """Delete a message of ours; `Sent` also when it is there no more."""
        route = Route(
            "DELETE", "/channels/{channel_id}/messages/{message_id}", channel_id=channel_id, message_id=message_id
        )
        response = await self._request(route)
        return Sent(None) if isinstance(response, _ResponseBody) else response

    async def open_dm(self, user_id: int) -> Opened | DeliveryResult:
        """The DM channel with a person; a `DeliveryResult` when it cannot be opened."""
        response = await self._request(Route("POST", "/users/@me/channels"), json={"recipient_id": str(user_id)})
        if not isinstance(response, _ResponseBody):
            return response
        channel_id = _snowflake(response.body)
        return Opened(channel_id) if channel_id is not None else Ambiguous("Discord opened a DM without an id")

    async def _open_request(
        self, channel_id: int, route: Route, arguments: Callable[[], dict[str, Any]]
    ) -> _ResponseBody | DeliveryResult:
        """As `_request`; a thread that is archived is opened first, once, where the bot may do so.

        `arguments` are made anew for each request, which reads the files among them to their end.
        """
        response = await self._request(route, **arguments())
        if not isinstance(response, NotNow) or response.code != ARCHIVED:
            return response
        opening = Route("PATCH", "/channels/{channel_id}", channel_id=channel_id)
        if not isinstance(await self._request(opening, json={"archived": False}), _ResponseBody):
            return response
        return await self._request(route, **arguments())

    async def _request(self, route: Route, **arguments: Any) -> _ResponseBody | DeliveryResult:
        """Make a request, and wait for its answer for `answer_seconds`.

        The request itself is never cancelled: while discord.py waits for the end of a rate limit it holds up all others.
        """
        if self._client.user is None or self._client.is_closed():
            return RetryAfter(None, "not logged in", everywhere=True)
        tries = RequestTries()
        request = asyncio.create_task(
            self._client.http.request(route, middlewares=(tries,), **arguments),
            name=f"request {route.method} {route.path}",
        )
        self._requests.add(request)
        request.add_done_callback(self._ended)
        try:
            await asyncio.wait({request}, timeout=self._answer_seconds)
        finally:
            if not request.done():
                # What is not known to have failed must not arrive after somebody has looked for it.
                tries.give_up()
        if not request.done():
            return Ambiguous(f"no answer within {self._answer_seconds:g} s")
        try:
            return _ResponseBody(request.result())
        except (discord.RateLimited, discord.HTTPException, aiohttp.ClientError, OSError) as error:
            result = delivery_result(error)
            return in_doubt(result) if tries.left_open else result

    def _ended(self, request: asyncio.Task[Any]) -> None:
        self._requests.discard(request)
        if not request.cancelled():
            request.exception()  # nobody may wait for it any more


class _ResponseBody:
    """The body of a 2xx response, to distinguish it from a `DeliveryResult`."""

    __slots__ = ("body",)

    def __init__(self, body: object) -> None:
        self.body = body


def _content(payload: Payload, nonce: str, pictures: Sequence[Picture]) -> dict[str, Any]:
    """The message as an argument of discord.py's `request`: JSON, or a form of JSON and files."""
    body = _body(payload, nonce, pictures)
    return files.form(body, pictures) if pictures else {"json": body}


def _body(payload: Payload, nonce: str, pictures: Sequence[Picture] = ()) -> dict[str, Any]:
    """A message as Discord's API takes it.

    Nobody is notified but the chosen roles and the person addressed.
    """
    shown = {} if payload.layout else {"content": payload.text, "embeds": files.with_only(payload.embeds, pictures)}
    return {
        **shown,
        "components": marked(payload.components, nonce),
        "allowed_mentions": {
            "parse": [],
            "roles": [str(role) for role in payload.mention_roles],
            "users": [str(user) for user in (payload.mention_user, *payload.mention_owners) if user is not None],
        },
        "flags": _SUPPRESS_NOTIFICATIONS * payload.silent | _IS_COMPONENTS_V2 * payload.layout,
        "nonce": nonce,
        "enforce_nonce": True,
        "tts": False,
    }


def _snowflake(body: object) -> int | None:
    return int(body["id"]) if isinstance(body, dict) and "id" in body else None
