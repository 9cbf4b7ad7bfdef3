"""Figures that companies tagged in their reports (XBRL), one request for a company and a concept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.sources.edgar.parsing import after_close, day, field
from bot.sources.edgar.rate_policy import DATA
from bot.sources.http.responses import HttpResponse
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


def read_concept(response: HttpResponse, ticker: str, concept: str) -> list[dict[str, Any]]:
    """Rows of dataset `facts` in US dollars.

    A figure repeated in a later filing is a row of that filing.
    """
    return rows(field(response.json(), "units", response.place), ticker, concept, response.place)


def rows(units: Mapping[str, Any], ticker: str, concept: str, where: str) -> list[dict[str, Any]]:
    """The same from the part of a response with figures by unit.

    None where there are none in US dollars.
    """
    facts = []
    for fact in units.get("USD", ()):
        end = day(field(fact, "end", where), where)
        filed = day(field(fact, "filed", where), where)
        facts.append(
            {
                "ticker": ticker,
                "concept": concept,
                "start": day(fact["start"], where) if "start" in fact else end,
                "end": end,
                "value": float(field(fact, "val", where)),
                "form": str(field(fact, "form", where)),
                "accession": str(field(fact, "accn", where)),
                "known_at": after_close(filed),
            }
        )
    return facts
