"""The daily copy: why there is none is known until one is made again."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database

from bot.database.connection import Store
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
