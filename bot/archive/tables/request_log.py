"""Request log: when a ticker or series was last requested, so that a value that comes later is recognised as late.

Without it a bar that a source gave a day too late would, a week later, count as if it had been there
in time.
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
"""A request is logged only when the newest value is at most this many calendar days old.

Otherwise a request for an old period would make later values look late.
"""


def record(db: sqlite3.Connection, subjects: Sequence[str], fetched_at: datetime, calendar: Calendar) -> None:
    """Record for tickers and series that they were requested after the session that was final at
    `fetched_at`.
    """
    try:
        requested = calendar.last_final(fetched_at).toordinal()
    except ValueError:
        return
    for table, name, rows in (("ticker", "symbol", "bar"), ("series", "name", "observation")):
        db.executemany(
            f"UPDATE {table} SET looked = :looked WHERE {name} = :name AND looked < :looked AND EXISTS "  # noqa: S608
            f"(SELECT 1 FROM {rows} r WHERE r.{table}_id = {table}.id AND r.day >= :recent)",
            [{"looked": requested, "name": subject, "recent": requested - _within(subject)} for subject in subjects],
        )


def _within(subject: str) -> int:
    return WITHIN_DAYS if monthly_lag(subject) is None else WITHIN_DAYS_MONTHLY


def overdue(db: sqlite3.Connection, name: str, calendar: Calendar, known_at: int) -> Callable[[int], bool]:
    """A predicate: whether an observation of a day (ordinal) was already due at the last request.

    Daily series are due at the first session after their date, monthly ones after their lag. A
    value that counts from an instant (`known_at`, epoch seconds) not after that session's final one
    is in time.
    """
    row = db.execute("SELECT looked FROM series WHERE name = :name", {"name": name}).fetchone()
    requested, sessions = (row[0] if row else 0), ordinals(calendar.sessions)
    lag = monthly_lag(name)

    def late(day: int) -> bool:
        position = int(sessions.searchsorted(day + 1 if lag is None else day + lag))
        if position >= len(sessions) or sessions[position] > requested:
            return False
        return calendar.final_at(date.fromordinal(int(sessions[position]))) < datetime.fromtimestamp(known_at, UTC)

    return late
