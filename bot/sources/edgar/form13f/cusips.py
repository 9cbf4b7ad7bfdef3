"""CUSIPs and their tickers.

Today's come from the holdings of State Street's SPY, those of other days from the SEC's lists of
trades that failed to settle, which have both twice a month.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from bot.sources.edgar.rate_policy import WWW
from bot.sources.http.responses import HttpResponse, without_marks
from bot.sources.index_members.parse_lists import NAME, TICKER
from bot.sources.parsing.cells import cusip, text
from bot.sources.parsing.document_reader import reader
from bot.sources.parsing.symbols import share
from bot.sources.parsing.table import Cells, find_table
from bot.sources.parsing.workbook import first_sheet
from bot.sources.parsing.zip_members import unzip

BACK = 4
"""Half months to go back: a list is published two to five weeks after its last day."""
LARGEST = 64_000_000
_ISSUER = 6
"""Number of characters at the beginning of a CUSIP that identify the issuer."""
_COLUMNS = ("CUSIP", "SYMBOL", "DESCRIPTION")
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


@reader("State Street")
def read_spy(response: HttpResponse) -> list[Security]:
    """The holdings of SPY that have a ticker and a CUSIP.

    Raises SourceError when the columns or the workbook are missing.
    """
    rows = first_sheet(response, max_rows=_MOST_HELD)
    table = find_table(rows, response.place, ("Identifier",), TICKER, NAME, padded=True)
    positions = [table.position("Identifier"), table.position(*TICKER), table.position(*NAME)]

    def parse(cells: Cells) -> Security | None:
        ticker = share(cells[1])
        return None if ticker is None else Security(cusip(cells[0]), plain_symbol(ticker), text(cells[2]))

    return table.read(positions, parse)


@reader("the SEC")
def read_fails(response: HttpResponse) -> list[Security]:
    """The securities of the zipped list, each once.

    Raises SourceError when it is no ZIP, is too large or lacks a column.
    """
    (content, *_) = unzip(response, suffix=".txt", most_bytes=LARGEST)
    body = without_marks(content).decode("utf-8", errors="replace")
    rows = [line.split("|") for line in body.splitlines() if "|" in line]
    table = find_table(rows, response.place, *((name,) for name in _COLUMNS))

    def parse(cells: Cells) -> Security | None:
        symbol = plain_symbol(text(cells[1]).upper())
        return None if symbol == "" else Security(cusip(cells[0]), symbol, text(cells[2]))

    read = table.read([table.position(name) for name in _COLUMNS], parse)
    return list(dict.fromkeys(read))
