"""Checks while the machine's clock cannot be trusted."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

import pytest

from bot.readings import pipeline
from bot.readings.pipeline import CheckLoop
from bot.readings.state import ReadingState
from tests.support.clock import ManualClock

NOW = datetime.fromisoformat("2026-01-13T21:30:00+00:00")


class Checks:
    """Notes when a check ran."""

    def __init__(self) -> None:
        self.readings, self.ran = ReadingState(), asyncio.Event()

    async def check(self, now: datetime) -> None:
        self.ran.set()


async def test_no_check_runs_until_the_clock_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "WRONG_CLOCK_SECONDS", 0.01)
    checks: Any = Checks()
    looks: list[bool] = []

    def may_judge() -> bool:
        assert not checks.ran.is_set()
        looks.append(len(looks) == 3)
        return looks[-1]

    running = asyncio.create_task(CheckLoop(checks, ManualClock(NOW), asyncio.Event(), may_judge=may_judge).run())
    try:
        async with asyncio.timeout(5):
            await checks.ran.wait()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert looks == [False, False, False, True]
