"""Files of a pack that hold records: one row a line, columns as `signals.records` describes them.

`known_at` and `source` may be left out: a row is then public by its dataset's rule, or since the import where its date is
unknown too, and comes from the pack.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from bot.archive import records
from bot.archive.days import EPOCH_ORDINAL
from bot.archive.records import Cell, Record
from bot.packs.files import Findings
from bot.packs.tables import instant, table
from bot.packs.wide import parse_date, parse_number
from signals.records import MORNING, Column, Dataset, Kind

KNOWN_AT, SOURCE = "known_at", "source"
DAY_SECONDS = 86_400


def read_records(dataset: Dataset, name: str, raw: bytes, findings: Findings) -> list[Record]:
    """The rows of one file in its order, `known_at` by the dataset's rule where none is given (0 where that has no date).

    Rows that know nothing beside their key are left out.
    """
    optional = [column.name for column in dataset.columns if column.name not in dataset.key]
    found: list[Record] = []
    seen: dict[tuple[Cell, ...], int] = {}
    for line, cells in table(name, raw, dataset.key, findings, optional=(*optional, KNOWN_AT, SOURCE)):
        row = _record(dataset, name, line, cells, findings)
        key = (*(row.cells[place] for place in _key(dataset)), row.known_at)
        if key in seen:
            what = (
                f"{' '.join(cells[column] for column in dataset.key)} stands in line {seen[key]} with the same instant"
            )
            findings.problem(f"{name} line {line}", what, "one row for each key and instant is needed")
        seen.setdefault(key, line)
        found.append(row)
    return [row for row in found if records.tells(dataset, row)]


def _record(dataset: Dataset, name: str, line: int, cells: Mapping[str, str], findings: Findings) -> Record:
    values = []
    for column in dataset.columns:
        where = f"{name} line {line} column {column.name}"
        values.append(_cell(dataset, column, where, cells.get(column.name, ""), findings))
    text = cells.get(KNOWN_AT, "")
    known_at = instant(f"{name} line {line} column {KNOWN_AT}", text, findings) if text else _by_rule(dataset, values)
    return Record(tuple(values), known_at, cells.get(SOURCE, ""))


def _cell(dataset: Dataset, column: Column, where: str, text: str, findings: Findings) -> Cell:
    if text == "":
        if column.name in dataset.key:
            findings.problem(where, "the cell is empty", f"{column.meaning} is needed, it says what the row describes")
        return "" if column.kind is Kind.TEXT else None
    if column.kind is Kind.TEXT:
        return text
    if column.kind is Kind.DATE:
        day = parse_date(where, text, findings)
        return None if day is None else day.toordinal()
    value = parse_number(where, column.name, text, findings, prices=False)
    return None if math.isnan(value) else value


def _by_rule(dataset: Dataset, values: Sequence[Cell]) -> int:
    """`signals.records.published` in epoch seconds, 0 where the row has no date to count from."""
    days = {column.name: value for column, value in zip(dataset.columns, values, strict=True)}
    day = days.get(dataset.dated)
    if not isinstance(day, int):
        return 0
    return (day - EPOCH_ORDINAL + dataset.lag_days) * DAY_SECONDS + int(MORNING.total_seconds())


def _key(dataset: Dataset) -> list[int]:
    names = [column.name for column in dataset.columns]
    return [names.index(name) for name in dataset.key]


def header(dataset: Dataset) -> tuple[str, ...]:
    """The columns that an export writes."""
    return (*(column.name for column in dataset.columns), KNOWN_AT, SOURCE)


def lines(dataset: Dataset, rows: Sequence[Record]) -> Iterator[tuple[str, ...]]:
    """The rows as text, by key and then by instant: the same rows always give the same lines."""
    places = _key(dataset)

    def order(row: Record) -> tuple[tuple[Cell, ...], int]:
        return tuple(row.cells[place] for place in places), row.known_at

    for row in sorted(rows, key=order):
        cells = (_text(cell, column.kind) for cell, column in zip(row.cells, dataset.columns, strict=True))
        yield (*cells, datetime.fromtimestamp(row.known_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), row.source)


def _text(cell: Cell, kind: Kind) -> str:
    if cell is None:
        return ""
    if kind is Kind.DATE and isinstance(cell, int):
        return datetime.fromordinal(cell).date().isoformat()
    return cell if isinstance(cell, str) else repr(cell)
