"""The daily copy: why there is none is known until one is made again."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database

from bot.database.codec import scalar
from bot.database.connection import Store
from bot.database.places import guilds
from bot.ops.maintenance import Maintenance
from bot.sources.http.raw_archive import RawArchive
from tests.helpers import utc

NOW = utc("2026-01-13 21:30")


async def test_a_copy_that_fails_is_known_with_its_reason_until_one_is_made(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    backups = tmp_path / "backups"
    async with Store.open(tmp_path / "bot.db") as store:
        maintenance = Maintenance(store, RawArchive(tmp_path / "payloads"), backups, done_on=NOW.date())
        backups.write_text("a file where the folder should be")
        await maintenance.tick(NOW + timedelta(days=1))
        assert maintenance.failure is not None
        backups.unlink()
        await maintenance.tick(NOW + timedelta(days=2))
        assert maintenance.failure is None
        assert [path.name for path in backups.glob("bot-*.db")] == ["bot-2026-01-15.db"]


async def test_what_is_past_its_time_is_deleted_whether_or_not_a_copy_can_be_made(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Nor does one deletion that fails keep another from being done."""
    caplog.set_level(logging.CRITICAL)
    backups, answers = tmp_path / "backups", tmp_path / "payloads" / "2025-12-01"
    answers.mkdir(parents=True)
    backups.write_text("a file where the folder should be")
    async with Store.open(tmp_path / "bot.db") as store:
        maintenance = Maintenance(store, RawArchive(tmp_path / "payloads"), backups, done_on=NOW.date())
        await store.run(Database.execute, "ALTER TABLE guild RENAME TO hidden")
        await maintenance.tick(NOW + timedelta(days=1))
    assert maintenance.failure is not None
    assert [*maintenance.duties.failing] == ["delete servers that the bot left 30 days ago"]
    assert not answers.exists()


async def test_nothing_is_deleted_by_a_clock_that_only_the_machine_knows(tmp_path: Path) -> None:
    # At the start the machine's clock is forty days ahead, and Discord is not reached yet.
    known = False
    answers = tmp_path / "payloads" / "2026-01-12"
    answers.mkdir(parents=True)
    async with Store.open(tmp_path / "bot.db") as store:
        await store.run(guilds.joined, 800, "Desk", now=NOW - timedelta(days=90))
        await store.run(guilds.left, 800, now=NOW - timedelta(days=1))
        maintenance = Maintenance(
            store,
            RawArchive(tmp_path / "payloads"),
            tmp_path / "backups",
            done_on=(NOW + timedelta(days=39)).date(),
            clock_is_known=lambda: known,
        )
        await maintenance.tick(NOW + timedelta(days=40))
        assert await store.read(scalar, "SELECT count(*) FROM guild") == 1
        assert answers.exists()
        assert len([*(tmp_path / "backups").glob("bot-*.db")]) == 1

        # Discord says its time, and the clock is set right.
        known = True
        await maintenance.tick(NOW)
        assert await store.read(scalar, "SELECT count(*) FROM guild") == 1

        await maintenance.tick(NOW + timedelta(days=30))
        assert await store.read(scalar, "SELECT count(*) FROM guild") == 0


async def test_what_waited_for_a_known_clock_is_deleted_once_it_is_known(tmp_path: Path) -> None:
    known = False
    answers = tmp_path / "payloads" / "2025-12-01"
    answers.mkdir(parents=True)
    async with Store.open(tmp_path / "bot.db") as store:
        maintenance = Maintenance(
            store,
            RawArchive(tmp_path / "payloads"),
            tmp_path / "backups",
            done_on=(NOW - timedelta(days=1)).date(),
            clock_is_known=lambda: known,
        )
        await maintenance.tick(NOW)
        assert answers.exists()
        known = True
        await maintenance.tick(NOW + timedelta(seconds=5))
        assert not answers.exists()
