"""When a ticker or series was last asked for, so that a value which turns up later is recognised as late.

Without it a bar that a source gave a day too late would look, a week later, as if it had been there in time.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime

from bot.archive.date_encoding import ordinals
from bot.calendar.clock import Calendar
from signals.asof.series import monthly_lag

WITHIN_DAYS = 10
WITHIN_DAYS_MONTHLY = 100
"""Asking counts as "looked and found nothing newer" only when the newest value is at most this many calendar days old, so that
asking for an old stretch never makes later values look late."""


def note(db: sqlite3.Connection, names: Sequence[str], fetched_at: datetime, calendar: Calendar) -> None:
    """Remember for tickers and series that they were asked for after the session that was final at `fetched_at`."""
    try:
        looked = calendar.last_final(fetched_at).toordinal()
    except ValueError:
        return
    for table, name, rows in (("ticker", "symbol", "bar"), ("series", "name", "observation")):
        db.executemany(
            f"UPDATE {table} SET looked = :looked WHERE {name} = :name AND looked < :looked AND EXISTS "  # noqa: S608
            f"(SELECT 1 FROM {rows} r WHERE r.{table}_id = {table}.id AND r.day >= :recent)",
            [{"looked": looked, "name": each, "recent": looked - _within(each)} for each in names],
        )


def _within(name: str) -> int:
    return WITHIN_DAYS if monthly_lag(name) is None else WITHIN_DAYS_MONTHLY


def overdue(db: sqlite3.Connection, name: str, calendar: Calendar, known_at: int) -> Callable[[int], bool]:
    """Whether an observation of a day should have counted at a session after which it was looked for in vain.

    Daily series are due at the first session after their date, monthly ones after their lag. What counts from an instant
    (`known_at`, epoch seconds) not after that session's final one was still in time.
    """
    row = db.execute("SELECT looked FROM series WHERE name = :name", {"name": name}).fetchone()
    looked, sessions = (row[0] if row else 0), ordinals(calendar.sessions)
    lag = monthly_lag(name)

    def late(day: int) -> bool:
        position = int(sessions.searchsorted(day + 1 if lag is None else day + lag))
        if position >= len(sessions) or sessions[position] > looked:
            return False
        return calendar.final_at(date.fromordinal(int(sessions[position]))) < datetime.fromtimestamp(known_at, UTC)

    return late
