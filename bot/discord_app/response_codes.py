"""The delivery result of Discord's error responses, by HTTP status and Discord's own JSON code."""

from __future__ import annotations

import discord

from bot.outbox.message import Ambiguous, DeliveryResult, DestinationGone, Rejected, RetryAfter, Sent, Unauthorized

# Unknown channel, guild, user; missing access; DM refused; missing permissions; no server in
# common.
_DESTINATION_GONE = frozenset({10003, 10004, 10013, 50001, 50007, 50013, 50278})

MISSING_PERMISSIONS = 50013
_OPENING_TOO_FAST = 40003
_UNKNOWN_MESSAGE = 10008
_BLOCKED_SECONDS = 600.0
_OPENING_PAUSE_SECONDS = 3600.0


def delivery_result(error: discord.HTTPException) -> DeliveryResult:
    """What a response other than 2xx means for the message that was to be sent.

    `error.code` is Discord's own JSON code, 0 where the body does not come from Discord (a proxy,
    Cloudflare).
    """
    reason = f"{error.status} {error.text or ''} ({error.code})".replace("\n", " ")[:300]
    if error.status == 401:
        return Unauthorized("Discord refused the token (401)")
    if error.status == 429:
        return _limited(error, reason)
    if error.code == _OPENING_TOO_FAST:
        return RetryAfter(_OPENING_PAUSE_SECONDS, reason)
    if error.status == 404 and error.code == _UNKNOWN_MESSAGE:
        # The nonce is known and its message has been deleted, so it was posted.
        return Sent(None)
    if error.status in (403, 404):
        return _refused(error, reason)
    if error.status >= 500 or error.status == 408:
        return Ambiguous(reason)
    return Rejected(reason)


def _limited(error: discord.HTTPException, reason: str) -> DeliveryResult:
    seconds = _number(error.response.headers.get("Retry-After"))
    if not error.response.headers.get("Via"):
        # Cloudflare in front of Discord has blocked this address, and every further request
        # prolongs that.
        return RetryAfter(max(seconds or 0.0, _BLOCKED_SECONDS), reason, everywhere=True)
    return RetryAfter(seconds, reason)


def _refused(error: discord.HTTPException, reason: str) -> DeliveryResult:
    if error.code in _DESTINATION_GONE:
        return DestinationGone(error.code, error.text or reason)
    if error.code == 0:
        # The response of a proxy or firewall says nothing about the destination; the message was
        # not posted either.
        return RetryAfter(None, reason, everywhere=error.response.headers.get("Content-Type") != "application/json")
    return Rejected(reason)


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
