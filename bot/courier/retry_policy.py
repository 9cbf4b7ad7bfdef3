"""Timeouts, waits and limits of the courier."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot.domain.backoff import Backoff

RETRIES = Backoff(first=timedelta(seconds=2), most=timedelta(minutes=5), jitter=(0.5, 1.0))


@dataclass(frozen=True, slots=True)
class DeliveryPolicy:
    """Timeouts, waits and limits of the courier.

    `in_flight`: how many messages may be under way at once. `nonce_seconds`: how long Discord is
    trusted to remember a nonce ("the past few minutes"). `lease_seconds` must exceed what one
    attempt can take. `look_seconds`: the time between two looks at a channel that shows the bot no
    history. `dm_seconds`: the time between two openings of DM channels, because Discord
    quarantines a bot that opens many. `idle_seconds`: the longest time between two looks into the
    outbox. `picture_seconds`: how long a message waits for its pictures, which the worker process
    draws after a check that lasts some two seconds. `backoff`: the waits after failed attempts; its
    jitter keeps many messages from being retried at once.
    """

    in_flight: int = 64
    lease_seconds: int = 180
    nonce_seconds: int = 180
    look_seconds: float = 600.0
    dm_seconds: float = 15.0
    idle_seconds: float = 30.0
    picture_seconds: float = 5.0
    backoff: Backoff = RETRIES
