"""Status of each dataset of records: number of rows, source and age."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from bot.archive.archive import Archive
from bot.calendar.clock import NEW_YORK
from signals.core.datasets import DATASETS, ColumnKind, Dataset

DAILY = ("funds", "options", "estimates", "weights")
"""Datasets with rows of every session; the others have rows at irregular times."""

_SNAPSHOTS = ("options", "estimates", "weights", "invesco")
"""Datasets and sources that give only the present day, so their history begins when storing begins."""


@dataclass(frozen=True, slots=True)
class RecordStatus:
    """One dataset from one source.

    Attributes:
        kind: Always "records".
        name: The dataset.
        source: The source.
        first: First day that a row describes, None where no row has one.
        last: Last such day, None where no row has one.
        rows: Number of rows, corrections included.
        keys: Number of rows without corrections.
        known_at: When the newest row became known.
        since: For snapshots the day in New York on which storing began, else None.
    """

    kind: str
    name: str
    source: str
    first: date | None
    last: date | None
    rows: int
    keys: int
    known_at: datetime | None
    since: date | None


def status(archive: Archive) -> list[RecordStatus]:
    """A line for each dataset and source that has rows, datasets in the order in which they are described."""
    with archive.reading() as db:
        return [line for dataset in DATASETS.values() for line in _status(db, dataset)]


def newest_records(archive: Archive) -> dict[str, dict[str, date]]:
    """Dataset -> source -> the newest day of its rows.

    Of irregular datasets the New York date on which it was known.
    """
    result: dict[str, dict[str, date]] = {}
    with archive.reading() as db:
        for name in filter(lambda name: _there(db, name), DATASETS):
            column = '"date"' if name in DAILY else "known_at"
            sql = f"SELECT source, max({column}) FROM record_{name} JOIN batch ON batch.id = batch GROUP BY source"  # noqa: S608
            rows = db.execute(sql).fetchall()
            newest = {source: _day(at) if name not in DAILY else date.fromordinal(at) for source, at in rows if at}
            result |= {name: newest} if newest else {}
    return result


def _status(db: sqlite3.Connection, dataset: Dataset) -> Iterator[RecordStatus]:
    if not _there(db, dataset.name):
        return
    dates = [column.name for column in dataset.columns if column.kind is ColumnKind.DATE]
    day = next((name for name in dataset.key if name in dates), dataset.dated)
    keys = ", ".join(f'"{name}"' for name in dataset.key)
    sql = (
        "SELECT source, min(day), max(day), sum(rows), count(*), max(newest), min(oldest) FROM ("  # noqa: S608 - our own names
        f'SELECT source, max("{day}") AS day, count(*) AS rows, max(known_at) AS newest, min(known_at) AS oldest '
        f"FROM record_{dataset.name} JOIN batch ON batch.id = batch GROUP BY source, {keys}) GROUP BY source ORDER BY source"
    )
    for source, first, last, rows, count, newest, oldest in db.execute(sql):
        snapshots = dataset.name in _SNAPSHOTS or source in _SNAPSHOTS
        yield RecordStatus(
            kind="records",
            name=dataset.name,
            source=source,
            first=date.fromordinal(first) if first else None,
            last=date.fromordinal(last) if last else None,
            rows=rows,
            keys=count,
            known_at=datetime.fromtimestamp(newest, UTC) if newest else None,
            since=_day(oldest) if snapshots and oldest else None,
        )


def _there(db: sqlite3.Connection, name: str) -> bool:
    return db.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (f"record_{name}",)).fetchone() is not None


def _day(seconds: int) -> date:
    return datetime.fromtimestamp(seconds, UTC).astimezone(NEW_YORK).date()
