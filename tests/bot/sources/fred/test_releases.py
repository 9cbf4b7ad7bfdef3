"""Days on which consumer prices and payrolls come out, from FRED's calendar with a key."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pandas as pd
import pytest

from bot.domain.fetched import FetchRequest
from bot.errors import SourceError
from bot.sources.fred.releases import read
from bot.sources.fred.source import Fred
from bot.sources.http.http_client import Http
from bot.sources.http.responses import HttpResponse
from signals.calendar_events import Event
from tests.support.http_stub import PAGE, HttpStub, Reply, as_json, as_text, too_many

NOW = datetime(2026, 1, 11, 18, tzinfo=UTC)
PATH = "api.stlouisfed.org/fred/release/dates"
KEY = "0123456789abcdef0123456789abcdef"
REQUEST = FetchRequest(date(2026, 1, 1), date(2026, 1, 11), records=("releases",))


def calendar(release: int, *days: str) -> Reply:
    items = [{"release_id": release, "date": day} for day in days]
    return as_json({"count": len(items), "offset": 0, "limit": 10000, "release_dates": items})


def told(frame: pd.DataFrame) -> list[tuple[str, str, str, float]]:
    return [
        (f"{row.month:%Y-%m}", row.release, "" if row.date is pd.NaT else f"{row.date:%m-%d}", row.planned)
        for row in frame.itertuples(index=False)
    ]


async def test_every_month_has_its_day_and_a_month_without_one_says_so(http: Http, stub: HttpStub) -> None:
    # New seasonal factors of prices on 6 February, a revision of payrolls on 20 February; no prices in March.
    stub.on(
        PATH,
        calendar(10, "2025-12-18", "2026-01-13", "2026-02-06", "2026-02-11", "2026-04-14"),
        calendar(50, "2026-01-09", "2026-02-06", "2026-02-20"),
        calendar(54, "2026-01-22", "2026-02-20"),
    )

    fetched = await Fred(http, key=KEY).fetch(REQUEST, NOW)

    assert told(fetched.records["releases"]) == [
        ("2026-01", "cpi", "01-13", 1.0),
        ("2026-02", "cpi", "02-11", 1.0),
        ("2026-03", "cpi", "", 0.0),
        ("2026-04", "cpi", "04-14", 1.0),
        ("2026-01", "payrolls", "01-09", 1.0),
        ("2026-02", "payrolls", "02-06", 1.0),
        ("2026-01", "pce", "01-22", 1.0),
        ("2026-02", "pce", "02-20", 1.0),
    ]
    assert fetched.records["releases"]["known_at"].isna().all()
    assert [seen.query["release_id"] for seen in stub.seen] == ["10", "50", "54"]
    assert {seen.query["include_release_dates_with_no_data"] for seen in stub.seen} == {"true"}
    assert {seen.query["realtime_start"] for seen in stub.seen} == {"2026-01-01"}


async def test_without_a_key_there_is_nothing_to_ask_for(http: Http) -> None:
    assert list(Fred(http).split(REQUEST)) == []
    assert [piece.records for piece in Fred(http, key=KEY).split(REQUEST)] == [("releases",)]


async def test_an_empty_calendar_is_missing(http: Http, stub: HttpStub) -> None:
    stub.on(PATH, calendar(10), calendar(50), calendar(54))

    fetched = await Fred(http, key=KEY).fetch(REQUEST, NOW)

    assert not fetched.records
    assert set(fetched.missing) == {"cpi", "payrolls", "pce"}


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (as_json({"dates": []}), "calendar of cpi has no release_dates, so its format has changed"),
        (as_json({"release_dates": [{"release_id": 10}]}), "it has no date"),
        (as_json({"release_dates": [{"date": "soon"}]}), "'soon' stands where a date is expected"),
        (
            as_json({"error_code": 400, "error_message": "api_key is not registered"}, 400),
            "does not accept the API key",
        ),
        (as_json({"error_code": 404, "error_message": "The release does not exist."}, 404), "does not exist"),
        (PAGE, "a web page instead of JSON"),
        (Reply(b""), "nothing in it"),
        (Reply(b'{"release_dates": [', 200, {}, how="truncated"), "broke off in the middle"),
        (as_text("gone", 404), "instead of JSON|not JSON"),
        (too_many("600"), "answered 429"),
    ],
)
async def test_an_unusable_calendar_says_what_is_wrong(http: Http, stub: HttpStub, answer: Reply, says: str) -> None:
    stub.on(PATH, answer)

    with pytest.raises(SourceError, match=says):
        await Fred(http, key=KEY).fetch(REQUEST, NOW)


def test_a_day_on_which_only_seasonal_factors_were_recalculated_is_no_release() -> None:
    """The twelve days that the Bureau of Labor Statistics announced for consumer prices in 2023, and 10 February, on which FRED's
    calendar lists the factors; the year before and the year after stand around them."""
    announced = "01-12 02-14 03-14 04-12 05-10 06-13 07-12 08-10 09-13 10-12 11-14 12-12"
    days = sorted(["2022-12-13", "2023-02-10", "2024-01-11", *(f"2023-{day}" for day in announced.split())])
    found = dict(read(Event.CPI, HttpResponse(200, calendar(10, *days).body, "dates"), date(2023, 1, 1)))
    assert " ".join("" if day is None else f"{day:%m-%d}" for month, day in found.items() if month.year == 2023) == (
        announced
    )
    assert max(found) == date(2024, 1, 1)
