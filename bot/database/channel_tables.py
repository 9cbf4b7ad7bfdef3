"""Tables of what is posted to channels beside alerts and summaries; the migrations create them."""

from __future__ import annotations

import re

from sqlite_utils import Database

_REMINDERS = """
CREATE TABLE reminder (
    destination_id INTEGER PRIMARY KEY REFERENCES destination (id) ON DELETE CASCADE,
    created_by INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
ALTER TABLE outbox ADD COLUMN occasion TEXT;
"""

_BOARDS = """
CREATE TABLE board (
    destination_id INTEGER PRIMARY KEY REFERENCES destination (id) ON DELETE CASCADE,
    message_id INTEGER,
    posted_session INTEGER,
    edited_at INTEGER NOT NULL DEFAULT 0,
    made_at INTEGER NOT NULL DEFAULT 0,
    ended INTEGER NOT NULL DEFAULT 0 CHECK (ended IN (0, 1)),
    created_by INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT
"""

_THREADS = """
CREATE TABLE topic_thread (
    destination_id INTEGER PRIMARY KEY REFERENCES destination (id) ON DELETE CASCADE,
    parent_id INTEGER NOT NULL,
    topic TEXT NOT NULL,
    UNIQUE (parent_id, topic)
) STRICT
"""

_KINDS = re.compile(r"CHECK \(kind IN \((?P<kinds>[^)]*)\)\)")


def _create(db: Database, statements: str) -> None:
    """Run statements that are separated by semicolons."""
    for statement in statements.split(";"):
        if statement.strip():
            db.execute(statement)


def _allow_kinds(db: Database, *kinds: str) -> None:
    """Let rows of the outbox have more kinds, whichever they could have before.

    SQLite cannot change a CHECK. What it recommends for one that only widens is to write the new text of the table into
    the schema: no row is touched (https://sqlite.org/lang_altertable.html#otheralter). Raises LookupError where the
    table does not list its kinds.
    """
    (text,) = db.execute("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = 'outbox'").fetchone()
    listed = _KINDS.search(text)
    if listed is None:
        raise LookupError("the table outbox does not list the kinds of its rows")
    more = [f"'{kind}'" for kind in kinds if f"'{kind}'" not in listed["kinds"]]
    widened = f"CHECK (kind IN ({', '.join([listed['kinds'], *more])}))"
    (version,) = db.execute("PRAGMA schema_version").fetchone()
    db.execute("PRAGMA writable_schema = ON")
    try:
        db.execute(
            "UPDATE sqlite_schema SET sql = ? WHERE type = 'table' AND name = 'outbox'",
            (text.replace(listed[0], widened),),
        )
        db.execute(f"PRAGMA schema_version = {version + 1}")
    finally:
        db.execute("PRAGMA writable_schema = OFF")


def reminders_of_the_calendar(db: Database) -> None:
    """Places that are reminded of what the calendar announces, and the occasion that an item of the outbox is about."""
    _create(db, _REMINDERS)
    _allow_kinds(db, "reminder", "release")


def live_boards(db: Database) -> None:
    """Channels with one message that is edited after every check."""
    _create(db, _BOARDS)
    _allow_kinds(db, "board")


def threads_of_topics(db: Database) -> None:
    """Threads that were made for one topic of a channel."""
    _create(db, _THREADS)


def roles_of_managers(db: Database) -> None:
    """The role of each server whose members may set it up."""
    db.execute("ALTER TABLE guild ADD COLUMN manager_role_id INTEGER")


STEPS = (reminders_of_the_calendar, live_boards, threads_of_topics, roles_of_managers)
"""Migrations, in their order."""
