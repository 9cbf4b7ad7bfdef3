"""Tables of what is posted to channels beside alerts and summaries; the migrations create them."""

from __future__ import annotations

from sqlite_utils import Database

from bot.database.schema import outbox_tables

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


def _create(db: Database, statements: str) -> None:
    """Run statements that are separated by semicolons."""
    for statement in statements.split(";"):
        if statement.strip():
            db.execute(statement)


def reminders_of_the_calendar(db: Database) -> None:
    """Places that are reminded of what the calendar announces, and the occasion that an item of the outbox is about."""
    _create(db, _REMINDERS)
    outbox_tables.allow(db, "reminder", "release")


def live_boards(db: Database) -> None:
    """Channels with one message that is edited after every check."""
    _create(db, _BOARDS)
    outbox_tables.allow(db, "board")


def threads_of_topics(db: Database) -> None:
    """Threads that were made for one topic of a channel."""
    _create(db, _THREADS)


def roles_of_managers(db: Database) -> None:
    """The role of each server whose members may set it up."""
    db.execute("ALTER TABLE guild ADD COLUMN manager_role_id INTEGER")
