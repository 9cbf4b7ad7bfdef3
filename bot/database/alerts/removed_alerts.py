"""Alerts that their owners have removed, for a day, so that they can be put back as they were."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlite_utils import Database

from bot.database.codec import changed, row, scalar, seconds

KEPT = timedelta(days=1)

CREATE = """CREATE TABLE removed_alert (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    owner_id INTEGER NOT NULL,
    content TEXT NOT NULL,
    removed_at INTEGER NOT NULL
) STRICT"""


def keep(db: Database, owner_id: int, content: str, *, now: datetime) -> int:
    """Keep what a person has removed; returns its number."""
    clean_up(db, now=now)
    sql = "INSERT INTO removed_alert (owner_id, content, removed_at) VALUES (?, ?, ?) RETURNING id"
    return int(scalar(db, sql, (owner_id, content, seconds(now))))


def get(db: Database, number: int, owner_id: int) -> str | None:
    """What a person has removed, None for what is not theirs, was put back, or is too old."""
    record = row(db, "SELECT content FROM removed_alert WHERE id = ? AND owner_id = ?", (number, owner_id))
    return None if record is None else str(record["content"])


def forget(db: Database, number: int) -> None:
    """It has been put back."""
    db.execute("DELETE FROM removed_alert WHERE id = ?", (number,))


def clean_up(db: Database, *, now: datetime) -> int:
    """Delete what was removed more than a day ago; returns how many."""
    return changed(db, "DELETE FROM removed_alert WHERE removed_at < ?", (seconds(now - KEPT),))
