"""Upgrades of bot.db from the tables of earlier versions."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlite_utils import Database

from bot.database.connection import connect
from bot.database.migrations import migrations


def first_tables(path: Path) -> sqlite3.Connection:
    """A database as version 0.1.0 made it."""
    db = sqlite3.connect(path, isolation_level=None)
    migrations.apply(Database(db), stop_before="m002_without_latest_readings")
    return db


def test_the_newest_readings_of_the_first_tables_are_dropped(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    old = first_tables(path)
    old.execute("INSERT INTO latest (signal, facts, recorded_at) VALUES ('havens.silver', '{}', 1)")
    old.execute("INSERT INTO setting (key, value) VALUES ('installation', 'one')")
    old.close()
    with connect(path) as db:
        assert "latest" not in db.table_names()
        assert db.execute("SELECT value FROM setting").fetchall() == [("one",)]
