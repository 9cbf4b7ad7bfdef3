"""Alerts and outbox items for the tests of the database."""

from __future__ import annotations

from datetime import date, datetime

from sqlite_utils import Database

from bot.alerts.rules import new_triggers
from bot.database.alerts import alerts
from bot.database.codec import rows, scalar
from bot.database.places import destinations
from bot.domain.model import Alert, AlertSpec, Condition
from signals.core.model import Measure

DAY = date(2026, 1, 13)
ABOVE_90 = AlertSpec("havens.silver", Measure.VALUE, Condition.ABOVE, 90.0, band=0.5)
STARTS_NEW = new_triggers(ABOVE_90, None, DAY)


def add(db: Database, now: datetime, *, user: int = 7, spec: AlertSpec = ABOVE_90, known: float | None = 85.0) -> Alert:
    dm = destinations.dm_destination(db, user, channel_id=user * 10, now=now)
    triggers = new_triggers(spec, known, DAY)
    return alerts.add(db, spec, triggers, owner_id=user, guild_id=None, destination_id=dm.id, now=now)


def add_topic(db: Database, now: datetime) -> Alert:
    return alerts.add_topic(db, "silver-90", ABOVE_90, STARTS_NEW, now=now)


def enqueue(db: Database, alert: Alert, destination_id: int, *, state: str = "due") -> int:
    key = f"alert:{alert.id}:{scalar(db, 'SELECT count(*) FROM outbox')}"
    db.execute(
        """INSERT INTO outbox (key, kind, destination_id, alert_id, owner_id, session, created_at, state)
        VALUES (?, 'alert', ?, ?, ?, 1, 1, ?)""",
        (key, destination_id, alert.id, alert.owner_id, state),
    )
    return int(scalar(db, "SELECT max(id) FROM outbox"))


def outbox_states(db: Database) -> dict[int, str]:
    return {each["id"]: each["state"] for each in rows(db, "SELECT id, state FROM outbox")}
