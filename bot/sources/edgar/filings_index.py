"""Filers and their filings: tickers to numbers of filers, and lists of filings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot.errors import SourceError
from bot.sources.edgar.parsing import iso_day
from bot.sources.edgar.rate_policy import DATA, WWW
from bot.sources.http.responses import HttpResponse
from bot.sources.parsing.cells import BadCellError, is_empty, required_number, text
from bot.sources.parsing.document_reader import reader
from bot.sources.parsing.json_fields import cell, field, listed
from bot.sources.parsing.table import Cells, agreed, read_rows

TICKERS_URL = f"{WWW}/files/company_tickers.json"

_LISTED = ("accessionNumber", "filingDate", "reportDate", "acceptanceDateTime", "form", "items")
_ACCESSION = re.compile(r"[0-9]{10}-[0-9]{2}-[0-9]{6}")


@dataclass(frozen=True, slots=True)
class Filing:
    """One filing. `accepted`: as printed in the list, without a zone, or None.

    `items`: of 8-K forms.
    """

    cik: int
    accession: str
    form: str
    filed: date
    report: date | None = None
    accepted: datetime | None = None
    items: tuple[str, ...] = ()

    @property
    def folder(self) -> str:
        """Address of the folder of its documents."""
        return f"{WWW}/Archives/edgar/data/{self.cik}/{self.accession.replace('-', '')}"

    @property
    def text_url(self) -> str:
        """Address of the whole filing with header and exhibits as one text."""
        return f"{self.folder}/{self.accession}.txt"


def list_url(cik: int) -> str:
    """Address of a filer's list of filings."""
    return f"{DATA}/submissions/CIK{cik:010d}.json"


def older_url(name: str) -> str:
    """Address of an older part of such a list, by its name in the newest part."""
    return f"{DATA}/submissions/{name}"


@reader("the SEC")
def read_tickers(response: HttpResponse) -> dict[str, int]:
    """Ticker -> number of the filer (CIK), from the SEC's own file."""
    body = response.json()
    if not isinstance(body, dict) or not body:
        raise SourceError(f"{response.place} lists no companies, so its format has changed")

    def parse(row: Any) -> tuple[str, int]:
        ticker, number = text(cell(row, "ticker")), required_number(cell(row, "cik_str"))
        if ticker == "" or not 0 < number < 10**10 or number != int(number):
            raise BadCellError(f"{text(number)} is no number of a filer of {ticker[:20]!r}")
        return ticker, int(number)

    return agreed(read_rows(list(body.values()), parse, place=response.place), response.place)


@reader("the SEC")
def read_list(response: HttpResponse, cik: int) -> tuple[list[Filing], list[tuple[str, date]]]:
    """A filer's newest filings, newest first, and the older parts of the list by name with the
    newest day in each.
    """
    filings = field(response.json(), "filings", response.place)

    def parse(part: Any) -> tuple[str, date]:
        return text(cell(part, "name")), iso_day(cell(part, "filingTo"))

    older = read_rows(filings.get("files") or (), parse, place=response.place, all_of_them=True)
    return _columns(field(filings, "recent", response.place), cik, response.place), older


@reader("the SEC")
def read_older(response: HttpResponse, cik: int) -> list[Filing]:
    """The filings of an older part."""
    return _columns(response.json(), cik, response.place)


def _columns(table: Any, cik: int, where: str) -> list[Filing]:
    columns = [listed(table, name, where) for name in _LISTED]
    if len({len(column) for column in columns}) > 1:
        raise SourceError(f"{where} has columns of different lengths")

    def parse(cells: Cells) -> Filing:
        accession, filed, report, accepted, form, items = cells
        if not _ACCESSION.fullmatch(text(accession)):
            raise BadCellError(f"{text(accession)[:40]!r} is no number of a filing")
        return Filing(
            cik=cik,
            accession=text(accession),
            form=text(form),
            filed=iso_day(filed),
            report=None if is_empty(report) else iso_day(report),
            accepted=_wall(text(accepted)),
            items=tuple(item.strip() for item in text(items).split(",") if item.strip()),
        )

    return read_rows(list(zip(*columns, strict=True)), parse, place=where, dated=lambda filing: filing.filed)


def _wall(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None
