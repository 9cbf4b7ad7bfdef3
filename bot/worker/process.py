"""The worker process: it alone opens market.db, computes and draws, and returns the results.

Pandas in a thread would block the event loop, because it holds the GIL for long. In a process of
its own it does not, and the memory of the bot's process stays small. It ends after a while without
work, because it takes as much memory as the bot itself, and is started again by the next call.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import resource
import signal
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from bot.settings.paths import keep_fonts
from bot.worker import child_logs, memory
from bot.worker.child_logs import ChildLogs

P = ParamSpec("P")
T = TypeVar("T")

log = logging.getLogger(__name__)

_END_SECONDS = 5
"""A process that was asked to end has that long before it is killed."""

IDLE_SECONDS = 600.0
"""Longer than what belongs together: the jobs of an evening, their checks and the pictures of their messages."""

SILENT_SECONDS = 1800.0
"""A process that has not answered any call for so long will not answer: the longest take seconds, on a slow machine minutes."""


@dataclass(frozen=True, slots=True)
class _Process:
    """One process, and what belongs to it alone: a call may start the next one while this one ends.

    Attributes:
        pool: The executor that has it.
        calls: A duplicate of the end from which it reads its calls, None where the executor shows none.
        logs: What it logs.
    """

    pool: ProcessPoolExecutor
    calls: int | None
    logs: ChildLogs

    def drop(self) -> None:
        """Take no more calls, and give up those that wait."""
        self.pool.shutdown(wait=False, cancel_futures=True)

    def leave_results(self) -> None:
        """Close this side's copy of the end into which results are written; does nothing a second time.

        The executor keeps it open, and then a process that is killed in the middle of a result does not end the stream:
        the executor would wait for the rest of the result for ever.
        """
        results = getattr(self.pool, "_result_queue", None)
        if results is not None:
            results._writer.close()

    def kill(self) -> None:
        """End it at once; calls that wait for it are broken."""
        for process in self._processes():
            process.kill()

    async def end(self) -> None:
        """Ask it to end, and kill it when it does not."""
        # `shutdown` forgets the processes, so they are read before it.
        processes = self._processes()
        self.drop()
        for process in processes:
            process.terminate()
            await asyncio.to_thread(process.join, _END_SECONDS)
            process.kill()
        self.drain()
        await asyncio.to_thread(self.logs.finish)

    def drain(self) -> None:
        """Read what the process that is gone has left in its pipe, beside everything else. To be called once.

        A thread of the executor may still be writing the arguments of a call into it. Nobody would read them, and the
        interpreter waits for that thread when it ends (https://github.com/python/cpython/issues/94777). The executor
        closes its own end of the pipe whenever it likes, so this is read from a duplicate of it.
        """
        if self.calls is not None:
            threading.Thread(target=_read_to_the_end, args=(self.calls,), daemon=True).start()

    def _processes(self) -> list[BaseProcess]:
        return list((self.pool._processes or {}).values())


class Worker:
    """Runs plain functions one after the other in a process, which is started again if it dies.

    Args:
        cache: A folder for the caches of libraries in that process; without one they use the person's own.
        niceness: How far the process stands back behind others for the processor, 0 to 19.
        memory_bytes: The most memory that it may take for data.
        idle_seconds: How long after its last call the process ends.
        silent_seconds: How long it may go without an answer while there are calls, before it is killed.
    """

    def __init__(
        self,
        cache: Path | None = None,
        *,
        niceness: int = 0,
        memory_bytes: int | None = None,
        idle_seconds: float = IDLE_SECONDS,
        silent_seconds: float = SILENT_SECONDS,
    ) -> None:
        self._cache, self._niceness, self._memory_bytes = cache, niceness, memory_bytes
        self._idle_seconds, self._silent_seconds = idle_seconds, silent_seconds
        self._process: _Process | None = None
        self._calls = 0
        self._end: asyncio.TimerHandle | None = None
        self._silence: asyncio.TimerHandle | None = None
        self._ending: set[asyncio.Task[None]] = set()

    async def run(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a module-level function with arguments that can be pickled.

        Its exceptions are raised here.

        A worker that was killed (out of memory, say, or because it did not answer) is replaced, and the call is tried
        once more; not so after `close`, which raises BrokenProcessPool here.
        """
        process = self._running()
        try:
            return await self._submitted(process, fn, *args, **kwargs)
        except BrokenProcessPool:
            if self._process is None:
                raise
            # Several calls may have waited for the process that died. The first of them replaces
            # it; the others find the new one, because theirs is no longer the current one.
            if self._process is process:
                log.warning("the worker process died during %s; starting another", fn.__name__)
                self._process = None
                process.drop()
                process.drain()
            return await self._submitted(self._running(), fn, *args, **kwargs)

    async def close(self) -> None:
        """Stop the process; its database rolls back what it was doing."""
        if self._end is not None:
            self._end.cancel()
        # An executor can only wait for its process, and a computation may take minutes: the process
        # is terminated instead. From here on a call starts another one.
        process, self._process = self._process, None
        if process is not None:
            await process.end()

    def _running(self) -> _Process:
        if self._process is None:
            # "spawn": a fork would copy the event loop, the open databases and the threads' locks.
            _start_tracker()
            context, logs = multiprocessing.get_context("spawn"), ChildLogs()
            settings = (self._cache, self._niceness, self._memory_bytes, logs.childs_end, logging.getLogger().level)
            pool = ProcessPoolExecutor(1, context, initializer=_prepare, initargs=settings)
            calls = getattr(pool, "_call_queue", None)
            self._process = _Process(pool, None if calls is None else os.dup(calls._reader.fileno()), logs)
        return self._process

    def _submitted(self, process: _Process, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> asyncio.Future[T]:
        future = asyncio.wrap_future(process.pool.submit(_call, fn, *args, **kwargs))
        # The first call has started the process.
        process.leave_results()
        process.logs.follow()
        self._calls += 1
        if self._end is not None:
            self._end.cancel()
        if self._calls == 1:
            self._await_answer()
        future.add_done_callback(self._done)
        # Shielded, because a pool whose process dies fails on futures that were cancelled meanwhile,
        # and then hangs when the interpreter exits (https://github.com/python/cpython/issues/94777).
        # A caller who gives up does not end the call either, so it counts until the process is done.
        return asyncio.shield(future)

    def _done(self, future: asyncio.Future[Any]) -> None:
        # asyncio would log an exception that nobody reads when the caller was cancelled.
        if not future.cancelled():
            future.exception()
        self._calls -= 1
        self._await_answer()
        if not self._calls and self._process is not None:
            self._end = asyncio.get_running_loop().call_later(self._idle_seconds, self._end_process)

    def _await_answer(self) -> None:
        """Give the process its time anew, while there are calls."""
        if self._silence is not None:
            self._silence.cancel()
            self._silence = None
        if self._calls:
            self._silence = asyncio.get_running_loop().call_later(self._silent_seconds, self._kill_silent)

    def _kill_silent(self) -> None:
        """A process that computes for ever, or is stopped, would hold up every check: its pool breaks, as if it had died."""
        log.error("the worker process has not answered for %g s and is killed", self._silent_seconds)
        if self._process is not None:
            self._process.kill()

    def _end_process(self) -> None:
        task = asyncio.create_task(self._end_when_idle())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _end_when_idle(self) -> None:
        # A call may have begun since the timer.
        if not self._calls:
            await self.close()


def _start_tracker() -> None:
    """Start the process of multiprocessing that outlives a kill and removes the semaphores, if it does not run yet.

    It would print of each kill, as a warning in plain text on stderr, that there were some. It takes its filters of
    warnings from the environment in which it is started.
    """
    own = os.environ.get("PYTHONWARNINGS")
    os.environ["PYTHONWARNINGS"] = ",".join(filter(None, (own, "ignore:resource_tracker:UserWarning")))
    try:
        resource_tracker.ensure_running()
    finally:
        if own is None:
            del os.environ["PYTHONWARNINGS"]
        else:
            os.environ["PYTHONWARNINGS"] = own


def _read_to_the_end(pipe: int) -> None:
    while os.read(pipe, 1 << 16):
        pass
    os.close(pipe)


def _prepare(cache: Path | None, niceness: int, memory_bytes: int | None, logs: socket.socket, level: int) -> None:
    """Set up the worker process.

    It ignores Ctrl-C, which a terminal sends to the whole process group: the parent decides when it
    ends.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    child_logs.send_to(logs, level)
    os.nice(niceness)
    if memory_bytes is not None:
        resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))
    if cache is not None:
        keep_fonts(cache)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_exit_with_parent, args=(parent.sentinel,), daemon=True).start()


def _call(fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """In the worker process: call a function, and keep nothing of the memory that it has freed."""
    begun = memory.begin()
    try:
        return fn(*args, **kwargs)
    except Exception as error:
        # Imported here: a process that only reads answers has no database.
        from bot.database import full_disk

        if (portable := full_disk.for_another_process(error)) is error:
            raise
        raise portable from error
    finally:
        memory.give_back_after(begun)


def _exit_with_parent(sentinel: int) -> None:
    """Exit when the parent is gone, even if it was killed and could not stop this process.

    A thread waits for that, because the main thread may be computing. `os._exit` ends the process
    at once: a normal exit would wait for that computation, and a half-done transaction is rolled
    back anyway.
    """
    wait([sentinel])
    os._exit(0)
