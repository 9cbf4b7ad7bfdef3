"""How a stored alert notifies: where to, how loud, until when, and whether at all."""

from __future__ import annotations

from datetime import date, datetime

from sqlite_utils import Database

from bot.database.codec import changed, ordinal, rows, seconds
from bot.database.places.destinations import REACHABLE
from bot.domain.model import Manner

TOLD_DAYS = 7
"""An owner is told of an expiry so many days before."""


def subscribe(
    db: Database, alert_id: int, destination_id: int, role_id: int | None, *, created_by: int, now: datetime
) -> None:
    """Let a person's alert post to this destination alone; what waits for another one is cancelled."""
    db.execute(
        "UPDATE outbox SET state = 'cancelled' WHERE alert_id = ? AND destination_id <> ? AND state = 'due'",
        (alert_id, destination_id),
    )
    db.execute("DELETE FROM subscription WHERE alert_id = ? AND destination_id <> ?", (alert_id, destination_id))
    db.execute(
        """INSERT INTO subscription (alert_id, destination_id, role_id, created_by, created_at) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (alert_id, destination_id) DO UPDATE SET role_id = excluded.role_id""",
        (alert_id, destination_id, role_id, created_by, seconds(now)),
    )


def set_guild(db: Database, alert_id: int, guild_id: int | None) -> None:
    """Say to which server's channel an alert posts, None for a DM."""
    db.execute("UPDATE alert SET guild_id = ? WHERE id = ?", (guild_id, alert_id))


def set_manner(db: Database, alert_id: int, manner: Manner, *, now: datetime) -> None:
    """Change how an alert notifies. Its owner is not told of an expiry within the week, which they have just set."""
    last = None if manner.expires is None else ordinal(manner.expires)
    soon = last is not None and last - TOLD_DAYS <= ordinal(now.date())
    db.execute(
        "UPDATE alert SET note = ?, loudness = ?, expires = ?, expiry_told = ? WHERE id = ?",
        (manner.note, manner.loudness, last, soon, alert_id),
    )
    db.execute("UPDATE trigger SET until_session = ? WHERE alert_id = ?", (last, alert_id))


def pause(db: Database, alert_id: int, *, now: datetime | None) -> None:
    """Let an alert move without messages from `now` on; None lets it notify again."""
    at = None if now is None else seconds(now)
    db.execute("UPDATE alert SET paused_at = ? WHERE id = ?", (at, alert_id))
    db.execute("UPDATE trigger SET paused = ? WHERE alert_id = ?", (now is not None, alert_id))


def end(db: Database, alert_id: int, *, now: datetime) -> None:
    """End an alert: it fires no more until it is edited."""
    db.execute("UPDATE alert SET ended_at = ? WHERE id = ?", (seconds(now), alert_id))
    db.execute("UPDATE trigger SET state = 'ended', streak = 0, remind_at = NULL WHERE alert_id = ?", (alert_id,))


def restart(db: Database, alert_id: int) -> None:
    """Let an ended alert fire again, also one that was paused: its triggers are armed until they are told where it is."""
    db.execute("UPDATE alert SET ended_at = NULL WHERE id = ?", (alert_id,))
    db.execute("UPDATE trigger SET state = 'armed' WHERE alert_id = ? AND state = 'ended'", (alert_id,))
    pause(db, alert_id, now=None)


def owe_expiries(db: Database, *, today: date, session: date, now: datetime) -> int:
    """Enqueue a notice for each alert that expires within the week, once; returns how many.

    An owner who cannot be written to is told later, should that change before the alert expires.
    """
    soon = {"soon": ordinal(today) + TOLD_DAYS, "session": ordinal(session), "now": seconds(now)}
    which = f"""FROM alert AS a INDEXED BY alert_expiring JOIN subscription AS n ON n.alert_id = a.id
            JOIN destination ON destination.id = n.destination_id
        WHERE a.expires IS NOT NULL AND a.ended_at IS NULL AND a.expires <= :soon AND NOT a.expiry_told AND {REACHABLE}"""
    enqueued = changed(
        db,
        f"""INSERT INTO outbox (key, kind, destination_id, alert_id, owner_id, signal, measure, session, created_at, event,
            since)
        SELECT 'expiring:' || a.id || ':' || a.expires || ':' || n.destination_id, 'notice', n.destination_id, a.id, a.owner_id,
            a.signal, a.measure, :session, :now, 'expiring', a.expires
        {which} ON CONFLICT (key) DO NOTHING""",
        soon,
    )
    db.execute(f"UPDATE alert SET expiry_told = 1 WHERE id IN (SELECT a.id {which})", soon)  # noqa: S608 - constants
    return enqueued


def end_expired(db: Database, *, session: date, now: datetime) -> list[int]:
    """End the alerts that expired before this session; returns their ids."""
    before = {"session": ordinal(session), "now": seconds(now)}
    expired = rows(
        db,
        """SELECT id FROM alert INDEXED BY alert_expiring
        WHERE expires IS NOT NULL AND ended_at IS NULL AND expires < :session""",
        before,
    )
    for record in expired:
        end(db, record["id"], now=now)
    return [record["id"] for record in expired]
