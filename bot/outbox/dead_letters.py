"""Dead letters: messages that Discord or the renderer refused, for whoever mends the fault."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from bot.database import Database
from bot.database.codec import changed, instant, rows, session


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One item that was given up: its number, what and whom it concerns, when it was refused and why."""

    id: int
    kind: str
    key: str
    session: date
    place: str
    refused_at: datetime
    error: str


def dead_letters(db: Database) -> list[DeadLetter]:
    """All dead letters that are kept, oldest first."""
    records = rows(
        db,
        """SELECT outbox.id, outbox.kind, outbox.key, outbox.session, destination.kind AS place, destination.user_id,
            destination.channel_id, coalesce(batch.settled_at, outbox.created_at) AS refused_at, batch.error
        FROM outbox JOIN destination ON destination.id = outbox.destination_id
            LEFT JOIN batch ON batch.id = outbox.batch_id
        WHERE outbox.state = 'dead' ORDER BY outbox.id""",
    )
    return [
        DeadLetter(
            id=record["id"],
            kind=record["kind"],
            key=record["key"],
            session=session(record["session"]),
            place=f"DM with {record['user_id']}" if record["place"] == "dm" else f"channel {record['channel_id']}",
            refused_at=instant(record["refused_at"]),
            error=record["error"] or "unknown",
        )
        for record in records
    ]


def retry(db: Database, ids: Collection[int]) -> int:
    """Let these dead letters be rendered and sent anew; returns how many were there."""
    return sum(
        changed(db, "UPDATE outbox SET state = 'due', batch_id = NULL WHERE id = ? AND state = 'dead'", (number,))
        for number in set(ids)
    )


def discard(db: Database, ids: Collection[int]) -> int:
    """Give these dead letters up for good; returns how many were there."""
    return sum(
        changed(db, "UPDATE outbox SET state = 'cancelled' WHERE id = ? AND state = 'dead'", (number,))
        for number in set(ids)
    )
