"""Subscriptions: the DMs and channels that an alert notifies.

Each has an optional role to mention and its own snooze.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlite_utils import Database

from bot.database.alerts import alerts
from bot.database.codec import Row, changed, instant, instant_or_none, ordinal, row, rows, seconds
from bot.domain.model import Alert

_SELECT = "SELECT alert_id, destination_id, role_id, snoozed_until, created_by, created_at FROM subscription"


@dataclass(frozen=True, slots=True)
class Subscription:
    """One destination of one alert.

    `role_id` is mentioned there; messages are held back until `snoozed_until`.
    """

    alert_id: int
    destination_id: int
    role_id: int | None
    snoozed_until: datetime | None
    created_by: int
    created_at: datetime


def subscribe(
    db: Database, topic: str, destination_id: int, *, created_by: int, now: datetime, role_id: int | None = None
) -> list[Subscription]:
    """Subscribe a destination to a topic; once more replaces the role and ends a snooze.

    Returns a subscription for each alert of the topic. Raises LookupError for a topic that is not
    stored.
    """
    parts = alerts.by_topic(db, topic)
    if not parts:
        raise LookupError(f"no topic {topic}")
    for alert in parts:
        db.execute(
            """INSERT INTO subscription (alert_id, destination_id, role_id, created_by, created_at)
            VALUES (:alert, :destination, :role, :by, :now)
            ON CONFLICT (alert_id, destination_id) DO UPDATE SET role_id = excluded.role_id, snoozed_until = NULL""",
            {"alert": alert.id, "destination": destination_id, "role": role_id, "by": created_by, "now": seconds(now)},
        )
        _hold(db, alert.id, destination_id, 0)
    subscriptions = (get(db, alert.id, destination_id) for alert in parts)
    return [subscription for subscription in subscriptions if subscription is not None]


def unsubscribe(db: Database, alert_id: int, destination_id: int) -> bool:
    """End a subscription and cancel its messages that are not being sent yet.

    Returns whether it was subscribed. A person's alert without any destination stays until
    `alerts.remove`.
    """
    db.execute(
        "UPDATE outbox SET state = 'cancelled' WHERE alert_id = ? AND destination_id = ? AND state = 'due'",
        (alert_id, destination_id),
    )
    deleted = changed(
        db, "DELETE FROM subscription WHERE alert_id = ? AND destination_id = ?", (alert_id, destination_id)
    )
    return deleted > 0


def snooze(db: Database, alert_id: int, destination_id: int, until: datetime | None) -> bool:
    """Hold messages back there until `until`; None ends that, and what was held back is sent at once.

    Returns whether there is such a subscription.
    """
    value = None if until is None else seconds(until)
    updated = changed(
        db,
        "UPDATE subscription SET snoozed_until = ? WHERE alert_id = ? AND destination_id = ?",
        (value, alert_id, destination_id),
    )
    _hold(db, alert_id, destination_id, value or 0)
    return updated > 0


def _hold(db: Database, alert_id: int, destination_id: int, until: int) -> None:
    """Hold back until then what waits of a subscription, for whatever reason; 0 ends the wait of what is held back."""
    db.execute(
        """UPDATE outbox SET held_until = :until WHERE alert_id = :alert AND destination_id = :destination
            AND state = 'due' AND kind = 'alert' AND (:until > 0 OR held_until IS NOT NULL)""",
        {"until": until, "alert": alert_id, "destination": destination_id},
    )


def get(db: Database, alert_id: int, destination_id: int) -> Subscription | None:
    """One subscription, or None."""
    record = row(db, _SELECT + " WHERE alert_id = ? AND destination_id = ?", (alert_id, destination_id))
    return None if record is None else _subscription(record)


def of_alert(db: Database, alert_id: int) -> list[Subscription]:
    """All subscriptions to an alert; empty when there is none."""
    return [_subscription(record) for record in rows(db, _SELECT + " WHERE alert_id = ?", (alert_id,))]


def of_destination(db: Database, destination_id: int) -> list[tuple[Alert, Subscription]]:
    """Everything that a destination is subscribed to, topics and people's alerts, oldest first."""
    records = rows(db, _SELECT + " WHERE destination_id = ? ORDER BY alert_id", (destination_id,))
    pairs = ((alerts.get(db, record["alert_id"]), _subscription(record)) for record in records)
    return [(alert, subscription) for alert, subscription in pairs if alert is not None]


def tell_of_topic(db: Database, topic: str, sentence: str, *, session: date, now: datetime) -> None:
    """Enqueue a notice to each destination that is subscribed to a topic.

    Args:
        db: The database, inside a transaction.
        topic: The key of the topic.
        sentence: What the notice says.
        session: The session of the notices.
        now: The present.
    """
    db.execute(
        """INSERT INTO outbox (key, kind, destination_id, session, created_at, sentence)
        SELECT DISTINCT 'topic:' || topic || ':' || destination_id || ':' || :now, 'notice', destination_id, :session, :now,
            :sentence
        FROM subscription JOIN alert ON alert.id = subscription.alert_id WHERE topic = :topic ORDER BY destination_id""",
        {"topic": topic, "session": ordinal(session), "now": seconds(now), "sentence": sentence},
    )


def _subscription(record: Row) -> Subscription:
    return Subscription(
        alert_id=record["alert_id"],
        destination_id=record["destination_id"],
        role_id=record["role_id"],
        snoozed_until=instant_or_none(record["snoozed_until"]),
        created_by=record["created_by"],
        created_at=instant(record["created_at"]),
    )
