"""The timer when somebody sets the machine's clock: it neither stops nor walks over what it missed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from typing import Any

import apscheduler.schedulers.base
import pytest

from bot.ops.steady_scheduler import SteadyScheduler


class Machine:
    """The machine's clock, which somebody may set; APScheduler reads it too."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        return datetime.fromtimestamp(time.time()).astimezone() + self.ahead


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    made = Machine()

    class Shown(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            return made.now().astimezone(tz)

    monkeypatch.setattr(apscheduler.schedulers.base, "datetime", Shown)
    return made


@pytest.mark.parametrize("step", [timedelta(days=5), timedelta(days=-1), timedelta(hours=-1), timedelta(minutes=2)])
async def test_a_step_of_the_clock_neither_stops_the_timer_nor_makes_it_walk(machine: Machine, step: timedelta) -> None:
    runs = 0

    async def tick() -> None:
        nonlocal runs
        runs += 1

    scheduler = SteadyScheduler(machine)
    scheduler.every(0.05, tick)
    scheduler.start()
    try:
        async with asyncio.timeout(10):
            while runs < 2:
                await asyncio.sleep(0.01)
            machine.ahead = step
            before, began, used = runs, time.monotonic(), time.process_time()
            while runs < before + 3:
                await asyncio.sleep(0.01)
        # A walk over five days in steps of 50 milliseconds takes several seconds, one over a year many minutes.
        assert time.process_time() - used < 2
        assert time.monotonic() - began < 5
    finally:
        scheduler.shutdown(wait=False)


async def test_the_first_run_leaves_a_while_to_others() -> None:
    clock = Machine()
    scheduler = SteadyScheduler(clock)

    async def tick() -> None:
        pass

    scheduler.every(5, tick, first_after=1)
    scheduler.start(paused=True)
    begun = clock.now()
    try:
        (job,) = scheduler.get_jobs()
        assert timedelta(seconds=0.5) < job.next_run_time - begun < timedelta(seconds=1.5)
    finally:
        scheduler.shutdown(wait=False)
