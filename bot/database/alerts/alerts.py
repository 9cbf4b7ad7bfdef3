"""Stored alerts and their triggers.

Only this module and the engine, which moves triggers, write them.

It holds no rules of alerts: callers compute the triggers (`bot.alerts.rules`), this module stores
them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlite_utils import Database

from bot.database.alerts import alert_manner
from bot.database.alerts.alert_rows import alert_of
from bot.database.codec import Row, changed, ordinal, row, rows, scalar, seconds
from bot.domain.model import After, Alert, AlertSpec, Direction, Manner, NewTrigger, Repeat, Trigger, TriggerState

SELECT = """SELECT *, CASE WHEN at_least IS NOT NULL THEN (
        SELECT group_concat(name) FROM (
            SELECT coalesce(b.topic, w.id || '#' || w.number) AS name FROM member AS b LEFT JOIN alert AS w ON w.id = b.alert_id
            WHERE b.composite_id = alert.id ORDER BY b.position)) END AS members
    FROM alert"""


@dataclass(frozen=True, slots=True)
class StoredTrigger:
    """One side of an alert with its state.

    `streak` counts confirming sessions, `fired_session` is the last firing.
    """

    id: int
    alert_id: int
    direction: Direction
    level: float
    rearm: float
    state: TriggerState
    streak: int
    generation: int
    fired_session: date | None


def add(
    db: Database,
    spec: AlertSpec,
    triggers: Iterable[NewTrigger],
    *,
    owner_id: int,
    guild_id: int | None,
    destination_id: int,
    now: datetime,
    role_id: int | None = None,
    manner: Manner | None = None,
) -> Alert:
    """Store a person's alert with its subscription and triggers.

    Args:
        db: The database.
        spec: What the alert asks for, taken as valid.
        triggers: What `bot.alerts.rules.new_triggers` made of the same spec.
        owner_id: The person.
        guild_id: The server whose channel it posts to (it goes when the server goes), None for a
            DM.
        destination_id: Where its messages go.
        now: The present.
        role_id: A role to mention there.
        manner: How it notifies.
    """
    alert = _insert(db, spec, owner_id=owner_id, guild_id=guild_id, topic=None, now=now)
    _insert_triggers(db, alert, spec, triggers)
    alert_manner.subscribe(db, alert, destination_id, role_id, created_by=owner_id, now=now)
    if manner is not None:
        alert_manner.set_manner(db, alert, manner, now=now)
    return _required(db, alert)


def add_topic(
    db: Database, key: str, spec: AlertSpec, triggers: Iterable[NewTrigger], *, now: datetime, part: int = 0
) -> Alert:
    """Store one alert of a topic; `part` numbers those of one topic, each is stored once.

    Whoever is subscribed to the other parts of the topic is subscribed to this one as well.
    """
    others = by_topic(db, key)
    alert = _insert(db, spec, owner_id=None, guild_id=None, topic=key, now=now, part=part)
    _insert_triggers(db, alert, spec, triggers)
    if others:
        _copy_subscriptions(db, others[0].id, alert)
    return _required(db, alert)


def edit(db: Database, alert_id: int, spec: AlertSpec, triggers: Iterable[NewTrigger]) -> Alert:
    """Give an alert another spec and new triggers, as in `add`; an ended one becomes active again.

    Subscriptions and messages already enqueued stay. Raises LookupError when there is no such
    alert.
    """
    db.execute(
        """UPDATE alert SET signal = :signal, measure = :measure, condition = :condition, level = :level,
            level_high = :level_high, timing = :timing, confirm = :confirm, repeat = :repeat,
            cooldown_days = :cooldown_days, band = :band, after = :after, remind_every = :remind_every, ended_at = NULL
        WHERE id = :id""",
        {**asdict(spec), "id": alert_id},
    )
    alert = _required(db, alert_id)
    db.execute("DELETE FROM trigger WHERE alert_id = ?", (alert_id,))
    _insert_triggers(db, alert_id, spec, triggers)
    return alert


def set_band(db: Database, alert_id: int, band: float, sides: Iterable[Trigger]) -> Alert:
    """Change only the band. The triggers take the re-arm levels of `sides` and keep their state."""
    db.execute("UPDATE alert SET band = ? WHERE id = ?", (band, alert_id))
    db.conn.executemany(
        "UPDATE trigger SET rearm = ? WHERE alert_id = ? AND direction = ?",
        [(side.rearm, alert_id, side.direction) for side in sides],
    )
    return _required(db, alert_id)


def remove(db: Database, alert_id: int) -> bool:
    """Delete an alert with triggers and subscriptions.

    Its messages that are not being sent yet are cancelled. Returns whether it existed.
    """
    db.execute("UPDATE outbox SET state = 'cancelled' WHERE alert_id = ? AND state = 'due'", (alert_id,))
    return changed(db, "DELETE FROM alert WHERE id = ?", (alert_id,)) > 0


def get(db: Database, alert_id: int) -> Alert | None:
    """One alert, or None."""
    record = row(db, SELECT + " WHERE id = ?", (alert_id,))
    return None if record is None else alert_of(record)


def by_topic(db: Database, key: str) -> list[Alert]:
    """The alerts behind a topic, one for each signal that it watches.

    Empty for a topic that is not stored.
    """
    return [alert_of(record) for record in rows(db, SELECT + " WHERE topic = ? ORDER BY part", (key,))]


def topics(db: Database) -> list[Alert]:
    """All ready-made alerts in the order in which they were made."""
    return [alert_of(record) for record in rows(db, SELECT + " WHERE topic IS NOT NULL ORDER BY id")]


def list_for(db: Database, owner_id: int) -> list[Alert]:
    """A person's alerts, oldest first, ended ones included."""
    return [alert_of(record) for record in rows(db, SELECT + " WHERE owner_id = ? ORDER BY id", (owner_id,))]


