"""The Fed's calendar against a local server."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bot.archive import Archive
from bot.archive.tables.dataset_tables import all_rows, to_frame
from bot.calendar.clock import Calendar
from bot.domain.fetched import FetchRequest, HealthState
from bot.errors import SourceError
from bot.sources.fed_calendar import Fed, decision_day, read_meetings
from bot.sources.http.http_client import Http
from bot.sources.http.responses import HttpResponse
from signals.asof.fomc_meetings import planned
from tests import recorded
from tests.support.http_stub import HttpStub, Reply, as_json

PLACE = "www.federalreserve.gov/json/calendar.json"
NOW = datetime(2026, 10, 6, 14, tzinfo=UTC)
REQUEST = FetchRequest(date(2026, 10, 6), date(2026, 10, 6), records=("meetings",))


def event(month: str, days: str, title: str = "FOMC Meeting", kind: str = "FOMC") -> dict[str, str]:
    return {"month": month, "days": days, "title": title, "type": kind, "time": "2:00 p.m.", "description": ""}


def calendar_file(events: Sequence[dict[str, str]]) -> Reply:
    """As the Fed sends it: with a byte order mark."""
    return Reply(
        b"\xef\xbb\xbf" + json.dumps({"events": list(events)}).encode(), 200, {"Content-Type": "application/json"}
    )


YEAR = [
    event("2026-01", "27-28"),
    event("2026-03", "17, 18"),
    event("2026-04", "29"),
    event("2026-06", "16-17"),
    event("2026-07", "28-29"),
    event("2026-09", "15-16"),
    event("2026-10", "27-28"),
    event("2026-12", "8-9"),
]
MONTHS_OF_2028 = ("01", "03", "05", "06", "07", "09", "11", "12")
DAYS_OF_2028 = ("26", "15", "3", "14", "26", "20", "1", "13")
OTHERS = [
    event("2026-10", "7", "FOMC Minutes"),
    event("2026-10", "28", "FOMC Press Conference"),
    event("2026-11", "18", "Minutes of the meeting of October 27-28"),
    event("2026-03", "3", "Unscheduled FOMC meeting"),
    event("2026-10", "14", "Beige Book", "Beige"),
    event("2026-10", "20", "Meeting with bankers", "Speeches"),
]


def changes(frame: pd.DataFrame) -> dict[str, float]:
    return {str(day.date()): planned for day, planned in zip(frame["date"], frame["planned"], strict=True)}


AGREED = {str(day): 1.0 for day in planned() if day.year == 2026}


async def test_a_calendar_that_agrees_with_the_plan_says_so_of_each_day(http: Http, stub: HttpStub) -> None:
    """Only so it takes back what an earlier calendar had otherwise."""
    stub.on(PLACE, calendar_file([*YEAR, *OTHERS]))
    fed = Fed(http)

    fetched = await fed.fetch(REQUEST, NOW)

    assert changes(fetched.records["meetings"]) == AGREED
    assert not fetched.missing
    assert fed.health.state is HealthState.OK


async def test_a_meeting_that_moved_is_told_with_the_day_that_it_left(http: Http, stub: HttpStub) -> None:
    stub.on(PLACE, calendar_file([*YEAR[:-1], event("2026-12", "15-16"), event("2028-01", "25-26")]))

    rows = (await Fed(http).fetch(REQUEST, NOW)).records["meetings"]

    assert changes(rows) == AGREED | {"2026-12-16": 1.0, "2028-01-26": 1.0, "2026-12-09": 0.0}
    assert list(rows.columns) == ["date", "planned", "known_at", "source"]
    assert rows["known_at"].isna().all()
    assert str(rows["known_at"].dtype) == "datetime64[ns, UTC]"
    assert set(rows["source"]) == {"fed"}


def test_the_recorded_calendar_has_two_meetings_among_speeches_minutes_and_statistics() -> None:
    """Of the meetings of 15 to 16 September and 27 to 28 October 2026; the last entry of the file is empty."""
    assert read_meetings(HttpResponse(200, recorded.body("fed/calendar.json"), PLACE)) == {
        date(2026, 9, 16),
        date(2026, 10, 28),
    }


async def test_a_year_that_is_not_whole_takes_nothing_away(http: Http, stub: HttpStub) -> None:
    stub.on(PLACE, calendar_file(YEAR[:6]))

    rows = (await Fed(http).fetch(REQUEST, NOW)).records["meetings"]

    assert changes(rows) == dict(list(AGREED.items())[:6])


async def test_meetings_that_are_over_are_not_taken_away(http: Http, stub: HttpStub) -> None:
    stub.on(PLACE, calendar_file([event("2026-02", "3-4"), *YEAR[1:]]))

    rows = (await Fed(http).fetch(REQUEST, NOW)).records["meetings"]

    assert changes(rows) == dict(list(AGREED.items())[1:]) | {"2026-02-04": 1.0}


NEXT_YEAR = [event("2028-" + month, day) for month, day in zip(MONTHS_OF_2028, DAYS_OF_2028, strict=True)]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ([*YEAR, *NEXT_YEAR], [*YEAR[:-1], event("2026-12", "9-10"), *NEXT_YEAR]),
        ([*YEAR, *NEXT_YEAR], [*YEAR, event("2026-11", "18"), *NEXT_YEAR]),
        ([*YEAR, *NEXT_YEAR], [*YEAR, event("2028-01", "18-19"), *NEXT_YEAR[1:]]),
        (YEAR[5:], [*YEAR[5:-1], event("2026-12", "9-10")]),
        (YEAR[5:], [*YEAR[5:], event("2026-11", "18")]),
    ],
    ids=[
        "a day beside the true one",
        "a meeting that is none",
        "a day of a year that is not in the checked-in plan",
        "a day beside the true one in a year that is not whole",
        "a meeting that is none in a year that is not whole",
    ],
)
async def test_what_a_calendar_had_wrong_is_taken_back_by_the_next_one(
    http: Http, stub: HttpStub, tmp_path: Path, right: Sequence[dict[str, str]], wrong: Sequence[dict[str, str]]
) -> None:
    calendar = Calendar(date(2026, 1, 2), date(2026, 12, 31))
    with Archive.open(tmp_path / "market.db") as archive:
        for week, events in enumerate([right, wrong, right]):
            stub.on(PLACE, calendar_file(events))
            archive.store(await Fed(http).fetch(REQUEST, NOW + timedelta(weeks=week)), calendar)
        rows = to_frame("meetings", all_rows(archive.db, "meetings"))

    assert {day for day, is_planned in changes(rows).items() if is_planned} == {
        str(day) for day in read_meetings(HttpResponse(200, calendar_file(right).body, PLACE))
    }


@pytest.mark.parametrize(
    ("month", "days", "decision"),
    [
        ("2026-12", "8-9", date(2026, 12, 9)),
        ("2026-12", "8,9", date(2026, 12, 9)),
        ("2026-12", "8 - 9", date(2026, 12, 9)),
        ("2026-12", "9", date(2026, 12, 9)),
        # 31 October to 1 November 2023, filed under either month; 30 April to 1 May 2024; over New Year's Eve.
        ("2023-10", "31-1", date(2023, 11, 1)),
        ("2023-11", "31-1", date(2023, 11, 1)),
        ("2024-04", "30-1", date(2024, 5, 1)),
        ("2024-05", "30-1", date(2024, 5, 1)),
        ("2024-12", "31-1", date(2025, 1, 1)),
    ],
)
def test_the_decision_comes_on_the_last_day(month: str, days: str, decision: date) -> None:
    assert decision_day(month, days) == decision


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"dates": []}, "no events"),
        ([], "its format has changed"),
        ({"events": [{"type": "FOMC", "days": "9", "title": "FOMC Meeting"}]}, "no month"),
        ({"events": [{"type": "FOMC", "month": "2026-12", "title": "FOMC Meeting"}]}, "no days"),
        ({"events": [{"type": "FOMC", "month": "2026-12", "days": "9"}]}, "no title"),
        ({"events": [event("December 2026", "9")]}, "no days of a meeting"),
        ({"events": [event("2026-12", "tba")]}, "'tba' of '2026-12' are no days of a meeting"),
        ({"events": [event("2026-12", "20-3")]}, "'20-3' of '2026-12' are no days of a meeting"),
        ({"events": []}, "no meeting of its committee"),
        ({"events": OTHERS}, "no meeting of its committee"),
    ],
)
async def test_a_changed_calendar_is_refused(http: Http, stub: HttpStub, body: Any, says: str) -> None:
    stub.on(PLACE, as_json(body))
    fed = Fed(http)

    with pytest.raises(SourceError, match=says):
        await fed.fetch(REQUEST, NOW)

    assert fed.health.state is HealthState.FAILING


def test_titles_tell_meetings_from_what_carries_the_same_type() -> None:
    assert read_meetings(HttpResponse(200, calendar_file([*YEAR[:1], *OTHERS]).body, PLACE)) == {date(2026, 1, 28)}


async def test_only_meetings_are_its_work(http: Http) -> None:
    fed = Fed(http)
    whole = FetchRequest(
        REQUEST.start, REQUEST.end, tickers=("SPY",), series=("DFF",), universe=True, records=("options", "meetings")
    )
    assert fed.split(whole) == [REQUEST]
    assert fed.split(FetchRequest(REQUEST.start, REQUEST.end)) == []
