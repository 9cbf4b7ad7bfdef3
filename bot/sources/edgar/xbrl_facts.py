"""Figures that companies tagged in their reports (XBRL), one request for a company and a concept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.errors import SourceError
from bot.sources.edgar.parsing import after_close, iso_day
from bot.sources.edgar.rate_policy import DATA
from bot.sources.http.responses import HttpResponse
from bot.sources.parsing.cells import required_number, text
from bot.sources.parsing.document_reader import reader
from bot.sources.parsing.json_fields import cell, field, listed
from bot.sources.parsing.table import agreed, read_rows
from signals.families.capex_filings import CAPEX, COST, HYPERSCALERS, INVENTORY, SEMIS

CONCEPTS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(HYPERSCALERS, CAPEX),
    **dict.fromkeys(SEMIS, (INVENTORY, *COST)),
}
"""Ticker -> concepts that are fetched."""


def concept_url(cik: int, concept: str) -> str:
    """Address of all figures of one concept that one company has filed.

    404 means that it never used the tag.
    """
    return f"{DATA}/api/xbrl/companyconcept/CIK{cik:010d}/us-gaap/{concept}.json"


@reader("the SEC")
def read_concept(response: HttpResponse, ticker: str, concept: str) -> list[dict[str, Any]]:
    """Rows of dataset `facts` in US dollars.

    A figure repeated in a later filing is a row of that filing.
    """
    return rows(field(response.json(), "units", response.place), ticker, concept, response.place)


@reader("the SEC")
def rows(units: Mapping[str, Any], ticker: str, concept: str, where: str) -> list[dict[str, Any]]:
    """The same from the part of a response with figures by unit.

    None where there are none in US dollars.
    """
    if not isinstance(units, Mapping):
        raise SourceError(f"{where} has no figures by unit, so its format has changed")

    def parse(fact: Any) -> dict[str, Any]:
        end, filed = iso_day(cell(fact, "end")), iso_day(cell(fact, "filed"))
        return {
            "ticker": ticker,
            "concept": concept,
            "start": end if concept == INVENTORY else iso_day(cell(fact, "start")),
            "end": end,
            "value": required_number(cell(fact, "val")),
            "form": text(cell(fact, "form")),
            "accession": text(cell(fact, "accn")),
            "known_at": after_close(filed),
        }

    facts = listed(units, "USD", where) if "USD" in units else []
    read = read_rows(facts, parse, place=where, dated=lambda row: row["known_at"].date())
    agreed((((row["start"], row["end"], row["accession"]), row["value"]) for row in read), where)
    return read
