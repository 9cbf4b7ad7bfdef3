"""Rate limit: when the next request may be sent, without a clock or sleeping of its own."""

from __future__ import annotations

import math
import threading
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_RETRY_AFTER_SECONDS = 60.0
"""The longest Retry-After that one call waits for; beyond it the host's breaker opens instead."""


class TokenBucket:
    """Token bucket with a lock, for the event loop and for threads.

    It does not wait: `take` books one token and returns how long the caller must wait, so that a
    test needs no time.
    """

    def __init__(self, per_second: float, burst: int) -> None:
        self._step = 1.0 / per_second
        self._slack = (burst - 1) * self._step
        self._free_at = -math.inf
        self._lock = threading.Lock()

    def take(self, at: float) -> float:
        """Book a token at monotonic time `at`.

        Returns the seconds to wait before using it, 0.0 within the burst.
        """
        with self._lock:
            free_at = max(self._free_at, at)
            self._free_at = free_at + self._step
        return max(0.0, free_at - self._slack - at)


def retry_after_seconds(header: str | None, now: datetime) -> float | None:
    """A Retry-After header, a number or a date, in seconds from `now`; None when it is neither."""
    if header is None:
        return None
    text = header.strip()
    if text.isdecimal():
        return float(text)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(0.0, (until - now).total_seconds())
