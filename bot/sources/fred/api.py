"""FRED's API, which needs a key: values of one series with the day on which FRED loaded them, optionally all revisions.

A response has at most 100,000 rows, so more are fetched page by page. A span of real time (ALFRED)
with more than 2,000 vintages is refused; monthly series have one to two vintages a month, hundreds
since the fifties, so that all of them fit into one request.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from bot.calendar.clock import NEW_YORK
from bot.errors import SourceError
from bot.sources.http.http_client import Http
from bot.sources.http.responses import Expect, HttpResponse
from bot.sources.parsing.cells import day, number, required_number
from bot.sources.parsing.document_reader import reader
from bot.sources.parsing.json_fields import cell, listed
from bot.sources.parsing.series_frame import Row
from bot.sources.parsing.table import agreed, read_rows

URL = "https://api.stlouisfed.org/fred/series/observations"
ALL_REVISIONS = {"realtime_start": "1776-07-04", "realtime_end": "9999-12-31"}
MOST_PAGES = 20
LATE_DAYS = 180
"""A first value loaded later than this after its date was public before FRED's archive of the
series began.
"""

Loaded = tuple[date, float, str]
"""Date described, value, and the day on which FRED loaded it."""
Revision = tuple[date, float | None, str]
"""The same with None for a date that has no value."""


class KeyRefusedError(SourceError):
    """The key is not accepted, for no series: a person must correct it."""


class UnknownSeriesError(SourceError):
    """FRED does not have the series."""


async def loaded(
    http: Http,
    sid: str,
    key: str,
    now: datetime,
    *,
    span: tuple[date, date] | None = None,
    revisions: bool = False,
) -> list[Loaded]:
    """Values dated inside `span` (all without one), or every revision of them, by date and then by
    the day of loading.

    Raises UnknownSeriesError, KeyRefusedError, and SourceError for any other failure.
    """
    params = {"series_id": sid, "api_key": key, "file_type": "json"}
    if span is not None:
        params |= {"observation_start": span[0].isoformat(), "observation_end": span[1].isoformat()}
    if revisions:
        params |= ALL_REVISIONS
    rows: list[Revision] = []
    received, count = 0, 1
    for _ in range(MOST_PAGES):
        page_params = {**params, "offset": str(received)} if received else params
        response = await http.get(URL, now=now, expect=Expect.JSON, params=page_params, accept=(400, 404))
        page = await http.parse(read_page, response, sid, key)
        rows += page.rows
        received, count = received + page.received, page.count
        if received >= count or not page.received:
            break
    if received < count:
        raise SourceError(f"FRED sent {received} of {count} rows of {sid}")
    values = agreed((((observed, day), value) for observed, value, day in rows), f"FRED's answer for {sid}")
    with_value = [(observed, value, day) for (observed, day), value in values.items() if value is not None]
    return sorted(with_value, key=lambda row: (row[0], row[2]))


def refusal(body: Any, key: str) -> str:
    """FRED's message when it refuses, without the key.

    Raises KeyRefusedError when the message concerns the key.
    """
    message = str(body.get("error_message", "")) if isinstance(body, dict) else ""
    if "api_key" in message:
        raise KeyRefusedError("FRED does not accept the API key; without one its CSV would be read")
    return f"FRED: {message.replace(key, '<key>')[:200] or 'refused without a reason'}"


def released(rows: Iterable[Loaded], at: time) -> list[Row]:
    """Every revision with the instant at which it became public: `at` in New York on the day of loading.

    None where FRED's archive began after the value was published.
    """
    dated: set[date] = set()
    dated_rows: list[Row] = []
    for observed, value, loaded_on in rows:
        day = date.fromisoformat(loaded_on)
        late = observed not in dated and day - observed > timedelta(days=LATE_DAYS)
        dated.add(observed)
        dated_rows.append((observed, value, None if late else datetime.combine(day, at, NEW_YORK)))
    return dated_rows


@dataclass(frozen=True, slots=True)
class RevisionPage:
    """Rows of one response, how many it had, bad ones included, and how many there are on all pages."""

    rows: list[Revision]
    received: int
    count: int


@reader("FRED")
def read_page(response: HttpResponse, sid: str, key: str) -> RevisionPage:
    """One response of the API.

    Raises UnknownSeriesError, KeyRefusedError, and SourceError with the name of a missing field.
    """
    body = response.json()
    if response.status != 200 or (isinstance(body, dict) and "error_message" in body):
        raise UnknownSeriesError(refusal(body, key))
    where = f"FRED's answer for {sid}"
    items = listed(body, "observations", where)

    def parse(item: Any) -> Revision:
        observed, loaded_on = (day(cell(item, name), "%Y-%m-%d") for name in ("date", "realtime_start"))
        return observed, number(cell(item, "value")), loaded_on.isoformat()

    rows = read_rows(items, parse, place=where, dated=lambda row: row[0])
    agreed((((observed, loaded_on), value) for observed, value, loaded_on in rows), where)
    return RevisionPage(rows, len(items), int(required_number(body.get("count", len(items)))))
