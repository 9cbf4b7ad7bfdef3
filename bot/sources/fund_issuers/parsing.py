"""One fund's days as an issuer publishes them, and the reading of their rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from bot.errors import SourceError
from bot.sources.parsing.cells import amount
from bot.sources.parsing.table import Cells, Table, agreed


@dataclass(frozen=True, slots=True)
class FundDay:
    """`nav`: USD a share; `shares`: in units. None where the issuer left the cell empty."""

    day: date
    nav: float | None
    shares: float | None


def fund_days(table: Table, names: Sequence[str], read_day: Callable[[object], date]) -> list[FundDay]:
    """The days of a table with the columns `names` (day, net asset value, shares), oldest first, each once.

    A day without both figures is left out. Raises SourceError when there is none with one, or when too
    many cannot be read.
    """

    def parse(cells: Cells) -> FundDay:
        # Only counts are printed with thousands commas; in a price one would be a decimal comma.
        return FundDay(read_day(cells[0]), amount(cells[1]), amount(cells[2], grouped=True))

    days = table.read([table.position(name) for name in names], parse, dated=lambda row: row.day)
    return with_figures(days, table.place)


def with_figures(days: Sequence[FundDay], place: str) -> list[FundDay]:
    """The days that have a figure, oldest first, each once. Raises SourceError when there are none."""
    with_figures = [day for day in days if day.nav is not None or day.shares is not None]
    if not with_figures:
        raise SourceError(f"{place} has no line with a net asset value or a count of shares")
    return sorted(agreed(((day.day, day) for day in with_figures), place).values(), key=lambda day: day.day)
