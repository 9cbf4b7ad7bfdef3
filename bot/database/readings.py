"""Readings that alerts fired on, and how far each signal has been evaluated."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

from sqlite_utils import Database

from bot.database.codec import ordinal, rows, seconds, session
from signals.core.model import Measure, Reading

_DERIVED = tuple(measure for measure in Measure if measure is not Measure.VALUE)


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


def encode(reading: Reading) -> str:
    """The JSON text of `facts_of`."""
    return json.dumps(facts_of(reading), separators=(",", ":"), allow_nan=False)


def facts_of(reading: Reading) -> dict[str, object]:
    """A reading as JSON-ready facts.

    Dates and instants are ISO texts, coverage and measures are objects.
    """
    coverage, measures = reading.coverage, reading.measures
    return {
        "signal": reading.signal,
        "session": reading.session.isoformat(),
        "value": reading.value,
        "state": reading.state.value,
        "reason": reading.reason,
        "coverage": None if coverage is None else {"counted": coverage.counted, "listed": coverage.listed},
        "observed": None if reading.observed is None else reading.observed.isoformat(),
        "known_at": None if reading.known_at is None else reading.known_at.astimezone(UTC).isoformat(),
        "known_at_estimated": reading.known_at_estimated,
        "sources": list(reading.sources),
        "measures": {measure.value: getattr(measures, measure.value) for measure in _DERIVED},
        "notes": list(reading.notes),
    }
