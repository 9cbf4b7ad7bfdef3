"""Places that are reminded of what the calendar announces, and read what came of it."""

from __future__ import annotations

from datetime import datetime

from sqlite_utils import Database

from bot.database.codec import changed, rows, scalar, seconds
from bot.database.places.destinations import REACHABLE


def put(db: Database, destination_id: int, *, created_by: int, now: datetime) -> None:
    """Remind that place from now on; whoever asked first stays who asked."""
    db.execute(
        "INSERT INTO reminder (destination_id, created_by, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (destination_id, created_by, seconds(now)),
    )


def remove(db: Database, destination_id: int) -> bool:
    """Remind it no more, and cancel what is not being sent yet; returns whether it was reminded."""
    db.execute(
        """UPDATE outbox SET state = 'cancelled'
        WHERE destination_id = ? AND kind IN ('reminder', 'release') AND state = 'due'""",
        (destination_id,),
    )
    return changed(db, "DELETE FROM reminder WHERE destination_id = ?", (destination_id,)) > 0


def has(db: Database, destination_id: int) -> bool:
    """Whether that place is reminded."""
    return bool(scalar(db, "SELECT EXISTS (SELECT 1 FROM reminder WHERE destination_id = ?)", (destination_id,)))


def without(db: Database, prefix: str, *, asked_before: datetime) -> list[int]:
    """The places that lack the row of the outbox whose key is `prefix`, a colon and the number of the place.

    Places that asked at `asked_before` or later are left out.
    """
    lacking = rows(
        db,
        f"""SELECT reminder.destination_id AS id
        FROM reminder JOIN destination ON destination.id = reminder.destination_id
        WHERE {REACHABLE} AND reminder.created_at < :asked AND NOT EXISTS (
            SELECT 1 FROM outbox WHERE outbox.key = :prefix || ':' || reminder.destination_id)
        ORDER BY reminder.destination_id""",  # noqa: S608 - a constant
        {"prefix": prefix, "asked": seconds(asked_before)},
    )
    return [record["id"] for record in lacking]
