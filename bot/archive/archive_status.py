"""Status of the archive, its rows and their age: one status per ticker and series, or one per group."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd

from bot.archive.archive import Archive
from bot.archive.tables import doubt_tables, member_tables
from bot.calendar.clock import Calendar
from bot.domain.doubt import DoubtKind
from signals.asof.series import monthly_lag, stale_after

STOPPED_SESSIONS = 10
FRESH = "fresh"
SUSPICIOUS = "suspicious"


@dataclass(frozen=True, slots=True)
class SeriesStatus:
    """One ticker or series, or a group of them (then `count` > 1 and the figures are its worst and widest).

    `kind`: "price" or "series". `age`: final sessions after `last`; for monthly series calendar
    days.
    `health`: "fresh", "3 sessions old", "40 days old", "stopped" or "suspicious".
    """

    kind: str
    name: str
    source: str
    first: date
    last: date
    rows: int
    age: int
    health: str
    count: int = 1


def series_status(archive: Archive, calendar: Calendar, now: datetime) -> list[SeriesStatus]:
    """Every ticker and then every series that has rows, in the order in which they were first stored."""
    final = calendar.last_final(now)
    with archive.reading() as db:
        suspicious = {
            stored.doubt.subject for stored in doubt_tables.opened(db) if stored.doubt.kind is DoubtKind.PRICE
        }
        prices = [_price(row, calendar, final, suspicious) for row in _rows(db, "bar", "ticker", "symbol")]
        series = [_series(row, calendar, final) for row in _rows(db, "observation", "series", "name")]
    return prices + series


def grouped(archive: Archive, statuses: Sequence[SeriesStatus]) -> list[SeriesStatus]:
    """The statuses with the members of each universe group merged.

    A ticker of two groups counts in the first.
    """
    with archive.reading() as db:
        listed = member_tables.at(db, None)
    group = {row[0]: f"members of {row[4].split()[0]}" for row in listed if row[4]}
    by_name: dict[str, list[SeriesStatus]] = {}
    for status in statuses:
        by_name.setdefault(_group_name(status, group), []).append(status)
    return [_merged(name.removeprefix("= "), bundle) for name, bundle in by_name.items()]


def _group_name(status: SeriesStatus, group: Mapping[str, str]) -> str:
    single = f"= {status.name}"
    return group.get(status.name, single) if status.kind == "price" else single


def _merged(name: str, statuses: Sequence[SeriesStatus]) -> SeriesStatus:
    if len(statuses) == 1 and statuses[0].name == name:
        return statuses[0]
    oldest = max(statuses, key=lambda status: status.age)
    return SeriesStatus(
        kind="price",
        name=name,
        source=", ".join(sorted({status.source for status in statuses})),
        first=min(status.first for status in statuses),
        last=max(status.last for status in statuses),
        rows=sum(status.rows for status in statuses),
        age=oldest.age,
        health=_group_health(statuses),
        count=len(statuses),
    )


def _group_health(statuses: Iterable[SeriesStatus]) -> str:
    tally: dict[str, int] = {}
    for status in statuses:
        tally[status.health] = tally.get(status.health, 0) + 1
    if len(tally) == 1:
        return next(iter(tally))
    return ", ".join(f"{number}: {health}" for health, number in sorted(tally.items(), key=lambda item: -item[1]))


_SpanRow = tuple[str, str, int, int, int]


def _rows(db: sqlite3.Connection, table: str, subject: str, name: str) -> list[_SpanRow]:
    sql = (
        f"SELECT {name}, (SELECT source FROM {table} t JOIN batch ON batch.id = t.batch WHERE t.{subject}_id = {subject}.id "  # noqa: S608
        f"ORDER BY day DESC LIMIT 1), first, last, rows FROM {subject} JOIN (SELECT {subject}_id, min(day) AS first, "
        f"max(day) AS last, count(DISTINCT day) AS rows FROM {table} GROUP BY {subject}_id) ON {subject}_id = {subject}.id "
        f"ORDER BY {subject}.id"
    )
    return db.execute(sql).fetchall()


def _price(row: _SpanRow, calendar: Calendar, final: date, suspicious: set[str]) -> SeriesStatus:
    name, source, first, last, rows = row
    age = _age(calendar, date.fromordinal(last), final)
    health = SUSPICIOUS if name in suspicious else _sessions_old(age, allowed=0)
    return SeriesStatus("price", name, source, date.fromordinal(first), date.fromordinal(last), rows, age, health)


def _series(row: _SpanRow, calendar: Calendar, final: date) -> SeriesStatus:
    name, source, first, last, rows = row
    newest = date.fromordinal(last)
    if monthly_lag(name) is None:
        age = _age(calendar, newest, final)
        health = _sessions_old(age, allowed=1)
    else:
        age = max((final - newest).days, 0)
        health = FRESH if age <= stale_after(name) else f"{age} days old" if age <= 2 * stale_after(name) else "stopped"
    return SeriesStatus("series", name, source, date.fromordinal(first), newest, rows, age, health)


def _age(calendar: Calendar, last: date, final: date) -> int:
    """Sessions after `last` up to and including `final`."""
    index = calendar.sessions
    ends = [int(index.searchsorted(pd.Timestamp(day), side="right")) for day in (last, final)]
    return max(ends[1] - ends[0], 0)


def _sessions_old(age: int, *, allowed: int) -> str:
    if age <= allowed:
        return FRESH
    if age > STOPPED_SESSIONS:
        return "stopped"
    return "1 session old" if age == 1 else f"{age} sessions old"
