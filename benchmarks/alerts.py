"""The engine: a check must cost by what fires, not by what is stored."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path

from sqlite_utils import Database

from benchmarks.row import Row, pair, within
from bot.alerts import engine
from bot.database.connection import connect, transaction
from signals.core.model import Reading, State

NOW = datetime(2026, 1, 2, 22, 0, tzinfo=UTC)
FIRST = date(2026, 1, 2)
STORED, FIRING, SIGNALS = 1_000_000, 10_000, 100
ON_OWN, EXPRESSIONS = 50_000, 500
COMPOSITES = 100_000
CALM, CROSSED = 50.0, 51.0
"""No level lies between 49 and 50.5; one above trigger in a hundred stands at 50.5."""


def quiet_check() -> Row:
    """A million armed triggers over a hundred signals, none of them crossed."""
    with _filled() as db:
        days = count(1)
        figure, floor = pair(lambda: _check(db, next(days), CALM), lambda: _probes(db), repeats=15)
    note = f"floor: {4 * SIGNALS} bare probes of the indexes, nothing written or committed"
    return within("check of 1,000,000 alerts, none crossing", figure * 1e3, floor * 1e3, times=3, note=note)


def quiet_check_with_own_signals() -> Row:
    """Of the million, 50,000 are on the 500 own signals that a bot computes at most; none is crossed."""
    names = _names(EXPRESSIONS)
    with _filled(EXPRESSIONS) as db:
        days = count(1)
        figure, floor = pair(lambda: _check(db, next(days), CALM, names), lambda: _probes(db, names), repeats=15)
    note = f"floor: {4 * len(names)} bare probes of the indexes, nothing written or committed"
    return within("the same, 50,000 of them on 500 own signals", figure * 1e3, floor * 1e3, times=3, note=note)


def quiet_check_with_composites() -> Row:
    """A million alerts of which 100,000 are composites of three of the others, none of them moving."""
    with _filled(composites=COMPOSITES) as db:
        days = count(1)
        figure, floor = pair(lambda: _check(db, next(days), CALM), lambda: _probes(db), repeats=15)
    note = f"floor: {4 * SIGNALS} bare probes of the indexes, nothing written or committed"
    return within("the same, 100,000 of them composites", figure * 1e3, floor * 1e3, times=3, note=note)


def quiet_check_with_both() -> Row:
    """A million alerts of which 100,000 are composites and 50,000 on 500 own signals, none of them moving."""
    names = _names(EXPRESSIONS)
    with _filled(EXPRESSIONS, composites=COMPOSITES) as db:
        days = count(1)
        figure, floor = pair(lambda: _check(db, next(days), CALM, names), lambda: _probes(db, names), repeats=15)
    note = f"floor: {4 * len(names)} bare probes of the indexes, nothing written or committed"
    work = "the same, 100,000 composites and 50,000 on 500 own signals"
    return within(work, figure * 1e3, floor * 1e3, times=3, note=note)


def firing_check() -> Row:
    """Ten thousand of them fire in one check, each with a message to enqueue."""
    with _filled() as db:
        days = count(1)
        figure, floor = pair(
            lambda: _check(db, next(days), CROSSED), lambda: bare_firing(db), before=lambda: _rearmed(db)
        )
    note = "floor: one UPDATE and one INSERT .. SELECT of rows already found, with their commit"
    return within("10,000 alerts fire in one check", figure * 1e3, floor * 1e3, times=3, note=note)


def _check(db: Database, day: int, value: float, names: Sequence[str] = ()) -> engine.CheckCounts:
    session = FIRST + timedelta(days=day)
    readings = {name: Reading(name, session, value, State.FINAL) for name in names or _names()}
    with transaction(db):
        outcome = engine.evaluate(db, session, readings, now=NOW)
    assert outcome.fired == (FIRING if value == CROSSED else 0), outcome
    assert outcome.enqueued == outcome.fired
    return outcome


def _probes(db: Database, names: Sequence[str] = ()) -> None:
    for name in names or _names():
        for state, side, column, beyond in (
            ("armed", "above", "level", "<"),
            ("armed", "below", "level", ">"),
            ("fired", "above", "rearm", ">="),
            ("fired", "below", "rearm", "<="),
        ):
            db.execute(
                f"""SELECT id FROM trigger INDEXED BY trigger_{state}_{side} WHERE signal = ? AND measure = 'value'
                AND {column} {beyond} ? AND state = '{state}' AND direction = '{side}'""",
                (name, CALM),
            ).fetchall()


def bare_firing(db: Database) -> None:
    """Fire the triggers in the table `chosen` with one UPDATE and one INSERT .. SELECT."""
    with transaction(db):
        db.execute(
            """UPDATE trigger SET state = 'fired', generation = generation + 1, fired_session = 1
            WHERE id IN (SELECT id FROM chosen)"""
        )
        db.execute(
            """INSERT INTO outbox (key, kind, destination_id, alert_id, signal, measure, direction, level, value, session,
                created_at)
            SELECT 'alert:' || t.id || ':' || t.generation || ':' || n.destination_id, 'alert', n.destination_id, t.alert_id,
                t.signal, t.measure, t.direction, t.level, 51.0, 1, 1
            FROM chosen AS c CROSS JOIN trigger AS t ON t.id = c.id CROSS JOIN subscription AS n ON n.alert_id = t.alert_id"""
        )


def _rearmed(db: Database) -> None:
    with transaction(db):
        db.execute("DELETE FROM outbox")
        db.execute("DELETE FROM firing")
        db.execute("UPDATE trigger SET state = 'armed' WHERE id IN (SELECT id FROM chosen)")
    db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _names(expressions: int = 0) -> list[str]:
    own = [f"own.T{number}/SPY" for number in range(expressions)]
    return [*(f"family.signal_{number}" for number in range(SIGNALS)), *own]


@contextmanager
def _filled(expressions: int = 0, *, composites: int = 0) -> Iterator[Database]:
    """A store on disk, as the bot opens it, with a million alerts in 10,000 DMs; `chosen` holds the
    triggers at 50.5. With `expressions` the first 50,000 alerts are on so many own signals; the last
    `composites` of the alerts are composites.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bot.db"
        loading = connect(path, synchronous="OFF")
        with transaction(loading):
            _fill(loading, expressions)
            _combine(loading, composites)
        loading.close()
        db = connect(path)
        db.execute("CREATE TEMP TABLE chosen AS SELECT id FROM trigger WHERE level = 50.5")
        try:
            yield db
        finally:
            db.close()


