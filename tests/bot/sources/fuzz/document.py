"""A document under test: a table that is written as its source writes it, and the reader that gets it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.sources.http.responses import HttpResponse
from tests.bot.sources.fuzz.oracle import BadValueError, Kind, Reading, Verdict, value

Write = Callable[["Document"], bytes]
Read = Callable[[HttpResponse], Mapping[Any, tuple[object, ...]]]


@dataclass(frozen=True)
class Document:
    """One table in its format.

    Attributes:
        name: What it is.
        heads: Its headings, or the names of its fields.
        kinds: What the columns hold; those of kind OTHER are not read.
        rows: Its cells.
        write: Writes it.
        read: The reader under test: key -> values.
        key: Columns that make up the key of a row.
        newest_first: How its rows are ordered; None when they have no order.
        strict: Whether one bad row is too many.
        ragged: Whether rows can have more or fewer cells than headings.
        renamed: Whether a heading may be written otherwise.
        weight: Its part of all mutated answers.
    """

    name: str
    heads: tuple[str, ...]
    kinds: tuple[Kind, ...]
    rows: tuple[tuple[object, ...], ...]
    write: Write
    read: Read
    key: tuple[int, ...] = (0,)
    newest_first: bool | None = None
    strict: bool = False
    ragged: bool = False
    renamed: bool = False
    listed: bool = False
    sums: bool = False
    weight: int = 4

    def with_rows(self, rows: tuple[tuple[object, ...], ...]) -> Document:
        """The same with other rows."""
        return replace(self, rows=rows)

    def verdict(self, row: tuple[object, ...]) -> Reading | Verdict:
        """What a row says by the rules."""
        if all(value_or_none(cell) == "" for cell in row):
            return Verdict.EMPTY
        if len(row) != len(self.heads):
            return Verdict.BAD
        try:
            read = [value(cell, kind) for cell, kind in zip(row, self.kinds, strict=True)]
        except BadValueError:
            return Verdict.BAD
        key = tuple(read[at] for at in self.key)
        wanted = [at for at, kind in enumerate(self.kinds) if kind is not Kind.OTHER and at not in self.key]
        values = tuple(read[at] for at in wanted)
        if Kind.TICKER in (self.kinds[at] for at in self.key) and None in key:
            return Verdict.BAD if self.listed or value_or_none(row[self.key[0]]) == "" else Verdict.EMPTY
        if (wanted and all(item is None for item in values)) or (Kind.SYMBOL in self.kinds and None in key):
            return Verdict.EMPTY
        return Reading(key if len(key) > 1 else key[0], values)


def value_or_none(cell: object) -> str:
    """A cell as text, without blanks."""
    return "" if cell is None else str(cell).strip()
