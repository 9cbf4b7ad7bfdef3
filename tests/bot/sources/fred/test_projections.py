"""The Fed's projections from FRED, whose newest observation is the furthest year and not the newest meeting."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pandas as pd
import pytest

from bot.domain.fetched import FetchRequest, HealthState
from bot.errors import SourceError
from bot.sources.fred.source import Fred
from bot.sources.http.http_client import Http
from tests.support.http_stub import HttpStub, Reply, as_json, as_text

NOW = datetime(2026, 10, 6, 21, tzinfo=UTC)
API = "api.stlouisfed.org/fred/series/observations"
ALFRED = "alfred.stlouisfed.org/graph/alfredgraph.csv"
KEY = "0123456789abcdef0123456789abcdef"
REQUEST = FetchRequest(date(2026, 1, 2), date(2026, 10, 6), records=("projections",))


def vintage(day: str, **medians: str) -> Reply:
    lines = [f"{year.removeprefix('y')}-01-01,{value}" for year, value in medians.items()]
    return as_text(f"observation_date,FEDTARMD_{day}\n" + "\n".join(lines) + "\n")


def medians(frame: pd.DataFrame) -> list[tuple[str, float, str]]:
    return [
        (str(row.year_end.date()), row.median, f"{row.known_at:%Y-%m-%d %H:%M}")
        for row in frame.itertuples(index=False)
    ]


async def test_with_a_key_every_vintage_is_one_request_and_each_year_keeps_its_history(
    http: Http, stub: HttpStub
) -> None:
    rows = [
        ("2026-01-01", "3.4", "2025-12-10"),
        ("2026-01-01", "3.6", "2026-03-18"),
        ("2028-01-01", "3.1", "2025-12-10"),
        ("2029-01-01", ".", "2025-12-10"),
    ]
    items = [{"date": day, "value": value, "realtime_start": loaded} for day, value, loaded in rows]
    stub.on(API, as_json({"count": len(items), "observations": items}))

    fetched = await Fred(http, key=KEY).fetch(REQUEST, NOW)

    # 14:00 New York: 19:00 UTC in December, 18:00 UTC on 18 March.
    assert medians(fetched.records["projections"]) == [
        ("2026-12-31", 3.4, "2025-12-10 19:00"),
        ("2028-12-31", 3.1, "2025-12-10 19:00"),
        ("2026-12-31", 3.6, "2026-03-18 18:00"),
    ]
    assert str(fetched.records["projections"]["known_at"].dtype) == "datetime64[ns, UTC]"
    assert stub.seen[0].query["series_id"] == "FEDTARMD"
    assert stub.seen[0].query["realtime_end"] == "9999-12-31"
    assert "observation_start" not in stub.seen[0].query


async def test_without_a_key_each_meeting_that_is_over_is_asked_for_with_its_own_vintage(
    http: Http, stub: HttpStub
) -> None:
    stub.on(
        ALFRED,
        vintage("20260325", y2024="4.4", y2026="3.4", y2027="3.1"),
        vintage("20260624", y2026="3.6", y2027="3.1"),
        vintage("20260923", y2026="3.9", y2027="3.4", y2028="."),
    )

    fetched = await Fred(http).fetch(REQUEST, NOW)

    assert [seen.query["vintage_date"] for seen in stub.seen] == ["2026-03-25", "2026-06-24", "2026-09-23"]
    assert medians(fetched.records["projections"]) == [
        ("2026-12-31", 3.4, "2026-03-18 18:00"),
        ("2027-12-31", 3.1, "2026-03-18 18:00"),
        ("2026-12-31", 3.6, "2026-06-17 18:00"),
        ("2027-12-31", 3.1, "2026-06-17 18:00"),
        ("2026-12-31", 3.9, "2026-09-16 18:00"),
        ("2027-12-31", 3.4, "2026-09-16 18:00"),
    ]


@pytest.mark.parametrize(("minute", "asked"), [(59, []), (0, ["2026-09-16"])])
async def test_a_meeting_counts_from_14_o_clock_on_its_day(
    http: Http, stub: HttpStub, minute: int, asked: list[str]
) -> None:
    stub.on(ALFRED, vintage("20260916", y2026="3.9"))
    hour = 17 if minute else 18

    await Fred(http).fetch(
        FetchRequest(date(2026, 9, 1), date(2026, 9, 30), records=("projections",)),
        datetime(2026, 9, 16, hour, minute, tzinfo=UTC),
    )

    assert [seen.query["vintage_date"] for seen in stub.seen] == asked


async def test_no_meeting_between_the_dates_is_missing_and_not_an_error(http: Http, stub: HttpStub) -> None:
    fred = Fred(http)

    fetched = await fred.fetch(FetchRequest(date(2026, 7, 1), date(2026, 8, 31), records=("projections",)), NOW)

    assert stub.seen == []
    assert not fetched.records
    assert fetched.missing == {"FEDTARMD": "FRED has no projections of these meetings"}


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (as_text("when,FEDTARMD_20260325\n2026-01-01,3.4\n"), "no line with observation_date"),
        (as_text("observation_date,FEDTARMD_20260325\nsoon,3.4\n"), "'soon' stands where a date is expected"),
    ],
)
async def test_an_unusable_answer_without_a_key_says_what_is_wrong(
    http: Http, stub: HttpStub, answer: Reply, says: str
) -> None:
    stub.on(ALFRED, answer)
    fred = Fred(http)

    with pytest.raises(SourceError, match=says):
        await fred.fetch(REQUEST, NOW)

    assert fred.health.state in (HealthState.FAILING, HealthState.RESTING)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (
            as_json({"observations": [{"date": "2026-01-01", "value": "3.4"}]}),
            "FEDTARMD, row 1: it has no realtime_start",
        ),
        (as_json({"count": 9, "observations": []}), "sent 0 of 9 rows of FEDTARMD"),
        (as_json({"error_code": 400, "error_message": "The series does not exist."}, 400), "does not exist"),
        (
            as_json({"error_code": 400, "error_message": "api_key is not registered"}, 400),
            "does not accept the API key",
        ),
    ],
)
async def test_an_unusable_answer_with_a_key_says_what_is_wrong(
    http: Http, stub: HttpStub, answer: Reply, says: str
) -> None:
    stub.on(API, answer)

    with pytest.raises(SourceError, match=says):
        await Fred(http, key=KEY).fetch(REQUEST, NOW)


async def test_an_empty_series_is_missing(http: Http, stub: HttpStub) -> None:
    stub.on(API, as_json({"count": 0, "observations": []}))

    fetched = await Fred(http, key=KEY).fetch(REQUEST, NOW)

    assert not fetched.records
    assert "FEDTARMD" in fetched.missing


async def test_pieces_are_one_with_a_key_and_a_year_each_without(http: Http) -> None:
    request = FetchRequest(
        date(2024, 7, 1), date(2026, 2, 1), tickers=("SPY",), series=("DFF",), records=("options", "projections")
    )

    with_key, without = Fred(http, key=KEY).split(request), Fred(http).split(request)

    assert [(piece.series, piece.records) for piece in with_key] == [(("DFF",), ()), ((), ("projections",))]
    assert (with_key[1].start, with_key[1].end) == (request.start, request.end)
    assert [(piece.start, piece.end) for piece in without[1:]] == [
        (date(2025, 1, 1), date(2025, 12, 31)),
        (date(2024, 7, 1), date(2024, 12, 31)),
    ]
    assert all(piece.tickers == () for piece in (*with_key, *without))


async def test_orders_and_capacity_come_with_their_revisions_and_hours(http: Http, stub: HttpStub) -> None:
    rows = [("2026-07-01", "26000", "2026-09-03"), ("2026-07-01", "26100", "2026-10-02")]
    items = [{"date": day, "value": value, "realtime_start": loaded} for day, value, loaded in rows]
    stub.on(API, as_json({"count": len(items), "observations": items}))
    request = FetchRequest(date(2026, 7, 1), date(2026, 10, 6), series=("A34SNO", "CAPUTLG3344S"))

    found = (await Fred(http, key=KEY).fetch(request, NOW)).observations

    # 10:00 and 9:15 New York in summer.
    assert [f"{at:%m-%d %H:%M}" for at in found["A34SNO"]["known_at"]] == ["09-03 14:00", "10-02 14:00"]
    assert [f"{at:%m-%d %H:%M}" for at in found["CAPUTLG3344S"]["known_at"]] == ["09-03 13:15", "10-02 13:15"]
    assert all(seen.query["realtime_start"] == "1776-07-04" for seen in stub.seen)
