"""A full disk: one line in the log, a flag for /status, and an end when there is room again."""

from __future__ import annotations

import errno
import io
import json
import logging
import pickle
import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlite_utils import Database

from bot.commands.reply import Tone
from bot.commands.server import status
from bot.database import key_value
from bot.database.codec import scalar
from bot.database.connection import Store
from bot.database.full_disk import FULL, is_full
from bot.ops.full_disk_filter import ROOM
from bot.ops.log_setup import handler
from bot.ops.maintenance import LEAST_BYTES, ROOM_BYTES, Maintenance
from bot.sources.http.raw_archive import RawArchive
from bot.worker.process import Worker
from tests.support import core_without_readings

NOW = datetime(2026, 1, 13, 12, tzinfo=UTC)


def fill(db: Database) -> None:
    key_value.put(db, "large", "x" * 100_000)


def cramp(db: Database) -> None:
    """SQLite's own limit gives the error that a disk without room gives."""
    db.execute(f"PRAGMA max_page_count = {scalar(db, 'PRAGMA page_count')}")


def logged(stream: io.StringIO) -> list[str]:
    return [json.loads(line)["message"] for line in stream.getvalue().splitlines()]


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def log(stream: io.StringIO) -> logging.Logger:
    logger = logging.Logger("test")
    logger.addHandler(handler(stream, "json"))
    return logger


async def test_the_store_knows_that_the_disk_is_full_by_a_write_of_its_own_or_of_others(tmp_path: Path) -> None:
    async with Store.open(tmp_path / "bot.db") as store:
        await store.run(cramp)
        store.notice(ValueError("other"))
        assert not store.disk_full
        with pytest.raises(sqlite3.OperationalError, match="database or disk is full"):
            await store.run(fill)
        assert store.disk_full
        store.disk_full = False
        store.notice(OSError(errno.ENOSPC, "No space left on device"))
        assert store.disk_full


@pytest.mark.parametrize(
    ("full", "free", "after", "said"),
    [
        (True, ROOM_BYTES, False, [ROOM]),
        (True, ROOM_BYTES - 1, True, []),
        (False, LEAST_BYTES, False, []),
        (False, LEAST_BYTES - 1, True, [FULL]),
    ],
)
async def test_a_tick_looks_at_the_disk(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    full: bool,
    free: int,
    after: bool,
    said: list[str],
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=free)
    monkeypatch.setattr("bot.ops.maintenance.shutil.disk_usage", lambda path: usage)
    async with Store.open(tmp_path / "bot.db") as store:
        maintenance = Maintenance(store, RawArchive(tmp_path / "payloads"), tmp_path / "backups", done_on=NOW.date())
        store.disk_full = full
        with caplog.at_level(logging.WARNING):
            await maintenance.tick(NOW)
        assert (store.disk_full, caplog.messages) == (after, said)
        assert await store.read(key_value.get, "disk.probe") is None


def test_a_thousand_errors_of_many_parts_are_one_line_without_a_traceback(
    log: logging.Logger, stream: io.StringIO
) -> None:
    for number in range(1000):
        try:
            try:
                raise sqlite3.OperationalError("database or disk is full")
            except sqlite3.OperationalError as cause:
                raise RuntimeError("a part of the program") from cause
        except RuntimeError:
            log.exception("batch %d failed unexpectedly", number)
        log.warning("an answer was not kept: %s", OSError(errno.ENOSPC, "No space left on device"))
    assert logged(stream) == [FULL]
    assert "Traceback" not in stream.getvalue()
    log.warning("something else")
    log.warning(ROOM)
    log.error("job prices: database or disk is full")
    assert logged(stream) == [FULL, "something else", ROOM, FULL]


def no_room_for_the_shared_file() -> sqlite3.OperationalError:
    """What SQLite raises when a database is opened on a disk that is full already."""
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR_SHMSIZE
    return error


@pytest.mark.parametrize(
    ("error", "full"),
    [
        (no_room_for_the_shared_file(), True),
        (sqlite3.OperationalError("disk I/O error"), False),
        (OSError(errno.ENOSPC, "No space left on device"), True),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), True),
        (OSError(errno.EACCES, "Permission denied"), False),
        (pickle.loads(pickle.dumps(sqlite3.OperationalError("database or disk is full"))), True),  # noqa: S301 - ours
        (sqlite3.OperationalError("database is locked"), False),
        (None, False),
    ],
)
def test_what_is_about_a_full_disk(error: BaseException | None, full: bool) -> None:
    assert is_full(error) is full


def meet_a_full_disk() -> None:
    raise no_room_for_the_shared_file()


def meet_a_locked_database() -> None:
    raise sqlite3.OperationalError("database is locked")


async def test_a_full_disk_that_the_worker_meets_is_known_as_one_here() -> None:
    worker = Worker()
    try:
        with pytest.raises(sqlite3.OperationalError, match="database or disk is full") as caught:
            await worker.run(meet_a_full_disk)
        assert is_full(caught.value)
        with pytest.raises(sqlite3.OperationalError, match="database is locked"):
            await worker.run(meet_a_locked_database)
    finally:
        await worker.close()


async def test_status_says_it(tmp_path: Path) -> None:
    async with core_without_readings(tmp_path) as core:
        core.store.disk_full = True
        shown = await status.status(core)
    assert (shown.title, shown.tone) == ("The disk is full", Tone.ATTENTION)
    assert FULL in shown.lines
