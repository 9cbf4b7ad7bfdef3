"""Composite alerts: how many of their members hold.

A member is an alert of the same person or a topic. It holds while one of its triggers is fired, and for
`within` sessions from its last firing on. A composite has one trigger, on the pseudo signal
`combined.ID`, whose value is the number of members that hold; the engine treats it as any other.

Members are updated by the triggers that move. Nothing here loops over composites that are not concerned.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime

from bot.alerts import composites_sql as sql
from bot.database import Database
from bot.database.alerts import alerts, members
from bot.database.codec import changed, rows, scalar, seconds
from bot.domain.model import (
    Alert,
    AlertSpec,
    Combination,
    Condition,
    Direction,
    NewTrigger,
    Timing,
    Trigger,
    TriggerState,
)
from signals.core.model import Measure, State

PREFIX = "combined."
"""The pseudo signal of a composite is this and the id of its alert."""

FEWEST, MOST_MEMBERS = 2, 8
MOST_WITHIN = 63


def spec_of(alert_id: int, at_least: int) -> AlertSpec:
    """The spec of a composite: more than `at_least` less a half of its members hold."""
    return AlertSpec(f"{PREFIX}{alert_id}", Measure.VALUE, Condition.ABOVE, at_least - 0.5, timing=Timing.LIVE)


def trigger_of(at_least: int, session: date) -> NewTrigger:
    """The trigger of a composite, before its members are counted."""
    level = at_least - 0.5
    return NewTrigger(Trigger(Direction.ABOVE, level, level), TriggerState.ARMED, session)


def create(
    db: Database,
    combination: Combination,
    *,
    owner_id: int,
    guild_id: int | None,
    destination_id: int,
    session: date,
    now: datetime,
    role_id: int | None = None,
) -> Alert:
    """Store a composite; where enough of its members hold already, it fires at the next crossing.

    Args:
        db: The database, inside a transaction.
        combination: What it asks for, taken as valid.
        owner_id: The person.
        guild_id: As for `alerts.add`.
        destination_id: Where its messages go.
        session: The newest session; none before it can fire.
        now: The present.
        role_id: A role to mention there.
    """
    alert = alerts.add(
        db,
        spec_of(0, combination.at_least),
        (trigger_of(combination.at_least, session),),
        owner_id=owner_id,
        guild_id=guild_id,
        destination_id=destination_id,
        now=now,
        role_id=role_id,
    )
    signal = f"{PREFIX}{alert.id}"
    db.execute("DELETE FROM watch WHERE signal = ?", (alert.spec.signal,))
    db.execute("UPDATE alert SET signal = ? WHERE id = ?", (signal, alert.id))
    db.execute("UPDATE trigger SET signal = ? WHERE alert_id = ?", (signal, alert.id))
    change(db, alert.id, combination)
    return replace(alert, spec=replace(alert.spec, signal=signal), combination=combination)


def change(db: Database, alert_id: int, combination: Combination) -> None:
    """Give a composite other members or another number of them; it goes on from where that leaves it."""
    level = {"level": combination.at_least - 0.5, "id": alert_id}
    db.execute("UPDATE alert SET level = :level WHERE id = :id", level)
    db.execute("UPDATE trigger SET level = :level, rearm = :level WHERE alert_id = :id", level)
    members.put(db, alert_id, combination)
    settle(db, alert_id)


def count(db: Database) -> bool:
    """Fill `seen` with the counts of the composites that are concerned by what moved; returns whether there are any.

    To be called after the triggers of a check have moved, in its transaction.
    """
    if not scalar(db, sql.ANY_MEMBER):
        return False
    db.execute("DELETE FROM affected")
    if not changed(db, sql.AFFECTED, _newest(db)):
        return False
    _recount(db)
    return True


def settle(db: Database, alert_id: int) -> None:
    """Count anew the composites to which an alert belongs, or an alert that is one, without any message.

    For what a person has changed: the composite is then where it is, and fires at the next crossing.
    """
    db.execute("DELETE FROM affected")
    db.execute(sql.AFFECTED_BY_ALERT, {"alert": alert_id})
    if scalar(db, "SELECT EXISTS (SELECT 1 FROM member WHERE composite_id = ?)", (alert_id,)):
        db.execute(sql.AFFECTED_ITSELF, {"alert": alert_id})
    _recount(db)
    db.execute(sql.SETTLE)
    db.execute("DELETE FROM seen")


def standing_of(db: Database, composite_id: int) -> tuple[int, dict[str, object]]:
    """How many members of a composite are in, and the facts of its reading, which say who is in and who is not."""
    members_now = rows(db, sql.MEMBER_FACTS, (composite_id,))
    return sum(member["inside"] for member in members_now), {"members": members_now}


def keep_standing(db: Database, signal: str, session: int, *, now: datetime) -> int:
    """Store who of a composite's members is in and who is not, as the reading on which it fires; returns its id."""
    inside, facts = standing_of(db, int(signal.removeprefix(PREFIX)))
    cursor = db.execute(
        "INSERT INTO reading (signal, session, state, value, facts, recorded_at) VALUES (?, ?, ?, ?, ?, ?)",
        (signal, session, State.FINAL, inside, json.dumps(facts, separators=(",", ":")), seconds(now)),
    )
    return int(cursor.lastrowid or 0)


def _newest(db: Database) -> dict[str, int]:
    return {"newest": scalar(db, "SELECT coalesce(max(number), 0) FROM session_number")}


def _recount(db: Database) -> None:
    """Write how the members of the affected composites stand, and their counts into `seen`."""
    db.execute("DELETE FROM standing")
    db.execute(sql.STAND_ALERTS)
    db.execute(sql.STAND_TOPICS)
    db.execute(sql.RECOUNT, _newest(db))
    db.execute("DELETE FROM seen")
    db.execute(sql.COUNT_INSIDE)
