"""An orderly end has a bound, and a second signal does not wait for it."""

from __future__ import annotations

import asyncio
import os
import signal
import threading

from bot.ops.stop_signals import TIMED_OUT, StopSignals


async def test_the_first_signal_asks_for_the_end_and_the_second_ends() -> None:
    left: list[int] = []
    second = asyncio.Event()

    def leave(code: int) -> None:
        left.append(code)
        second.set()

    with StopSignals(within_seconds=60, leave=leave) as signals:
        stopping = asyncio.Event()
        signals.listen(stopping)
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(stopping.wait(), 5)
        assert left == []
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.wait_for(second.wait(), 5)
    assert left == [128 + signal.SIGINT]
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().remove_signal_handler(number)


async def test_an_end_that_hangs_is_ended_by_force() -> None:
    left, ended = list[int](), threading.Event()

    def leave(code: int) -> None:
        left.append(code)
        ended.set()

    with StopSignals(within_seconds=0.01, leave=leave) as signals:
        stopping = asyncio.Event()
        signals.listen(stopping)
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(stopping.wait(), 5)
        # The event loop itself hangs here.
        assert ended.wait(5)
    assert left == [TIMED_OUT]
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().remove_signal_handler(number)
