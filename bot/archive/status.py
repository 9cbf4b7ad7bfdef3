"""How complete and how old the archive is: one line per ticker and series, and one per kind for people."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd

from bot.archive import tables_members
from bot.archive.archive import Archive
from bot.calendar.clock import Calendar
from signals.asof.series import monthly_lag, stale_after

STOPPED_SESSIONS = 10
FRESH = "fresh"
SUSPICIOUS = "suspicious"


@dataclass(frozen=True, slots=True)
class SeriesStatus:
    """One ticker or series, or a group of them (then `count` > 1 and the figures are its worst and widest).

    `kind`: "price" or "series". `age`: sessions after `last` that were final at the asking; for monthly series calendar days.
    `health`: a word or a few ("fresh", "3 sessions old", "40 days old", "stopped", "suspicious").
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
    """Every ticker and then every series that has rows, in the order in which they came into the archive."""
    final = calendar.last_final(now)
    with archive.reading() as db:
        doubts = {row[0] for row in db.execute("SELECT symbol FROM suspect")}
        prices = [_price(row, calendar, final, doubts) for row in _rows(db, "bar", "ticker", "symbol")]
        series = [_series(row, calendar, final) for row in _rows(db, "observation", "series", "name")]
    return prices + series


def grouped(archive: Archive, lines: Sequence[SeriesStatus]) -> list[SeriesStatus]:
    """The same with the members of each universe group as one line; a ticker of two groups counts in the first."""
    with archive.reading() as db:
        listed = tables_members.at(db, None)
    group = {row[0]: f"members of {row[4].split()[0]}" for row in listed if row[4]}
    bundles: dict[str, list[SeriesStatus]] = {}
    for line in lines:
        bundles.setdefault(_bundle(line, group), []).append(line)
    return [_merged(name.removeprefix("= "), bundle) for name, bundle in bundles.items()]


def _bundle(line: SeriesStatus, group: Mapping[str, str]) -> str:
    single = f"= {line.name}"
    return group.get(line.name, single) if line.kind == "price" else single


def _merged(name: str, lines: Sequence[SeriesStatus]) -> SeriesStatus:
    if len(lines) == 1 and lines[0].name == name:
        return lines[0]
    oldest = max(lines, key=lambda line: line.age)
    return SeriesStatus(
        kind="price",
        name=name,
        source=", ".join(sorted({line.source for line in lines})),
        first=min(line.first for line in lines),
        last=max(line.last for line in lines),
        rows=sum(line.rows for line in lines),
        age=oldest.age,
        health=_group_health(lines),
        count=len(lines),
    )


def _group_health(lines: Iterable[SeriesStatus]) -> str:
    tally: dict[str, int] = {}
    for line in lines:
        tally[line.health] = tally.get(line.health, 0) + 1
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


def _price(row: _SpanRow, calendar: Calendar, final: date, doubts: set[str]) -> SeriesStatus:
    name, source, first, last, rows = row
    age = _age(calendar, date.fromordinal(last), final)
    health = SUSPICIOUS if name in doubts else _sessions_old(age, allowed=0)
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
