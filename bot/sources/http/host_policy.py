"""Limits of the requests to a host."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot.domain.backoff import Backoff

RETRIES = Backoff(first=timedelta(seconds=2), most=timedelta(minutes=1), jitter=(0.5, 1.5))


@dataclass(frozen=True, slots=True)
class HostPolicy:
    """Limits of the requests to one host.

    Attributes:
        per_second: Requests a second.
        burst: Requests that may go out at once.
        timeout_seconds: Time-out of one attempt.
        tries: Attempts of one call.
        backoff: Pauses between them.
        max_bytes: The largest body (unpacked) that is read.
        pool: Hosts with one pool share its rate limit and its breaker, because their owner counts
            them together.
        redirects: Further hosts to which it may send a request; one elsewhere is an error.
    """

    per_second: float = 1.0
    burst: int = 2
    timeout_seconds: float = 20.0
    tries: int = 3
    backoff: Backoff = RETRIES
    max_bytes: int = 16_000_000
    pool: str | None = None
    redirects: tuple[str, ...] = ()
