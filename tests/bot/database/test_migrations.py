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


def test_promised_items_keep_everything_but_their_unused_facts(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    old = first_tables(path)
    old.execute("INSERT INTO destination (kind, user_id, state_since) VALUES ('dm', 7, 1)")
    old.execute("INSERT INTO batch (destination_id, nonce, created_at) VALUES (1, 'n', 1)")
    old.executemany(
        """INSERT INTO outbox (key, kind, destination_id, facts, session, created_at, state, batch_id)
        VALUES (?, ?, 1, ?, 739629, 1, ?, ?)""",
        [
            ("due", "summary", None, "due", None),
            ("begun", "alert", None, "batched", 1),
            ("old", "notice", "{}", "dead", 1),
        ],
    )
    old.close()
    with connect(path) as db:
        kept = db.execute("SELECT key, kind, session, state, batch_id FROM outbox ORDER BY id").fetchall()
        assert kept == [
            ("due", "summary", 739629, "due", None),
            ("begun", "alert", 739629, "batched", 1),
            ("old", "notice", 739629, "dead", 1),
        ]
        assert "facts" not in {column.name for column in db["outbox"].columns}
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
