"""The loop of checks: a failed one is repeated, and a sentence for the operator needs no traceback."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.archive.damaged import ArchiveDamagedError
from bot.database.connection import Store
from bot.domain.backoff import Backoff
from bot.readings import pipeline
from bot.readings.compute import Computed
from bot.readings.pipeline import CheckLoop, Pipeline, UnfinishedCheck
from bot.readings.state import ReadingState
from tests.support import ManualClock

NOW = datetime(2026, 1, 13, tzinfo=UTC)


class Failing:
    """Fails once with each of these errors, then knows nothing."""

    def __init__(self, *errors: Exception) -> None:
        self.errors, self.failed, self.done = list(errors), asyncio.Event(), asyncio.Event()

    async def compute(self, since: Mapping[str, date] | None, now: datetime) -> Computed | None:
        if self.errors:
            self.failed.set()
            raise self.errors.pop(0)
        self.done.set()
        return None


@pytest.mark.parametrize(
    ("error", "traced"), [(ArchiveDamagedError("market.db was damaged."), False), (KeyError("x"), True)]
)
async def test_a_failed_check_is_logged_and_repeated(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    traced: bool,
) -> None:
    monkeypatch.setattr(pipeline, "FAILED_CHECKS", Backoff(timedelta(seconds=0.01), timedelta(seconds=1)))
    computer = Failing(error)
    async with Store.open(tmp_path / "bot.db") as store:
        checks = Pipeline(computer, {}, store, ReadingState(), on_checked=lambda: None)
        loop = CheckLoop(checks, ManualClock(NOW), asyncio.Event())
        with caplog.at_level(logging.ERROR):
            running = asyncio.create_task(loop.run())
            await asyncio.wait_for(computer.failed.wait(), 5)
            assert loop.unfinished == UnfinishedCheck(NOW, str(error))
            await asyncio.wait_for(computer.done.wait(), 5)
            while loop.unfinished is not None:
                await asyncio.sleep(0)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
    (record,) = caplog.records
    assert record.getMessage() == f"the check failed ({error}); it is repeated in 0 s"
    assert bool(record.exc_info) is traced
