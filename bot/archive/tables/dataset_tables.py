"""Reads and writes records: rows of the datasets of `signals.core.datasets`, each with its `known_at`.

An unknown cell (no number, no date, no text) carries no information: a correction keeps the value
that was known before in its place.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from bot.archive.dataset_merge import Added, Cell, DatasetRow, changes, is_unknown, key_positions
from bot.archive.date_encoding import dates, instants, ordinals, seconds
from signals.core.datasets import DATASETS, ColumnKind, Dataset

_MOST_SUBJECTS = 500
"""Most texts of a key column (tickers, managers) in one query; with more it reads all rows."""

_BLOCK_ROWS = 5_000


def from_frame(name: str, frame: pd.DataFrame) -> list[DatasetRow]:
    """Rows of a source's frame, with missing or NaT instants as 0.

    A column `source` gives the source of a row where that was not the source of the batch. Rows
    without a complete key are left out, and so are rows without any content beside the key. Raises
    KeyError with the name of a missing key column.
    """
    dataset = DATASETS[name]
    if absent := [column for column in dataset.key if column not in frame]:
        raise KeyError(f"rows of {name} need the column {absent[0]}")
    if not len(frame):
        return []
    cells_by_column = [
        _cells(frame[column.name], column.kind) if column.name in frame else _unknown_cells(column.kind, len(frame))
        for column in dataset.columns
    ]
    known_at = seconds(frame["known_at"]).tolist() if "known_at" in frame else [0] * len(frame)
    sources = frame["source"].fillna("").astype(str).tolist() if "source" in frame else [""] * len(frame)
    rows = [
        DatasetRow(tuple(cells), at, source)
        for *cells, at, source in zip(*cells_by_column, known_at, sources, strict=True)
    ]
    key, _ = key_positions(dataset)
    return [row for row in rows if all(not is_unknown(row.cells[at]) for at in key) and has_content(dataset, row)]


def has_content(dataset: Dataset, row: DatasetRow) -> bool:
    """Whether any cell of a row beside its key is known."""
    _, others = key_positions(dataset)
    return any(not is_unknown(row.cells[at]) for at in others)


def _cells(column: pd.Series, kind: ColumnKind) -> list[Cell]:
    if kind is ColumnKind.TEXT:
        return ["" if pd.isna(cell) else str(cell) for cell in column]
    if kind is ColumnKind.NUMBER:
        numbers = column.to_numpy(dtype=float)
        return [value if finite else None for value, finite in zip(numbers.tolist(), np.isfinite(numbers), strict=True)]
    days = pd.DatetimeIndex(pd.to_datetime(column))
    return [None if missing else day for day, missing in zip(ordinals(days).tolist(), days.isna(), strict=True)]


def _unknown_cells(kind: ColumnKind, count: int) -> list[Cell]:
    return [""] * count if kind is ColumnKind.TEXT else [None] * count


def to_frame(name: str, rows: Sequence[DatasetRow]) -> pd.DataFrame:
    """The frame that `Market.records` holds, in the order given."""
    return _frame(DATASETS[name], [(*row.cells, row.known_at, row.source) for row in rows])


def _frame(dataset: Dataset, rows: Sequence[tuple[Cell, ...]]) -> pd.DataFrame:
    """The frame of rows of cells, each followed by its `known_at` and source."""
    cells_by_column = list(zip(*rows, strict=True)) or [()] * (len(dataset.columns) + 2)
    columns = {
        column.name: _typed(cells, column.kind) for column, cells in zip(dataset.columns, cells_by_column, strict=False)
    }
    columns["known_at"] = instants(np.array(cells_by_column[-2], dtype=np.int64))
    columns["source"] = _texts(cells_by_column[-1])
    return pd.DataFrame(columns)


def _texts(cells: Sequence[Cell]) -> pd.Series:
    """A column of texts, each distinct one held once: SQLite gives a new one for every cell."""
    distinct: dict[Cell, Cell] = {}
    return pd.Series([distinct.setdefault(cell, cell) for cell in cells], dtype=object)


def _typed(cells: Sequence[Cell], kind: ColumnKind) -> object:
    if kind is ColumnKind.TEXT:
        return _texts(cells)
    numbers = np.array(cells, dtype=np.float64)
    if kind is ColumnKind.NUMBER:
        return numbers
    missing = np.isnan(numbers)
    days = dates(np.where(missing, 1.0, numbers).astype(np.int64)).to_numpy().copy()
    days[missing] = np.datetime64("NaT")
    return pd.DatetimeIndex(days).as_unit("ns")


def fund_before(db: sqlite3.Connection, fund: str, day: date) -> tuple[date, float, float] | None:
    """Day, net asset value and shares (NaN where unknown) of a fund's newest row before a day."""
    row = db.execute(
        "SELECT date, nav, shares_outstanding FROM record_funds WHERE ticker = :fund AND date < :day AND nav IS NOT NULL "
        "ORDER BY date DESC, known_at DESC LIMIT 1",
        {"fund": fund, "day": day.toordinal()},
    ).fetchone()
    return None if row is None else (date.fromordinal(row[0]), row[1], float("nan") if row[2] is None else row[2])


