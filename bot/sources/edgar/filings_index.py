"""Filers and their filings: tickers to numbers of filers, and lists of filings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot.errors import SourceError
from bot.sources.edgar.parsing import day, field
from bot.sources.edgar.rate_policy import DATA, WWW
from bot.sources.http.responses import HttpResponse

TICKERS_URL = f"{WWW}/files/company_tickers.json"

_LISTED = ("accessionNumber", "filingDate", "reportDate", "acceptanceDateTime", "form", "items")


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


def read_tickers(response: HttpResponse) -> dict[str, int]:
    """Ticker -> number of the filer (CIK), from the SEC's own file."""
    body = response.json()
    if not isinstance(body, dict) or not body:
        raise SourceError(f"{response.place} lists no companies, so its format has changed")
    where = "the SEC's list of tickers"
    return {str(field(row, "ticker", where)): int(field(row, "cik_str", where)) for row in body.values()}


def read_list(response: HttpResponse, cik: int) -> tuple[list[Filing], list[tuple[str, date]]]:
    """A filer's newest filings, newest first, and the older parts of the list by name with the
    newest day in each.
    """
    filings = field(response.json(), "filings", response.place)
    older = [
        (str(field(part, "name", response.place)), day(field(part, "filingTo", response.place), response.place))
        for part in filings.get("files") or ()
    ]
    return _columns(field(filings, "recent", response.place), cik, response.place), older


def read_older(response: HttpResponse, cik: int) -> list[Filing]:
    """The filings of an older part."""
    return _columns(response.json(), cik, response.place)


def _columns(table: Any, cik: int, where: str) -> list[Filing]:
    columns = [field(table, name, where) for name in _LISTED]
    if len({len(column) for column in columns}) > 1:
        raise SourceError(f"{where} has columns of different lengths")
    return [
        Filing(
            cik=cik,
            accession=accession,
            form=form,
            filed=day(filed, where),
            report=day(report, where) if report else None,
            accepted=_wall(accepted),
            items=tuple(item.strip() for item in items.split(",") if item.strip()),
        )
        for accession, filed, report, accepted, form, items in zip(*columns, strict=True)
    ]


def _wall(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None
