"""The Fed's meetings in the archive: each calendar of the Fed is the whole plan of the days to come."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from bot.archive.dataset_merge import DatasetRow
from bot.archive.tables import dataset_tables
from bot.calendar.clock import new_york_date
from signals.asof.fomc_meetings import full_years, planned
from signals.core.datasets import DATASETS

MEETINGS = "meetings"
NEVER_SO_NEAR = timedelta(weeks=4)
"""After the last meeting of a calendar none is planned for so long: any two of the plan lie 41 days apart or more."""
_DAY, _PLANNED = ([column.name for column in DATASETS[MEETINGS].columns].index(name) for name in ("date", "planned"))


def with_cancelled(db: sqlite3.Connection, rows: Sequence[DatasetRow], fetched_at: datetime) -> list[DatasetRow]:
    """The rows of a calendar, and for each stored day to come that it lacks one that says that it is planned no more.

    A day that the calendar had by mistake, or a meeting that moved twice, would else stay a meeting
    for good. A year that the calendar has whole says so of every day; of days that are not in the
    checked-in plan, which come from calendars alone, each calendar does as far as it reaches.
    """
    cells = {row.cells[_DAY]: row.cells for row in rows}
    given = [date.fromordinal(int(day or 0)) for day in cells if cells[day][_PLANNED]]
    full, plan, until = full_years(given), planned(), max(given, default=date.min) + NEVER_SO_NEAR
    newest = {row.cells[_DAY]: row.cells for row in dataset_tables.all_rows(db, MEETINGS)}
    today = new_york_date(fetched_at)
    gone = [
        tuple(0.0 if at == _PLANNED else cell for at, cell in enumerate(newest[day]))
        for day in newest.keys() - cells.keys()
        if newest[day][_PLANNED]
        and today < (meeting := date.fromordinal(int(day or 0)))
        and (meeting.year in full or (meeting not in plan and meeting <= until))
    ]
    return [*rows, *(DatasetRow(row, 0) for row in gone)]
