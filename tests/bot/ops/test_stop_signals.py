"""An orderly end has a bound, and a second signal does not wait for it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading

from bot.ops.stop_signals import TIMED_OUT, StopSignals


async def test_the_first_signal_asks_for_the_end_and_the_second_ends() -> None:
    left: list[int] = []
    second = asyncio.Event()

    def leave(code: int) -> None:
        left.append(code)
        second.set()

    signals, stopping = StopSignals(within_seconds=60, leave=leave), asyncio.Event()
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

    signals, stopping = StopSignals(within_seconds=0.01, leave=leave), asyncio.Event()
    signals.listen(stopping)
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(stopping.wait(), 5)
    # The event loop itself hangs here.
    assert ended.wait(5)
    assert left == [TIMED_OUT]
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().remove_signal_handler(number)


HANGS_AT_ITS_END = """
import asyncio, os, signal, threading
from bot.ops.stop_signals import StopSignals

async def run(signals):
    stopping = asyncio.Event()
    signals.listen(stopping)
    os.kill(os.getpid(), signal.SIGTERM)
    await stopping.wait()

asyncio.run(run(StopSignals(within_seconds=0.2)))
threading.Thread(target=threading.Event().wait).start()
"""


def test_a_thread_that_the_interpreter_waits_for_is_ended_by_force_as_well() -> None:
    ended = subprocess.run([sys.executable, "-c", HANGS_AT_ITS_END], timeout=30, check=False, capture_output=True)
    assert ended.returncode == TIMED_OUT
