"""Migrations of what says when places want their messages."""

from __future__ import annotations

import re

from sqlite_utils import Database

from bot.database.codec import rows, scalar

_DELIVERY_TIMES = """
CREATE TABLE delivery_times (
    destination_id INTEGER PRIMARY KEY REFERENCES destination (id) ON DELETE CASCADE,
    zone TEXT,
    quiet_from INTEGER CHECK (quiet_from BETWEEN 0 AND 1439),
    quiet_to INTEGER CHECK (quiet_to BETWEEN 0 AND 1439),
    quiet_days INTEGER CHECK (quiet_days BETWEEN 1 AND 127),
    digest_at INTEGER CHECK (digest_at BETWEEN 0 AND 1439),
    snoozed_until INTEGER,
    created_by INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    CHECK ((quiet_from IS NULL) = (quiet_to IS NULL) AND (quiet_from IS NULL) = (quiet_days IS NULL)),
    CHECK (zone IS NOT NULL OR (quiet_from IS NULL AND digest_at IS NULL))
) STRICT
"""


def delivery_times(db: Database) -> None:
    """The table of quiet hours, digests and snoozes."""
    db.execute(_DELIVERY_TIMES)


def letters(db: Database) -> None:
    """Summaries come each session or each week, and the outbox takes letters.

    A CHECK cannot be changed, so the outbox is copied into a table with the wider one, whatever its columns are by now.
    """
    db.execute(
        """ALTER TABLE summary_channel ADD COLUMN cadence TEXT NOT NULL DEFAULT 'daily'
            CHECK (cadence IN ('daily', 'weekly'))"""
    )
    parts = rows(db, "SELECT type, sql FROM sqlite_master WHERE tbl_name = 'outbox' AND sql IS NOT NULL")
    newest = scalar(db, "SELECT seq FROM sqlite_sequence WHERE name = 'outbox'")
    [table] = [part["sql"] for part in parts if part["type"] == "table"]
    copy = re.sub(r"^CREATE TABLE \W?outbox\W? *\(", "CREATE TABLE outbox_copy (", table, count=1)
    db.execute(re.sub(r"(CHECK \(kind IN \([^)]*)\)", r"\1, 'letter')", copy, count=1))
    db.execute("INSERT INTO outbox_copy SELECT * FROM outbox")
    db.execute("DROP TABLE outbox")
    db.execute("ALTER TABLE outbox_copy RENAME TO outbox")
    for index in (part["sql"] for part in parts if part["type"] != "table"):
        db.execute(index)
    if newest is not None:
        db.execute("DELETE FROM sqlite_sequence WHERE name = 'outbox'")
        db.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('outbox', ?)", (newest,))
