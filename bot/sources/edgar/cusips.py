"""Which ticker a CUSIP belongs to, from the SEC's lists of trades that failed to settle: they name both, twice a month."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta

from bot.errors import SourceError
from bot.sources.answers import Answer
from bot.sources.edgar.manners import WWW

BACK = 4
"""Half months to look back: a list appears two to five weeks after its last day."""
LARGEST = 64_000_000
_COLUMNS = ("CUSIP", "SYMBOL")


def urls(day: date) -> Iterator[str]:
    """Addresses of the lists of the half months up to `day`, newest first."""
    half, when = ("b" if day.day > 15 else "a"), day
    for _ in range(BACK + 1):
        yield f"{WWW}/files/data/fails-deliver-data/cnsfails{when:%Y%m}{half}.zip"
        if half == "a":
            when = when.replace(day=1) - timedelta(days=1)
        half = "a" if half == "b" else "b"


def read_fails(answer: Answer) -> dict[str, str]:
    """CUSIP -> symbol, from the zipped list. Raises SourceError when it is none, is too large or lacks a column."""
    try:
        with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
            first = packed.infolist()[0]
            if first.file_size > LARGEST:
                raise SourceError(f"{answer.place} holds more than {LARGEST / 1e6:g} MB")
            text = packed.read(first).decode("utf-8", errors="replace")
    except (zipfile.BadZipFile, IndexError, EOFError, OSError):
        raise SourceError(f"{answer.place} sent no ZIP that can be read") from None
    lines = text.splitlines()
    header = [name.strip().upper() for name in lines[0].split("|")] if lines else []
    absent = [name for name in _COLUMNS if name not in header]
    if absent:
        raise SourceError(f"{answer.place} has no column {absent[0]}, so its format has changed")
    cusip, symbol = (header.index(name) for name in _COLUMNS)
    found = {}
    for line in lines[1:]:
        cells = line.split("|")
        if len(cells) > max(cusip, symbol) and cells[symbol].strip():
            found[cells[cusip].strip().upper()] = cells[symbol].strip().upper()
    return found
