"""The SEC's full-text search. It is not documented, so its callers need a fall-back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from bot.sources.edgar.filings_index import Filing
from bot.sources.edgar.parsing import day, field
from bot.sources.edgar.rate_policy import SEARCH
from bot.sources.http.responses import HttpResponse

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


def read_page(response: HttpResponse, ciks: Mapping[int, str]) -> tuple[list[Filing], int]:
    """Filings of the requested companies, and the number of hits on all pages.

    One hit is one document, so a filing may occur several times, also on different pages.
    """
    hits = field(response.json(), "hits", response.place)
    total = int(field(field(hits, "total", response.place), "value", response.place))
    filings: dict[str, Filing] = {}
    for hit in field(hits, "hits", response.place):
        source = field(hit, "_source", response.place)
        cik = next((int(cik) for cik in field(source, "ciks", response.place) if int(cik) in ciks), None)
        accession = str(field(source, "adsh", response.place))
        if cik is not None and accession not in filings:
            filings[accession] = Filing(
                cik=cik,
                accession=accession,
                form=str(field(source, "form", response.place)),
                filed=day(field(source, "file_date", response.place), response.place),
                items=tuple(source.get("items") or ()),
            )
    return list(filings.values()), total
