"""The members of composites: alerts and topics, and whether each counts now."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlite_utils import Database

from bot.database.alerts import alerts
from bot.database.codec import Row, ordinal, rows, seconds
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


def remove_topics(db: Database) -> None:
    """Take the topics that are not stored any more out of their composites."""
    db.execute(
        """DELETE FROM member WHERE topic IS NOT NULL
        AND topic NOT IN (SELECT topic FROM alert WHERE topic IS NOT NULL)"""
    )


def tell_unreachable(db: Database, why: str, *, session: date, now: datetime) -> None:
    """Enqueue a notice for each composite that `settle_lost` is about to remove.

    Args:
        db: The database, inside a transaction.
        why: What has become of its members: "one of its topics is no longer offered".
        session: The session of the notices.
        now: The present.
    """
    for composite in rows(db, _UNREACHABLE):
        sentence = (
            f"Alert {composite['number']} has been removed: {why}, so this combination has {_left(composite)} left and "
            f"needs {composite['at_least']}. `/alert combine` sets a new one."
        )
        _tell(db, composite, f"ended:{composite['id']}", sentence, session=session, now=now)


def settle_lost(db: Database) -> int:
    """Settle the composites that have lost members, without a message; returns how many are gone.

    Those that have too few left are removed, the others count what is left.
    """
    _arm(db)
    return sum(alerts.remove(db, composite["id"]) for composite in rows(db, _UNREACHABLE))


def settle_ended(db: Database, ended: Sequence[int], why: str, *, session: date, now: datetime) -> None:
    """Settle the composites of alerts that have ended for good, without a message for what they counted.

    They stay, since an alert that has ended can live again. A notice goes to where those post that have too few
    members left.

    Args:
        db: The database, inside a transaction.
        ended: The ids of these alerts.
        why: What has become of them: "the signal of one of its members was removed".
        session: The session of the notices.
        now: The present.
    """
    which = {"ended": json.dumps([*ended])}
    db.execute(
        "UPDATE member SET inside = 0, out_at = NULL WHERE alert_id IN (SELECT value FROM json_each(:ended))", which
    )
    _arm(db)
    for composite in rows(db, _CRIPPLED, which):
        number = composite["number"]
        sentence = (
            f"Alert {number} cannot fire any more: {why}, so this combination has {_left(composite)} left and needs "
            f"{composite['at_least']}. `/alert combine alert:{number}` gives it others."
        )
        _tell(db, composite, f"short:{composite['id']}:{seconds(now)}", sentence, session=session, now=now)


def _arm(db: Database) -> None:
    """Let the composites wait again that count too few members now."""
    db.execute(
        """UPDATE trigger SET state = 'armed', remind_at = NULL WHERE state = 'fired' AND alert_id IN (
            SELECT id FROM alert WHERE at_least IS NOT NULL AND at_least > (
                SELECT count(*) FROM member WHERE member.composite_id = alert.id AND member.inside))"""
    )


def _left(composite: Row) -> str:
    remaining = composite["remaining"]
    return "1 member" if remaining == 1 else f"{remaining or 'no'} members"


def _tell(db: Database, composite: Row, key: str, sentence: str, *, session: date, now: datetime) -> None:
    """Enqueue a notice to wherever a composite posts."""
    db.execute(
        """INSERT INTO outbox (key, kind, destination_id, owner_id, session, created_at, sentence)
        SELECT :key || ':' || destination_id, 'notice', destination_id, :owner, :session, :now, :sentence
        FROM subscription WHERE alert_id = :id""",
        {
            "key": key,
            "id": composite["id"],
            "owner": composite["owner_id"],
            "session": ordinal(session),
            "now": seconds(now),
            "sentence": sentence,
        },
    )


_UNREACHABLE = """SELECT id, number, owner_id, at_least,
        (SELECT count(*) FROM member WHERE member.composite_id = alert.id) AS remaining
    FROM alert WHERE at_least IS NOT NULL AND at_least > remaining ORDER BY id"""

# Of the composites to which one of these alerts belongs: those with too few members that can hold.
_CRIPPLED = """SELECT id, number, owner_id, at_least, (
        SELECT count(*) FROM member AS b LEFT JOIN alert AS w ON w.id = b.alert_id
        WHERE b.composite_id = alert.id AND (b.alert_id IS NULL OR w.ended_at IS NULL)) AS remaining
    FROM alert WHERE ended_at IS NULL AND at_least > remaining
        AND id IN (SELECT composite_id FROM member WHERE alert_id IN (SELECT value FROM json_each(:ended)))
    ORDER BY id"""
