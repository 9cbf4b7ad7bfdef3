"""What every command stands on, with a database of its own: with five years of readings, or before its first check."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

from bot.alerts import topics
from bot.commands.context import Core
from bot.database.connection import Store
from bot.readings.state import ReadingState, Snapshot
from signals.catalogue import SIGNALS
from tests.support import sample_readings
from tests.support.clock import ManualClock


@contextlib.asynccontextmanager
async def core_with_readings(folder: Path) -> AsyncIterator[Core]:
    """A core that knows five years of every signal and the alerts of all topics.

    It needs a folder for `bot.db`. Its clock is a `ManualClock` at `sample_readings.NOW`; `dataclasses.replace` gives it
    other parts. At the end its database is closed.
    """
    readings = ReadingState()
    readings.put(sample_readings.snapshot())
    async with _core(folder, readings) as core:
        prepared = topics.prepare(core.signals, core.readings.series)
        await core.store.run(topics.ensure, prepared, session=sample_readings.SESSION, now=core.now())
        yield core


@contextlib.asynccontextmanager
async def core_without_readings(folder: Path) -> AsyncIterator[Core]:
    """The same core in its first minute: no reading is known and no topic is prepared."""
    async with _core(folder, ReadingState()) as core:
        yield core


def core_without_store(snapshot: Snapshot | None = None) -> Core:
    """A core for what only reads and renders, without a database: it knows `snapshot`, or five years of every signal.

    There is nothing to close. A command that needs the database fails on it.
    """
    readings = ReadingState()
    readings.put(snapshot or sample_readings.snapshot())
    return _over(cast(Store, None), readings)


@contextlib.asynccontextmanager
async def _core(folder: Path, readings: ReadingState) -> AsyncIterator[Core]:
    async with Store.open(folder / "bot.db") as store:
        yield _over(store, readings)


def _over(store: Store, readings: ReadingState) -> Core:
    return Core(
        store=store,
        readings=readings,
        clock=ManualClock(sample_readings.NOW),
        calendar=sample_readings.calendar(),
        signals=SIGNALS,
        version="1.2.3",
    )
