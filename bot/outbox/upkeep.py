"""Counts of waiting messages, for `/status`, and deletion of rows that were settled long ago."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.database import Database
from bot.database.alerts import firings, removed_alerts
from bot.database.codec import changed, rows, scalar, seconds
from bot.outbox.items import drop

KEEP_DAYS = 30
KEEP_DEAD_DAYS = 90


@dataclass(frozen=True, slots=True)
class Pending:
    """The state of deliveries.

    `waiting`: items not delivered yet. `retrying`: messages of which at least one attempt failed.
    `dead`: items that could not be delivered in the last `KEEP_DEAD_DAYS`.
    """

    waiting: int
    retrying: int
    dead: int


def pending(db: Database) -> Pending:
    """Counts for `/status`; items of paused and parked destinations wait as well."""
    return Pending(
        waiting=scalar(db, "SELECT count(*) FROM outbox WHERE state IN ('due', 'batched')"),
        retrying=scalar(db, "SELECT count(*) FROM batch WHERE state = 'open' AND error IS NOT NULL"),
        dead=scalar(db, "SELECT count(*) FROM outbox WHERE state = 'dead'"),
    )


def clean_up(db: Database, *, now: datetime) -> int:
    """Delete rows settled 30 days ago (dead letters 90) with their batches; returns how many rows.

    What waits for somebody to be told that it cannot be delivered is given up after 90 days as well.

    Their keys cannot come again: an alert's holds its generation; a summary's session is before the newest one that
    its channel has done; the hour of an occasion has passed; a doubt is over after 14 days. That somebody was told of
    what may last longer is stored where it lasts: the expiry and the silence of an alert, a ticker, an incident.
    """
    given_up = rows(
        db,
        """SELECT id FROM destination WHERE state = 'parked' AND state_since < ?
            AND (kind <> 'dm' OR fallback_channel_id IS NULL)""",
        (seconds(now - timedelta(days=KEEP_DEAD_DAYS)),),
    )
    for destination in given_up:
        drop(db, destination["id"], now=now)
    settled, dead = (seconds(now - timedelta(days=days)) for days in (KEEP_DAYS, KEEP_DEAD_DAYS))
    firings.keep_outcomes(db, before=now - timedelta(days=KEEP_DAYS))
    firings.clean_up(db, now=now)
    removed_alerts.clean_up(db, now=now)
    deleted = changed(
        db,
        """DELETE FROM outbox WHERE (state IN ('sent', 'cancelled', 'skipped') AND created_at < :settled)
            OR (state = 'dead' AND created_at < :dead)""",
        {"settled": settled, "dead": dead},
    )
    db.execute(
        """DELETE FROM batch WHERE state <> 'open' AND settled_at < ?
            AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.batch_id = batch.id)""",
        (settled,),
    )
    return deleted
