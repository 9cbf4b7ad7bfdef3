"""The engine: moves stored triggers by the readings of a session and enqueues messages.

The engine never loops over alerts. Each reading becomes range probes of four partial indexes (armed
or fired, above or below), so the cost of a check grows with the triggers that move and not with
those that are stored. Every function here runs inside one transaction of the store, so state and
messages change together or not at all.

`bot.alerts.rules.step` defines what a reading does to one trigger. Beyond that:

- A signal's final value of a session counts once: `checkpoint` remembers the newest one, and an
  equal or older session is a revision, which does nothing. A withheld reading does nothing and is
  not remembered, so a value that comes late in the evening still counts. A measure without a value
  leaves its triggers as they are.
- `close` triggers take final readings; `live` triggers take provisional readings as well, but never
  of a session older than one they have seen.
- A live trigger fires at most once per session: provisional readings of the session it fired in do
  not re-arm it. The session's final reading does if the value is back by then, without a message;
  the one already sent is not taken back.
- A trigger takes no session before the one in which its alert was made.
- For a destination that is snoozed the message is enqueued and held back until the end of that.
- A firing that notifies no destination (paused, or parked without a mention in its place, inside the
  cooldown, a session that is only caught up on or about which a restored database is quiet) moves the state all
  the same. Only a firing for which a message was enqueued ends a `once` alert or begins a cooldown,
  and it does so for both triggers of the alert. The cooldown counts calendar days between sessions.
- A paused alert moves without messages. What is told after a firing (that the value is back, reminders)
  is told only where the firing was, each once.
- A composite is a trigger on the number of its members that hold. It is counted anew when a member
  moves or leaves the window, and then goes through the same statements as every other trigger.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import date, datetime

from bot.alerts import composites
from bot.alerts import engine_sql as sql
from bot.database import Database
from bot.database import readings as stored_readings
from bot.database.codec import changed, ordinal, row, rows, scalar, seconds
from bot.database.recovery import quiet_sessions
from signals.core.model import Measure, Reading, State

RECENT_SESSIONS = 5
"""How many of the newest missed sessions still notify; older ones only set the state."""


@dataclass(frozen=True, slots=True)
class CheckCounts:
    """What one check did.

    `initialized`, `rearmed` and `fired` count triggers, `enqueued` counts outbox rows. A trigger is
    initialized by its first value, which never fires.
    """

    initialized: int = 0
    rearmed: int = 0
    fired: int = 0
    enqueued: int = 0

    def __add__(self, other: CheckCounts) -> CheckCounts:
        return CheckCounts(*(left + right for left, right in zip(astuple(self), astuple(other), strict=True)))


def evaluate(
    db: Database, session: date, readings: Mapping[str, Reading], *, now: datetime, notify: bool = True
) -> CheckCounts:
    """Move every trigger by the readings of one session and enqueue a message for each firing.

    The same final readings a second time do nothing.

    Args:
        db: The database, inside a transaction.
        session: The session of all readings.
        readings: The readings by signal id.
        now: The present.
        notify: False suppresses the messages and only moves the state.

    Raises:
        ValueError: When a reading is of another session.
    """
    return _evaluate(db, session, readings, now=now, notifying=readings.keys() if notify else ())


def catch_up(db: Database, missed: Sequence[tuple[date, Mapping[str, Reading]]], *, now: datetime) -> CheckCounts:
    """Evaluate sessions that were missed, oldest first, up to the newest final one.

    The last five of them notify, each with its own date; older ones only set the state. A signal
    that was never evaluated before has just been imported: its messages are suppressed in all
    sessions. Sessions that were evaluated already do nothing, so callers may pass the last five
    every time.

    Args:
        db: The database, inside a transaction.
        missed: Sessions with their readings by signal id, ascending.
        now: The present.

    Raises:
        ValueError: When the sessions do not ascend.
    """
    days = [session for session, _ in missed]
    if any(later <= earlier for earlier, later in itertools.pairwise(days)):
        raise ValueError("missed sessions must ascend")
    imported_before = stored_readings.evaluated(db).keys()
    total = CheckCounts()
    for age, (session, readings) in zip(range(len(missed), 0, -1), missed, strict=True):
        notifying = imported_before if age <= RECENT_SESSIONS else ()
        total += _evaluate(db, session, readings, now=now, notifying=notifying)
    return total


def _evaluate(
    db: Database, session: date, readings: Mapping[str, Reading], *, now: datetime, notifying: Collection[str]
) -> CheckCounts:
    check = {"session": ordinal(session), "now": seconds(now)}
    watched = _store_values(db, session, readings, notifying)
    db.execute(sql.NUMBER_SESSION, check)
    check["number"] = scalar(db, "SELECT number FROM session_number WHERE session = :session", check)
    db.execute("DELETE FROM moved")
    counts = _move(db, readings, check, now=now) if watched else CheckCounts()
    if composites.count(db):
        db.execute("DELETE FROM moved")
        # Their members have been initialized, so what a composite does is fire and return.
        counts += _move(db, readings, check, now=now)
    return counts


def _move(db: Database, readings: Mapping[str, Reading], check: Mapping[str, int], *, now: datetime) -> CheckCounts:
    """Move the triggers on what is in `seen`, and enqueue what they owe.

    All that a value concerns is noted before any trigger moves, so each takes one step at most, from the state in which
    the check finds it.
    """
    db.execute("DELETE FROM hit")
    initialized = changed(db, sql.FIRST_VALUES, check)
    rearmed = changed(db, sql.RETURN_ABOVE, check) + changed(db, sql.RETURN_BELOW, check)
    hits = changed(db, sql.HIT_ABOVE, check) + changed(db, sql.HIT_BELOW, check)
    if initialized:
        db.execute(sql.INITIALIZE)
    enqueued = _follow_up(db, readings, check, returned=rearmed > 0, now=now)
    changed(db, sql.BREAK_STREAKS, check)
    fired, enqueued_now = _fire(db, readings, check, now=now) if hits else (0, 0)
    return CheckCounts(initialized, rearmed, fired, enqueued + enqueued_now)


def _follow_up(
    db: Database, readings: Mapping[str, Reading], check: Mapping[str, int], *, returned: bool, now: datetime
) -> int:
    """Re-arm what is back, and tell of it and of what lasts where that was asked for; returns the number of messages."""
    db.execute("DELETE FROM owed")
    if returned:
        db.execute(sql.OWE_BACK)
        db.execute(sql.REARM)
    if changed(db, sql.OWE_REMINDERS, check):
        changed(db, sql.NEXT_REMINDERS, check)
        db.execute(sql.SUPPRESSED_REMINDERS)
    _keep_readings(db, sql.OWED_SIGNALS, readings, check, now=now)
    return changed(db, sql.ENQUEUE_OWED, check)


def _store_values(db: Database, session: date, readings: Mapping[str, Reading], notifying: Collection[str]) -> bool:
    """Fill `seen` with the values that a trigger watches and advance the checkpoints.

    Returns whether there is any such value. The checkpoint of a signal advances even when no
    trigger watches it, because `catch_up` takes a signal without a checkpoint as just imported.
    """
    day = ordinal(session)
    checkpoints = {signal: (final, seen) for signal, final, seen in db.execute("SELECT * FROM checkpoint")}
    watched: dict[str, list[Measure]] = {}
    for signal, measure in db.execute("SELECT signal, measure FROM watch"):
        watched.setdefault(signal, []).append(Measure(measure))
    quiet = quiet_sessions.get(db)
    quietly = [quiet.covers(session, live=live) for live in (False, True)]
    values: list[tuple[str, str, float, bool, bool, bool, bool]] = []
    advanced: list[tuple[str, int | None, int]] = []
    for signal, reading in readings.items():
        if reading.session != session:
            raise ValueError(f"the reading of {signal} is of {reading.session}, not of {session}")
        final, seen = checkpoints.get(signal, (None, 0))
        closing, live = reading.state is State.FINAL, day >= seen
        if not _finite(reading.value) or (final is not None and day <= final) or not (closing or live):
            continue
        checkpoint = (signal, day if closing else final, max(day, seen))
        if checkpoint[1:] != (final, seen):
            advanced.append(checkpoint)
        notifies, notifies_live = (signal in notifying and not silent for silent in quietly)
        for measure in watched.get(signal, ()):
            value = reading.measure(measure)
            if value is not None and math.isfinite(value):
                values.append((signal, measure.value, value, closing, live, notifies, notifies_live))
    db.conn.executemany(sql.ADVANCE_CHECKPOINT, advanced)
    db.execute("DELETE FROM seen")
    db.conn.executemany(sql.INSERT_SEEN, values)
    return bool(values)


def _finite(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def _keep_readings(
    db: Database, which: str, readings: Mapping[str, Reading], check: Mapping[str, int], *, now: datetime
) -> None:
    """Store the readings that messages refer to, and only those."""
    for record in rows(db, which):
        signal = record["signal"]
        if signal in readings:
            reading_id = stored_readings.keep(db, readings[signal], now=now)
        else:
            reading_id = composites.keep_standing(db, signal, check["session"], now=now)
        db.execute("UPDATE seen SET reading_id = ? WHERE signal = ?", (reading_id, signal))


def _fire(db: Database, readings: Mapping[str, Reading], check: Mapping[str, int], *, now: datetime) -> tuple[int, int]:
    """Count the confirmations in `hit`, move the triggers that fire and enqueue their messages.

    Returns the number of triggers that fired and the number of outbox rows they made.
    """
    changed(db, sql.MOVE, check)
    db.execute(sql.NOTE_FIRED)
    summary = row(db, sql.SUMMARY) or {}
    here = {**check, "before": scalar(db, "SELECT coalesce(max(id), 0) FROM outbox")}
    enqueued = 0
    if summary["notifies"]:
        _keep_readings(db, sql.NOTIFYING_SIGNALS, readings, check, now=now)
        enqueued = changed(db, sql.ENQUEUE, check)
    changed(db, sql.KEEP_FIRINGS, here)
    if summary["follows"]:
        changed(db, sql.FOLLOW, here)
    if summary["cooldown"]:
        changed(db, sql.COOL_DOWN, here)
    if summary["once"]:
        changed(db, sql.END_ALERTS, here)
        changed(db, sql.END_TRIGGERS, here)
    return summary["fired"], enqueued
