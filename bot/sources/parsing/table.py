"""Tables of foreign documents: headings by name, rows that are read, empty or bad, and how many bad ones are borne.

More than one bad row in a hundred, or any among the newest five, and the answer is refused by name. What
is borne is logged with its number. Lines below a table that have neither a date nor a value are no rows.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from bot.errors import SourceError
from bot.sources.parsing.cells import BadCellError, header_key, is_empty, text

log = logging.getLogger(__name__)

R = TypeVar("R")
T = TypeVar("T")

MOST_BAD = 0.01
"""Share of rows that may be bad."""
NEWEST = 5
"""Rows at the newer end of which none may be bad."""
HEADER_WITHIN = 60
"""Lines within which a table's headings are looked for."""
LONGEST_DATE = 24
"""Characters of a cell that may still be a date."""

Names = tuple[str, ...]
"""A heading and its known synonyms."""
Cells = Sequence[object]


@dataclass(frozen=True, slots=True)
class Table:
    """The rows below a line of headings.

    Attributes:
        place: The document, for errors.
        headings: The headings as they are compared.
        rows: Line number and cells of every line below, blank ones left out.
        padded: Whether a row may have fewer cells than headings, because empty ones at its end are
            left out.
    """

    place: str
    headings: tuple[str, ...]
    rows: tuple[tuple[int, Cells], ...]
    padded: bool = False

    def position(self, *names: str) -> int:
        """Position of the column with one of these names. Raises SourceError when there is none, or two."""
        for name in names:
            positions = [at for at, heading in enumerate(self.headings) if heading == header_key(name)]
            if len(positions) > 1:
                raise SourceError(f"{self.place} has two columns {name}")
            if positions:
                return positions[0]
        there = ", ".join(heading for heading in self.headings if heading)[:200]
        raise SourceError(f"{self.place} has no column {names[0]}, only {there}; its format has changed")

    def read(
        self,
        positions: Sequence[int],
        parse: Callable[[Cells], T | None],
        *,
        dated: Callable[[T], date] | None = None,
        all_of_them: bool = False,
    ) -> list[T]:
        """The rows as `parse` reads them, in the order of the document.

        Args:
            positions: Positions of the columns whose cells `parse` gets, that of the day first.
            parse: Makes a row of its cells, None of one without a value; raises BadCellError.
            dated: The day of a row, for tables of days. Trailing lines without a date and without
                anything in these columns are then no rows.
            all_of_them: Whether a single bad row is too many.

        Raises:
            SourceError: When too many rows are bad, with the line, what is there and how many.
        """
        rows = list(self.rows)
        while dated is not None and rows and _is_footer(rows[-1][1], positions):
            rows.pop()

        def one(row: tuple[int, Cells]) -> T | None:
            cells = self._cells(row[1], positions)
            return None if all(map(is_empty, cells)) else parse(cells)

        lines = [f"line {number}" for number, _ in rows]
        return read_rows(rows, one, place=self.place, names=lines, dated=dated, all_of_them=all_of_them)

    def _cells(self, row: Cells, positions: Sequence[int]) -> Cells:
        width = len(self.headings)
        if len(row) > width and any(text(cell) for cell in row[width:]):
            raise BadCellError(f"{len(row)} cells under {width} headings")
        if len(row) < width and not self.padded:
            raise BadCellError(f"{len(row)} cells under {width} headings")
        return [row[at] if at < len(row) else None for at in positions]


def _is_footer(row: Cells, positions: Sequence[int]) -> bool:
    """Whether a line below a table of days is none of them: neither a date nor anything in its columns."""
    first, *others = (row[at] if at < len(row) else None for at in positions)
    shown = text(first)
    no_date = len(shown) > LONGEST_DATE or not any(sign.isdecimal() for sign in shown)
    return no_date and not any(text(cell) for cell in others)


def find_table(rows: Iterable[Cells], place: str, *columns: Names, first_line: int = 1, padded: bool = False) -> Table:
    """The table below the first line that has all `columns`, each under one of its names.

    Raises SourceError when no line within the first 60 has them.
    """
    every = list(rows)
    columns_keys = [{header_key(name) for name in names} for names in columns]
    for at, row in enumerate(every[:HEADER_WITHIN]):
        headings = tuple(header_key(cell) for cell in row)
        if all(names & set(headings) for names in columns_keys):
            body = every[at + 1 :]
            numbered = ((first_line + at + 1 + below, cells) for below, cells in enumerate(body))
            filled = tuple((number, cells) for number, cells in numbered if any(text(cell) for cell in cells))
            return Table(place, headings, filled, padded)
    raise SourceError(_no_table(every, columns_keys, [names[0] for names in columns], place))


def read_rows(
    rows: Sequence[R],
    parse: Callable[[R], T | None],
    *,
    place: str,
    names: Sequence[str] = (),
    dated: Callable[[T], date] | None = None,
    all_of_them: bool = False,
) -> list[T]:
    """Rows as `parse` reads them, those without a value left out.

    Args:
        rows: What the document has.
        parse: Makes something of a row, None of one without a value; raises BadCellError.
        place: The document, for errors.
        names: What an error calls each row; by default `row 17`.
        dated: The day of a row; then no row among the five at the newer end may be bad.
        all_of_them: Whether a single bad row is too many.

    Raises:
        SourceError: When too many rows are bad.
    """
    read: list[T] = []
    bad: list[tuple[int, str]] = []
    for at, row in enumerate(rows):
        try:
            item = parse(row)
        except BadCellError as error:
            bad.append((at, str(error)))
            continue
        if item is not None:
            read.append(item)
    if not bad:
        return read
    newest = _newest(read, len(rows), dated)
    worst = next(((at, why) for at, why in bad if at in newest), bad[0])
    name = names[worst[0]] if names else f"row {worst[0] + 1}"
    sentence = f"{place}, {name}: {worst[1]}; {len(bad)} of {len(rows)} rows cannot be read"
    if all_of_them or worst[0] in newest or len(bad) > MOST_BAD * len(rows):
        raise SourceError(sentence)
    log.warning("%s", sentence)
    return read


def agreed(pairs: Iterable[tuple[R, T]], place: str) -> dict[R, T]:
    """The pairs as a dict. Raises SourceError when one key has two different values."""
    result: dict[R, T] = {}
    for key, value in pairs:
        if result.setdefault(key, value) != value:
            raise SourceError(f"{place} has two values for {key}: {result[key]} and {value}")
    return result


def _newest(read: Sequence[T], count: int, dated: Callable[[T], date] | None) -> set[int]:
    """Positions of the rows at the newer end; at both ends where the order cannot be told."""
    if dated is None:
        return set()
    ends = (dated(read[0]), dated(read[-1])) if read else (date.min, date.min)
    newer: set[int] = set()
    if ends[0] >= ends[1]:
        newer |= set(range(min(NEWEST, count)))
    if ends[0] <= ends[1]:
        newer |= set(range(max(0, count - NEWEST), count))
    return newer


def _no_table(rows: Sequence[Cells], columns_keys: Sequence[set[str]], names: Sequence[str], place: str) -> str:
    """What is missing in the line that has most of the headings."""
    present = [
        [bool(keys & {header_key(cell) for cell in row}) for keys in columns_keys] for row in rows[:HEADER_WITHIN]
    ]
    best = max(range(len(present)), key=lambda at: sum(present[at]), default=None)
    if best is None or not any(present[best]):
        return f"{place} has no line with {', '.join(names)}, so its format has changed"
    there = ", ".join(text(cell) for cell in rows[best] if text(cell))[:200]
    return f"{place} has no column {names[present[best].index(False)]}, only {there}; its format has changed"
