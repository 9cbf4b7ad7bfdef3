"""Reading and writing records: rows of the datasets of `signals.core.datasets`, each with the instant since which it is known.

What is unknown in a row (no number, no date, no text) says nothing: a correction keeps what was known before in its place.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from bot.archive.date_encoding import dates, instants, ordinals, seconds
from bot.archive.tables_series import same
from signals.core.datasets import DATASETS, ColumnKind, Dataset

Cell = int | float | str | None
"""A day as its ordinal, a number, a text; None for an unknown day or number, an empty text for an unknown one."""

_MOST_SUBJECTS = 500
"""Subjects that one query names; beyond that it reads them all."""

RowCells = tuple[Cell, ...]
"""The cells of a row in the order of its dataset's columns."""


@dataclass(frozen=True, slots=True)
class DatasetRow:
    """One row. `known_at`: epoch seconds, 0 where the source did not tell. `source`: empty for that of the batch."""

    cells: RowCells
    known_at: int
    source: str = ""


@dataclass(frozen=True, slots=True)
class Added:
    """The rows that say something new, and how many of them correct rows that were there."""

    rows: tuple[DatasetRow, ...] = ()
    revised: int = 0


def from_frame(name: str, frame: pd.DataFrame) -> list[DatasetRow]:
    """Rows of a source's frame, instants missing or NaT as 0. Raises KeyError naming a key column that is not there.

    A column `source` names who gave a row where that was not the source of the batch.

    Rows without a complete key are left out, and so are those that know nothing beside it.
    """
    dataset = DATASETS[name]
    if absent := [column for column in dataset.key if column not in frame]:
        raise KeyError(f"rows of {name} need the column {absent[0]}")
    if not len(frame):
        return []
    columns = [_cells(frame[each.name], each.kind) if each.name in frame else None for each in dataset.columns]
    filled = [
        _nothing(each.kind, len(frame)) if c is None else c for each, c in zip(dataset.columns, columns, strict=True)
    ]
    known = seconds(frame["known_at"]).tolist() if "known_at" in frame else [0] * len(frame)
    told = frame["source"].fillna("").astype(str).tolist() if "source" in frame else [""] * len(frame)
    rows = [
        DatasetRow(cells, at, by)
        for *cells_, at, by in zip(*filled, known, told, strict=True)
        if (cells := tuple(cells_))
    ]
    key, _ = _places(dataset)
    return [row for row in rows if all(not _unknown(row.cells[at]) for at in key) and tells(dataset, row)]


def tells(dataset: Dataset, row: DatasetRow) -> bool:
    """Whether a row knows anything beside its key."""
    _, rest = _places(dataset)
    return any(not _unknown(row.cells[at]) for at in rest)


def _cells(column: pd.Series, kind: ColumnKind) -> list[Cell]:
    if kind is ColumnKind.TEXT:
        return ["" if pd.isna(cell) else str(cell) for cell in column]
    if kind is ColumnKind.NUMBER:
        numbers = column.to_numpy(dtype=float)
        return [value if known else None for value, known in zip(numbers.tolist(), np.isfinite(numbers), strict=True)]
    days = pd.DatetimeIndex(pd.to_datetime(column))
    return [None if gone else day for day, gone in zip(ordinals(days).tolist(), days.isna(), strict=True)]


def _nothing(kind: ColumnKind, count: int) -> list[Cell]:
    return [""] * count if kind is ColumnKind.TEXT else [None] * count


def to_frame(name: str, rows: Sequence[DatasetRow]) -> pd.DataFrame:
    """The frame that `Market.records` holds, in the order given."""
    return _frame(DATASETS[name], [(*row.cells, row.known_at, row.source) for row in rows])


def _frame(dataset: Dataset, rows: Sequence[tuple[Cell, ...]]) -> pd.DataFrame:
    """From the cells of each row with its `known_at` and source."""
    told = list(zip(*rows, strict=True)) or [()] * (len(dataset.columns) + 2)
    columns = {column.name: _typed(cells, column.kind) for column, cells in zip(dataset.columns, told, strict=False)}
    columns["known_at"] = instants(np.array(told[-2], dtype=np.int64))
    columns["source"] = pd.Series(told[-1], dtype=object)
    return pd.DataFrame(columns)


def _typed(cells: Sequence[Cell], kind: ColumnKind) -> object:
    if kind is ColumnKind.TEXT:
        return pd.Series(list(cells), dtype=object)
    numbers = np.array(cells, dtype=np.float64)
    if kind is ColumnKind.NUMBER:
        return numbers
    gone = np.isnan(numbers)
    days = dates(np.where(gone, 1.0, numbers).astype(np.int64)).to_numpy().copy()
    days[gone] = np.datetime64("NaT")
    return pd.DatetimeIndex(days).as_unit("ns")


def in_order(name: str, rows: Iterable[DatasetRow]) -> list[DatasetRow]:
    """Oldest `known_at` first, then by key: the order of `Market.records`."""
    key, _ = _places(DATASETS[name])
    return sorted(rows, key=lambda row: (row.known_at, *(row.cells[place] for place in key)))


def changes(name: str, stored: Iterable[DatasetRow], given: Iterable[DatasetRow], *, fetched_at: int) -> Added:
    """What `given` adds to `stored`. Pure.

    A row without an instant counts from `fetched_at`. A row that says what was known at its instant says nothing new. One
    that differs from a row of the very same instant is a correction since `fetched_at`, a second after the newest one at
    the earliest; every other one counts from its own instant.
    """
    key, _ = _places(DATASETS[name])
    known: dict[RowCells, list[DatasetRow]] = defaultdict(list)
    for row in stored:
        known[tuple(row.cells[at] for at in key)].append(row)
    added: list[DatasetRow] = []
    revised = 0
    for row in sorted(given, key=lambda row: row.known_at or fetched_at):
        versions = known[tuple(row.cells[at] for at in key)]
        new = _new(versions, row, fetched_at)
        if new is None:
            continue
        revised += bool(versions)
        added.append(new)
        versions.append(new)
        versions.sort(key=lambda row: row.known_at)
    return Added(tuple(added), revised)


