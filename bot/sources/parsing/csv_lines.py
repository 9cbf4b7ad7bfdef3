"""Lines of a downloaded CSV."""

from __future__ import annotations

import csv
import io

from bot.errors import SourceError
from bot.sources.parsing.cells import text as folded

LONGEST_CELL = 4_000


def csv_rows(text: str, place: str, *, line_end: bool = True) -> list[list[str]]:
    """Every line as its cells.

    Args:
        text: The whole file, without byte order marks.
        place: The document, for errors.
        line_end: Whether this source ends its last line. Where it does not, the last line must be as
            wide as the one before and its last number as long after the point.

    Raises:
        SourceError: When the file breaks off, or is no CSV.
    """
    try:
        rows = list(csv.reader(io.StringIO(text, newline="")))
    except csv.Error as error:
        raise SourceError(f"{place} is no CSV that can be read ({error})") from None
    if any(len(cell) > LONGEST_CELL for row in rows for cell in row):
        raise SourceError(f"{place} has a cell of more than {LONGEST_CELL} characters")
    if text and not text.endswith(("\n", "\r")):
        if line_end:
            raise SourceError(f"{place} breaks off in the middle of a line")
        if len(rows) > 2 and _shape(rows[-1]) != _shape(rows[-2]):
            raise SourceError(f"{place} breaks off in the middle of a line")
    return rows


def _shape(row: list[str]) -> tuple[int, int]:
    """Cells of a row, and digits behind the point of its last one."""
    last = folded(row[-1]) if row else ""
    return len(row), len(last.partition(".")[2])
