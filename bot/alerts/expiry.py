"""Alerts with an end: their owners are told a week before, and the end comes after their last session."""

from __future__ import annotations

from datetime import date, datetime

from bot.alerts import composites
from bot.database import Database
from bot.database.alerts import alert_manner


def sweep(db: Database, *, session: date, now: datetime) -> int:
    """Tell of alerts that expire within the week, and end those whose last session is over.

    No trigger takes a session after its last one, so nothing depends on when this is called. It costs by what expires.

    Args:
        db: The database, inside a transaction.
        session: The newest session that was judged.
        now: The present.

    Returns:
        How many alerts have ended.
    """
    alert_manner.owe_expiries(db, today=now.date(), session=session, now=now)
    ended = alert_manner.end_expired(db, session=session, now=now)
    for alert_id in ended:
        composites.settle(db, alert_id)
    return len(ended)
