"""The Federal Reserve's own calendar: the days on which its committee decides."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import pandas as pd

from bot.calendar.clock import new_york_date
from bot.domain.fetched import Fetched, FetchRequest
from bot.domain.job import Days, Job, at
from bot.errors import SourceError
from bot.sources.base import HttpSource
from bot.sources.http.host_policy import HostPolicy
from bot.sources.http.responses import Expect, HttpResponse
from bot.sources.parsing.cells import BadCellError, text
from bot.sources.parsing.document_reader import reader
from bot.sources.parsing.json_fields import field, listed
from bot.sources.parsing.table import read_rows
from bot.sources.source_spec import SourceSpec
from signals.asof.fomc_meetings import full_years, planned

URL = "https://www.federalreserve.gov/json/calendar.json"
POLICIES = {"www.federalreserve.gov": HostPolicy(per_second=0.5, burst=1, timeout_seconds=30.0)}
DATASET = "meetings"

_NUMBERS = re.compile(r"\d+")


class Fed(HttpSource):
    """One small file; where it fails, the checked-in plan of `signals.asof.fomc_meetings` holds."""

    name = "fed"

    def split(self, request: FetchRequest) -> Sequence[FetchRequest]:
        """One chunk, when meetings are requested."""
        if DATASET not in request.records:
            return []
        return [replace(request, tickers=(), series=(), universe=False, records=(DATASET,))]

    async def fetch(self, request: FetchRequest, now: datetime) -> Fetched:
        """Every meeting of the calendar, and future days of the checked-in plan that it lacks.

        Days that agree with the plan are rows as well: one may take back what an earlier calendar
        had otherwise. Raises SourceError when it has no meeting at all.
        """
        with self._record.watch(now):
            response = await self._http.get(URL, now=now, expect=Expect.JSON)
            days = await self._http.parse(read_meetings, response)
            if not days:
                raise SourceError("the Fed's calendar has no meeting of its committee, so its format has changed")
            rows = dict(_days(days, new_york_date(now)))
            return Fetched(self.name, now, records={DATASET: _frame(rows, self.name)})


@reader("the Federal Reserve")
def read_meetings(response: HttpResponse) -> set[date]:
    """Last days of the planned meetings in the calendar.

    Raises SourceError with the name of a missing field, and for a meeting whose days cannot be read.
    Minutes and press conferences have the same type and are distinguished by their titles.
    """
    place = response.place
    events = [event for event in listed(response.json(), "events", place) if event != {}]
    decisions = [event for event in events if text(field(event, "type", place)).upper().startswith("FOMC")]
    meetings = [event for event in decisions if _is_meeting(text(field(event, "title", place)).lower())]

    def parse(event: Mapping[str, object]) -> date:
        month, days = (text(field(event, name, place), longest=40) for name in ("month", "days"))
        try:
            return decision_day(month, days)
        except ValueError:
            raise BadCellError(f"{days!r} of {month!r} are no days of a meeting") from None

    return set(read_rows(meetings, parse, place=place, all_of_them=True))


def _is_meeting(title: str) -> bool:
    return "meeting" in title and not any(word in title for word in ("minutes", "press", "unscheduled", "cancel"))


def decision_day(month: str, days: str) -> date:
    """The last day of a meeting from `2026-12` and `8-9`, `8,9` or `9`, also where it lies in the
    month after the first.

    Raises ValueError for days that no meeting can have.
    """
    year, number = (int(part) for part in month.split("-"))
    numbers = [int(part) for part in _NUMBERS.findall(days)]
    if not numbers:
        raise ValueError(f"days {days!r} of {month}")
    first, last = numbers[0], numbers[-1]
    if last >= first:
        return date(year, number, last)
    candidates = (date(year, number, last), date(year + number // 12, number % 12 + 1, last))
    for decision in candidates:
        if (decision - timedelta(days=1)).day == first:
            return decision
    raise ValueError(f"days {days!r} of {month}")


def _days(days: set[date], today: date) -> Iterator[tuple[date, float]]:
    """(day, 1 planned or 0 no longer planned) of the calendar, and of the checked-in plan where it lacks a day to come."""
    full = full_years(days)
    yield from ((day, 1.0) for day in sorted(days))
    yield from ((day, 0.0) for day in sorted(set(planned()) - days) if day > today and day.year in full)


def _frame(days: dict[date, float], source: str) -> pd.DataFrame:
    """Rows of the dataset, without `known_at`: they are known since they were fetched."""
    return pd.DataFrame(
        {
            "date": pd.DatetimeIndex([pd.Timestamp(day) for day in days]).as_unit("ns"),
            "planned": list(days.values()),
            "known_at": pd.Series([pd.NaT] * len(days), dtype="datetime64[ns, UTC]"),
            "source": source,
        }
    )


FED = SourceSpec(
    name=Fed.name,
    title="Federal Reserve",
    gives="meetings",
    build=lambda dependencies: Fed(dependencies.http),
    samples=lambda day: (FetchRequest(day, day, records=(DATASET,)),),
    policies=POLICIES,
    jobs=(Job("meetings", Fed.name, Days.SUNDAYS, at("13:00"), rank=70, records=(DATASET,)),),
)
