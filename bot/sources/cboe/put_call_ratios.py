"""Cboe's put/call ratios of one session: a JSON file, or the page of daily statistics, which holds the same figures."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from bot.errors import SourceError
from bot.sources.cboe.hosts import PAGES
from bot.sources.http.responses import HttpResponse
from bot.sources.parsing.cells import BadCellError, amount, day, header_key, text
from bot.sources.parsing.document_reader import reader
from bot.sources.parsing.json_fields import field
from bot.sources.parsing.table import agreed, read_rows

RATIOS: Mapping[str, str] = {
    "CBOE_EQUITY_PC": "EQUITY PUT/CALL RATIO",
    "CBOE_TOTAL_PC": "TOTAL PUT/CALL RATIO",
    "CBOE_INDEX_PC": "INDEX PUT/CALL RATIO",
}
_WANTED = {header_key(name): name for name in RATIOS.values()}
_SELECTED = re.compile(r'"selectedDate": ?"(\d{4}-\d\d-\d\d)')
_LIST = re.compile(r'"ratios": ?\[')
_LONGEST_LIST = 20_000


def file_path(session: date) -> str:
    """Path of a session's file."""
    return f"/data/us/options/market_statistics/daily/{session.isoformat()}_daily_options"


def page_url(session: date) -> str:
    """Address of the page of a session."""
    return f"https://{PAGES}/markets/us/options/market-statistics/daily/?dt={session.isoformat()}"


@reader("Cboe")
def read_file(response: HttpResponse) -> dict[str, float]:
    """Ratios of one session by Cboe's names; they are printed as text.

    The file was an object with a list of ratios, then a list; both are read, and an object of ratios by
    name as well. Raises SourceError when there are none.
    """
    return _ratios(_pairs(response.json(), response.place), response.place)


@reader("Cboe")
def read_page(response: HttpResponse, session: date) -> dict[str, float]:
    """The same from the page, whose script holds the figures as JSON inside a text.

    Raises SourceError when the page is of another day, as it is where there was no session.
    """
    script = response.text().replace('\\"', '"')
    selected, ratios_list = _SELECTED.search(script), _LIST.search(script)
    if selected is None or ratios_list is None:
        raise SourceError(f"{response.place} has no put/call ratios with their date, so its format has changed")
    if day(selected[1], "%Y-%m-%d") != session:
        raise SourceError(f"{response.place} is of {selected[1]}, not of {session}")
    try:
        items, _ = json.JSONDecoder().raw_decode(script[ratios_list.end() - 1 : ratios_list.end() + _LONGEST_LIST])
    except ValueError:
        raise SourceError(f"{response.place} has put/call ratios that cannot be read") from None
    return _ratios(_pairs(items, response.place), response.place)


def _pairs(body: Any, place: str) -> Iterator[tuple[object, object]]:
    """Names and values, in whichever form they come."""
    holder = body
    if isinstance(body, list) and body and isinstance(body[0], dict) and "ratios" in body[0]:
        holder = body[0]
    ratios = holder if isinstance(holder, list) else field(holder, "ratios", f"{place} (daily statistics)")
    if isinstance(ratios, dict):
        yield from ratios.items()
        return
    if not isinstance(ratios, list) or body == []:
        raise SourceError(f"{place} has no list of ratios, so its format has changed")
    yield from ((field(item, "name", place), field(item, "value", place)) for item in ratios)


def _ratios(pairs: Iterator[tuple[object, object]], place: str) -> dict[str, float]:
    every = list(pairs)
    listed = [(_WANTED[header_key(name)], value) for name, value in every if header_key(name) in _WANTED]

    def parse(pair: tuple[str, object]) -> tuple[str, float] | None:
        try:
            value = amount(pair[1])
        except BadCellError as error:
            raise BadCellError(f"{pair[0].lower()}: {error}") from None
        return None if value is None else (pair[0], value)

    if every and not listed:
        raise SourceError(f"{text(place)} has none of the put/call ratios, so its format has changed")
    return agreed(read_rows(listed, parse, place=place, all_of_them=True), place)
