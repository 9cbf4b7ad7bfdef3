"""One fund's days as an issuer publishes them, and the parsing of their cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.errors import SourceError
from bot.sources.parsing.series_frame import number

EXCEL_EPOCH = date(1899, 12, 30)
MOST_BAD = 0.1
"""Share of a table's lines that may be unreadable; with more the table is rejected."""


@dataclass(frozen=True, slots=True)
class FundDay:
    """`nav`: USD a share; `shares`: in units. None where the issuer left the cell empty."""

    day: date
    nav: float | None
    shares: float | None


def read_day(cell: object, *forms: str) -> date | None:
    """A date in one of the forms, as a cell of a workbook or as a serial number of one.

    None for anything else.
    """
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return EXCEL_EPOCH + timedelta(days=int(cell)) if 20_000 < cell < 80_000 else None
    for form in forms:
        try:
            return datetime.strptime(str(cell).strip(), form).date()  # noqa: DTZ007 - a date has no zone
        except ValueError:
            continue
    return None


def positive(cell: object) -> float | None:
    """A number above zero, written with or without commas; None for anything else."""
    value = number(cell)
    return value if value is not None and value > 0 else None


def columns(header: Sequence[str], names: Sequence[str], place: str) -> list[int]:
    """Positions of the columns `names`. Raises SourceError with the first one missing."""
    for name in names:
        if name not in header:
            there = ", ".join(cell for cell in header if cell)[:200]
            raise SourceError(f"{place} has no column {name!r}, only {there}; its format has changed")
    return [header.index(name) for name in names]


def checked(days: list[FundDay], bad: int, place: str) -> list[FundDay]:
    """The days oldest first, each once.

    Raises SourceError when there are none or too many lines could not be read.
    """
    by_day = {day.day: day for day in reversed(days) if day.nav is not None or day.shares is not None}
    if not by_day:
        raise SourceError(f"{place} has no line with a net asset value or a count of shares")
    if bad > MOST_BAD * (len(days) + bad):
        raise SourceError(f"{place} has {bad} lines of {len(days) + bad} that cannot be read; its format has changed")
    return sorted(by_day.values(), key=lambda day: day.day)
