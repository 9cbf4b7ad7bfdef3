"""The demo's floor, which here says when the play is at work."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from bot.demo.floor import Floor


class WatchedFloor(Floor):
    """Says when the play is at work, so that a person can press Enter right then."""

    def __init__(self, quiet: float) -> None:
        super().__init__(quiet)
        self.landing = asyncio.Event()

    @contextlib.asynccontextmanager
    async def step(self) -> AsyncIterator[None]:
        async with super().step():
            self.landing.set()
            try:
                yield
            finally:
                self.landing.clear()
