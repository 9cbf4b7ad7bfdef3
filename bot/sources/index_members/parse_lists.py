"""Parses the lists of index members of all publishers into one shape, with headers found by content, not by position.

A list is read as a whole or refused: a member that is lost would not be missed among five hundred.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bot.errors import SourceError
from bot.sources.http.responses import HttpResponse
from bot.sources.parsing.cells import BadCellError, day, text
from bot.sources.parsing.csv_lines import csv_rows
from bot.sources.parsing.document_reader import reader
from bot.sources.parsing.html_tables import tables
from bot.sources.parsing.json_fields import cell, field, listed
from bot.sources.parsing.own_date import as_of, check_age
from bot.sources.parsing.symbols import share
from bot.sources.parsing.table import HEADER_WITHIN, Cells, Names, Table, agreed, find_table, read_rows
from bot.sources.parsing.workbook import first_sheet

MAX_ROWS = 5_000
OLDEST_DAYS = 10
"""Holdings that are older are refused: two weekends and a holiday fit in."""
_NO_STOCKS = ("cash", "currency", "fund", "future", "money market", "treasury")

TICKER: Names = ("Ticker", "Ticker symbol", "Symbol")
NAME: Names = ("Company", "Security", "Name")
SECTOR: Names = ("GICS Sector",)
INDUSTRY: Names = ("GICS Sub-Industry",)


@dataclass(frozen=True, slots=True)
class ListedMember:
    """One member of an index; sector and industry are GICS, empty where the list has none."""

    ticker: str
    name: str
    sector: str = ""
    industry: str = ""


@reader("State Street")
def ssga_holdings(response: HttpResponse) -> list[ListedMember]:
    """Shares in a State Street holdings workbook, which says its own date.

    Cash, futures, funds and legal text are left out. Raises OldDocumentError when it is old.
    """
    rows = first_sheet(response, max_rows=MAX_ROWS)
    table = find_table(rows, response.place, NAME, TICKER, padded=True)
    own_date = next(
        (row[1] for row in rows[:HEADER_WITHIN] if len(row) > 1 and text(row[0]).startswith("Holdings")), None
    )
    check_age(as_of(own_date, response.place), response, most_days=OLDEST_DAYS)
    others = [at for at, heading in enumerate(table.headings) if heading in ("identifier", "weight")]

    def parse(cells: Cells) -> ListedMember | None:
        ticker, name, *rest = cells
        if text(ticker) == "" and any(text(other) for other in rest):
            raise BadCellError(f"{text(name)[:40]!r} has no ticker")
        return _member(ticker, name)

    positions = [table.position(*TICKER), table.position(*NAME), *others]
    return _unique(table.read(positions, parse, all_of_them=True), response.place)


@reader("the data set")
def constituents_csv(response: HttpResponse) -> list[ListedMember]:
    """The data set `s-and-p-500-companies`, with GICS sectors."""
    rows = csv_rows(response.text(), response.place)
    return _with_sectors(find_table(rows, response.place, TICKER, NAME, SECTOR, INDUSTRY))


@reader("Wikipedia")
def wikipedia_sp500(response: HttpResponse) -> list[ListedMember]:
    """The table of List of S&P 500 companies, with GICS sectors."""
    return _with_sectors(_table(response, TICKER, NAME, SECTOR, INDUSTRY))


@reader("Wikipedia")
def wikipedia_ndx100(response: HttpResponse) -> list[ListedMember]:
    """The table of members of the Nasdaq-100.

    Its industries are ICB's, not GICS, and are left out.
    """
    table = _table(response, TICKER, NAME)
    positions = [table.position(*TICKER), table.position(*NAME)]
    return _unique(table.read(positions, _listed_member, all_of_them=True), response.place)


@reader("Invesco")
def invesco_holdings(response: HttpResponse) -> list[ListedMember]:
    """Shares among Invesco's holdings of a fund, which say their own date; cash, futures and money-market
    funds are left out.

    Raises OldDocumentError when they are old, SourceError when not all holdings were sent.
    """
    body = response.json()
    rows, total = listed(body, "holdings", response.place), field(body, "totalNumberOfHoldings", response.place)
    if len(rows) != total:
        raise SourceError(f"{response.place} sent {len(rows)} of {text(total)[:20]} holdings")
    own_date = body.get("effectiveBusinessDate") or field(body, "effectiveDate", response.place)
    check_age(day(own_date, "%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"), response, most_days=OLDEST_DAYS)

    def parse(row: Any) -> ListedMember | None:
        kind = text(cell(row, "securityTypeName")).casefold()
        if any(word in kind for word in _NO_STOCKS):
            return None
        return _listed_member((cell(row, "ticker"), row.get("issuerName")))

    return _unique(read_rows(rows, parse, place=response.place, all_of_them=True), response.place)


def _with_sectors(table: Table) -> list[ListedMember]:
    positions = [table.position(*names) for names in (TICKER, NAME, SECTOR, INDUSTRY)]
    return _unique(table.read(positions, _listed_member, all_of_them=True), table.place)


def _listed_member(cells: Cells) -> ListedMember | None:
    """A member of a list whose every line is one: there a ticker must not be missing."""
    member = _member(*cells)
    if member is None:
        raise BadCellError(f"{text(cells[1])[:40]!r} has {text(cells[0])[:20]!r} where its ticker is expected")
    return member


def _member(ticker: object, *others: object) -> ListedMember | None:
    symbol = share(ticker)
    return None if symbol is None else ListedMember(symbol, *(text(other) for other in others))


def _unique(members: Iterable[ListedMember], place: str) -> list[ListedMember]:
    """Each member once. Raises SourceError when one ticker has two names."""
    return list(agreed(((member.ticker, member) for member in members), place).values())


def _table(response: HttpResponse, *columns: Names) -> Table:
    """The members' table of a page: of the tables with all `columns` the one marked as such, else
    the longest.
    """
    failure: SourceError | None = None
    candidates: list[tuple[bool, int, Table]] = []
    for candidate in tables(response):
        try:
            table = find_table(candidate.rows, response.place, *columns)
        except SourceError as error:
            failure = error if failure is None or "column" in str(error) else failure
            continue
        candidates.append((candidate.id == "constituents", len(table.rows), table))
    if not candidates:
        raise failure or SourceError(f"{response.place} has no table")
    return max(candidates, key=lambda ranked: ranked[:2])[2]
