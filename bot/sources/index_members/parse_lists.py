"""Lists of index members as each place prints them, read into one shape. Headers are found by content, never by position."""

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
    """One line of an index; sector and industry are GICS, empty where the place has none."""

    ticker: str
    name: str
    sector: str = ""
    industry: str = ""


def ssga_holdings(answer: HttpResponse) -> list[Member]:
    """Shares in a State Street holdings workbook; cash, futures, funds and legal text are left out."""
    rows = iter(first_sheet(answer, max_rows=MAX_ROWS))
    header = next((cells for row in rows if "Ticker" in (cells := _texts(row)) and "Name" in cells), None)
    if header is None:
        raise SourceError(f"{answer.place} has no line with Name and Ticker, so its format has changed")
    name, ticker = header.index("Name"), header.index("Ticker")
    lines = [_texts(row) for row in rows]
    return list(_members((line[ticker], line[name], "", "") for line in lines if len(line) > max(name, ticker)))


def constituents_csv(answer: HttpResponse) -> list[Member]:
    """The data set `s-and-p-500-companies`, with GICS sectors."""
    table = csv.DictReader(io.StringIO(answer.text()))
    wanted = ("Symbol", "Security", "GICS Sector", "GICS Sub-Industry")
    return list(_members(_picked(table, wanted, table.fieldnames or (), answer)))


def wikipedia_sp500(answer: HttpResponse) -> list[Member]:
    """The table of List of S&P 500 companies, with GICS sectors."""
    table = _table(answer, ("Symbol", "Security", "GICS Sector", "GICS Sub-Industry"))
    return list(_members(table.itertuples(index=False, name=None)))


def wikipedia_ndx100(answer: HttpResponse) -> list[Member]:
    """The table of members of the Nasdaq-100. Its industries are ICB's and are not taken for GICS."""
    try:
        table = _table(answer, ("Ticker", "Company"))
    except SourceError:
        table = _table(answer, ("Symbol", "Company"))
    return list(_members((ticker, name, "", "") for ticker, name in table.itertuples(index=False, name=None)))


def invesco_holdings(answer: HttpResponse) -> list[Member]:
    """Shares among Invesco's holdings of a fund; cash, futures and money-market funds are left out.

    Raises SourceError when not all holdings were sent.
    """
    body = answer.json()
    try:
        rows, total = body["holdings"], int(body["totalNumberOfHoldings"])
        cells = [(str(row["ticker"] or ""), str(row.get("issuerName", "")), "", "") for row in rows if _is_stock(row)]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise SourceError(f"{answer.place} has no holdings with {error}, so its format has changed") from None
    if len(rows) != total:
        raise SourceError(f"{answer.place} sent {len(rows)} of {total} holdings")
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


def _picked(
    rows: Iterable[dict[str, str]], wanted: Sequence[str], header: Sequence[str], answer: HttpResponse
) -> Iterator[list[str]]:
    if absent := [name for name in wanted if name not in header]:
        raise SourceError(f"{answer.place} has no column {absent[0]}, only {', '.join(header)[:200]}")
    return ([row[name] for name in wanted] for row in rows)


def _table(answer: HttpResponse, wanted: Sequence[str]) -> pd.DataFrame:
    """The table of a page that is marked as that of the members, else the longest, among those that have all `wanted` columns;
    footnote marks in headers disregarded."""
    text = answer.text()
    if "</html" not in text[-1000:].lower():
        raise SourceError(f"{answer.place} breaks off in the middle of the page")
    if _SPAN.search(text):
        # pandas repeats a cell as often as it says, and anybody can write into a page of Wikipedia.
        raise SourceError(f"{answer.place} has a cell that spans a thousand others, which no list of members needs")
    for marked in ({"id": "constituents"}, None):
        fitting = []
        for table in _tables(text, marked):
            table.columns = pd.Index([_header(name) for name in table.columns])
            if set(wanted) <= set(table.columns) and table.columns.is_unique:
                fitting.append(table[list(wanted)])
        if fitting:
            return max(fitting, key=len)
    raise SourceError(f"{answer.place} has no table with the columns {', '.join(wanted)}")


def _tables(text: str, marked: dict[str, str] | None) -> list[pd.DataFrame]:
    try:
        return pd.read_html(io.StringIO(text), flavor="lxml", keep_default_na=False, attrs=marked)
    except ValueError:
        # pandas says so when there is none.
        return []


def _header(name: object) -> str:
    last = name[-1] if isinstance(name, tuple) else name
    return _FOOTNOTE.sub("", str(last)).strip()


def _texts(row: Iterable[object]) -> list[str]:
    return [_text(cell) for cell in row]


def _text(cell: object) -> str:
    return "" if cell is None or cell != cell else str(cell).strip()
