"""Upgrades of market.db from the tables of earlier versions."""

from __future__ import annotations

import sqlite3
from datetime import date
from pathlib import Path

from sqlite_utils import Database

from bot.archive import Archive
from bot.archive.migrations import migrations
from bot.domain.doubt import DoubtState


def first_tables(path: Path) -> sqlite3.Connection:
    """An archive as version 0.1.0 made it."""
    db = sqlite3.connect(path, isolation_level=None)
    migrations.apply(Database(db), stop_before="m002_gaps_and_closures")
    return db


def test_a_bar_that_was_held_back_becomes_a_doubt(tmp_path: Path) -> None:
    path = tmp_path / "market.db"
    old = first_tables(path)
    old.execute("INSERT INTO suspect VALUES ('SPY', 739600, 68000.0, 'it jumped', 1765900000)")
    old.close()
    with Archive.open(path) as archive:
        [stored] = archive.doubts()
        tables = {row[0] for row in archive.db.execute("SELECT name FROM sqlite_master")}
    assert "suspect" not in tables
    assert (stored.doubt.subject, stored.doubt.day, stored.doubt.value) == ("SPY", date.fromordinal(739600), 68000.0)
    assert (stored.doubt.sentence, stored.doubt.state) == ("it jumped", DoubtState.OPEN)


def test_an_archive_that_is_only_read_need_not_have_doubts(tmp_path: Path) -> None:
    path = tmp_path / "market.db"
    first_tables(path).close()
    with Archive.open(path, read_only=True) as archive:
        assert archive.doubts() == []
