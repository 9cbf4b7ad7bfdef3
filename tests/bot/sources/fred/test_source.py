"""FRED with and without a key against a local server."""

from __future__ import annotations

import io
import logging
import traceback
import zipfile
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import pytest

from bot.domain.fetched import FetchRequest, HealthState
from bot.errors import SourceError
from bot.sources.fred.source import POLICIES, Fred
from bot.sources.http.http_client import Http
from tests.support.http_stub import PAGE, HttpStub, Reply, Waits, as_json, as_text, too_many

NOW = datetime(2026, 10, 6, 21, tzinfo=UTC)
GRAPH = "fred.stlouisfed.org/graph/fredgraph.csv"
API = "api.stlouisfed.org/fred/series/observations"
KEY = "0123456789abcdef0123456789abcdef"
YIELDS = FetchRequest(date(2026, 10, 1), date(2026, 10, 6), series=("DFII10", "DGS10", "DGS2"))
CSV = "observation_date,DFII10,DGS10,DGS2\n2026-10-01,2.90,5.25,4.80\n2026-10-02,.,,.\n2026-10-05,2.95,5.30,4.81\n"


def zipped(**files: str) -> Reply:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        for name, text in files.items():
            archive.writestr(f"{name}.csv", text)
        archive.writestr("README.txt", "about these files")
    return Reply(body.getvalue(), headers={"Content-Type": "application/zip"})


def observations(*rows: tuple[str, str, str]) -> Reply:
    items = [
        {"realtime_start": loaded, "realtime_end": "9999-12-31", "date": day, "value": value}
        for day, value, loaded in rows
    ]
    return as_json({"count": len(items), "observations": items})


def values(table: pd.DataFrame) -> dict[str, float]:
    return {str(day.date()): value for day, value in table["value"].items()}


@pytest.mark.parametrize("first", ["observation_date", "DATE"])
async def test_without_a_key_the_csv_is_read_whatever_its_date_column_is_called(
    http: Http, stub: HttpStub, first: str
) -> None:
    stub.on(GRAPH, as_text(CSV.replace("observation_date", first)))

    fetched = await Fred(http).fetch(YIELDS, NOW)

    assert values(fetched.observations["DFII10"]) == {"2026-10-01": 2.90, "2026-10-05": 2.95}
    assert values(fetched.observations["DGS2"]) == {"2026-10-01": 4.80, "2026-10-05": 4.81}
    assert fetched.observations["DGS10"]["known_at"].isna().all()
    assert stub.seen[0].query == {"id": "DFII10,DGS10,DGS2", "cosd": "2026-10-01", "coed": "2026-10-06"}


async def test_a_zip_of_several_files_is_read_like_one(http: Http, stub: HttpStub) -> None:
    stub.on(
        GRAPH,
        zipped(
            Daily="observation_date,DFII10,DGS10\n2026-10-01,2.90,5.25\n",
            Other="observation_date,DGS2\n2026-10-01,4.80\n",
        ),
    )

    fetched = await Fred(http).fetch(YIELDS, NOW)

    assert {sid: values(table) for sid, table in fetched.observations.items()} == {
        "DFII10": {"2026-10-01": 2.90},
        "DGS10": {"2026-10-01": 5.25},
        "DGS2": {"2026-10-01": 4.80},
    }


async def test_a_zip_that_cannot_be_read_is_an_error(http: Http, stub: HttpStub) -> None:
    stub.on(GRAPH, Reply(b"PK\x03\x04 not really"))

    with pytest.raises(SourceError, match="no ZIP that can be read"):
        await Fred(http).fetch(YIELDS, NOW)


async def test_a_zip_bomb_is_refused_before_it_is_unpacked(http: Http, stub: HttpStub) -> None:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", b"0" * 40_000_000)
    stub.on(GRAPH, Reply(body.getvalue()))

    with pytest.raises(SourceError, match="more than 32 MB"):
        await Fred(http).fetch(YIELDS, NOW)


async def test_an_id_that_is_dropped_silently_is_missing_with_the_reason(http: Http, stub: HttpStub) -> None:
    stub.on(GRAPH, as_text("observation_date,DFII10,DGS10\n2026-10-01,2.90,5.25\n"))

    fetched = await Fred(http).fetch(YIELDS, NOW)

    assert set(fetched.observations) == {"DFII10", "DGS10"}
    assert fetched.missing == {"DGS2": "FRED left it out of its answer, so it does not know the id"}


