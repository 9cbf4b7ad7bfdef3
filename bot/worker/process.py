"""The one worker process: it owns market.db, computes, and hands back readings.

Pandas in a thread would hold up the event loop; in a process of its own it does not, and the bot's own memory stays small.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from pathlib import Path
from typing import ParamSpec, TypeVar

from bot.settings.paths import keep_fonts

P = ParamSpec("P")
T = TypeVar("T")

log = logging.getLogger(__name__)


class Worker:
    """Runs plain functions, one after the other, in a process that is started on first use and again if it dies.

    `cache`: a folder for what the libraries of that process keep; without one they use the person's own.
    """

    def __init__(self, cache: Path | None = None) -> None:
        self._cache = cache
        self._pool: ProcessPoolExecutor | None = None

    async def run(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a module-level function with arguments that can be pickled; its exceptions arrive here.

        A worker that was killed (out of memory, say) is replaced, and the call is tried once more.
        """
        pool = self._running()
        try:
            return await _submitted(pool, fn, *args, **kwargs)
        except BrokenProcessPool:
            # Several calls may have waited for the process that died: the first of them replaces it for all.
            if self._pool is pool:
                log.warning("the worker process died during %s; starting another", fn.__name__)
                self._drop()
            return await _submitted(self._running(), fn, *args, **kwargs)

    async def close(self) -> None:
        """Stop the process; what it was doing is rolled back by its database."""
        if self._pool is not None:
            processes = list((self._pool._processes or {}).values())
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None
            for process in processes:
                process.terminate()
                await asyncio.to_thread(process.join, 5)

    def _running(self) -> ProcessPoolExecutor:
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(1, context, initializer=_prepare, initargs=(self._cache,))
        return self._pool

    def _drop(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None


def _submitted(pool: ProcessPoolExecutor, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> asyncio.Future[T]:
    future = asyncio.wrap_future(pool.submit(fn, *args, **kwargs))
    future.add_done_callback(_seen)
    # Shielded, because a pool whose process dies stumbles over futures that were cancelled under it, and then hangs
    # at the interpreter's end (https://github.com/python/cpython/issues/94777).
    return asyncio.shield(future)


def _seen(future: asyncio.Future[T]) -> None:
    """Nobody may be waiting for the outcome any more."""
    if not future.cancelled():
        future.exception()


def _prepare(cache: Path | None) -> None:
    """Leave signals of the terminal to the parent, and end with it even when it is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if cache is not None:
        keep_fonts(cache)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(0)
