"""Conversion between values and columns: instants, sessions and rows. Independent of any table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, TypeAlias

from sqlite_utils import Database

Row: TypeAlias = dict[str, Any]
Parameters: TypeAlias = Mapping[str, object] | Sequence[object]


def rows(db: Database, sql: str, parameters: Parameters = ()) -> list[Row]:
    """All rows of a statement as dictionaries by column name; empty when it gives none."""
    cursor = db.execute(sql, _bindable(parameters))
    columns = [column[0] for column in cursor.description or ()]
    return [dict(zip(columns, values, strict=True)) for values in cursor]


def row(db: Database, sql: str, parameters: Parameters = ()) -> Row | None:
    """The first row of a statement, or None."""
    records = rows(db, sql, parameters)
    return records[0] if records else None


def scalar(db: Database, sql: str, parameters: Parameters = ()) -> Any:
    """The first column of the first row, or None when there is no row."""
    records = db.execute(sql, _bindable(parameters)).fetchall()
    return records[0][0] if records else None


def changed(db: Database, sql: str, parameters: Parameters = ()) -> int:
    """Run an INSERT, UPDATE or DELETE; returns how many rows it changed."""
    return db.execute(sql, _bindable(parameters)).rowcount


def _bindable(parameters: Parameters) -> dict[str, object] | Sequence[object]:
    return dict(parameters) if isinstance(parameters, Mapping) else parameters


def seconds(instant: datetime) -> int:
    """Epoch seconds of an aware instant, rounded down. Raises ValueError for a naive one."""
    if instant.tzinfo is None:
        raise ValueError(f"{instant} has no zone; the store keeps instants only")
    return int(instant.timestamp() // 1)


def instant(value: int) -> datetime:
    """The aware UTC instant of epoch seconds."""
    return datetime.fromtimestamp(value, UTC)


def instant_or_none(value: int | None) -> datetime | None:
    """The aware UTC instant of epoch seconds; None stays None."""
    return None if value is None else instant(value)


def ordinal(session: date) -> int:
    """The number that a session's date is stored as."""
    return session.toordinal()


def session(value: int) -> date:
    """The date of a stored session number."""
    return date.fromordinal(value)