async def test_a_series_of_dots_is_unknown_and_not_zero(http: Http, stub: HttpStub) -> None:
    stub.on(GRAPH, as_text("observation_date,DFII10,DGS10,DGS2\n2026-10-01,.,.,.\n"))

    fetched = await Fred(http).fetch(YIELDS, NOW)

    assert not fetched.observations
    assert set(fetched.missing) == set(YIELDS.series)


async def test_a_404_page_leads_to_asking_one_by_one(http: Http, stub: HttpStub) -> None:
    missing_page = Reply(b"<!DOCTYPE html><html>404</html>", 404)
    stub.on(
        GRAPH,
        missing_page,
        as_text("DATE,DFII10\n2026-10-01,2.9\n"),
        missing_page,
        as_text("DATE,DGS2\n2026-10-01,4.8\n"),
    )

    fetched = await Fred(http).fetch(YIELDS, NOW)

    assert set(fetched.observations) == {"DFII10", "DGS2"}
    assert "404" in fetched.missing["DGS10"]


async def test_a_404_for_every_id_is_an_error(http: Http, stub: HttpStub) -> None:
    with pytest.raises(SourceError, match="FRED knows none of"):
        await Fred(http).fetch(YIELDS, NOW)


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (as_text("observation_date,DFII10\nyesterday,1\n"), "'yesterday' stands where a date is expected"),
        (Reply(b"\xff\xfe\x00bad"), "not UTF-8"),
        (Reply(b"", 500), "answered 500"),
    ],
)
async def test_an_unusable_answer_says_what_is_wrong(http: Http, stub: HttpStub, reply: Reply, says: str) -> None:
    stub.on(GRAPH, reply)
    fred = Fred(http)

    with pytest.raises(SourceError, match=says):
        await fred.fetch(YIELDS, NOW)
    assert fred.health.state is HealthState.FAILING
    assert fred.health.failures == 1


async def test_with_a_key_each_series_is_asked_of_the_api(http: Http, stub: HttpStub) -> None:
    stub.on(API, observations(("2026-10-01", "2.90", "2026-10-06"), ("2026-10-02", ".", "2026-10-06")))

    fetched = await Fred(http, key=KEY).fetch(YIELDS, NOW)

    assert values(fetched.observations["DFII10"]) == {"2026-10-01": 2.90}
    assert fetched.observations["DFII10"]["known_at"].isna().all()
    assert [seen.query["series_id"] for seen in stub.seen] == ["DFII10", "DGS10", "DGS2"]
    assert "realtime_start" not in stub.seen[0].query


async def test_the_api_is_asked_less_than_the_two_times_a_second_that_it_allows(stub: HttpStub) -> None:
    waits = Waits()
    client = Http(base_urls=stub.base_urls, policies=POLICIES, sleep=waits, monotonic=lambda: 0.0, jitter=lambda: 0.5)
    stub.on(API, observations(("2026-10-01", "2.90", "2026-10-06")))
    await Fred(client, key=KEY).fetch(YIELDS, NOW)
    await client.close()
    assert waits.seconds == pytest.approx([0.6, 1.2])


async def test_with_a_key_monthly_series_come_with_every_revision_and_its_day(http: Http, stub: HttpStub) -> None:
    stub.on(
        API,
        observations(
            ("2026-08-01", "160100", "2026-10-02"),
            ("2026-07-01", "160000", "2026-08-07"),
            ("2026-07-01", "159900", "2026-09-04"),
            ("2020-01-01", "152000", "2021-03-05"),
        ),
    )

    fetched = await Fred(http, key=KEY).fetch(
        FetchRequest(date(2026, 10, 1), date(2026, 10, 6), series=("PAYEMS",)), NOW
    )

    table = fetched.observations["PAYEMS"].reset_index()
    assert list(table["value"]) == [152000, 160000, 159900, 160100]
    # 08:30 in New York is 12:30 UTC in summer; the row of 2020 was loaded long after its release, so the rule holds.
    assert list(table["known_at"]) == [
        pd.NaT,
        pd.Timestamp("2026-08-07 12:30", tz="UTC"),
        pd.Timestamp("2026-09-04 12:30", tz="UTC"),
        pd.Timestamp("2026-10-02 12:30", tz="UTC"),
    ]
    assert stub.seen[0].query["realtime_start"] == "1776-07-04"
    assert stub.seen[0].query["observation_start"] == "2025-08-27"


