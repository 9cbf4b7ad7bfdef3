"""SIGTERM and Ctrl-C: the first asks for an orderly end, which is given a bound, the second ends at once.

An end by force loses no more than a kill does, after which the next start goes on.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)

STOP_SECONDS = 12.0
"""How long an orderly end may take; the systemd unit kills after 15."""

TIMED_OUT = 1
_SIGNALLED = 128


class StopSignals:
    """Both signals for the life of a process: the bound holds for what comes after the event loop as well.

    `leave` ends the process with an exit code, without any further step.
    """

    def __init__(self, *, within_seconds: float = STOP_SECONDS, leave: Callable[[int], object] = os._exit) -> None:
        self._leave = leave
        # A thread, because the event loop may be what hangs, or a thread that the interpreter waits for at its end.
        self._timer = threading.Timer(within_seconds, self._time_out)
        self._timer.daemon = True
        self._received_before = False

    def listen(self, stopping: asyncio.Event) -> None:
        """Set `stopping` on the first signal from now on. To be called inside the event loop."""
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._receive, number, stopping)

    def _receive(self, number: int, stopping: asyncio.Event) -> None:
        if self._received_before:
            log.warning("a second signal: ended at once; the next start goes on")
            self._leave(_SIGNALLED + number)
            return
        self._received_before = True
        self._timer.start()
        stopping.set()

    def _time_out(self) -> None:
        log.error("not everything ended within %g s: ended by force; the next start goes on", self._timer.interval)
        self._leave(TIMED_OUT)
