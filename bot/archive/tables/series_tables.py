"""Reads and writes observations of series: values with the instant from which they were known."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from bot.archive.date_encoding import Days, Floats, dates, instants, ordinals, seconds

SAME = 1e-9

ObservationRow = tuple[int, int, float]
"""(ordinal day, known_at in epoch seconds with 0 = by the rule of `signals.asof.series`, value)"""


@dataclass(frozen=True, slots=True)
class Changes:
    """What to write.

    Attributes:
        insert: Rows to insert.
        redate: (day, known_at) of stored undated rows whose instant has become known.
        revised: How many of the inserted rows revise a value.
    """

    insert: tuple[ObservationRow, ...] = ()
    redate: tuple[tuple[int, int], ...] = ()
    revised: int = 0


def series_id(db: sqlite3.Connection, name: str) -> int:
    """The id of a series, inserted if it is new."""
    db.execute("INSERT INTO series (name) VALUES (:name) ON CONFLICT DO NOTHING", {"name": name})
    return int(db.execute("SELECT id FROM series WHERE name = :name", {"name": name}).fetchone()[0])


def rows_of(db: sqlite3.Connection, series: int) -> list[ObservationRow]:
    """All observations of a series, by day and then by when they were known."""
    sql = "SELECT day, known_at, value FROM observation WHERE series_id = :series ORDER BY day, known_at"
    return list(db.execute(sql, {"series": series}))


def newest_since(db: sqlite3.Connection, name: str, first: int) -> dict[date, float]:
    """The newest known value of each day of a series from an ordinal on; nothing of one that is not stored."""
    sql = (
        "SELECT day, value FROM observation JOIN series ON series.id = series_id WHERE name = :name AND day >= :first "
        "ORDER BY day, known_at"
    )
    return {date.fromordinal(day): value for day, value in db.execute(sql, {"name": name, "first": first})}


def from_frame(frame: pd.DataFrame) -> list[ObservationRow]:
    """Rows of a source's frame (columns `value`, `known_at`, index observed dates), NaN values left out."""
    if not len(frame):
        return []
    days = ordinals(pd.DatetimeIndex(frame.index)).tolist()
    known_at = seconds(frame["known_at"]).tolist() if "known_at" in frame else [0] * len(days)
    values = frame["value"].to_numpy(dtype=float).tolist()
    return [row for row in zip(days, known_at, values, strict=True) if np.isfinite(row[2])]


def to_frame(days: Days, known_at: Days, values: Floats) -> pd.DataFrame:
    """The frame that `Market.series` holds, from parallel arrays sorted by day and known_at."""
    index = pd.DatetimeIndex(dates(days), name="observed")
    return pd.DataFrame({"value": values, "known_at": instants(known_at)}, index=index)


def changes(
    stored: Iterable[ObservationRow],
    fetched: Iterable[ObservationRow],
    *,
    known_at: int,
    live: bool,
    overdue: Callable[[int], bool] = lambda day: False,
) -> Changes:
    """What `fetched` adds to `stored`. Pure.

    - A value equal to the one known before adds nothing.
    - A new value of a stored day counts from its own instant, or from `known_at` when the source gave
      none.
    - A dated row with the value of an undated one gives the instant at which that was public.
    - An undated value fetched with dated ones of its day was public before them, so it adds nothing
      to a stored day.
    - A live value for a day that was missing between stored ones, or that is `overdue`, counts from
      `known_at`; others by the rule of `signals.asof.series`.
    """
    versions: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for day, at, value in stored:
        versions[day].append((at, value))
    first, last = (min(versions), max(versions)) if versions else (0, 0)
    insert: list[ObservationRow] = []
    rows = sorted(fetched, key=lambda row: row[:2])
    redate = list(_dated(versions, rows))
    dated = {day for day, at, _ in rows if at}
    revised = 0
    for day, at, value in rows:
        own = versions[day]
        if not own:
            late = live and (first < day < last or (day > last > 0 and overdue(day)))
            at = at or (known_at if late else 0)
        elif at:
            if own[0][0] == 0 and same(own[0][1], value) and all(moment > at for moment, _ in own[1:]):
                insert[insert.index((day, 0, own[0][1]))] = (day, at, value)
                own[0] = (at, value)
                continue
            before = [old for moment, old in own if moment <= at]
            if (before and same(before[-1], value)) or any(moment == at for moment, _ in own):
                continue
            revised += 1
        elif day in dated or same(own[-1][1], value):
            continue
        else:
            at = max(known_at, own[-1][0] + 1)
            revised += 1
        own.append((at, value))
        own.sort()
        insert.append((day, at, value))
    return Changes(tuple(insert), tuple(redate), revised)


def _dated(versions: dict[int, list[tuple[int, float]]], rows: Iterable[ObservationRow]) -> Iterator[tuple[int, int]]:
    """(day, known_at) of stored undated values whose instant the dated rows give.

    They are dated in `versions` as well.
    """
    for day, at, value in rows:
        own = versions.get(day)
        if not own or not at or own[0][0] or not same(own[0][1], value):
            continue
        if all(moment > at for moment, _ in own[1:]):
            own[0] = (at, value)
            yield day, at


def same(old: float, new: float) -> bool:
    """Whether two numbers are equal but for rounding."""
    return abs(new - old) <= SAME * abs(old)


def apply(db: sqlite3.Connection, series: int, changes: Changes, batch: int) -> None:
    """Write changes, the new dates of undated rows first."""
    db.executemany(
        "UPDATE observation SET known_at = ? WHERE series_id = ? AND day = ? AND known_at = 0",
        ((at, series, day) for day, at in changes.redate),
    )
    db.executemany(
        "INSERT INTO observation (series_id, day, known_at, value, batch) VALUES (?, ?, ?, ?, ?)",
        ((series, day, at, value, batch) for day, at, value in changes.insert),
    )
