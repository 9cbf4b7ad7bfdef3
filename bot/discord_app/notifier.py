"""Notifier on discord.py: posts one payload and returns the result.

The courier decides about trying again.

Requests go through discord.py's own HTTP client (its rate-limit buckets, its session, and whatever
replaces it in a simulated Discord), as plain JSON or, with pictures, as a form that holds the same
JSON: a stored payload is sent as it was stored.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import discord
from discord.http import Route

from bot.discord_app import attachments as files
from bot.discord_app.response_codes import MISSING_PERMISSIONS, delivery_result
from bot.domain.chart_request import Picture
from bot.outbox.message import (
    Ambiguous,
    DeliveryResult,
    DestinationGone,
    Opened,
    Payload,
    PicturesRefused,
    Rejected,
    RetryAfter,
    Sent,
)

ANSWER_SECONDS = 40.0
"""The timeout of one request.

Longer than discord.py's five tries after an error of Discord's servers (25 s), and than the 30 s
after which it frees a rate-limit bucket that an earlier timeout left locked: with a shorter timeout
that bucket would stay locked for ever.
"""

_PAGE = 100
_MOST_PAGES = 3
_CLOCKS_APART = timedelta(minutes=1)
_SUPPRESS_NOTIFICATIONS = 1 << 12


class DiscordNotifier:
    """Sends through a logged-in client, sharded or not."""

    def __init__(self, client: discord.Client, *, answer_seconds: float = ANSWER_SECONDS) -> None:
        self._client, self._answer_seconds = client, answer_seconds

    async def send(
        self, channel_id: int, payload: Payload, *, nonce: str, pictures: Sequence[Picture] = ()
    ) -> DeliveryResult:
        """Post `payload` with `pictures`, none where the bot may not attach files.

        Embeds of the others lose their image.

        With the same `nonce` (<= 25 characters) Discord posts it only once within a few minutes.
        """
        route = Route("POST", "/channels/{channel_id}/messages", channel_id=channel_id)
        attached = pictures if self._may_attach(channel_id) else ()
        response = await self._request(route, **_content(payload, nonce, attached))
        if isinstance(response, _ResponseBody):
            # Whatever the body is: a status of 2xx means that the message was posted.
            return Sent(_snowflake(response.body))
        if attached and (
            isinstance(response, Rejected)
            or (isinstance(response, DestinationGone) and response.code == MISSING_PERMISSIONS)
        ):
            # Discord does not say which permission is missing, or what is wrong with the files.
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
        self, channel_id: int, payload: Payload, *, since: datetime, known: Collection[int]
    ) -> DeliveryResult | None:
        """Look for `payload` among our own messages in the channel since an instant.

        The message ids `known` are left out. A channel's history has no nonces, so text, titles and
        ids of buttons are compared. Without the permission to read the history Discord returns an
        empty list, which counts as "not there".
        """
        user = self._client.user
        after = discord.utils.time_snowflake(since - _CLOCKS_APART)
        for _ in range(_MOST_PAGES):
            route = Route("GET", "/channels/{channel_id}/messages", channel_id=channel_id)
            response = await self._request(route, params={"after": after, "limit": _PAGE})
            if not isinstance(response, _ResponseBody):
                return response
            messages = response.body if isinstance(response.body, list) else []
            for message in messages:
                ours = user is not None and message["author"]["id"] == str(user.id) and int(message["id"]) not in known
                if ours and _comparable(message) == _comparable(_body(payload, "")):
                    return Sent(int(message["id"]))
            if len(messages) < _PAGE:
                break
            after = max(int(message["id"]) for message in messages)
        return None

    async def open_dm(self, user_id: int) -> Opened | DeliveryResult:
        """The DM channel with a person; a `DeliveryResult` when it cannot be opened."""
        response = await self._request(Route("POST", "/users/@me/channels"), json={"recipient_id": str(user_id)})
        if not isinstance(response, _ResponseBody):
            return response
        channel_id = _snowflake(response.body)
        return Opened(channel_id) if channel_id is not None else Ambiguous("Discord opened a DM without an id")

    async def _request(self, route: Route, **arguments: Any) -> _ResponseBody | DeliveryResult:
        if self._client.user is None or self._client.is_closed():
            return RetryAfter(None, "not logged in", everywhere=True)
        try:
            async with asyncio.timeout(self._answer_seconds):
                return _ResponseBody(await self._client.http.request(route, **arguments))
        except discord.RateLimited as error:
            return RetryAfter(error.retry_after, "rate limited")
        except discord.HTTPException as error:
            return delivery_result(error)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            return RetryAfter(None, f"Discord cannot be reached: {error}", everywhere=True)
        except TimeoutError:
            return Ambiguous(f"no answer within {self._answer_seconds:g} s")
        except (OSError, aiohttp.ClientError) as error:
            return Ambiguous(f"the connection broke: {error!r}")


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
    return {
        "content": payload.text,
        "embeds": files.with_only(payload.embeds, pictures),
        "components": [dict(row) for row in payload.components],
        "allowed_mentions": {
            "parse": [],
            "roles": [str(role) for role in payload.mention_roles],
            "users": [str(payload.mention_user)] if payload.mention_user is not None else [],
        },
        "flags": _SUPPRESS_NOTIFICATIONS if payload.silent else 0,
        "nonce": nonce,
        "enforce_nonce": True,
        "tts": False,
    }


def _comparable(message: Mapping[str, Any]) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """What is the same in a message as sent and as read back: text, titles and ids of buttons."""
    titles = tuple(_single_spaced(embed.get("title")) for embed in message.get("embeds") or ())
    buttons = tuple(
        str(component.get("custom_id") or component.get("url"))
        for row in message.get("components") or ()
        for component in row.get("components") or ()
    )
    return _single_spaced(message.get("content")), titles, buttons


def _single_spaced(text: str | None) -> str:
    return " ".join((text or "").split())


def _snowflake(body: object) -> int | None:
    return int(body["id"]) if isinstance(body, dict) and "id" in body else None
