"""Stored alerts and their triggers. The only writer of triggers beside the engine that moves them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import date, datetime

from sqlite_utils import Database

from bot.alerts import rules
from bot.database.codec import Row, changed, instant, instant_or_none, ordinal, row, rows, scalar, seconds
from bot.domain.model import Alert, AlertSpec, Condition, Direction, Repeat, Timing, TriggerState
from signals.core.model import Measure

_SPEC = tuple(each.name for each in fields(AlertSpec))
_SELECT = "SELECT * FROM alert"


@dataclass(frozen=True, slots=True)
class StoredTrigger:
    """One side of an alert as it stands. `streak` counts confirming sessions, `fired_session` is the last firing."""

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
    *,
    owner_id: int,
    guild_id: int | None,
    destination_id: int,
    known: float | None,
    session: date,
    now: datetime,
    role_id: int | None = None,
) -> Alert:
    """Store a person's alert with its subscription and triggers.

    `guild_id`: the server whose channel it posts to (it goes when the server goes), None for a DM. `known`: the watched
    measure's newest value, which decides on which side the triggers start; None when nothing is known yet, then the first
    reading decides in silence. `session`: the session that `known` describes, or the newest one; no session before it
    can fire. The spec is taken as valid (`bot.alerts.validation`).
    """
    alert = _insert(db, spec, owner_id=owner_id, guild_id=guild_id, topic=None, now=now)
    _watch(db, alert, known=known, session=session)
    db.execute(
        """INSERT INTO subscription (alert_id, destination_id, role_id, created_by, created_at)
        VALUES (?, ?, ?, ?, ?)""",
        (alert, destination_id, role_id, owner_id, seconds(now)),
    )
    return _required(db, alert)


def put_topic(
    db: Database, key: str, spec: AlertSpec, *, known: float | None, session: date, now: datetime, part: int = 0
) -> Alert:
    """Store a ready-made alert of the house, or bring a stored one up to date; `part` numbers those of one topic.

    A changed spec resets its triggers, an equal one leaves them alone; subscriptions stay either way. Whoever hears of the topic
    already hears of a new part as well.
    """
    others = by_topic(db, key)
    stored = next((each for each in others if each.part == part), None)
    if stored is None:
        alert = _insert(db, spec, owner_id=None, guild_id=None, topic=key, now=now, part=part)
        _watch(db, alert, known=known, session=session)
        if others:
            _share_listeners(db, others[0].id, alert)
        return _required(db, alert)
    return stored if stored.spec == spec else edit(db, stored.id, spec, known=known, session=session)


def edit(db: Database, alert_id: int, spec: AlertSpec, *, known: float | None, session: date) -> Alert:
    """Give an alert another spec; its triggers start anew as in `add`, an ended one lives again.

    Subscriptions and news already promised stay. Raises LookupError when there is no such alert.
    """
    db.execute(
        """UPDATE alert SET signal = :signal, measure = :measure, condition = :condition, level = :level,
            level_high = :level_high, timing = :timing, confirm = :confirm, repeat = :repeat,
            cooldown_days = :cooldown_days, band = :band, ended_at = NULL
        WHERE id = :id""",
        {**asdict(spec), "id": alert_id},
    )
    alert = _required(db, alert_id)
    db.execute("DELETE FROM trigger WHERE alert_id = ?", (alert_id,))
    _watch(db, alert_id, known=known, session=session)
    return alert


def set_band(db: Database, alert_id: int, band: float) -> Alert:
    """Change only the distance of the re-arm level; the triggers keep their state."""
    db.execute("UPDATE alert SET band = ? WHERE id = ?", (band, alert_id))
    alert = _required(db, alert_id)
    for trigger in rules.triggers(alert.spec):
        db.execute(
            "UPDATE trigger SET rearm = ? WHERE alert_id = ? AND direction = ?",
            (trigger.rearm, alert_id, trigger.direction),
        )
    return alert


def remove(db: Database, alert_id: int) -> bool:
    """Delete an alert with triggers and subscriptions and cancel its news that nobody has begun to send.

    Returns whether it was there.
    """
    db.execute("UPDATE outbox SET state = 'cancelled' WHERE alert_id = ? AND state = 'due'", (alert_id,))
    return changed(db, "DELETE FROM alert WHERE id = ?", (alert_id,)) > 0


def get(db: Database, alert_id: int) -> Alert | None:
    """One alert, or None."""
    found = row(db, _SELECT + " WHERE id = ?", (alert_id,))
    return None if found is None else alert_of(found)


def by_topic(db: Database, key: str) -> list[Alert]:
    """The alerts behind a topic, one for each signal that it watches; empty for a topic that is not stored."""
    return [alert_of(each) for each in rows(db, _SELECT + " WHERE topic = ? ORDER BY part", (key,))]


def topics(db: Database) -> list[Alert]:
    """All ready-made alerts in the order in which they were made."""
    return [alert_of(each) for each in rows(db, _SELECT + " WHERE topic IS NOT NULL ORDER BY id")]


def list_for(db: Database, owner_id: int) -> list[Alert]:
    """A person's alerts, oldest first, ended ones included."""
    return [alert_of(each) for each in rows(db, _SELECT + " WHERE owner_id = ? ORDER BY id", (owner_id,))]


