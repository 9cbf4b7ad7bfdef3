"""How a host is asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot.domain.backoff import Backoff

RETRIES = Backoff(first=timedelta(seconds=2), most=timedelta(minutes=1), jitter=(0.5, 1.5))


@dataclass(frozen=True, slots=True)
class HostPolicy:
    """How one host is asked: pace, time-out, tries of one call, and the largest body (unpacked) that is read.

    Hosts with one `pool` share its pace and its breaker, because their owner counts them together.
    """

    per_second: float = 1.0
    burst: int = 2
    timeout_seconds: float = 20.0
    tries: int = 3
    backoff: Backoff = RETRIES
    max_bytes: int = 16_000_000
    pool: str | None = None
