"""Parses the lists of index members of all publishers into one shape, with headers found by content, not by position."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from bot.errors import SourceError
from bot.sources.http.responses import HttpResponse
from bot.sources.parsing.symbols import share
from bot.sources.parsing.workbook import first_sheet

MAX_ROWS = 5_000
_SPAN = re.compile(r"(?:col|row)span\s*=\s*[\"']?\s*\d{4}", re.IGNORECASE)
_NO_STOCKS = ("cash", "currency", "fund", "future", "money market", "treasury")
_FOOTNOTE = re.compile(r"\[[^\]]*\]")


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an index; sector and industry are GICS, empty where the list has none."""

    ticker: str
    name: str
    sector: str = ""
    industry: str = ""


def ssga_holdings(response: HttpResponse) -> list[Member]:
    """Shares in a State Street holdings workbook.

    Cash, futures, funds and legal text are left out.
    """
    rows = iter(first_sheet(response, max_rows=MAX_ROWS))
    header = next((cells for row in rows if "Ticker" in (cells := _texts(row)) and "Name" in cells), None)
    if header is None:
        raise SourceError(f"{response.place} has no line with Name and Ticker, so its format has changed")
    name, ticker = header.index("Name"), header.index("Ticker")
    lines = [_texts(row) for row in rows]
    return list(_members((line[ticker], line[name], "", "") for line in lines if len(line) > max(name, ticker)))


def constituents_csv(response: HttpResponse) -> list[Member]:
    """The data set `s-and-p-500-companies`, with GICS sectors."""
    table = csv.DictReader(io.StringIO(response.text()))
    columns = ("Symbol", "Security", "GICS Sector", "GICS Sub-Industry")
    return list(_members(_cells_of(table, columns, table.fieldnames or (), response)))


def wikipedia_sp500(response: HttpResponse) -> list[Member]:
    """The table of List of S&P 500 companies, with GICS sectors."""
    table = _table(response, ("Symbol", "Security", "GICS Sector", "GICS Sub-Industry"))
    return list(_members(table.itertuples(index=False, name=None)))


def wikipedia_ndx100(response: HttpResponse) -> list[Member]:
    """The table of members of the Nasdaq-100.

    Its industries are ICB's, not GICS, and are left out.
    """
    try:
        table = _table(response, ("Ticker", "Company"))
    except SourceError:
        table = _table(response, ("Symbol", "Company"))
    return list(_members((ticker, name, "", "") for ticker, name in table.itertuples(index=False, name=None)))


def invesco_holdings(response: HttpResponse) -> list[Member]:
    """Shares among Invesco's holdings of a fund; cash, futures and money-market funds are left out.

    Raises SourceError when not all holdings were sent.
    """
    body = response.json()
    try:
        rows, total = body["holdings"], int(body["totalNumberOfHoldings"])
        cells = [(str(row["ticker"] or ""), str(row.get("issuerName", "")), "", "") for row in rows if _is_stock(row)]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise SourceError(f"{response.place} has no holdings with {error}, so its format has changed") from None
    if len(rows) != total:
        raise SourceError(f"{response.place} sent {len(rows)} of {total} holdings")
    return list(_members(cells))


def _is_stock(row: dict[str, Any]) -> bool:
    kind = str(row["securityTypeName"]).casefold()
    return not any(word in kind for word in _NO_STOCKS)


def _members(rows: Iterable[Sequence[Any]]) -> Iterator[Member]:
    seen: set[str] = set()
    for raw, name, sector, industry in rows:
        ticker = share(raw)
        if ticker is not None and ticker not in seen:
            seen.add(ticker)
            yield Member(ticker, _text(name), _text(sector), _text(industry))


def _cells_of(
    rows: Iterable[dict[str, str]], columns: Sequence[str], header: Sequence[str], response: HttpResponse
) -> Iterator[list[str]]:
    if absent := [name for name in columns if name not in header]:
        raise SourceError(f"{response.place} has no column {absent[0]}, only {', '.join(header)[:200]}")
    return ([row[name] for name in columns] for row in rows)


def _table(response: HttpResponse, columns: Sequence[str]) -> pd.DataFrame:
    """The members' table of a page: of the tables with all `columns` the one marked as such, else
    the longest.

    Footnote marks in headers are ignored.
    """
    text = response.text()
    if "</html" not in text[-1000:].lower():
        raise SourceError(f"{response.place} breaks off in the middle of the page")
    if _SPAN.search(text):
        # pandas repeats a cell as often as its span says, and anyone can edit a page of Wikipedia.
        raise SourceError(f"{response.place} has a cell that spans a thousand others, which no list of members needs")
    for attributes in ({"id": "constituents"}, None):
        candidates = []
        for table in _tables(text, attributes):
            table.columns = pd.Index([_header(name) for name in table.columns])
            if set(columns) <= set(table.columns) and table.columns.is_unique:
                candidates.append(table[list(columns)])
        if candidates:
            return max(candidates, key=len)
    raise SourceError(f"{response.place} has no table with the columns {', '.join(columns)}")


def _tables(text: str, attributes: dict[str, str] | None) -> list[pd.DataFrame]:
    try:
        return pd.read_html(io.StringIO(text), flavor="lxml", keep_default_na=False, attrs=attributes)
    except ValueError:
        # pandas raises it when there is no table.
        return []


def _header(name: object) -> str:
    last = name[-1] if isinstance(name, tuple) else name
    return _FOOTNOTE.sub("", str(last)).strip()


def _texts(row: Iterable[object]) -> list[str]:
    return [_text(cell) for cell in row]


def _text(cell: object) -> str:
    return "" if cell is None or cell != cell else str(cell).strip()
