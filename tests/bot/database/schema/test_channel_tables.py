"""The kinds of the outbox grow without its rows being touched."""

from __future__ import annotations

import sqlite3

import pytest
from sqlite_utils import Database

from bot.domain.model import ItemKind

ROW = """INSERT INTO outbox (key, kind, destination_id, session, created_at)
    VALUES (:kind, :kind, (SELECT id FROM destination), 1, 1)"""


@pytest.fixture
def with_place(db: Database) -> Database:
    db.execute("INSERT INTO destination (kind, user_id, state_since) VALUES ('dm', 7, 1)")
    return db


@pytest.mark.parametrize("kind", list(ItemKind))
def test_the_outbox_takes_every_kind(with_place: Database, kind: ItemKind) -> None:
    with_place.execute(ROW, {"kind": kind.value})
    assert with_place.execute("SELECT kind FROM outbox").fetchall() == [(kind.value,)]


def test_the_outbox_takes_no_other_kind(with_place: Database) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="CHECK constraint failed"):
        with_place.execute(ROW, {"kind": "poem"})


def test_the_text_of_the_schema_is_sound_after_it_was_widened(with_place: Database) -> None:
    assert with_place.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert with_place.execute("PRAGMA writable_schema").fetchone() == (0,)
    (text,) = with_place.execute("SELECT sql FROM sqlite_schema WHERE name = 'outbox'").fetchone()
    assert text.count("'board'") == text.count("'release'") == 1
