"""CUSIPs and their tickers.

Today's come from the holdings of State Street's SPY, those of other days from the SEC's lists of
trades that failed to settle, which have both twice a month.
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
"""It has ticker and CUSIP (as `Identifier`) of the companies of the S&P 500."""

BACK = 4
"""Half months to go back: a list is published two to five weeks after its last day."""
LARGEST = 64_000_000
_ISSUER = 6
"""Number of characters at the beginning of a CUSIP that identify the issuer."""
_COLUMNS = ("CUSIP", "SYMBOL", "DESCRIPTION")
_OF_SPY = ("Identifier", "Ticker", "Name")
_MOST_HELD = 5_000


@dataclass(frozen=True, slots=True)
class Security:
    """A security of a list; the symbol without the punctuation, which differs between lists."""

    cusip: str
    symbol: str
    name: str


def plain_symbol(symbol: str) -> str:
    """A symbol without `-`, `.` and `/`: BRKB for BRK-B, BRK.B and BRK/B."""
    return symbol.replace("-", "").replace(".", "").replace("/", "")


def by_cusip(tickers: Collection[str], today: Iterable[Security], other: Iterable[Security]) -> dict[str, str]:
    """CUSIP -> ticker, from a list of today and from lists of other days.

    A ticker may have several CUSIPs or none. A symbol can be reassigned once a company has dropped
    it. So where today's CUSIP is known, one of another day counts only if the issuer's number or
    the first word of the name is the same.
    """
    ticker_of = {plain_symbol(ticker): ticker for ticker in tickers}
    owners = {security.symbol: security for security in today if security.symbol in ticker_of}
    result = {owner.cusip: ticker_of[symbol] for symbol, owner in owners.items()}
    for security in other:
        owner = owners.get(security.symbol, security)
        same = security.cusip[:_ISSUER] == owner.cusip[:_ISSUER] or _word(security) == _word(owner)
        if security.symbol in ticker_of and same:
            result.setdefault(security.cusip, ticker_of[security.symbol])
    return result


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


def read_spy(response: HttpResponse) -> list[Security]:
    """The holdings of SPY that have a ticker and a CUSIP.

    Raises SourceError when the columns or the workbook are missing.
    """
    rows = (
        ["" if cell is None else str(cell).strip() for cell in row]
        for row in first_sheet(response, max_rows=_MOST_HELD)
    )
    header = next((row for row in rows if set(_OF_SPY) <= set(row)), None)
    if header is None:
        raise SourceError(f"{response.place} has no line with {', '.join(_OF_SPY)}, so its format has changed")
    cells = [[row[header.index(name)] for name in _OF_SPY] for row in rows if len(row) == len(header)]
    return [
        Security(cusip.upper(), plain_symbol(ticker.upper()), name) for cusip, ticker, name in cells if len(cusip) == 9
    ]


def read_fails(response: HttpResponse) -> list[Security]:
    """The securities of the zipped list.

    Raises SourceError when it is no ZIP, is too large or lacks a column.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(response.content)) as packed:
            first = packed.infolist()[0]
            if first.file_size > LARGEST:
                raise SourceError(f"{response.place} holds more than {LARGEST / 1e6:g} MB")
            text = packed.read(first).decode("utf-8", errors="replace")
    except (zipfile.BadZipFile, IndexError, EOFError, OSError):
        raise SourceError(f"{response.place} sent no ZIP that can be read") from None
    lines = text.splitlines()
    header = [name.strip().upper() for name in lines[0].split("|")] if lines else []
    absent = [name for name in _COLUMNS if name not in header]
    if absent:
        raise SourceError(f"{response.place} has no column {absent[0]}, so its format has changed")
    places = [header.index(name) for name in _COLUMNS]
    rows: dict[tuple[str, ...], None] = {}
    for line in lines[1:]:
        cells = line.split("|")
        if len(cells) > max(places):
            rows[tuple(cells[place].strip() for place in places)] = None
    return [Security(cusip.upper(), plain_symbol(symbol.upper()), name) for cusip, symbol, name in rows if symbol]
