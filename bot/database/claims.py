"""Claims that people want judged. Only this module writes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from bot.database.codec import Row, changed, instant, rows, scalar, seconds
from bot.domain.model import AlertSpec, Condition
from signals.core.model import Measure


@dataclass(frozen=True, slots=True)
class OwnClaim:
    """A person's claim: after the condition of `spec` the outcome is positive in `share` (0-1) of cases.

    `id` and `created_at` are those of the stored row; 0 and None before it is stored.
    """

    sentence: str
    source: str
    spec: AlertSpec
    outcome: str
    horizon: int
    share: float
    id: int = 0
    created_at: datetime | None = None


def add(db: Database, claim: OwnClaim, *, owner_id: int, most: int, now: datetime) -> int | None:
    """Store a person's claim; returns its number, or None where they have as many as they may."""
    if count(db, owner_id) >= most:
        return None
    cursor = db.execute(
        """INSERT INTO claim (owner_id, sentence, source, signal, measure, condition, level, level_high, outcome, horizon,
            share, created_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            *(owner_id, claim.sentence, claim.source, claim.spec.signal, claim.spec.measure, claim.spec.condition),
            *(claim.spec.level, claim.spec.level_high, claim.outcome, claim.horizon, claim.share, seconds(now)),
        ),
    )
    return int(cursor.lastrowid or 0)


def count(db: Database, owner_id: int) -> int:
    """How many claims a person has stored."""
    return int(scalar(db, "SELECT count(*) FROM claim WHERE owner_id = ?", (owner_id,)))


def of_person(db: Database, owner_id: int) -> list[OwnClaim]:
    """A person's claims, oldest first."""
    return [_claim(record) for record in rows(db, "SELECT * FROM claim WHERE owner_id = ? ORDER BY id", (owner_id,))]


def remove(db: Database, owner_id: int, number: int) -> bool:
    """Delete one claim of a person; returns whether it existed."""
    return changed(db, "DELETE FROM claim WHERE id = ? AND owner_id = ?", (number, owner_id)) > 0


def _claim(record: Row) -> OwnClaim:
    spec = AlertSpec(
        record["signal"],
        Measure(record["measure"]),
        Condition(record["condition"]),
        record["level"],
        record["level_high"],
    )
    return OwnClaim(
        sentence=record["sentence"],
        source=record["source"],
        spec=spec,
        outcome=record["outcome"],
        horizon=record["horizon"],
        share=record["share"],
        id=record["id"],
        created_at=instant(record["created_at"]),
    )
