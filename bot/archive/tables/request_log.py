"""Request log: when a ticker, series or fund was last requested, so that a value that comes later is recognised as late.

Without it a bar that a source gave a day too late would, a week later, count as if it had been there
in time.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from bot.archive.dataset_merge import DatasetRow
from bot.archive.date_encoding import ordinals
from bot.calendar.clock import Calendar
from signals.asof.series import monthly_lag
from signals.core.datasets import DATASETS

WITHIN_DAYS = 10
WITHIN_DAYS_MONTHLY = 100
"""A request is logged only when the newest value is at most this many calendar days old.

Otherwise a request for an old period would make later values look late.
"""
FUNDS = "funds"
_FUND, _DAY = ([column.name for column in DATASETS[FUNDS].columns].index(name) for name in ("ticker", "date"))


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


def record_funds(db: sqlite3.Connection, rows: Sequence[DatasetRow], fetched_at: int) -> None:
    """Record of the funds with recent figures among `rows` that they were requested at `fetched_at`, in epoch seconds."""
    recent = datetime.fromtimestamp(fetched_at, UTC).toordinal() - WITHIN_DAYS
    db.executemany(
        "INSERT INTO fund_request (fund, looked_at) VALUES (:fund, :at) "
        "ON CONFLICT (fund) DO UPDATE SET looked_at = :at WHERE looked_at < :at",
        [{"fund": fund, "at": fetched_at} for fund in sorted({fund for fund, day in map(_key, rows) if day >= recent})],
    )


def dated_when_seen(db: sqlite3.Connection, rows: Sequence[DatasetRow], fetched_at: int) -> list[DatasetRow]:
    """Rows of funds, those that were not there at a request after they should have been public known since they came.

    A row that is stored keeps the instant of its first version. Days older than all stored ones of
    a fund are a back-fill and not late.
    """
    funds = sorted({fund for fund, _ in map(_key, rows)})
    looked_at = dict(db.execute("SELECT fund, looked_at FROM fund_request"))
    first_known = {fund: _first_known(db, fund) for fund in funds if fund in looked_at}
    return [_dated(row, looked_at, first_known, fetched_at) for row in rows]


def _dated(
    row: DatasetRow, looked_at: Mapping[str, int], first_known: Mapping[str, Mapping[int, int]], fetched_at: int
) -> DatasetRow:
    fund, day = _key(row)
    known = first_known.get(fund)
    if not known or not 0 < row.known_at <= looked_at[fund] or day < min(known):
        return row
    return replace(row, known_at=max(row.known_at, known.get(day, fetched_at)))


def _first_known(db: sqlite3.Connection, fund: str) -> dict[int, int]:
    """Ordinal day -> since when its first version is known."""
    sql = "SELECT date, min(known_at) FROM record_funds WHERE ticker = :fund GROUP BY date"
    return dict(db.execute(sql, {"fund": fund}))


def _key(row: DatasetRow) -> tuple[str, int]:
    """Fund and ordinal day of a row of funds."""
    return str(row.cells[_FUND]), int(row.cells[_DAY] or 0)
