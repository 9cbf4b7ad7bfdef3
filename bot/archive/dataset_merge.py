"""What new rows of a dataset add to the stored ones. Pure: rows in, rows out.

An unknown cell (no number, no date, no text) carries no information: a correction keeps the value
that was known before in its place.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.archive.tables.series_tables import same
from signals.core.datasets import DATASETS, Dataset

Cell = int | float | str | None
"""A day as its ordinal, a number, a text.

None for an unknown day or number, an empty text for an unknown text.
"""

RowCells = tuple[Cell, ...]
"""The cells of a row in the order of its dataset's columns."""


@dataclass(frozen=True, slots=True)
class DatasetRow:
    """One row. `known_at`: epoch seconds, 0 where the source gave none.

    `source`: empty for that of the batch.
    """

    cells: RowCells
    known_at: int
    source: str = ""


@dataclass(frozen=True, slots=True)
class Added:
    """The rows with new content, and how many of them correct stored rows."""

    rows: tuple[DatasetRow, ...] = ()
    revised: int = 0


def in_order(name: str, rows: Iterable[DatasetRow]) -> list[DatasetRow]:
    """Oldest `known_at` first, then by key: the order of `Market.records`."""
    key, _ = key_positions(DATASETS[name])
    return sorted(rows, key=lambda row: (row.known_at, *(row.cells[place] for place in key)))


def changes(name: str, stored: Iterable[DatasetRow], given: Iterable[DatasetRow], *, fetched_at: int) -> Added:
    """The rows that `given` adds to `stored`. Pure.

    A row without an instant counts from `fetched_at`. A row equal to what was known at its instant
    adds nothing. A row that differs from one of the same instant is a correction that counts from
    `fetched_at`, at the earliest a second after the newest version; every other one counts from its
    own instant.
    """
    key, _ = key_positions(DATASETS[name])
    versions_by_key: dict[RowCells, list[DatasetRow]] = defaultdict(list)
    for row in stored:
        versions_by_key[tuple(row.cells[at] for at in key)].append(row)
    added: list[DatasetRow] = []
    revised = 0
    for row in sorted(given, key=lambda row: row.known_at or fetched_at):
        versions = versions_by_key[tuple(row.cells[at] for at in key)]
        new = _new(versions, row, fetched_at)
        if new is None:
            continue
        revised += bool(versions)
        added.append(new)
        versions.append(new)
        versions.sort(key=lambda row: row.known_at)
    return Added(tuple(added), revised)


def _new(versions: Sequence[DatasetRow], row: DatasetRow, fetched_at: int) -> DatasetRow | None:
    """The row as it is to be stored, or None when it adds nothing.

    `versions`: the stored ones, oldest first.
    """
    if not versions:
        return DatasetRow(row.cells, row.known_at or fetched_at, row.source)
    at = row.known_at
    before = [version for version in versions if version.known_at <= at] if at else list(versions)
    if not before:
        return row
    if _adds_nothing(before[-1].cells, row.cells):
        return None
    if not at or before[-1].known_at == at:
        before = list(versions)
        if _adds_nothing(before[-1].cells, row.cells):
            return None
        at = max(fetched_at, before[-1].known_at + 1)
    return DatasetRow(_filled(row.cells, before[-1].cells), at, row.source)


def _filled(cells: RowCells, before: RowCells) -> RowCells:
    return tuple(old if is_unknown(cell) else cell for cell, old in zip(cells, before, strict=True))


def _adds_nothing(before: RowCells, cells: RowCells) -> bool:
    return all(is_unknown(cell) or _same(old, cell) for old, cell in zip(before, cells, strict=True))


def _same(old: Cell, new: Cell) -> bool:
    if isinstance(old, float) and isinstance(new, float):
        return same(old, new)
    return old == new


def is_unknown(cell: Cell) -> bool:
    """Whether a cell carries no information."""
    return cell is None or cell == ""


def key_positions(dataset: Dataset) -> tuple[list[int], list[int]]:
    """Positions of the key's columns, in the key's order, and of the others."""
    columns = [column.name for column in dataset.columns]
    return [columns.index(name) for name in dataset.key], [
        at for at, name in enumerate(columns) if name not in dataset.key
    ]
