"""How a host is asked."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HostPolicy:
    """How one host is asked: pace, time-out, tries of one call, and the largest body (unpacked) that is read.

    Hosts with one `pool` share its pace and its breaker, because their owner counts them together.
    """

    per_second: float = 1.0
    burst: int = 2
    timeout_seconds: float = 20.0
    tries: int = 3
    backoff_seconds: float = 2.0
    max_bytes: int = 16_000_000
    pool: str | None = None