def _fill(db: Database, expressions: int) -> None:
    """Two sides in turn; levels are spread over a range of 100 beyond 60 and under 40."""
    numbers = f"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {STORED})"
    signal = f"'family.signal_' || (i / 2% {SIGNALS})"
    if expressions:
        signal = f"CASE WHEN i <= {ON_OWN} THEN 'own.T' || (i / 2% {expressions}) || '/SPY' ELSE {signal} END"
    side = "CASE i % 2 WHEN 0 THEN 'above' ELSE 'below' END"
    level = f"""CASE WHEN i % 2 = 1 THEN 40 - i * 7919% 100000 / 1000.0
        WHEN i / 2 <= {FIRING} THEN 50.5 ELSE 60 + i * 7919% 100000 / 1000.0 END"""
    db.execute(
        """WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
        INSERT INTO destination (id, kind, user_id, channel_id, state_since) SELECT i, 'dm', i, i, 1 FROM n"""
    )
    db.execute(
        f"""{numbers} INSERT INTO alert (id, owner_id, signal, measure, condition, level, timing, confirm, repeat, cooldown_days,
            band, created_at)
        SELECT i, i % 10000 + 1, {signal}, 'value', {side}, {level}, 'close', 1, 'every', 0, 1, 1 FROM n"""
    )
    db.execute(
        f"""{numbers} INSERT INTO trigger (id, alert_id, signal, measure, timing, direction, level, rearm, confirm, once,
            cooldown_days, state, since_session)
        SELECT i, i, {signal}, 'value', 'close', {side}, {level}, {level} - 1, 1, 0, 0, 'armed', 1 FROM n"""
    )
    db.execute(f"{numbers} INSERT INTO subscription SELECT i, i % 10000 + 1, NULL, NULL, i % 10000 + 1, 1 FROM n")
    db.conn.executemany("INSERT INTO watch VALUES (?, 'value')", [(name,) for name in _names(expressions)])


def _combine(db: Database, composites: int) -> None:
    """Make the last alerts composites: two of three of the others, with a window of five sessions."""
    first = STORED - composites + 1
    db.execute(
        "UPDATE alert SET signal = 'combined.' || id, level = 1.5, at_least = 2, within = 5 WHERE id >= ?", (first,)
    )
    db.execute(
        """UPDATE trigger SET signal = 'combined.' || alert_id, level = 1.5, rearm = 1.5, direction = 'above', timing = 'live'
        WHERE alert_id >= ?""",
        (first,),
    )
    db.execute(
        """INSERT INTO member (composite_id, position, alert_id)
        SELECT alert.id, n.i, (alert.id * 3 + n.i) % ? + 1 FROM alert
        CROSS JOIN (SELECT 0 AS i UNION ALL SELECT 1 UNION ALL SELECT 2) AS n WHERE alert.id >= ?""",
        (first - 1, first),
    )


ROWS = (quiet_check, quiet_check_with_own_signals, quiet_check_with_composites, quiet_check_with_both, firing_check)
