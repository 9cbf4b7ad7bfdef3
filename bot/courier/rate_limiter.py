"""Pacer: limits requests per second, evenly, even when the event loop stalls."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

PER_SECOND = 46.0
"""Discord allows 50 requests a second in all; the remaining four are head-room for the bot's other
requests."""

_CATCH_UP = 1
"""How many missed slots may be made up for after a late wake-up; a stalled event loop must not
cause a burst."""


class Pacer:
    """Slots at equal distances, given out one after the other in the order of the calls.

    `elapsed` gives seconds on any steady scale and `sleep` waits for seconds on the same scale. In
    no second more than `per_second` + 2 slots are given.
    """

    def __init__(
        self,
        per_second: float = PER_SECOND,
        *,
        elapsed: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._interval = 1 / per_second
        self._elapsed, self._sleep = elapsed, sleep
        self._lock = asyncio.Lock()
        self._next = float("-inf")

    async def slot(self) -> None:
        """Wait for the next free slot and take it."""
        async with self._lock:
            while (wait := self._next - self._elapsed()) > 0:
                await self._sleep(wait)
            self._next = max(self._next, self._elapsed() - _CATCH_UP * self._interval) + self._interval
