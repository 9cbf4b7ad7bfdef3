"""The statistics offices' release calendar from FRED's API: the days of consumer prices, payrolls and PCE.

FRED has days only; all three are published at 08:30 New York. Its lists also contain days on
which an office publishes something else than the figure: new seasonal factors shortly before
January's prices, and revisions of payrolls after their own day. So the last day of a month is used
for prices and PCE, and the first for payrolls.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pandas as pd

from bot.domain.fetched import FetchRequest
from bot.sources.http.responses import HttpResponse
from bot.sources.parsing.cells import day as iso_day
from bot.sources.parsing.document_reader import reader
from bot.sources.parsing.json_fields import cell, listed
from bot.sources.parsing.table import read_rows
from signals.calendar_events import Event

DATASET = "releases"
API = "https://api.stlouisfed.org/fred/release/dates"
RELEASES: Mapping[Event, int] = {Event.CPI: 10, Event.PAYROLLS: 50, Event.PCE: 54}
"""FRED's numbers of the Consumer Price Index, the Employment Situation, and Personal Income and Outlays."""

Day = tuple[date, date | None]
"""First day of a month, and the day in it on which the figure is published; None when it is not."""


def chunks(request: FetchRequest, *, key: bool) -> list[FetchRequest]:
    """One chunk with a key; without one FRED gives no calendar, and the usual days are used."""
    if DATASET not in request.records or not key:
        return []
    return [replace(request, series=(), tickers=(), universe=False, records=(DATASET,))]


def params(event: Event, start: date, key: str) -> dict[str, str]:
    """Parameters of the request: every day from the first of `start`'s month on, future days included."""
    return {
        "release_id": str(RELEASES[event]),
        "api_key": key,
        "file_type": "json",
        "realtime_start": start.replace(day=1).isoformat(),
        "realtime_end": "9999-12-31",
        "include_release_dates_with_no_data": "true",
        "sort_order": "asc",
    }


@reader("FRED")
def read(event: Event, response: HttpResponse, start: date) -> list[Day]:
    """Every month from that of `start` to the last one with a day, ascending.

    Empty when there are no days. Raises SourceError with the name of a missing field.
    """
    what = f"FRED's calendar of {event.value}"
    items = listed(response.json(), "release_dates", what)
    days = sorted(
        read_rows(
            items,
            lambda item: iso_day(cell(item, "date"), "%Y-%m-%d"),
            place=what,
            all_of_them=True,
        )
    )
    days = [day for day in days if day >= start.replace(day=1)]
    if not days:
        return []
    chosen = {day.replace(day=1): day for day in (reversed(days) if event is Event.PAYROLLS else days)}
    months = pd.date_range(start.replace(day=1), days[-1], freq="MS")
    return [(month.date(), chosen.get(month.date())) for month in months]


def frame(days_by_event: Mapping[Event, list[Day]], source: str) -> pd.DataFrame:
    """Rows of the dataset, without `known_at`: they are known since they were fetched."""
    rows = [(month, event.value, day) for event, days in days_by_event.items() for month, day in days]
    return pd.DataFrame(
        {
            "month": pd.DatetimeIndex([pd.Timestamp(month) for month, _, _ in rows]).as_unit("ns"),
            "release": [name for _, name, _ in rows],
            "date": pd.DatetimeIndex([pd.Timestamp(day) if day else pd.NaT for _, _, day in rows]).as_unit("ns"),
            "planned": [float(day is not None) for _, _, day in rows],
            "known_at": pd.Series([pd.NaT] * len(rows), dtype="datetime64[ns, UTC]"),
            "source": source,
        }
    )
