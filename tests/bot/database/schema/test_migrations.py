"""Upgrades of bot.db from the tables of earlier versions."""

from __future__ import annotations

import sqlite3
from datetime import date
from pathlib import Path

import pytest
from sqlite_utils import Database

from bot.database.connection import connect
from bot.database.schema.migrations import migrations


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


def test_the_outbox_takes_letters_and_keeps_its_rows_columns_indices_and_numbers() -> None:
    """Also a column that another migration has added; numbers of deleted rows are not given again."""
    db = sqlite3.connect(":memory:")
    database = Database(db)
    migrations.apply(database, stop_before="m008_letters")
    db.execute("ALTER TABLE outbox ADD COLUMN other TEXT")
    db.execute("INSERT INTO destination (id, kind, user_id, state_since) VALUES (1, 'dm', 7, 0)")
    put = (
        "INSERT INTO outbox (id, key, kind, destination_id, session, created_at, other) VALUES (?, ?, ?, 1, 1, 1, 'x')"
    )
    db.execute(put, (4, "a", "alert"))
    db.execute(put, (9, "b", "summary"))
    db.execute("DELETE FROM outbox WHERE id = 9")
    indices = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'outbox' ORDER BY name"
    columns, rows, before = (
        db.execute(sql).fetchall() for sql in ("PRAGMA table_info(outbox)", "SELECT * FROM outbox", indices)
    )
    migrations.apply(database)
    assert db.execute("PRAGMA table_info(outbox)").fetchall() == columns
    assert db.execute("SELECT * FROM outbox").fetchall() == rows
    assert db.execute(indices).fetchall() == before
    db.execute(put, (None, "c", "letter"))
    assert db.execute("SELECT id FROM outbox WHERE kind = 'letter'").fetchone() == (10,)
    with pytest.raises(sqlite3.IntegrityError):
        db.execute(put, (None, "d", "postcard"))


def test_a_silence_that_was_told_before_is_not_told_again() -> None:
    """Its notice of Jan 13 is kept; the other alert has none."""
    db = sqlite3.connect(":memory:")
    database = Database(db)
    migrations.apply(database, stop_before="m022_silences_told")
    db.execute("INSERT INTO destination (id, kind, user_id, state_since) VALUES (1, 'dm', 7, 0)")
    for number in (4, 5):
        db.execute(
            """INSERT INTO alert (id, owner_id, signal, measure, condition, level, timing, confirm, repeat, cooldown_days, band,
                created_at) VALUES (?, 7, 'havens.silver', 'value', 'above', 90, 'close', 1, 'every', 0, 0, 0)""",
            (number,),
        )
    db.execute(
        """INSERT INTO outbox (key, kind, destination_id, alert_id, session, created_at)
        VALUES ('silent:4:1:2026-01-13', 'notice', 1, 4, 1, 1)"""
    )
    migrations.apply(database)
    told = db.execute("SELECT id, silence_told FROM alert ORDER BY id").fetchall()
    assert told == [(4, date(2026, 1, 13).toordinal()), (5, None)]
