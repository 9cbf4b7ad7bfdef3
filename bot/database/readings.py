"""Readings that alerts fired on or summaries showed, and how far each signal has been evaluated."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlite_utils import Database

from bot.database.codec import instant, ordinal, rows, scalar, seconds, session
from signals.core.measure_kinds import PLAIN_MEASURES
from signals.core.model import Measure, Reading, State

_DERIVED = tuple(measure for measure in PLAIN_MEASURES if measure is not Measure.VALUE)


def evaluated(db: Database) -> dict[str, date]:
    """By signal, the newest session whose final value was evaluated.

    Signals without one are absent.
    """
    checkpoints = rows(db, "SELECT signal, final_session FROM checkpoint WHERE final_session IS NOT NULL")
    return {checkpoint["signal"]: session(checkpoint["final_session"]) for checkpoint in checkpoints}


def keep(db: Database, reading: Reading, *, now: datetime) -> int:
    """Store the reading on which an alert fired; returns the id that outbox rows refer to."""
    cursor = db.execute(
        "INSERT INTO reading (signal, session, state, value, facts, recorded_at) VALUES (?, ?, ?, ?, ?, ?)",
        (reading.signal, ordinal(reading.session), reading.state, reading.value, encode(reading), seconds(now)),
    )
    return int(cursor.lastrowid or 0)


def keep_shown(db: Database, readings: Iterable[Reading], *, now: datetime) -> None:
    """Store final readings that a summary shows, each value of a session once."""
    for reading in readings:
        same = scalar(
            db,
            "SELECT 1 FROM reading WHERE signal = ? AND session = ? AND state = ? AND value = ?",
            (reading.signal, ordinal(reading.session), reading.state, reading.value),
        )
        if reading.state is State.FINAL and same is None:
            keep(db, reading, now=now)


@dataclass(frozen=True, slots=True)
class ShownReading:
    """A value on which an alert fired or that a summary showed, and when it was stored."""

    signal: str
    value: float
    recorded_at: datetime


def shown(db: Database, day: date) -> dict[str, ShownReading]:
    """By signal, the last final value of a session that people were shown."""
    records = rows(
        db,
        "SELECT signal, value, recorded_at FROM reading WHERE session = ? AND state = ? AND value IS NOT NULL "
        "AND signal NOT LIKE 'combined.%' ORDER BY id",
        (ordinal(day), State.FINAL),
    )
    return {
        record["signal"]: ShownReading(record["signal"], record["value"], instant(record["recorded_at"]))
        for record in records
    }


def encode(reading: Reading) -> str:
    """The JSON text of `facts_of`."""
    return json.dumps(facts_of(reading), separators=(",", ":"), allow_nan=False)


def facts_of(reading: Reading) -> dict[str, object]:
    """A reading as JSON-ready facts.

    Dates and instants are ISO texts, coverage and measures are objects. What is no finite number is None.
    """
    coverage, measures = reading.coverage, reading.measures
    return {
        "signal": reading.signal,
        "session": reading.session.isoformat(),
        "value": _finite(reading.value),
        "state": reading.state.value,
        "reason": reading.reason,
        "coverage": None if coverage is None else {"counted": coverage.counted, "listed": coverage.listed},
        "observed": None if reading.observed is None else reading.observed.isoformat(),
        "known_at": None if reading.known_at is None else reading.known_at.astimezone(UTC).isoformat(),
        "known_at_estimated": reading.known_at_estimated,
        "sources": list(reading.sources),
        "measures": {measure.value: _finite(getattr(measures, measure.value)) for measure in _DERIVED},
        "notes": list(reading.notes),
    }


def _finite(number: float | None) -> float | None:
    return number if number is not None and math.isfinite(number) else None
