"""Pacer: lets a given number of requests per second through, evenly, whatever the event loop does in between."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

PER_SECOND = 46.0
"""Discord allows 50 a second in all; the rest is head-room for whatever else the bot asks of it."""

_CATCH_UP = 1
"""Slots that may be made up for after oversleeping; a stalled event loop must not end in a burst."""


class Pacer:
    """Slots at equal distances, given out one after the other in the order of asking.

    `elapsed` gives seconds on any steady scale and `sleep` waits for seconds on the same one. In no second more than
    `per_second` + 2 slots are given.
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
        self._turn = asyncio.Lock()
        self._next = float("-inf")

    async def slot(self) -> None:
        """Wait for the next free slot and take it."""
        async with self._turn:
            while (wait := self._next - self._elapsed()) > 0:
                await self._sleep(wait)
            self._next = max(self._next, self._elapsed() - _CATCH_UP * self._interval) + self._interval
