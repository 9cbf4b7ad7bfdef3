"""The history of people's alerts: when each fired, at what value, and what became of its message."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlite_utils import Database

from bot.database.codec import Row, changed, instant, ordinal, rows, seconds, session
from bot.domain.model import Direction
from signals.core.model import Measure

KEEP_DAYS = 400

_SELECT = """SELECT f.*, CASE f.outcome WHEN 'told' THEN coalesce((
        SELECT o.state FROM outbox AS o WHERE o.alert_id = f.alert_id AND o.event = 'fired' AND o.direction = f.direction
            AND o.session = f.session AND o.created_at = f.fired_at LIMIT 1), f.outcome) ELSE f.outcome END AS became
    FROM firing AS f"""

_OF_OWNER = f"""{_SELECT} WHERE f.alert_id IN (SELECT id FROM alert WHERE owner_id = ?)
    ORDER BY f.fired_at DESC, f.session DESC LIMIT ?"""  # noqa: S608 - constants of this module


@dataclass(frozen=True, slots=True)
class Firing:
    """One firing of an alert.

    `became`: the state of its message in the outbox while it is there, later what it ended as; or why there was none:
    `paused`, `cooldown`, `caught_up`, `no_place`.
    """

    alert_id: int
    signal: str
    measure: Measure
    direction: Direction
    level: float
    value: float
    session: date
    fired_at: datetime
    became: str


def of_owner(db: Database, owner_id: int, limit: int) -> list[Firing]:
    """The newest firings of a person's alerts, the newest first."""
    return _firings(db, _OF_OWNER, (owner_id, limit))


def of_alert(db: Database, alert_id: int, *, since: datetime | None = None) -> list[Firing]:
    """The firings of one alert, the newest first; `since`: only those from then on."""
    return _firings(
        db,
        _SELECT + " WHERE f.alert_id = ? AND f.fired_at >= ? ORDER BY f.fired_at DESC, f.session DESC",
        (alert_id, 0 if since is None else seconds(since)),
    )


def of_place(db: Database, destination_id: int, first: date, last: date) -> str:
    """What a place's letter tells of its own, as JSON: the firings of its alerts from `first` to `last`, and its topics."""
    records = rows(
        db,
        """SELECT f.session, f.direction, f.value, a.number, a.signal, a.measure, a.condition, a.level, a.level_high,
            (SELECT count(*) FROM member WHERE composite_id = a.id) AS members
        FROM subscription AS n JOIN alert AS a ON a.id = n.alert_id JOIN firing AS f ON f.alert_id = a.id
        WHERE n.destination_id = ? AND f.session BETWEEN ? AND ? ORDER BY f.session, f.fired_at, a.id""",
        (destination_id, ordinal(first), ordinal(last)),
    )
    topics = rows(
        db,
        """SELECT DISTINCT a.topic FROM subscription AS n JOIN alert AS a ON a.id = n.alert_id
        WHERE n.destination_id = ? AND a.topic IS NOT NULL ORDER BY a.topic""",
        (destination_id,),
    )
    return json.dumps({"alerts": records, "topics": [record["topic"] for record in topics]}, separators=(",", ":"))


def keep_outcomes(db: Database, *, before: datetime) -> None:
    """Note what became of messages that are about to be deleted from the outbox."""
    db.execute(
        """UPDATE firing SET outcome = o.state FROM outbox AS o
        WHERE o.created_at < ? AND o.state IN ('sent', 'cancelled', 'skipped', 'dead') AND o.event = 'fired'
            AND o.kind = 'alert' AND firing.alert_id = o.alert_id AND firing.direction = o.direction
            AND firing.session = o.session AND firing.fired_at = o.created_at AND firing.outcome = 'told'""",
        (seconds(before),),
    )


def no_place(db: Database, destination_id: int) -> None:
    """Note that the messages which wait for a place will not come, because it takes none."""
    db.execute(
        """UPDATE firing SET outcome = 'no_place' FROM outbox AS o
        WHERE o.destination_id = ? AND o.state IN ('due', 'batched') AND o.event = 'fired' AND o.kind = 'alert'
            AND firing.alert_id = o.alert_id AND firing.direction = o.direction AND firing.session = o.session
            AND firing.fired_at = o.created_at AND firing.outcome = 'told'""",
        (destination_id,),
    )


def clean_up(db: Database, *, now: datetime) -> int:
    """Delete firings of more than 400 days ago; returns how many."""
    return changed(db, "DELETE FROM firing WHERE fired_at < ?", (seconds(now - timedelta(days=KEEP_DAYS)),))


def _firings(db: Database, sql: str, parameters: tuple[object, ...]) -> list[Firing]:
    return [_firing(record) for record in rows(db, sql, parameters)]


def _firing(record: Row) -> Firing:
    return Firing(
        alert_id=record["alert_id"],
        signal=record["signal"],
        measure=Measure(record["measure"]),
        direction=Direction(record["direction"]),
        level=record["level"],
        value=record["value"],
        session=session(record["session"]),
        fired_at=instant(record["fired_at"]),
        became=record["became"],
    )
