"""Bounded use of a worker process: for what people ask for, and for what foreign hosts send.

How many calls may wait and how long one may compute are limited, so that no crowd and no body holds
up others.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any, ParamSpec, TypeVar

from bot.errors import UserError
from bot.worker.process import Worker

P = ParamSpec("P")
T = TypeVar("T")

log = logging.getLogger(__name__)

IDLE_SECONDS = 60.0
"""How long after its last call such a process ends."""

CALL_SECONDS = 30.0
LONGEST_WAIT_SECONDS = 10.0
MOST_WAITING = 12


class TooLongError(UserError):
    """A call took longer than it may."""


class OnDemandWorker:
    """Runs one call after the other.

    Args:
        worker: The process; nobody else may use it.
        call_seconds: How long one call may compute. The process of one that takes longer is killed.
        most_waiting: How many calls may wait or compute at once.
    """

    def __init__(
        self,
        worker: Worker,
        *,
        call_seconds: float = CALL_SECONDS,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self._worker = worker
        self._call_seconds, self._most_waiting = call_seconds, most_waiting
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._tasks: set[asyncio.Task[Any]] = set()

    async def run(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a module-level function with arguments that can be pickled; its exceptions are raised here.

        Raises UserError where too many calls wait, and where the call takes too long.
        """
        if self._waiting >= self._most_waiting:
            raise UserError("Many people are asking for something to be computed. Please try again in a minute.")
        self._waiting += 1
        try:
            await self._turn.acquire()
        except BaseException:
            self._waiting -= 1
            raise
        # A task of its own, because who asked may give up; the process computes on, and the next
        # call has its turn only after that.
        call: asyncio.Task[T] = asyncio.create_task(self._call(partial(self._worker.run, fn, *args, **kwargs)))
        self._tasks.add(call)
        call.add_done_callback(self._ended)
        return await asyncio.shield(call)

    @contextlib.asynccontextmanager
    async def without_process(self) -> AsyncIterator[None]:
        """Have no process during the block, for one that needs the memory.

        What is under way ends first and later calls wait; where that takes longer than ten seconds, the
        process stays.
        """
        try:
            async with asyncio.timeout(LONGEST_WAIT_SECONDS):
                await self._turn.acquire()
        except TimeoutError:
            yield
            return
        try:
            await self._worker.close()
            yield
        finally:
            self._turn.release()

    async def close(self) -> None:
        """Give up what is under way and end the process."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._worker.close()

    async def _call(self, work: Callable[[], Awaitable[T]]) -> T:
        try:
            async with asyncio.timeout(self._call_seconds):
                return await work()
        except TimeoutError as error:
            log.info("a call took longer than %g s and was ended", self._call_seconds)
            await self._worker.close()
            raise TooLongError("That takes too long to compute. Ask for less, such as a shorter span.") from error

    def _ended(self, call: asyncio.Task[T]) -> None:
        self._tasks.discard(call)
        if not call.cancelled():
            # asyncio would log the exception of a call whose caller has given up.
            call.exception()
        self._turn.release()
        self._waiting -= 1
