"""What can happen to a document: to its cells, its rows, its headings, and to its bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

from tests.bot.sources.fuzz.document import Document
from tests.bot.sources.fuzz.oracle import Kind

NBSP, ZERO_WIDTH, BOM = "\u00a0", "\u200b", "\ufeff"
ODD_CELLS: tuple[object, ...] = (
    "", ".", "-", "--", "N/A", "15,99", "1,599", "12,345", "1.599,00", "5 %", "3.2x", "$4.10", "4.10 pts", "nan", "NaN",
    "inf", "-Infinity", "1e5x", "0x1F", "5.", ".91", "-4.25", "0", "0.00", "٣.٥", "4·20", "—", "unch", "#REF!", "4..2",
    f"4.20{NBSP}", f"{ZERO_WIDTH}4.20", f"4{ZERO_WIDTH}.20", f"{BOM}4.20", "4 .20", "1 234.5", "x" * 3000, "[" * 500,
    "02/30/2026", "13/13/2026", "2026-02-30", "30.01.2026", "yesterday", "1/2/26", "2026-1-9", "01/09/2026 ", "Jan 9, 2026",
    "9-Jan-2026", "9999-12-31", "0001-01-01", "<b>4.2</b>", "+1+1", "null", "None", "true", "\x1b[31m4",
)  # fmt: skip
ODD_TICKERS: tuple[object, ...] = (
    "GOOGL[1]", "GOOGL [note 2]", "NASDAQ: ADBE", f"NYSE:{NBSP}BRK.B", f"{ZERO_WIDTH}MSFT", f"MSFT{NBSP}", "META*", "BRK/B",
    "BRK.B", "GO0GL", "ADBE, AMD", "", "-", "Past performance is no guarantee", "A-B-C", "TOOLONGX", "brk.b", "[1]", "USD",
)  # fmt: skip
ODD_CUSIPS: tuple[object, ...] = ("37833100", "037833100", "67066g104", "67066G10", "NVDA", "0378331000", "12 345678")
NATIVE: tuple[object, ...] = (None, 5, 4.25, -3, 0, 10**12)


@dataclass(frozen=True)
class Mutated:
    """A document after a mutation.

    Attributes:
        how: What was done.
        document: Its table as it is now, for the rules.
        body: What the reader gets.
        harmless: Whether the rules say that it must be read.
        torn: Whether the table does not say any more what the body holds; then only numbers that
            were there before may come out.
    """

    how: str
    document: Document
    body: bytes
    harmless: bool = False
    torn: bool = False


Mutate = Callable[[Document, Random], Mutated]


def _rows(document: Document, how: str, rows: list[tuple[object, ...]], *, harmless: bool = False) -> Mutated:
    changed = document.with_rows(tuple(rows))
    return Mutated(how, changed, changed.write(changed), harmless)


def cell(document: Document, random: Random) -> Mutated:
    """Another text in one cell, or in three."""
    rows = [list(row) for row in document.rows]
    for _ in range(random.choice((1, 1, 1, 3))):
        row, column = random.randrange(len(rows)), random.randrange(len(document.heads))
        if random.random() < 0.3:
            row = random.choice((0, 1, 4, 5, len(rows) - 1, len(rows) - 5, len(rows) - 6))
        pool = {Kind.TICKER: ODD_TICKERS, Kind.CUSIP: ODD_CUSIPS}.get(document.kinds[column], ODD_CELLS)
        rows[row][column] = random.choice(pool)
    return _rows(document, "odd cell", [tuple(row) for row in rows])


def digit(document: Document, random: Random) -> Mutated:
    """Another sign inside a cell."""
    rows = [list(row) for row in document.rows]
    row, column = random.randrange(len(rows)), random.randrange(len(document.heads))
    shown = str(rows[row][column])
    at = random.randrange(len(shown) + 1)
    sign = random.choice(["7", ",", ".", " ", NBSP, ZERO_WIDTH, "x", "-", "[1]", "'", "é"])
    rows[row][column] = shown[:at] + sign + shown[at + random.randrange(2) :]
    return _rows(document, "odd sign", [tuple(row) for row in rows])


def delete(document: Document, random: Random) -> Mutated:
    """Some rows are gone."""
    gone = set(random.sample(range(len(document.rows)), random.choice((1, 2, 30))))
    return _rows(
        document, "rows deleted", [row for at, row in enumerate(document.rows) if at not in gone], harmless=True
    )


def duplicate(document: Document, random: Random) -> Mutated:
    """A row is there twice."""
    at = random.randrange(len(document.rows))
    rows = [*document.rows[:at], document.rows[at], *document.rows[at:]]
    return _rows(document, "row doubled", rows, harmless=not document.sums)


def swap(document: Document, random: Random) -> Mutated:
    """Two rows change places."""
    rows = list(document.rows)
    first, second = random.sample(range(len(rows)), 2)
    rows[first], rows[second] = rows[second], rows[first]
    return _rows(document, "rows swapped", rows, harmless=True)


def conflict(document: Document, random: Random) -> Mutated:
    """A row takes the key of another."""
    rows = [list(row) for row in document.rows]
    first, second = random.sample(range(len(rows)), 2)
    for column in document.key:
        rows[first][column] = rows[second][column]
    return _rows(document, "key of another row", [tuple(row) for row in rows])


def footer(document: Document, random: Random) -> Mutated:
    """Legal text below the table."""
    width = len(document.heads)
    legal = "Past performance is no guarantee of results; data as of the close, without warranty (2026)."
    rows: list[tuple[object, ...]] = [*document.rows, (legal, *[""] * (width - 1))]
    if document.newest_first is None or "json" in document.name or document.kinds[0] is Kind.CONTRACT:
        return swap(document, random)
    changed = document.with_rows(tuple(rows))
    return Mutated(
        "footer", document, changed.write(changed), harmless=document.renamed and document.name != "treasury csv"
    )


def width(document: Document, random: Random) -> Mutated:
    """A row with fewer or more cells."""
    if not document.ragged:
        return cell(document, random)
    rows = list(document.rows)
    at = random.randrange(len(rows))
    row = rows[at]
    rows[at] = row[: random.randrange(1, len(row))] if random.random() < 0.5 else (*row, "99")
    return _rows(document, "row of another width", rows)


def heading(document: Document, random: Random) -> Mutated:
    """A heading with blanks, another case or a footnote."""
    if not document.renamed:
        return swap(document, random)
    heads = list(document.heads)
    at = random.randrange(len(heads))
    heads[at] = random.choice(
        [
            heads[at].upper(),
            heads[at].replace(" ", NBSP),
            f" {heads[at]} ",
            f"{heads[at]}[7]",
            f"{ZERO_WIDTH}{heads[at]}",
        ]
    )
    changed = replace(document, heads=tuple(heads))
    return Mutated(f"heading {heads[at]!r}", document, changed.write(changed), harmless=True)


def renamed(document: Document, random: Random) -> Mutated:
    """A heading of a column that is read has another name, or is gone."""
    read = [at for at, kind in enumerate(document.kinds) if kind is not Kind.OTHER]
    at = random.choice(read)
    heads = [*document.heads]
    heads[at] = random.choice(["Value", "", "X" * 300])
    changed = replace(document, heads=tuple(heads))
    return Mutated("heading renamed", document, changed.write(changed), torn=True)


def columns(document: Document, random: Random) -> Mutated:
    """Two columns change places, headings included."""
    if not document.renamed:
        return swap(document, random)
    first, second = random.sample(range(len(document.heads)), 2)

    def swapped(row: tuple[object, ...]) -> tuple[object, ...]:
        cells = list(row)
        cells[first], cells[second] = cells[second], cells[first]
        return tuple(cells)

    changed = replace(document, heads=swapped(document.heads), rows=tuple(map(swapped, document.rows)))  # type: ignore[arg-type]
    return Mutated("columns swapped", document, changed.write(changed), harmless=True)


def cut(document: Document, random: Random) -> Mutated:
    """The end is missing."""
    body = document.write(document)
    keep = random.choice((random.randrange(len(body)), len(body) - random.randrange(1, 40)))
    return Mutated("cut", document, body[:keep], torn=True)


def marks(document: Document, random: Random) -> Mutated:
    """Byte order marks before it."""
    body = document.write(document)
    packed = body.startswith(b"PK")
    return Mutated("byte order marks", document, b"\xef\xbb\xbf" * random.choice((1, 2)) + body, not packed, packed)


def replaced(document: Document, random: Random) -> Mutated:
    """Something else in its place."""
    body = random.choice(
        [
            b"<!DOCTYPE html><html><body>Access denied</body></html>",
            b'{"error": {"code": 500, "message": "down"}}',
            b'{"error_code": 400, "error_message": "Bad Request"}',
            b"",
            b"[]",
            b"{}",
            b"null",
            b"0",
            b"PK\x03\x04",
            b"\xff\xfe\x00",
            b"<a/>",
            b"Too Many Requests",
            b'[{"a": 1}]',
        ]
    )
    return Mutated("something else", document, body, torn=True)


def spliced(document: Document, random: Random) -> Mutated:
    """Bytes in the middle are gone, doubled or others."""
    body = document.write(document)
    start = random.randrange(len(body))
    end = min(len(body), start + random.randrange(1, 60))
    middle = random.choice((b"", body[start:end] * 2, b"\x00", b"\xc3", b"<>&\"'", b",,,,"))
    return Mutated("spliced", document, body[:start] + middle + body[end:], torn=True)


MUTATIONS: tuple[tuple[Mutate, int], ...] = (
    (cell, 30), (digit, 20), (delete, 4), (duplicate, 4), (swap, 4), (conflict, 5), (footer, 3), (width, 6), (heading, 5),
    (renamed, 3), (columns, 4), (cut, 8), (marks, 3), (replaced, 4), (spliced, 8),
)  # fmt: skip


def mutated(document: Document, random: Random) -> Mutated:
    """The document after one mutation."""
    (mutate,) = random.choices([mutate for mutate, _ in MUTATIONS], [weight for _, weight in MUTATIONS])
    return mutate(document, random)
