"""A market archive that is damaged or deleted under a running bot: said, moved aside, fetched again, no traceback."""

from __future__ import annotations

import logging
import re
import sqlite3
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.archive.damaged import ArchiveDamagedError
from bot.archive.location import ArchiveLocation
from bot.commands.reply import Tone
from bot.commands.server import status
from bot.database.connection import Store
from bot.ingest import worker_tasks
from bot.ingest.archive_watch import GONE
from bot.ingest.schedule import timetable
from bot.ingest.service import IngestService
from bot.worker.process import Worker
from tests.bot.ingest.test_service import CALENDAR, EVENING, FIRST, LAST, Parts, Watched
from tests.support import ManualClock, core_without_readings

pytestmark = pytest.mark.slow

PLAN = tuple(job for job in timetable(0) if job.name in ("universe", "prices"))


@pytest.fixture
async def parts(tmp_path: Path, worker: Worker) -> AsyncIterator[Parts]:
    async with Store.open(tmp_path / "bot.db") as store:
        location = ArchiveLocation(tmp_path / "market.db", FIRST, LAST)
        yield Parts(Watched(CALENDAR), worker, store, location, ManualClock(EVENING))


async def filled(parts: Parts) -> IngestService:
    ingest = parts.ingest(PLAN)
    await ingest.load()
    for _ in range(2):
        ingest.tick(EVENING)
        await ingest.idle()
    assert ingest.succeeded_at("prices") == EVENING
    return ingest


def spoil(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[100:-100] = b"x" * (len(content) - 200)
    path.write_bytes(content)


def delete(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (spoil, r"market\.db was damaged \(.*\) and is now market-damaged\.db; its figures are fetched again\."),
        (delete, re.escape(GONE)),
    ],
    ids=["damaged", "deleted"],
)
async def test_it_is_said_once_and_everything_is_fetched_again(
    parts: Parts, caplog: pytest.LogCaptureFixture, harm: Callable[[Path], None], said: str
) -> None:
    ingest = await filled(parts)
    harm(parts.location.path)
    with caplog.at_level(logging.WARNING):
        await ingest.look()
    (line,) = caplog.records
    assert re.fullmatch(said, line.getMessage())
    assert line.exc_info is None
    assert ingest.status.archive == line.getMessage()
    async with core_without_readings(parts.location.path.parent / "core") as core:
        assert status.verdict(replace(core, ingest=ingest.status)) == ("Market data are fetched again", Tone.ATTENTION)
        assert line.getMessage() in (await status.status(replace(core, ingest=ingest.status))).lines
    for _ in range(2):
        ingest.tick(EVENING)
        await ingest.idle()
    assert ingest.succeeded_at("prices") == EVENING
    assert len((await parts.worker.run(worker_tasks.inventory, parts.location)).tickers) > 500
    assert ingest.status.archive is None


async def test_a_tick_notices_that_the_file_is_gone(parts: Parts) -> None:
    ingest = await filled(parts)
    parts.location.path.unlink()
    ingest.tick(EVENING + timedelta(seconds=5))
    await ingest.idle()
    assert ingest.status.archive == GONE


def test_damage_found_while_it_is_used_moves_it_aside(tmp_path: Path) -> None:
    location = ArchiveLocation(tmp_path / "market.db", FIRST, LAST)
    with location.open():
        pass
    error = sqlite3.DatabaseError("database disk image is malformed")
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    with pytest.raises(ArchiveDamagedError, match=r"is now market-damaged\.db"), location.open():
        raise error
    assert not location.path.exists()
    with location.open() as archive:
        assert archive.span() is None


def test_an_error_that_is_no_damage_leaves_the_file(tmp_path: Path) -> None:
    location = ArchiveLocation(tmp_path / "market.db", FIRST, LAST)
    with pytest.raises(sqlite3.OperationalError, match="no such table"), location.open() as archive:
        archive.db.execute("SELECT * FROM absent")
    assert location.path.exists()