async def test_an_id_that_the_api_does_not_know_is_missing_and_the_others_are_given(http: Http, stub: HttpStub) -> None:
    unknown = as_json({"error_code": 400, "error_message": "Bad Request.  The series does not exist."}, 400)
    stub.on(
        API,
        observations(("2026-10-01", "2.90", "2026-10-06")),
        unknown,
        observations(("2026-10-01", "4.8", "2026-10-06")),
    )

    fetched = await Fred(http, key=KEY).fetch(YIELDS, NOW)

    assert set(fetched.observations) == {"DFII10", "DGS2"}
    assert fetched.missing["DGS10"] == "FRED: Bad Request.  The series does not exist."


async def test_a_refused_key_is_said_once_and_not_tried_for_every_series(http: Http, stub: HttpStub) -> None:
    message = f"Bad Request.  The value for variable api_key is not registered: {KEY}"
    stub.on(API, as_json({"error_code": 400, "error_message": message}, 400))

    with pytest.raises(SourceError, match="does not accept the API key") as caught:
        await Fred(http, key=KEY).fetch(YIELDS, NOW)
    assert KEY not in str(caught.value)
    assert len(stub.seen) == 1


async def test_a_refusal_half_way_keeps_what_came(http: Http, stub: HttpStub) -> None:
    stub.on(API, observations(("2026-10-01", "2.90", "2026-10-06")), too_many("600"))
    fred = Fred(http, key=KEY)

    fetched = await fred.fetch(YIELDS, NOW)

    assert set(fetched.observations) == {"DFII10"}
    assert "429" in fetched.missing["DGS10"]
    assert fetched.missing["DGS2"].startswith("not asked")
    assert fred.health.state is HealthState.RESTING


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"observation": []}, "no observations"),
        ({"observations": [{"date": "2026-10-01"}]}, "it has no realtime_start"),
        ({"count": 3, "observations": []}, "0 of 3 rows"),
    ],
)
async def test_a_changed_format_names_the_field(http: Http, stub: HttpStub, body: Any, says: str) -> None:
    stub.on(API, as_json(body))

    with pytest.raises(SourceError, match=says):
        await Fred(http, key=KEY).fetch(YIELDS, NOW)


@pytest.mark.parametrize(
    "reply", [too_many(), Reply(b"", 500), PAGE, Reply(how="reset"), as_json([]), as_json({}, 400)]
)
async def test_the_key_is_in_no_log_and_no_error(
    http: Http, stub: HttpStub, caplog: pytest.LogCaptureFixture, reply: Reply
) -> None:
    caplog.set_level(logging.DEBUG)
    stub.on(API, reply)

    said = ""
    try:
        said = str((await Fred(http, key=KEY).fetch(YIELDS, NOW)).missing)
    except SourceError as error:
        said = "".join(traceback.format_exception(error))

    assert said
    assert KEY not in said
    assert KEY not in caplog.text


def test_pieces_go_by_frequency_and_leave_out_what_is_not_freds(http: Http) -> None:
    ids = (
        "CPILFESL",
        "VIX",
        "DFF",
        "DGS10",
        "PAYEMS",
        "DFII10",
        "CBOE_EQUITY_PC",
        "DFEDTARU",
        "T10YIE",
        "PCEPI",
        "UNRATE",
    )

    pieces = Fred(http).split(
        FetchRequest(date(2026, 1, 1), date(2026, 10, 6), tickers=("SPY",), series=ids, universe=True)
    )

    assert [piece.series for piece in pieces] == [
        ("DGS10", "DFII10", "T10YIE"),
        ("DFF", "DFEDTARU"),
        ("CPILFESL", "PAYEMS", "PCEPI", "UNRATE"),
    ]
    assert all(not piece.tickers and not piece.universe for piece in pieces)


async def test_an_answer_of_the_api_begins_with_its_first_value_and_not_with_its_first_date(
    http: Http, stub: HttpStub
) -> None:
    rows = [
        {"realtime_start": "2024-10-30", "realtime_end": "2024-10-30", "date": day, "value": value}
        for day, value in (("1946-01-01", "."), ("1946-04-01", "."), ("1946-07-01", "7.25"), ("1946-10-01", "7.5"))
    ]
    head = {"units": "lin", "output_type": 1, "file_type": "json", "count": 4, "offset": 0, "limit": 100000}
    stub.on(API, as_json({**head, "observations": rows}))

    fetched = await Fred(http, key=KEY).fetch(FetchRequest(date(1946, 1, 1), date(2024, 7, 1), series=("DGS10",)), NOW)

    assert values(fetched.observations["DGS10"]) == {"1946-07-01": 7.25, "1946-10-01": 7.5}
