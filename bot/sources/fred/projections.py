"""The Fed's projections of its own rate (SEP medians, FRED's FEDTARMD) as of each of its meetings.

FRED dates a median by the year it is for, and each meeting overwrites the one before: the newest
observation is the furthest year, and earlier projections are only in vintages. With a key the API
gives all of them, without one ALFRED's CSV gives one at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pandas as pd

from bot.calendar.clock import NEW_YORK, new_york_date
from bot.domain.fetched import FetchRequest
from bot.errors import SourceError
from bot.sources.fred.csv_download import read_series
from bot.sources.http.http_client import Http
from bot.sources.http.responses import Expect, HttpResponse
from bot.sources.parsing.document_reader import reader
from signals.asof.fomc_meetings import planned, with_projections

DATASET, SERIES = "projections", "FEDTARMD"
GRAPH = "https://alfred.stlouisfed.org/graph/alfredgraph.csv"
RELEASED_AT = time(14, 0)
"""New York time at which the Fed publishes its projections."""
LOADED_WITHIN = timedelta(days=7)
"""Days after a meeting within which FRED has loaded its projections, and before the next ones."""

Median = tuple[date, float, datetime]
"""(31 December of the year projected, percent, instant from which it was public)"""


def chunks(request: FetchRequest, *, key: bool) -> list[FetchRequest]:
    """All vintages in one chunk with a key, else a chunk per year with meetings, newest first.

    None if not requested.
    """
    if DATASET not in request.records:
        return []
    only_records = replace(request, series=(), tickers=(), universe=False, records=(DATASET,))
    if key:
        return [only_records]
    years = sorted({day.year for day in _meetings(request.start, request.end)}, reverse=True)
    return [
        replace(only_records, start=max(request.start, date(year, 1, 1)), end=min(request.end, date(year, 12, 31)))
        for year in years
    ]


def _meetings(start: date, end: date) -> list[date]:
    return [day for day in with_projections(planned()) if start <= day <= end]


def released(rows: Iterable[tuple[date, float, str]]) -> list[Median]:
    """Rows of the API (year projected, percent, day on which FRED loaded it) as medians.

    The instant is exact to a day.
    """
    return [
        (date(year.year, 12, 31), value, datetime.combine(date.fromisoformat(loaded), RELEASED_AT, NEW_YORK))
        for year, value, loaded in rows
    ]


async def without_key(http: Http, request: FetchRequest, now: datetime) -> list[Median]:
    """Medians after each meeting with projections inside `request` that is over at `now`, one HTTP
    request a meeting.

    Raises SourceError when the request fails or the CSV has no such column.
    """
    medians: list[Median] = []
    for meeting in _meetings(request.start, request.end):
        known_at = datetime.combine(meeting, RELEASED_AT, NEW_YORK)
        if known_at > now:
            continue
        vintage = min(meeting + LOADED_WITHIN, new_york_date(now))
        params = {"id": SERIES, "vintage_date": vintage.isoformat()}
        response = await http.get(GRAPH, now=now, expect=Expect.CSV, params=params)
        year_ends = await http.parse(read_vintage, response, since=meeting.year)
        medians += [(year_end, value, known_at) for year_end, value in year_ends]
    return medians


@reader("FRED")
def read_vintage(response: HttpResponse, *, since: int) -> list[tuple[date, float]]:
    """(31 December, percent) of the years from `since` on, from a CSV whose column is the series
    and its vintage.
    """
    for name, rows in read_series(response, date(since, 1, 1), date.max).items():
        if name.split("_")[0] == SERIES:
            return [(date(day.year, 12, 31), value) for day, value, _ in rows]
    raise SourceError(f"{response.place} has no column {SERIES}")


def frame(medians: Sequence[Median], source: str) -> pd.DataFrame:
    """Rows of the dataset, the oldest first."""
    ordered = sorted(medians, key=lambda row: (row[2], row[0]))
    return pd.DataFrame(
        {
            "year_end": pd.DatetimeIndex([pd.Timestamp(row[0]) for row in ordered]).as_unit("ns"),
            "median": [row[1] for row in ordered],
            "known_at": pd.DatetimeIndex([pd.Timestamp(row[2]).tz_convert("UTC") for row in ordered]).as_unit("ns"),
            "source": source,
        }
    )