def write(
    db: sqlite3.Connection, name: str, rows: list[DatasetRow], batch_of: Callable[[str], int], *, fetched_at: int
) -> Added:
    """Merge rows into the archive.

    `batch_of` gives the batch of a source, inserted when first needed.
    """
    added = changes(name, _stored_beside(db, name, rows), rows, fetched_at=fetched_at)
    columns = [*(column.name for column in DATASETS[name].columns), "known_at", "batch"]
    marks = ", ".join("?" * len(columns))
    quoted = ", ".join(f'"{column}"' for column in columns)
    db.executemany(
        f"INSERT INTO record_{name} ({quoted}) VALUES ({marks})",  # noqa: S608 - names of our own
        ((*row.cells, row.known_at, batch_of(row.source)) for row in added.rows),
    )
    return added


def _stored_beside(db: sqlite3.Connection, name: str, rows: list[DatasetRow]) -> list[DatasetRow]:
    """Stored rows that may have the key of one of `rows`: between their dates, of their texts
    unless those are many.
    """
    if not rows:
        return []
    dataset = DATASETS[name]
    where: list[str] = []
    values: list[Cell] = []
    for place, column in enumerate(dataset.columns):
        if column.name not in dataset.key:
            continue
        cells = {row.cells[place] for row in rows}
        if column.kind is not ColumnKind.TEXT:
            where.append(f'"{column.name}" BETWEEN ? AND ?')
            days = [cell for cell in cells if isinstance(cell, int)]
            values += [min(days), max(days)]
        elif len(cells) <= _MOST_SUBJECTS:
            where.append(f'"{column.name}" IN ({", ".join("?" * len(cells))})')
            values += cells
    return _read(db, name, " AND ".join(where) or "1", values)


def all_rows(db: sqlite3.Connection, name: str) -> list[DatasetRow]:
    """Every row of a dataset, oldest `known_at` first, then by key."""
    return _read(db, name, "1", [])


def _known(name: str, known_at: int | None, since: int | None) -> tuple[str, list[Cell]]:
    """A condition and its values: rows known at an epoch second (None = all).

    `since`: for datasets that are keyed by a date only rows dated at or after that ordinal.
    """
    dataset = DATASETS[name]
    kinds = {column.name: column.kind for column in dataset.columns}
    where: dict[str, Cell] = {}
    if known_at is not None:
        where["known_at <= ?"] = known_at
    if since is not None and kinds[dataset.key[0]] is ColumnKind.DATE:
        where[f'"{dataset.key[0]}" >= ?'] = since
    return " AND ".join(where) or "1", list(where.values())


def after(db: sqlite3.Connection, name: str, instant: int, *, until: int) -> list[DatasetRow]:
    """Rows dated up to an ordinal that became known after an epoch second, oldest first.

    The key of the dataset must begin with a date.
    """
    return _read(db, name, f'known_at > ? AND "{DATASETS[name].key[0]}" <= ?', [instant, until])


def _read(db: sqlite3.Connection, name: str, where: str, values: Sequence[Cell]) -> list[DatasetRow]:
    return [DatasetRow(row[:-2], row[-2], row[-1]) for block in _select(db, name, where, values) for row in block]


def _select(
    db: sqlite3.Connection, name: str, where: str, values: Sequence[Cell]
) -> Iterator[Sequence[tuple[Any, ...]]]:
    """Cells, `known_at` and source of each row, in blocks of rows.

    None where an older read-only archive lacks the dataset's table.
    """
    dataset = DATASETS[name]
    existing = _columns_of(db, name)
    if not existing:
        return
    columns = ", ".join(
        f'"{column.name}"' if column.name in existing else _absent(column.kind) for column in dataset.columns
    )
    order = ", ".join(f'"{name}"' for name in ("known_at", *dataset.key))
    sql = (
        f"SELECT {columns}, known_at, source FROM record_{name} JOIN batch ON batch.id = batch "  # noqa: S608 - our own names
        f"WHERE {where} ORDER BY {order}"
    )
    cursor = db.execute(sql, list(values))
    while block := cursor.fetchmany(_BLOCK_ROWS):
        yield block


def _columns_of(db: sqlite3.Connection, name: str) -> set[str]:
    return {row[1] for row in db.execute(f"PRAGMA table_info(record_{name})").fetchall()}


def _absent(kind: ColumnKind) -> str:
    return "''" if kind is ColumnKind.TEXT else "NULL"


def frames(db: sqlite3.Connection, *, known_at: int | None, since: int | None) -> Mapping[str, pd.DataFrame]:
    """The datasets that have rows, as `Market.records` holds them."""
    # A block after the other: rows of cells take ten times the memory of their frame.
    found = (
        (name, [_frame(dataset, block) for block in _select(db, name, *_known(name, known_at, since))])
        for name, dataset in DATASETS.items()
    )
    return {name: pd.concat(blocks, ignore_index=True) for name, blocks in found if blocks}
