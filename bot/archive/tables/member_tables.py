"""Lists of members: every fetched list is stored, and the newest one known is used."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime

import pandas as pd

from signals.core.market import MEMBER_COLUMNS


def rows_of(frame: pd.DataFrame) -> list[tuple[str, ...]]:
    """The rows of a universe frame as text, empty text for empty cells."""
    text = frame.reindex(columns=list(MEMBER_COLUMNS)).astype(object)
    return [
        tuple("" if pd.isna(cell) else str(cell) for cell in row) for row in text.itertuples(index=False, name=None)
    ]


def to_frame(rows: list[tuple[str, ...]]) -> pd.DataFrame:
    """The frame that `Market.universe` holds.

    Empty with the right columns when there are no rows.
    """
    return pd.DataFrame(rows, columns=list(MEMBER_COLUMNS), dtype=object).astype(str)


def listings(db: sqlite3.Connection) -> list[tuple[int, list[tuple[str, ...]]]]:
    """All lists as (known_at in epoch seconds with 0 = undated, rows), oldest first."""
    lists = db.execute("SELECT id, known_at FROM listing ORDER BY known_at, id").fetchall()
    return [(known_at, _rows(db, listing)) for listing, known_at in lists]


def at(db: sqlite3.Connection, instant: int | None) -> list[tuple[str, ...]]:
    """The newest list known at an epoch second (None = now), else the oldest one, as today's members."""
    listing = _used(db, instant)
    return [] if listing is None else _rows(db, listing)


def fetched_at(db: sqlite3.Connection, instant: int | None) -> datetime | None:
    """When the list that `at` gives was fetched, UTC; None without any."""
    sql = "SELECT fetched_at FROM listing JOIN batch ON batch.id = listing.batch WHERE listing.id = ?"
    row = db.execute(sql, (_used(db, instant),)).fetchone()
    return None if row is None else datetime.fromtimestamp(row[0], UTC)


def _used(db: sqlite3.Connection, instant: int | None) -> int | None:
    lists = db.execute("SELECT id, known_at FROM listing ORDER BY known_at, id").fetchall()
    known_lists = [listing for listing, known_at in lists if instant is None or known_at <= instant]
    return known_lists[-1] if known_lists else lists[0][0] if lists else None


def add(db: sqlite3.Connection, rows: list[tuple[str, ...]], *, known_at: int, batch: Callable[[], int]) -> bool:
    """Store a list unless it equals the newest one known at that instant.

    Returns whether it was stored.
    """
    newest = db.execute(
        "SELECT id FROM listing WHERE known_at <= :at ORDER BY known_at DESC, id DESC LIMIT 1", {"at": known_at}
    ).fetchone()
    if newest and _rows(db, newest[0]) == rows:
        return False
    cursor = db.execute(
        "INSERT INTO listing (known_at, batch) VALUES (:at, :batch)", {"at": known_at, "batch": batch()}
    )
    db.executemany(
        "INSERT INTO member (listing_id, position, ticker, name, sector, industry, groups) VALUES (?, ?, ?, ?, ?, ?, ?)",
        ((cursor.lastrowid, position, *row) for position, row in enumerate(rows)),
    )
    return True


def _rows(db: sqlite3.Connection, listing: int) -> list[tuple[str, ...]]:
    sql = "SELECT ticker, name, sector, industry, groups FROM member WHERE listing_id = :listing ORDER BY position"
    return list(db.execute(sql, {"listing": listing}))