def _new(versions: Sequence[DatasetRow], row: DatasetRow, fetched_at: int) -> DatasetRow | None:
    """The row as it has to be kept, or None when it says nothing new. `versions`: what is known, oldest first."""
    if not versions:
        return DatasetRow(row.cells, row.known_at or fetched_at, row.source)
    at = row.known_at
    before = [version for version in versions if version.known_at <= at] if at else list(versions)
    if not before:
        return row
    if _says_nothing(before[-1].cells, row.cells):
        return None
    if not at or before[-1].known_at == at:
        before = list(versions)
        if _says_nothing(before[-1].cells, row.cells):
            return None
        at = max(fetched_at, before[-1].known_at + 1)
    return DatasetRow(_filled(row.cells, before[-1].cells), at, row.source)


def _filled(cells: RowCells, before: RowCells) -> RowCells:
    return tuple(old if _unknown(cell) else cell for cell, old in zip(cells, before, strict=True))


def _says_nothing(known: RowCells, cells: RowCells) -> bool:
    return all(_unknown(cell) or _same(old, cell) for old, cell in zip(known, cells, strict=True))


def _same(old: Cell, new: Cell) -> bool:
    if isinstance(old, float) and isinstance(new, float):
        return same(old, new)
    return old == new


def _unknown(cell: Cell) -> bool:
    return cell is None or cell == ""


def _places(dataset: Dataset) -> tuple[list[int], list[int]]:
    """Positions of the key's columns, in the key's order, and of the others."""
    names = [column.name for column in dataset.columns]
    return [names.index(name) for name in dataset.key], [at for at, name in enumerate(names) if name not in dataset.key]


def write(
    db: sqlite3.Connection, name: str, given: list[DatasetRow], batch_of: Callable[[str], int], *, fetched_at: int
) -> Added:
    """Merge rows into the archive; `batch_of` gives the batch of a source, made when first needed."""
    added = changes(name, _beside(db, name, given), given, fetched_at=fetched_at)
    names = [column.name for column in DATASETS[name].columns]
    marks = ", ".join("?" * (len(names) + 2))
    columns = ", ".join(f'"{each}"' for each in (*names, "known_at", "batch"))
    db.executemany(
        f"INSERT INTO record_{name} ({columns}) VALUES ({marks})",  # noqa: S608 - names of our own
        ((*row.cells, row.known_at, batch_of(row.source)) for row in added.rows),
    )
    return added


def _beside(db: sqlite3.Connection, name: str, given: list[DatasetRow]) -> list[DatasetRow]:
    """Stored rows that may share their key with a row given: between its dates, of its subjects unless they are many."""
    if not given:
        return []
    dataset = DATASETS[name]
    where: list[str] = []
    values: list[Cell] = []
    for place, column in enumerate(dataset.columns):
        if column.name not in dataset.key:
            continue
        wanted = {row.cells[place] for row in given}
        if column.kind is not ColumnKind.TEXT:
            where.append(f'"{column.name}" BETWEEN ? AND ?')
            days = [cell for cell in wanted if isinstance(cell, int)]
            values += [min(days), max(days)]
        elif len(wanted) <= _MOST_SUBJECTS:
            where.append(f'"{column.name}" IN ({", ".join("?" * len(wanted))})')
            values += wanted
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
    """Rows dated up to an ordinal that became known after an epoch second, oldest first; the key must begin with a date."""
    return _read(db, name, f'known_at > ? AND "{DATASETS[name].key[0]}" <= ?', [instant, until])


def _read(db: sqlite3.Connection, name: str, where: str, values: Sequence[Cell]) -> list[DatasetRow]:
    return [DatasetRow(row[:-2], row[-2], row[-1]) for row in _select(db, name, where, values)]


def _select(db: sqlite3.Connection, name: str, where: str, values: Sequence[Cell]) -> list[tuple[Any, ...]]:
    """Cells, `known_at` and source of each row; none where an older archive that is only read has no table of the dataset."""
    dataset = DATASETS[name]
    there = _there(db, name)
    if not there:
        return []
    columns = ", ".join(f'"{each.name}"' if each.name in there else _absent(each.kind) for each in dataset.columns)
    order = ", ".join(f'"{each}"' for each in ("known_at", *dataset.key))
    sql = (
        f"SELECT {columns}, known_at, source FROM record_{name} JOIN batch ON batch.id = batch "  # noqa: S608 - our own names
        f"WHERE {where} ORDER BY {order}"
    )
    return db.execute(sql, list(values)).fetchall()


def _there(db: sqlite3.Connection, name: str) -> set[str]:
    return {row[1] for row in db.execute(f"PRAGMA table_info(record_{name})").fetchall()}


def _absent(kind: ColumnKind) -> str:
    return "''" if kind is ColumnKind.TEXT else "NULL"


def frames(db: sqlite3.Connection, *, known_at: int | None, since: int | None) -> Mapping[str, pd.DataFrame]:
    """The datasets that have rows, as `Market.records` holds them."""
    found = {name: _select(db, name, *_known(name, known_at, since)) for name in DATASETS}
    return {name: _frame(DATASETS[name], rows) for name, rows in found.items() if rows}
