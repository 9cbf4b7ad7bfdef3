"""Migrations of what says when places want their messages."""

from __future__ import annotations

from sqlite_utils import Database

from bot.database.schema import outbox_tables

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
    """Summaries come each session or each week, and the outbox takes letters."""
    db.execute(
        """ALTER TABLE summary_channel ADD COLUMN cadence TEXT NOT NULL DEFAULT 'daily'
            CHECK (cadence IN ('daily', 'weekly'))"""
    )
    outbox_tables.allow(db, "letter")
