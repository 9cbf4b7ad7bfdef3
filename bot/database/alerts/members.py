"""The members of composites: alerts and topics, and whether each counts now."""

from __future__ import annotations

from dataclasses import dataclass

from sqlite_utils import Database

from bot.database.alerts import alerts
from bot.database.codec import changed, rows, scalar
from bot.domain.model import Alert, Combination


@dataclass(frozen=True, slots=True)
class CombinationMember:
    """One member of a composite: an alert or a topic, and whether it counts now."""

    alert: Alert | None
    topic: str | None
    inside: bool


def put(db: Database, composite_id: int, combination: Combination) -> None:
    """Make an alert a composite of these members, or give a composite other ones."""
    db.execute(
        "UPDATE alert SET at_least = ?, within = ? WHERE id = ?",
        (combination.at_least, combination.within, composite_id),
    )
    db.execute("DELETE FROM member WHERE composite_id = ?", (composite_id,))
    for position, member in enumerate(combination.members):
        alert_id, topic = (member, None) if isinstance(member, int) else (None, member)
        db.execute(
            "INSERT INTO member (composite_id, position, alert_id, topic) VALUES (?, ?, ?, ?)",
            (composite_id, position, alert_id, topic),
        )


def of_composite(db: Database, composite_id: int) -> list[CombinationMember]:
    """The members in the order in which they were given; empty for an alert that is no composite."""
    records = rows(
        db, "SELECT alert_id, topic, inside FROM member WHERE composite_id = ? ORDER BY position", (composite_id,)
    )
    return [
        CombinationMember(
            None if record["alert_id"] is None else alerts.get(db, record["alert_id"]),
            record["topic"],
            bool(record["inside"]),
        )
        for record in records
    ]


def composites_of(db: Database, alert_id: int) -> list[Alert]:
    """The composites to which an alert belongs."""
    records = rows(db, "SELECT composite_id FROM member WHERE alert_id = ? ORDER BY composite_id", (alert_id,))
    composites = (alerts.get(db, record["composite_id"]) for record in records)
    return [alert for alert in composites if alert is not None]


def remove_unreachable(db: Database) -> int:
    """Delete the composites that have lost members and have too few left; returns how many."""
    if not scalar(db, "SELECT EXISTS (SELECT 1 FROM alert WHERE at_least IS NOT NULL)"):
        return 0
    return changed(
        db,
        """DELETE FROM alert WHERE at_least IS NOT NULL
        AND at_least > (SELECT count(*) FROM member WHERE member.composite_id = alert.id)""",
    )
