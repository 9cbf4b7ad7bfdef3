"""A worker process that need not make the simulated market again after each check."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from bot.sources.simulated import source
from bot.worker.process import Worker

P = ParamSpec("P")
T = TypeVar("T")


class WorkerBesideMarket(Worker):
    """The real one, except that the simulated source answers from the process of the tests, as a real one from its servers.

    There the market stays from one test to the next; the worker process forgets it for the sake of memory.
    """

    async def run(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """See `Worker.run`."""
        if fn.__module__ == source.__name__:
            return fn(*args, **kwargs)
        return await super().run(fn, *args, **kwargs)
