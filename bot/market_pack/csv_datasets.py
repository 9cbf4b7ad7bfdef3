"""Files of a pack with records: one row a line, with the columns of `signals.core.datasets`.

`known_at` and `source` may be left out: a row is then public by its dataset's rule, or since the
import where its date is unknown too, and its source is the pack.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from bot.archive.dataset_merge import Cell, DatasetRow
from bot.archive.date_encoding import EPOCH_ORDINAL
from bot.archive.tables import dataset_tables
from bot.market_pack.csv_long import instant, table
from bot.market_pack.csv_wide import parse_date, parse_number
from bot.market_pack.files import Findings
from signals.core.datasets import MORNING, Column, ColumnKind, Dataset

KNOWN_AT, SOURCE = "known_at", "source"
DAY_SECONDS = 86_400


def read_records(dataset: Dataset, name: str, raw: bytes, findings: Findings) -> list[DatasetRow]:
    """The rows of one file in its order, `known_at` by the dataset's rule where none is given (0
    where that has no date).

    Rows without any content beside their key are left out.
    """
    optional = [column.name for column in dataset.columns if column.name not in dataset.key]
    reader = _RowReader(dataset, name, findings)
    places = _key(dataset)
    rows: list[DatasetRow] = []
    seen: dict[tuple[Cell, ...], int] = {}
    for line, cells in table(name, raw, dataset.key, findings, optional=(*optional, KNOWN_AT, SOURCE)):
        row = reader.record(line, cells)
        key = (*(row.cells[place] for place in places), row.known_at)
        if key in seen:
            what = (
                f"{' '.join(cells[column] for column in dataset.key)} stands in line {seen[key]} with the same instant"
            )
            findings.problem(f"{name} line {line}", what, "one row for each key and instant is needed")
        seen.setdefault(key, line)
        rows.append(row)
    return [row for row in rows if dataset_tables.has_content(dataset, row)]


class _RowReader:
    """Reads the rows of one file.

    Parsed dates and instants are cached: a file of many rows has few different ones.
    """

    def __init__(self, dataset: Dataset, name: str, findings: Findings) -> None:
        self._dataset, self._name, self._findings = dataset, name, findings
        self._days: dict[str, int] = {}
        self._instants: dict[str, int] = {}

    def record(self, line: int, cells: Mapping[str, str]) -> DatasetRow:
        """One row, with its problems noted."""
        values = [self._cell(column, line, cells.get(column.name, "")) for column in self._dataset.columns]
        text = cells.get(KNOWN_AT, "")
        known_at = self._instant(line, text) if text else _by_rule(self._dataset, values)
        return DatasetRow(tuple(values), known_at, cells.get(SOURCE, ""))

    def _cell(self, column: Column, line: int, text: str) -> Cell:
        if text == "":
            if column.name in self._dataset.key:
                what = f"{column.meaning} is needed, it says what the row describes"
                self._findings.problem(self._where(line, column.name), "the cell is empty", what)
            return "" if column.kind is ColumnKind.TEXT else None
        if column.kind is ColumnKind.TEXT:
            return text
        if column.kind is ColumnKind.DATE:
            return self._day(column, line, text)
        value = parse_number(self._where(line, column.name), column.name, text, self._findings, prices=False)
        return None if math.isnan(value) else value

    def _day(self, column: Column, line: int, text: str) -> int | None:
        if text not in self._days:
            day = parse_date(self._where(line, column.name), text, self._findings)
            if day is None:
                return None
            self._days[text] = day.toordinal()
        return self._days[text]

    def _instant(self, line: int, text: str) -> int:
        if text not in self._instants:
            known_at = instant(self._where(line, KNOWN_AT), text, self._findings)
            if not known_at:
                return 0
            self._instants[text] = known_at
        return self._instants[text]

    def _where(self, line: int, column: str) -> str:
        return f"{self._name} line {line} column {column}"


def _by_rule(dataset: Dataset, values: Sequence[Cell]) -> int:
    """`signals.core.datasets.published` in epoch seconds, 0 where the row has no date to count from."""
    days = {column.name: value for column, value in zip(dataset.columns, values, strict=True)}
    day = days.get(dataset.dated)
    if not isinstance(day, int):
        return 0
    return (day - EPOCH_ORDINAL + dataset.lag_days) * DAY_SECONDS + int(MORNING.total_seconds())


def _key(dataset: Dataset) -> list[int]:
    columns = [column.name for column in dataset.columns]
    return [columns.index(name) for name in dataset.key]


def header(dataset: Dataset) -> tuple[str, ...]:
    """The columns that an export writes."""
    return (*(column.name for column in dataset.columns), KNOWN_AT, SOURCE)


def lines(dataset: Dataset, rows: Sequence[DatasetRow]) -> Iterator[tuple[str, ...]]:
    """The rows as text, by key and then by instant: the same rows always give the same lines."""
    places = _key(dataset)

    def order(row: DatasetRow) -> tuple[tuple[Cell, ...], int]:
        return tuple(row.cells[place] for place in places), row.known_at

    for row in sorted(rows, key=order):
        cells = (_text(cell, column.kind) for cell, column in zip(row.cells, dataset.columns, strict=True))
        yield (*cells, datetime.fromtimestamp(row.known_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), row.source)


def _text(cell: Cell, kind: ColumnKind) -> str:
    if cell is None:
        return ""
    if kind is ColumnKind.DATE and isinstance(cell, int):
        return datetime.fromordinal(cell).date().isoformat()
    return cell if isinstance(cell, str) else repr(cell)
