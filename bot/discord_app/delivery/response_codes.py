"""The delivery result of a request that failed, by HTTP status and Discord's own JSON code.

Only Discord's own JSON with a code is a verdict on a message. Everything else comes from something on the way (a proxy,
a firewall, Cloudflare) and leaves open whether the message was posted.
"""

from __future__ import annotations

import math

import discord

from bot.discord_app.delivery.request_tries import NOT_CONNECTED
from bot.outbox.message import (
    Ambiguous,
    DeliveryResult,
    DestinationGone,
    NotNow,
    Rejected,
    RetryAfter,
    Sent,
    Unauthorized,
)

# Unknown channel, guild, user.
_GONE = frozenset({10003, 10004, 10013})

# A thread that is archived, which Discord answers with 400. With 403 it answers only to what a place or a bot may not
# do for now: missing access and permissions, refused DMs, no server in common, locked threads, a flagged bot.
ARCHIVED = 50083

# The text of the message itself was refused with 403, by the filter of a server.
_FILTERED = frozenset({200000, 200001})

MISSING_PERMISSIONS = 50013
_OPENING_TOO_FAST = 40003
_UNKNOWN_MESSAGE = 10008
_TOKEN_REFUSED = "401: Unauthorized"  # noqa: S105 - Discord's text, which has no code
_BLOCKED_SECONDS = 600.0
_OPENING_PAUSE_SECONDS = 3600.0

_TRIED = "an earlier try may have arrived, the last one ended with"

_MOST_SECONDS = 3600.0
"""No answer makes messages wait longer. Cloudflare's blocks end within an hour, and whatever stands on the way may
write any number."""


def delivery_result(error: Exception) -> DeliveryResult:
    """What the failure of a request means for the message that was to be sent, by its last try."""
    if isinstance(error, discord.HTTPException):
        return _response_result(error)
    if isinstance(error, discord.RateLimited):
        return RetryAfter(_pause(error.retry_after), "rate limited")
    if isinstance(error, NOT_CONNECTED):
        return RetryAfter(None, f"Discord cannot be reached: {error}", everywhere=True)
    return Ambiguous(f"the connection broke: {error!r}")


def in_doubt(result: DeliveryResult) -> DeliveryResult:
    """What a result means where an earlier try of the same request may have posted the message.

    A refusal is given again when the message is sent again, and is then one of a message in doubt.
    """
    match result:
        case Sent():
            return result
        case RetryAfter() | Ambiguous():
            return Ambiguous(f"{_TRIED}: {result.reason}", result.everywhere, result.seconds)
        case _:
            return Ambiguous(f"{_TRIED}: {result.reason}")


def _response_result(error: discord.HTTPException) -> DeliveryResult:
    # `error.code` is Discord's own JSON code, 0 where the body has none.
    reason = f"{error.status} {error.text or ''} ({error.code})".replace("\n", " ")[:300]
    if error.status == 401 and error.text == _TOKEN_REFUSED:
        return Unauthorized("Discord refused the token (401)")
    if error.status == 429:
        return _limited(error, reason)
    if error.code == 0 or error.status >= 500:
        # What keeps everybody out answers with these; the others may be about this one message.
        return Ambiguous(reason, everywhere=error.status in (401, 403, 404))
    return _refused(error, error.text or reason, reason)


def _limited(error: discord.HTTPException, reason: str) -> DeliveryResult:
    seconds = _pause(_number(error.response.headers.get("Retry-After")))
    if not error.response.headers.get("Via"):
        # Cloudflare in front of Discord has blocked this address, and every further request
        # prolongs that.
        return RetryAfter(max(seconds or 0.0, _BLOCKED_SECONDS), reason, everywhere=True)
    return RetryAfter(seconds, reason)


def _refused(error: discord.HTTPException, text: str, reason: str) -> DeliveryResult:
    if error.code == _OPENING_TOO_FAST:
        return RetryAfter(_OPENING_PAUSE_SECONDS, reason)
    if error.status == 404 and error.code == _UNKNOWN_MESSAGE:
        # The nonce is known and its message has been deleted, so it was posted.
        return Sent(None)
    if error.status == 404 and error.code in _GONE:
        return DestinationGone(error.code, text)
    if (error.status == 403 and error.code not in _FILTERED) or error.code == ARCHIVED:
        return NotNow(error.code, text)
    return Rejected(reason, error.code)


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None


def _pause(seconds: float | None) -> float | None:
    """The pause that an answer asks for; None where that is no length of time."""
    if seconds is None or not math.isfinite(seconds) or seconds < 0:
        return None
    return min(seconds, _MOST_SECONDS)
