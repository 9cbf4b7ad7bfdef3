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
"""What is asked of which company."""


def concept_url(cik: int, concept: str) -> str:
    """Address of all figures of one concept that one company has filed. 404 means that it never used the tag."""
    return f"{DATA}/api/xbrl/companyconcept/CIK{cik:010d}/us-gaap/{concept}.json"


def read_concept(answer: HttpResponse, ticker: str, concept: str) -> list[dict[str, Any]]:
    """Rows of dataset `facts` in US dollars; a figure repeated in a later filing is a row of that filing."""
    return rows(field(answer.json(), "units", answer.place), ticker, concept, answer.place)


def rows(units: Mapping[str, Any], ticker: str, concept: str, where: str) -> list[dict[str, Any]]:
    """The same from the part of an answer that holds figures by unit; none where there are none in US dollars."""
    found = []
    for fact in units.get("USD", ()):
        end = day(field(fact, "end", where), where)
        filed = day(field(fact, "filed", where), where)
        found.append(
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
    return found
