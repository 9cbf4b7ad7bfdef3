"""The SEC's full-text search. It is not documented, so that whoever uses it must get along without."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from bot.sources.edgar.filings_index import Filing
from bot.sources.edgar.parsing import day, field
from bot.sources.edgar.rate_policy import SEARCH
from bot.sources.http.responses import HttpResponse

URL = f"{SEARCH}/LATEST/search-index"
PAGE = 100


def query(words: str, *, forms: str, ciks: Collection[int], start: date, end: date, skip: int = 0) -> dict[str, str]:
    """Parameters of one page. Both dates are always sent: with one of them the service ignores the limits without a word."""
    return {
        "q": words,
        "forms": forms,
        "ciks": ",".join(f"{cik:010d}" for cik in ciks),
        "dateRange": "custom",
        "startdt": start.isoformat(),
        "enddt": end.isoformat(),
        "from": str(skip),
    }


def read_page(answer: HttpResponse, ciks: Mapping[int, str]) -> tuple[list[Filing], int]:
    """Filings of the companies asked for, and how many hits there are on all pages.

    One hit is one document, so a filing may come several times, also on different pages.
    """
    hits = field(answer.json(), "hits", answer.place)
    total = int(field(field(hits, "total", answer.place), "value", answer.place))
    found: dict[str, Filing] = {}
    for hit in field(hits, "hits", answer.place):
        source = field(hit, "_source", answer.place)
        cik = next((int(cik) for cik in field(source, "ciks", answer.place) if int(cik) in ciks), None)
        accession = str(field(source, "adsh", answer.place))
        if cik is not None and accession not in found:
            found[accession] = Filing(
                cik=cik,
                accession=accession,
                form=str(field(source, "form", answer.place)),
                filed=day(field(source, "file_date", answer.place), answer.place),
                items=tuple(source.get("items") or ()),
            )
    return list(found.values()), total
