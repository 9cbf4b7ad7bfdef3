"""Who acts in the simulated Discord: a person or the play, one after the other."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import AsyncIterator, Callable

QUIET_SECONDS = 15.0
"""How long after a person's last request the next session lands at the earliest."""


class Floor:
    """Lets one act at a time, and the play only when nobody has asked for anything for a while.

    What a person sends while a session lands waits for it, so nothing that is typed is lost; and
    no session lands while somebody picks options or reads an answer.
    """

    def __init__(self, quiet: float = QUIET_SECONDS, now: Callable[[], float] = time.monotonic) -> None:
        self._quiet, self._now = quiet, now
        self._one_at_a_time = asyncio.Lock()
        self._requests = 0
        self._last_request = -math.inf

    @contextlib.asynccontextmanager
    async def person(self, *, asks: bool = True) -> AsyncIterator[None]:
        """A request from a page; `asks`: it is a person's and no housekeeping of the page."""
        self._requests += asks
        try:
            async with self._one_at_a_time:
                yield
        finally:
            self._requests -= asks
            if asks:
                self._last_request = self._now()

    async def quiet(self) -> None:
        """Wait until the next session may land."""
        wait = self.wait()
        while wait > 0:
            await asyncio.sleep(wait)
            wait = self.wait()

    @contextlib.asynccontextmanager
    async def step(self) -> AsyncIterator[None]:
        """A step of the play."""
        async with self._one_at_a_time:
            yield

    def wait(self) -> float:
        """Seconds until the play may go on, as far as can be seen now; 0 or less: at once."""
        if self._requests:
            return min(self._quiet, 0.1)
        return self._quiet - (self._now() - self._last_request)
