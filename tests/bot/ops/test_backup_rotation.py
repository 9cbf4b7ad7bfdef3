"""Which copies stay: seven days, four weeks, and whatever holds much more than the newest."""

from __future__ import annotations

import contextlib
import logging
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.database.connection import Store, connect, transaction
from bot.database.recovery import copies
from bot.database.recovery.copies import Contents
from bot.ops.backup_rotation import copies_in, expired, target
from bot.ops.maintenance import Maintenance
from bot.sources.http.raw_archive import RawArchive
from tests.bot.database.recovery.test_restore import add_alert

FULL, HALF, BARELY, EMPTY = Contents(200, 40), Contents(100, 20), Contents(99, 40), Contents(0, 0)
FIRST = date(2026, 1, 1)
FOLDER = Path("backups")


def name(day: date) -> Path:
    return FOLDER / f"bot-{day}.db"


def test_seven_days_and_the_last_copies_of_four_weeks_before_them_stay() -> None:
    existing: dict[Path, Contents | None] = {}
    for number in range(60):
        existing[name(FIRST + timedelta(days=number))] = FULL
        for path in expired(existing, FULL):
            del existing[path]
    # The 60th day is Sunday, March 1.
    assert [path.name for path in sorted(existing)] == [
        "bot-2026-02-01.db",
        "bot-2026-02-08.db",
        "bot-2026-02-15.db",
        "bot-2026-02-22.db",
        *(f"bot-2026-02-{day}.db" for day in (23, 24, 25, 26, 27, 28)),
        "bot-2026-03-01.db",
    ]


@pytest.mark.parametrize(("newest", "stays"), [(FULL, False), (HALF, False), (BARELY, True), (Contents(200, 19), True)])
def test_a_copy_with_more_than_twice_as_much_as_the_newest_stays_for_ever(newest: Contents, stays: bool) -> None:
    existing: dict[Path, Contents | None] = {name(FIRST + timedelta(days=number)): newest for number in range(1, 90)}
    existing[name(FIRST)] = FULL
    assert (name(FIRST) not in expired(existing, newest)) is stays


def test_a_second_copy_of_a_day_replaces_the_first_unless_that_holds_much_more() -> None:
    assert target(FIRST, HALF, {name(FIRST): FULL}, FOLDER) == name(FIRST)
    assert target(FIRST, EMPTY, {name(FIRST): FULL}, FOLDER) == FOLDER / "bot-2026-01-01-2.db"
    both = {name(FIRST): FULL, FOLDER / "bot-2026-01-01-2.db": HALF}
    assert target(FIRST, EMPTY, both, FOLDER) == FOLDER / "bot-2026-01-01-3.db"
    assert target(FIRST, EMPTY, {name(FIRST): None}, FOLDER) == name(FIRST)


def test_copies_before_migrations_and_other_files_are_never_touched(tmp_path: Path) -> None:
    for file in ("bot-before-m004.db", "bot-2026-13-41.db", "bot-2026-01-02.db", "bot-2026-01-01-2.db", "notes.txt"):
        (tmp_path / file).touch()
    assert [path.name for path in copies_in(tmp_path)] == ["bot-2026-01-01-2.db", "bot-2026-01-02.db"]


async def test_an_emptied_database_does_not_push_out_the_copies_of_the_full_one(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path, backups = tmp_path / "bot.db", tmp_path / "backups"
    with contextlib.closing(connect(path)) as db, transaction(db):
        for person in range(1, 11):
            add_alert(db, person, 90.0)
    now = datetime(2026, 1, 13, 12, tzinfo=UTC)
    async with Store.open(path) as store:
        await Maintenance(store, RawArchive(tmp_path / "payloads"), backups, done_on=FIRST).tick(now)
    for ending in ("", "-wal", "-shm"):
        path.with_name(f"bot.db{ending}").unlink(missing_ok=True)
    async with Store.open(path, new=True) as store:
        maintenance = Maintenance(store, RawArchive(tmp_path / "payloads"), backups, done_on=FIRST)
        with caplog.at_level(logging.WARNING):
            for day in range(60):
                await maintenance.tick(now + timedelta(days=day))
    assert copies.contents_of(backups / "bot-2026-01-13.db") == Contents(10, 10)
    assert len(copies_in(backups)) == 1 + 7 + 4
    assert "bot-2026-01-13.db holds 10 alerts and 10 subscriptions" in caplog.messages[-1]
