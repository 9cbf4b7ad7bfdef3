"""The pulse of the program: after each tick it writes down what the soak needs to know of it."""

from __future__ import annotations

import asyncio
import json
import os
import time
from pathlib import Path
from typing import Any

from bot import app
from bot.readings.pipeline import Pipeline
from tests.soak.fast_clock import FastClock

LOOK_SECONDS = 0.05
PULSE_BYTES = 1024


class Pulse:
    """Which instant the process has seen, whether it works or waits for a job's next try, how late its loop was."""

    def __init__(self, file: Path, clock: FastClock) -> None:
        self._file, self._clock = file, clock
        self._checking, self._ticks, self._lag = 0, 0, 0.0
        self._slowest: dict[str, float] = {}
        self._watching: asyncio.Task[None] | None = None
        self._descriptor: int | None = None

    def watch(self) -> None:
        """Follow the ticks and checks of the process from here on."""
        tick, check = app.App.safe_tick, Pipeline.check

        async def safe_tick(self_: app.App) -> None:
            seen = self._clock.seconds()
            if self._watching is None:
                self._watching = asyncio.create_task(self._look(), name="lag")
            await tick(self_)
            self._ticks += 1
            self._write(seen, self_)

        async def checked(self_: Pipeline, now: Any) -> None:
            self._checking += 1
            try:
                await check(self_, now)
            finally:
                self._checking -= 1
                if sum(self_.seconds.values()) > sum(self._slowest.values()):
                    self._slowest = dict(self_.seconds)

        ticking: Any = app.App
        checking: Any = Pipeline
        ticking.safe_tick, checking.check = safe_tick, checked

    async def _look(self) -> None:
        while True:
            asked = time.monotonic()
            await asyncio.sleep(LOOK_SECONDS)
            self._lag = max(self._lag, time.monotonic() - asked - LOOK_SECONDS)

    def _write(self, seen: float, bot: app.App) -> None:
        jobs = [task for task in asyncio.all_tasks() if task.get_name().startswith("job ")]
        text = json.dumps(
            {
                "pid": os.getpid(),
                "seen": seen,
                "ticks": self._ticks,
                "busy": bool(jobs) or self._checking > 0 or bot.checks.changed.is_set(),
                "retrying": any(run.failures for run in bot.ingest.runs.values()),
                "lag": self._lag,
                "check": self._slowest,
                "tasks": len(asyncio.all_tasks()),
            }
        )
        # Written anew at every tick: by one write of one length, because a file that takes another's place took a third of the
        # program's time. Whoever reads sees the old pulse or the new one.
        os.pwrite(self._open(), text.ljust(PULSE_BYTES).encode(), 0)

    def _open(self) -> int:
        if self._descriptor is None:
            self._descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT)
        return self._descriptor