def count_owned(db: Database, owner_id: int) -> int:
    """How many living alerts a person has, for the quota."""
    count: int = scalar(db, "SELECT count(*) FROM alert WHERE owner_id = ? AND ended_at IS NULL", (owner_id,))
    return count


def count_in_guild(db: Database, guild_id: int) -> int:
    """How many living alerts post to the channels of a server, for the quota."""
    count: int = scalar(db, "SELECT count(*) FROM alert WHERE guild_id = ? AND ended_at IS NULL", (guild_id,))
    return count


def count(db: Database) -> int:
    """How many living alerts people have set; topics are not counted."""
    number: int = scalar(db, "SELECT count(*) FROM alert WHERE topic IS NULL AND ended_at IS NULL")
    return number


def triggers_of(db: Database, alert_id: int) -> list[StoredTrigger]:
    """The triggers of an alert as they stand, the one above first; empty when there is no such alert."""
    found = rows(
        db,
        """SELECT id, alert_id, direction, level, rearm, state, streak, generation, fired_session
        FROM trigger WHERE alert_id = ? ORDER BY direction, id""",
        (alert_id,),
    )
    return [_trigger(each) for each in found]


def end_orphans(db: Database) -> int:
    """Delete people's alerts that no destination listens to any more; returns how many."""
    return changed(
        db,
        """DELETE FROM alert WHERE topic IS NULL
        AND NOT EXISTS (SELECT 1 FROM subscription WHERE subscription.alert_id = alert.id)""",
    )


def alert_of(found: Row) -> Alert:
    """An alert from a row that has all columns of its table, spec included."""
    spec = AlertSpec(
        **{
            **{name: found[name] for name in _SPEC},
            "measure": Measure(found["measure"]),
            "condition": Condition(found["condition"]),
            "timing": Timing(found["timing"]),
            "repeat": Repeat(found["repeat"]),
        }
    )
    return Alert(
        id=found["id"],
        spec=spec,
        owner_id=found["owner_id"],
        guild_id=found["guild_id"],
        topic=found["topic"],
        part=found["part"],
        created_at=instant(found["created_at"]),
        ended_at=instant_or_none(found["ended_at"]),
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
            timing, confirm, repeat, cooldown_days, band)
        VALUES (:topic, :part, :owner, :guild, :now, :signal, :measure, :condition, :level, :level_high,
            :timing, :confirm, :repeat, :cooldown_days, :band)""",
        {**asdict(spec), "topic": topic, "part": part, "owner": owner_id, "guild": guild_id, "now": seconds(now)},
    )
    return int(cursor.lastrowid or 0)


def _share_listeners(db: Database, known_to: int, new: int) -> None:
    """Let everybody who hears of one alert hear of a new one too, in the same way."""
    db.execute(
        """INSERT INTO subscription (alert_id, destination_id, role_id, snoozed_until, created_by, created_at)
        SELECT :new, destination_id, role_id, snoozed_until, created_by, created_at FROM subscription
        WHERE alert_id = :old""",
        {"new": new, "old": known_to},
    )


def _watch(db: Database, alert_id: int, *, known: float | None, session: date) -> None:
    spec = _required(db, alert_id).spec
    db.execute("INSERT INTO watch (signal, measure) VALUES (?, ?) ON CONFLICT DO NOTHING", (spec.signal, spec.measure))
    for trigger in rules.triggers(spec):
        db.execute(
            """INSERT INTO trigger (alert_id, signal, measure, timing, direction, level, rearm, confirm, once,
                cooldown_days, state, since_session)
            VALUES (:alert, :signal, :measure, :timing, :direction, :level, :rearm, :confirm, :once,
                :cooldown, :state, :since)""",
            {
                "alert": alert_id,
                "signal": spec.signal,
                "measure": spec.measure,
                "timing": spec.timing,
                "direction": trigger.direction,
                "level": trigger.level,
                "rearm": trigger.rearm,
                "confirm": spec.confirm,
                "once": spec.repeat is Repeat.ONCE,
                "cooldown": spec.cooldown_days,
                "state": rules.initial_state(trigger, known),
                "since": ordinal(session),
            },
        )


def _required(db: Database, alert_id: int) -> Alert:
    alert = get(db, alert_id)
    if alert is None:
        raise LookupError(f"no alert {alert_id}")
    return alert


def _trigger(found: Row) -> StoredTrigger:
    fired = found["fired_session"]
    return StoredTrigger(
        **{
            **found,
            "direction": Direction(found["direction"]),
            "state": TriggerState(found["state"]),
            "fired_session": None if fired is None else date.fromordinal(fired),
        }
    )
