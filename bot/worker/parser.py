"""The process that reads what foreign hosts send, with limits on time and memory.

A regular expression, a table or an archive that somebody has made for it can keep a reader busy for
minutes, and it holds the GIL meanwhile. In a process of its own it holds up nobody, and it can be
ended.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import ParamSpec, TypeVar

from bot.errors import SourceError
from bot.worker.on_demand import IDLE_SECONDS, OnDemandWorker, TooLongError
from bot.worker.process import Worker

P = ParamSpec("P")
T = TypeVar("T")

SECONDS = 30.0
MEMORY_BYTES = 2 * 2**30
MOST_WAITING = 1000
"""Sources fetch one job each at a time, so that few ever wait."""


class ParserProcess:
    """Runs one reader after the other."""

    def __init__(
        self, cache: Path | None = None, *, seconds: float = SECONDS, memory_bytes: int = MEMORY_BYTES
    ) -> None:
        self._seconds = seconds
        worker = Worker(cache, memory_bytes=memory_bytes, idle_seconds=IDLE_SECONDS)
        self._worker = OnDemandWorker(worker, call_seconds=seconds, most_waiting=MOST_WAITING)

    async def run(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a reader; what it raises is raised here. Raises SourceError beyond the limits."""
        try:
            return await self._worker.run(fn, *args, **kwargs)
        except TooLongError:
            raise SourceError(f"an answer took longer than {self._seconds:g} s to read and was given up") from None
        except (MemoryError, BrokenProcessPool):
            raise SourceError("an answer needs more memory to read than any real one does") from None

    def without_process(self) -> AbstractAsyncContextManager[None]:
        """Have no process during the block; see `OnDemandWorker.without_process`."""
        return self._worker.without_process()

    async def close(self) -> None:
        """End the process."""
        await self._worker.close()