def numbered(db: Database, owner_id: int, number: int) -> Alert | None:
    """A person's alert of that number, or None."""
    record = row(db, SELECT + " WHERE owner_id = ? AND number = ?", (owner_id, number))
    return None if record is None else alert_of(record)


def renumber(db: Database, alert_id: int, owner_id: int, number: int) -> None:
    """Give a person's alert that number, unless another one of theirs has it."""
    if numbered(db, owner_id, number) is None:
        db.execute("UPDATE alert SET number = ? WHERE id = ?", (number, alert_id))


def count_owned(db: Database, owner_id: int) -> int:
    """How many active alerts a person has, for the quota."""
    number: int = scalar(db, "SELECT count(*) FROM alert WHERE owner_id = ? AND ended_at IS NULL", (owner_id,))
    return number


def count_in_guild(db: Database, guild_id: int) -> int:
    """How many active alerts post to the channels of a server, for the quota."""
    number: int = scalar(db, "SELECT count(*) FROM alert WHERE guild_id = ? AND ended_at IS NULL", (guild_id,))
    return number


def count(db: Database) -> int:
    """How many active alerts people have set; topics are not counted."""
    number: int = scalar(db, "SELECT count(*) FROM alert WHERE topic IS NULL AND ended_at IS NULL")
    return number


def triggers_of(db: Database, alert_id: int) -> list[StoredTrigger]:
    """The triggers of an alert with their states, the one above first.

    Empty when there is no such alert.
    """
    records = rows(
        db,
        """SELECT id, alert_id, direction, level, rearm, state, streak, generation, fired_session
        FROM trigger WHERE alert_id = ? ORDER BY direction, id""",
        (alert_id,),
    )
    return [_trigger(record) for record in records]


def end_orphans(db: Database) -> int:
    """Delete people's alerts that no destination is subscribed to any more; returns how many."""
    return changed(
        db,
        """DELETE FROM alert WHERE topic IS NULL
        AND NOT EXISTS (SELECT 1 FROM subscription WHERE subscription.alert_id = alert.id)""",
    )


def _insert(
    db: Database,
    spec: AlertSpec,
    *,
    owner_id: int | None,
    guild_id: int | None,
    topic: str | None,
    now: datetime,
    part: int = 0,
) -> int:
    cursor = db.execute(
        """INSERT INTO alert (topic, part, owner_id, guild_id, created_at, signal, measure, condition, level, level_high,
            timing, confirm, repeat, cooldown_days, band, after, remind_every, number)
        VALUES (:topic, :part, :owner, :guild, :now, :signal, :measure, :condition, :level, :level_high,
            :timing, :confirm, :repeat, :cooldown_days, :band, :after, :remind_every,
            CASE WHEN :owner IS NULL THEN 0 ELSE 1 + (SELECT coalesce(max(number), 0) FROM alert WHERE owner_id = :owner) END)""",
        {**asdict(spec), "topic": topic, "part": part, "owner": owner_id, "guild": guild_id, "now": seconds(now)},
    )
    return int(cursor.lastrowid or 0)


def _copy_subscriptions(db: Database, old: int, new: int) -> None:
    """Copy the subscriptions of one alert to a new one, with the same roles and snoozes."""
    db.execute(
        """INSERT INTO subscription (alert_id, destination_id, role_id, snoozed_until, created_by, created_at)
        SELECT :new, destination_id, role_id, snoozed_until, created_by, created_at FROM subscription
        WHERE alert_id = :old""",
        {"new": new, "old": old},
    )


def _insert_triggers(db: Database, alert_id: int, spec: AlertSpec, triggers: Iterable[NewTrigger]) -> None:
    """Store the triggers of an alert, and that its measure is watched.

    The parts of the spec that hold for all triggers (signal, timing, confirmation, ...) are
    repeated in every row, because the engine reads no table but the triggers.
    """
    db.execute("INSERT INTO watch (signal, measure) VALUES (?, ?) ON CONFLICT DO NOTHING", (spec.signal, spec.measure))
    for trigger in triggers:
        db.execute(
            """INSERT INTO trigger (alert_id, signal, measure, timing, direction, level, rearm, confirm, once,
                cooldown_days, state, since_session, tell_back, remind_every, until_session, paused)
            SELECT :alert, :signal, :measure, :timing, :direction, :level, :rearm, :confirm, :once,
                :cooldown, :state, :since, :tell_back, :remind_every, expires, paused_at IS NOT NULL
            FROM alert WHERE id = :alert""",
            {
                "alert": alert_id,
                "signal": spec.signal,
                "measure": spec.measure,
                "timing": spec.timing,
                "direction": trigger.side.direction,
                "level": trigger.side.level,
                "rearm": trigger.side.rearm,
                "confirm": spec.confirm,
                "once": spec.repeat is Repeat.ONCE,
                "cooldown": spec.cooldown_days,
                "state": trigger.state,
                "since": ordinal(trigger.since_session),
                "tell_back": spec.after is After.BACK,
                "remind_every": spec.remind_every if spec.after is After.REMIND else 0,
            },
        )


def _required(db: Database, alert_id: int) -> Alert:
    alert = get(db, alert_id)
    if alert is None:
        raise LookupError(f"no alert {alert_id}")
    return alert


def _trigger(record: Row) -> StoredTrigger:
    fired = record["fired_session"]
    return StoredTrigger(
        **{
            **record,
            "direction": Direction(record["direction"]),
            "state": TriggerState(record["state"]),
            "fired_session": None if fired is None else date.fromordinal(fired),
        }
    )
