"""The SEC's full-text search. It is not documented, so its callers need a fall-back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from bot.sources.edgar.filings_index import Filing
from bot.sources.edgar.parsing import iso_day
from bot.sources.edgar.rate_policy import SEARCH
from bot.sources.http.responses import HttpResponse
from bot.sources.parsing.cells import required_number, text
from bot.sources.parsing.document_reader import reader
from bot.sources.parsing.json_fields import cell, field, listed
from bot.sources.parsing.table import read_rows

URL = f"{SEARCH}/LATEST/search-index"
PAGE = 100


def params_of_page(
    words: str, *, forms: str, ciks: Collection[int], start: date, end: date, skip: int = 0
) -> dict[str, str]:
    """Parameters of one page. Both dates are always sent: with one alone the service silently ignores it."""
    return {
        "q": words,
        "forms": forms,
        "ciks": ",".join(f"{cik:010d}" for cik in ciks),
        "dateRange": "custom",
        "startdt": start.isoformat(),
        "enddt": end.isoformat(),
        "from": str(skip),
    }


@reader("the SEC")
def read_page(response: HttpResponse, ciks: Mapping[int, str]) -> tuple[list[Filing], int]:
    """Filings of the requested companies, and the number of hits on all pages.

    One hit is one document, so a filing may occur several times, also on different pages.
    """
    where = response.place
    hits = field(response.json(), "hits", where)
    total = required_number(field(field(hits, "total", where), "value", where))

    def parse(hit: Any) -> Filing | None:
        source = cell(hit, "_source")
        filers = [int(required_number(cik)) for cik in cell(source, "ciks")]
        cik = next((cik for cik in filers if cik in ciks), None)
        accession, form, filed = text(cell(source, "adsh")), text(cell(source, "form")), cell(source, "file_date")
        if cik is None:
            return None
        items = tuple(text(item) for item in source.get("items") or ())
        return Filing(cik=cik, accession=accession, form=form, filed=iso_day(filed), items=items)

    filings: dict[str, Filing] = {}
    for filing in read_rows(listed(hits, "hits", where), parse, place=where, all_of_them=True):
        filings.setdefault(filing.accession, filing)
    return list(filings.values()), int(total)
