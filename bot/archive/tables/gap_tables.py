"""The list of gaps in the archive, and which days the archive has of each name."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from bot.domain.gap import Gap, Missing


@dataclass(frozen=True, slots=True)
class StoredDays:
    """What the archive has of one name: its first and newest day, and those from some day on."""

    first: date
    newest: date
    days: frozenset[date]


def gaps(db: sqlite3.Connection, jobs: Collection[str] | None = None) -> list[Gap]:
    """The gaps of these jobs (None = all), by job, name and day."""
    rows = db.execute(
        "SELECT job, name, day, noted_at, next_try, tries, declined FROM gap ORDER BY job, name, day"
    ).fetchall()
    return [
        Gap(Missing(job, name, date.fromordinal(day)), _instant(noted_at), _instant(next_try), tries, declined)
        for job, name, day, noted_at, next_try, tries, declined in rows
        if jobs is None or job in jobs
    ]


def replace(db: sqlite3.Connection, jobs: Collection[str], kept: Iterable[Gap]) -> None:
    """Store the gaps of these jobs in place of theirs, inside the caller's transaction."""
    before, after = set(gaps(db, jobs)), set(kept)
    removed = [(gap.missing.job, gap.missing.name, gap.missing.day.toordinal()) for gap in before - after]
    db.executemany("DELETE FROM gap WHERE job = ? AND name = ? AND day = ?", removed)
    db.executemany(
        "INSERT INTO gap (job, name, day, noted_at, next_try, tries, declined) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (
                gap.missing.job,
                gap.missing.name,
                gap.missing.day.toordinal(),
                int(gap.noted_at.timestamp()),
                int(gap.next_try.timestamp()),
                gap.tries,
                gap.declined,
            )
            for gap in after - before
        ],
    )


def bar_days(db: sqlite3.Connection, tickers: Iterable[str], since: date) -> dict[str, StoredDays]:
    """The days of the bars of each of these tickers that has one; `days` from `since` on."""
    return _days(db, "ticker", "symbol", "bar", tickers, since)


def observation_days(db: sqlite3.Connection, series: Iterable[str], since: date) -> dict[str, StoredDays]:
    """The same of the observations of series."""
    return _days(db, "series", "name", "observation", series, since)


def record_days(db: sqlite3.Connection, dataset: str, source: str | None, since: date) -> dict[date, int]:
    """How many rows a dataset has of each day from `since` on, from one source or (None) from any."""
    sql = (
        f'SELECT "date", count(*) FROM record_{dataset} JOIN batch ON batch.id = batch '  # noqa: S608 - our own names
        'WHERE "date" >= :since AND (:source IS NULL OR source = :source) GROUP BY "date"'
    )
    rows = db.execute(sql, {"since": since.toordinal(), "source": source})
    return {date.fromordinal(day): count for day, count in rows}


def _days(
    db: sqlite3.Connection, subject: str, column: str, table: str, names: Iterable[str], since: date
) -> dict[str, StoredDays]:
    of_one = f"WHERE {subject}_id = :id"
    numbers = dict(db.execute(f"SELECT {column}, id FROM {subject}").fetchall())  # noqa: S608 - our own names
    # Two searches of the index; one query for both ends would read all rows between them.
    ends = f"SELECT (SELECT min(day) FROM {table} {of_one}), (SELECT max(day) FROM {table} {of_one})"  # noqa: S608
    inside = f"SELECT DISTINCT day FROM {table} {of_one} AND day >= :since"  # noqa: S608
    stored = {}
    for name in names:
        if name not in numbers:
            continue
        first, newest = db.execute(ends, {"id": numbers[name]}).fetchone()
        if first is not None:
            days = db.execute(inside, {"id": numbers[name], "since": since.toordinal()})
            stored[name] = StoredDays(
                date.fromordinal(first),
                date.fromordinal(newest),
                frozenset(date.fromordinal(row[0]) for row in days),
            )
    return stored


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
