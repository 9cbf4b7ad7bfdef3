"""Which ticker a CUSIP belongs to: today's from what State Street's SPY holds, those of other days from the SEC's lists of trades
that failed to settle, which name both twice a month.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from bot.errors import SourceError
from bot.sources.edgar.rate_policy import WWW
from bot.sources.http.responses import HttpResponse
from bot.sources.parsing.workbook import first_sheet

SPY_URL = "https://www.ssga.com/library-content/products/fund-data/etfs/us/holdings-daily-us-en-spy.xlsx"
"""Of the companies of the S&P 500 it names ticker and CUSIP (as `Identifier`)."""

BACK = 4
"""Half months to look back: a list appears two to five weeks after its last day."""
LARGEST = 64_000_000
_ISSUER = 6
"""Signs at the beginning of a CUSIP that are the issuer's."""
_COLUMNS = ("CUSIP", "SYMBOL", "DESCRIPTION")
_OF_SPY = ("Identifier", "Ticker", "Name")
_MOST_HELD = 5_000


@dataclass(frozen=True, slots=True)
class Security:
    """A security as somebody lists it; the symbol without the signs that are written differently everywhere."""

    cusip: str
    symbol: str
    name: str


def bare(symbol: str) -> str:
    """A symbol without `-`, `.` and `/`: BRKB for BRK-B, BRK.B and BRK/B."""
    return symbol.replace("-", "").replace(".", "").replace("/", "")


def chosen(tickers: Collection[str], today: Iterable[Security], other: Iterable[Security]) -> dict[str, str]:
    """CUSIP -> ticker, from a list of today and from lists of other days; a ticker may have several CUSIPs, and may have none.

    A symbol is given away again once its owner has dropped it, so where today's CUSIP is known one of another day counts only if
    its issuer's number or the first word of its name is the same.
    """
    wanted = {bare(ticker): ticker for ticker in tickers}
    owners = {security.symbol: security for security in today if security.symbol in wanted}
    found = {owner.cusip: wanted[symbol] for symbol, owner in owners.items()}
    for security in other:
        owner = owners.get(security.symbol, security)
        same = security.cusip[:_ISSUER] == owner.cusip[:_ISSUER] or _word(security) == _word(owner)
        if security.symbol in wanted and same:
            found.setdefault(security.cusip, wanted[security.symbol])
    return found


def urls(day: date) -> Iterator[str]:
    """Addresses of the lists of the half months up to `day`, newest first."""
    half, when = ("b" if day.day > 15 else "a"), day
    for _ in range(BACK + 1):
        yield f"{WWW}/files/data/fails-deliver-data/cnsfails{when:%Y%m}{half}.zip"
        if half == "a":
            when = when.replace(day=1) - timedelta(days=1)
        half = "a" if half == "b" else "b"


def _word(security: Security) -> str:
    return security.name.casefold().partition(" ")[0]


def read_spy(answer: HttpResponse) -> list[Security]:
    """What SPY holds with a ticker and a CUSIP. Raises SourceError when it is no workbook or names neither."""
    rows = (
        ["" if cell is None else str(cell).strip() for cell in row] for row in first_sheet(answer, max_rows=_MOST_HELD)
    )
    header = next((row for row in rows if set(_OF_SPY) <= set(row)), None)
    if header is None:
        raise SourceError(f"{answer.place} has no line with {', '.join(_OF_SPY)}, so its format has changed")
    cells = [[row[header.index(name)] for name in _OF_SPY] for row in rows if len(row) == len(header)]
    return [Security(cusip.upper(), bare(ticker.upper()), name) for cusip, ticker, name in cells if len(cusip) == 9]


def read_fails(answer: HttpResponse) -> list[Security]:
    """The securities of the zipped list. Raises SourceError when it is none, is too large or lacks a column."""
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
    places = [header.index(name) for name in _COLUMNS]
    found: dict[tuple[str, ...], None] = {}
    for line in lines[1:]:
        cells = line.split("|")
        if len(cells) > max(places):
            found[tuple(cells[place].strip() for place in places)] = None
    return [Security(cusip.upper(), bare(symbol.upper()), name) for cusip, symbol, name in found if symbol]
