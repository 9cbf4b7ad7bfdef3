"""Cboe's index files, daily statistics and archives."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import pytest

from bot.calendar.clock import Calendar
from bot.domain.fetched import Fetched, FetchRequest, HealthState
from bot.errors import SourceError
from bot.sources.cboe import put_call_ratios
from bot.sources.cboe.hosts import POLICIES
from bot.sources.cboe.indices import Cboe
from bot.sources.http.http_client import Http
from bot.sources.http.responses import HttpResponse
from tests.support.http_stub import HttpStub, Reply, Waits, as_json, as_text

NOW = datetime(2024, 3, 9, 12, tzinfo=UTC)
WEEK = (date(2024, 3, 4), date(2024, 3, 8))
DAILY = "cdn-api.cboe.com/data/us/options/market_statistics/daily"
RATIOS = ("CBOE_EQUITY_PC", "CBOE_TOTAL_PC", "CBOE_INDEX_PC")


def index(name: str) -> str:
    return f"cdn-api.cboe.com/api/global/us_indices/daily_prices/{name}_History.csv"


def archive(name: str) -> str:
    return f"cdn-api.cboe.com/resources/options/volume_and_call_put_ratios/{name}.csv"


def statistics(total: str = "0.90", of_indices: str = "1.08", equity: str = "0.61") -> Reply:
    names = ("TOTAL PUT/CALL RATIO", "INDEX PUT/CALL RATIO", "EQUITY PUT/CALL RATIO")
    ratios = [{"name": name, "value": value} for name, value in zip(names, (total, of_indices, equity), strict=True)]
    return as_json({"ratios": ratios, "SUM OF ALL PRODUCTS": []})


def values(table: pd.DataFrame) -> dict[str, float]:
    return {str(day.date()): value for day, value in table["value"].items()}


@pytest.fixture
def cboe(http: Http, calendar: Calendar) -> Cboe:
    return Cboe(http, calendar=calendar)


async def test_closes_of_an_index_are_read_inside_the_window(cboe: Cboe, stub: HttpStub) -> None:
    rows = "03/01/2024,13,14,12,13.11\n03/07/2024,14,15,14,14.44\n03/08/2024,0,0,0,14.74\n"
    stub.on(index("VIX"), as_text("DATE,OPEN,HIGH,LOW,CLOSE\n" + rows))

    fetched = await cboe.fetch(FetchRequest(*WEEK, series=("VIX",)), NOW)

    assert values(fetched.observations["VIX"]) == {"2024-03-07": 14.44, "2024-03-08": 14.74}
    assert not fetched.missing


async def test_skew_has_two_columns(cboe: Cboe, stub: HttpStub) -> None:
    stub.on(index("SKEW"), as_text("DATE,SKEW\n03/07/2024,139.5\n03/08/2024,.\n"))

    fetched = await cboe.fetch(FetchRequest(*WEEK, series=("SKEW",)), NOW)

    assert values(fetched.observations["SKEW"]) == {"2024-03-07": 139.5}


async def test_a_row_of_a_session_that_is_not_final_is_not_taken(cboe: Cboe, stub: HttpStub) -> None:
    stub.on(index("VIX"), as_text("DATE,OPEN,HIGH,LOW,CLOSE\n03/07/2024,1,1,1,14.44\n03/08/2024,1,1,1,14.9\n"))

    fetched = await cboe.fetch(FetchRequest(*WEEK, series=("VIX",)), datetime(2024, 3, 8, 21, 10, tzinfo=UTC))

    assert values(fetched.observations["VIX"]) == {"2024-03-07": 14.44}


async def test_a_file_that_has_stopped_is_given_and_named(
    cboe: Cboe, stub: HttpStub, caplog: pytest.LogCaptureFixture
) -> None:
    stub.on(index("VXN"), as_text("DATE,OPEN,HIGH,LOW,CLOSE\n02/28/2024,1,1,1,17.0\n"))
    request = FetchRequest(date(2024, 2, 1), date(2024, 3, 8), series=("VXN",))

    fetched = await cboe.fetch(request, NOW)
    await cboe.fetch(request, NOW)

    assert values(fetched.observations["VXN"]) == {"2024-02-28": 17.0}
    assert fetched.missing == {"VXN": "VXN: Cboe's file ends on 2024-02-28"}
    assert caplog.text.count("ends on 2024-02-28") == 1


async def test_a_file_that_is_a_session_behind_has_not_stopped(cboe: Cboe, stub: HttpStub) -> None:
    stub.on(index("VIX"), as_text("DATE,OPEN,HIGH,LOW,CLOSE\n03/07/2024,1,1,1,14.44\n"))

    fetched = await cboe.fetch(FetchRequest(*WEEK, series=("VIX",)), NOW)

    assert not fetched.missing


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (as_text("something else\n"), "no line with DATE, CLOSE"),
        (as_text("DATE,CLOSE\n2024-03-08,1\n"), "'2024-03-08' stands where a date is expected"),
        (as_text("gone", 403), "answered 403"),
    ],
)
async def test_an_unusable_file_says_what_is_wrong(cboe: Cboe, stub: HttpStub, reply: Reply, says: str) -> None:
    stub.on(index("VIX"), reply)

    with pytest.raises(SourceError, match=says):
        await cboe.fetch(FetchRequest(*WEEK, series=("VIX",)), NOW)


async def test_put_call_ratios_are_asked_per_session(cboe: Cboe, stub: HttpStub) -> None:
    for day in range(4, 9):
        stub.on(f"{DAILY}/2024-03-0{day}_daily_options", statistics(equity=f"0.6{day}"))

    fetched = await cboe.fetch(FetchRequest(*WEEK, series=RATIOS), NOW)

    assert list(fetched.observations["CBOE_EQUITY_PC"]["value"]) == [0.64, 0.65, 0.66, 0.67, 0.68]
    assert list(fetched.observations["CBOE_TOTAL_PC"]["value"]) == [0.90] * 5
    assert list(fetched.observations["CBOE_INDEX_PC"]["value"]) == [1.08] * 5
    assert len(stub.seen) == 5


@pytest.mark.parametrize("status", [403, 404])
async def test_a_session_that_is_not_published_is_unknown(cboe: Cboe, stub: HttpStub, status: int) -> None:
    for day in range(4, 8):
        stub.on(f"{DAILY}/2024-03-0{day}_daily_options", statistics(equity=f"0.6{day}"))
    stub.on(f"{DAILY}/2024-03-08_daily_options", as_text("<Error>AccessDenied</Error>", status))

    fetched = await cboe.fetch(FetchRequest(*WEEK, series=("CBOE_EQUITY_PC",)), NOW)

    assert list(values(fetched.observations["CBOE_EQUITY_PC"])) == [
        "2024-03-04",
        "2024-03-05",
        "2024-03-06",
        "2024-03-07",
    ]
    assert not fetched.missing


async def test_the_file_of_the_session_before_under_the_name_of_the_next_is_no_answer(
    cboe: Cboe, stub: HttpStub
) -> None:
    for day, equity in {4: "0.61", 5: "0.58", 6: "0.61", 7: "0.70", 8: "0.70"}.items():
        stub.on(f"{DAILY}/2024-03-0{day}_daily_options", statistics(equity=equity))

    fetched = await cboe.fetch(FetchRequest(*WEEK, series=RATIOS), NOW)

    for name in RATIOS:
        assert list(values(fetched.observations[name])) == ["2024-03-04", "2024-03-05", "2024-03-06", "2024-03-07"]
    assert fetched.missing == dict.fromkeys(RATIOS, "Cboe's statistics of 2024-03-08 are those of the session before")


@pytest.mark.parametrize("status", [403, 404])
async def test_that_no_session_of_a_week_is_published_is_a_failure(cboe: Cboe, stub: HttpStub, status: int) -> None:
    for day in range(4, 9):
        stub.on(f"{DAILY}/2024-03-0{day}_daily_options", as_text("<Error>AccessDenied</Error>", status))

    with pytest.raises(SourceError, match=f"answered {status} for the statistics of all of 5 sessions"):
        await cboe.fetch(FetchRequest(*WEEK, series=RATIOS), NOW)
    assert cboe.health.state is HealthState.FAILING


async def test_a_holiday_is_not_asked_for(cboe: Cboe, stub: HttpStub) -> None:
    fetched = await cboe.fetch(FetchRequest(date(2024, 2, 17), date(2024, 2, 19), series=("CBOE_EQUITY_PC",)), NOW)

    assert stub.seen == []
    assert "nothing between" in fetched.missing["CBOE_EQUITY_PC"]


@pytest.mark.parametrize("value", ["", "N/A", "0.00"])
async def test_a_ratio_without_a_value_is_missing_and_not_zero(cboe: Cboe, stub: HttpStub, value: str) -> None:
    stub.on(f"{DAILY}/2024-03-08_daily_options", statistics(equity=value))

    fetched = await cboe.fetch(FetchRequest(date(2024, 3, 8), date(2024, 3, 8), series=RATIOS[:2]), NOW)

    assert set(fetched.observations) == {"CBOE_TOTAL_PC"}
    assert fetched.missing["CBOE_EQUITY_PC"] == "Cboe's statistics of 2024-03-08 have no equity put/call ratio"


@pytest.mark.parametrize("body", [{"ratio": []}, {"ratios": [{"label": "x"}]}, []])
async def test_changed_statistics_name_the_field(cboe: Cboe, stub: HttpStub, body: Any) -> None:
    stub.on(f"{DAILY}/2024-03-08_daily_options", as_json(body))

    with pytest.raises(SourceError, match="its format has changed"):
        await cboe.fetch(FetchRequest(date(2024, 3, 8), date(2024, 3, 8), series=RATIOS), NOW)


async def test_the_archive_is_read_below_its_legal_text(cboe: Cboe, stub: HttpStub) -> None:
    text = (
        '"Cboe does not warrant, at all, these data",,,,\n,,PRODUCT: EQUITY,,\nDATE,CALL,PUT,TOTAL,P/C Ratio\n'
        "9/30/2019,1,2,3,0.59\n10/3/2019,1,2,3,0.72\n10/4/2019,1,2,3,0.60\n"
    )
    stub.on(archive("equitypc"), as_text(text))

    fetched = await cboe.fetch(FetchRequest(date(2019, 10, 1), date(2019, 10, 4), series=("CBOE_EQUITY_PC",)), NOW)

    assert values(fetched.observations["CBOE_EQUITY_PC"]) == {"2019-10-03": 0.72, "2019-10-04": 0.60}


async def test_an_archive_that_ends_too_early_is_refused(cboe: Cboe, stub: HttpStub) -> None:
    stub.on(archive("totalpc"), as_text("DATE,CALLS,PUTS,TOTAL,P/C Ratio\n11/1/2006,1,2,3,0.9\n"))

    with pytest.raises(SourceError, match="does not reach 2019-10-04"):
        await cboe.fetch(FetchRequest(date(2006, 11, 1), date(2019, 10, 4), series=("CBOE_TOTAL_PC",)), NOW)


def test_pieces_are_index_files_then_months_of_ratios_then_archives(cboe: Cboe) -> None:
    request = FetchRequest(
        date(2019, 9, 3), date(2019, 11, 29), tickers=("SPY",), series=("DGS10", "CBOE_EQUITY_PC", "VXN", "VIX")
    )

    pieces = cboe.split(request)

    assert [(piece.start, piece.end, piece.series) for piece in pieces] == [
        (request.start, request.end, ("VIX",)),
        (request.start, request.end, ("VXN",)),
        (date(2019, 11, 1), date(2019, 11, 29), ("CBOE_EQUITY_PC",)),
        (date(2019, 10, 7), date(2019, 10, 31), ("CBOE_EQUITY_PC",)),
        (date(2019, 9, 3), date(2019, 10, 4), ("CBOE_EQUITY_PC",)),
    ]
    assert cboe.split(FetchRequest(*WEEK, series=("DGS10",))) == []


OLD_HOST = "cdn.cboe.com"
PAGE_PLACE = "www.cboe.com/markets/us/options/market-statistics/daily/"
DAY = FetchRequest(date(2024, 3, 8), date(2024, 3, 8), series=RATIOS)
EXPECTED = {"CBOE_EQUITY_PC": 0.61, "CBOE_TOTAL_PC": 0.90, "CBOE_INDEX_PC": 1.08}


def ratio_page(day: str = "2024-03-08", equity: str = "0.61") -> Reply:
    """The page as Next.js sends it: JSON inside a text of a script."""
    names = {"TOTAL": "0.90", "INDEX": "1.08", "EXCHANGE TRADED PRODUCTS": "1.39", "EQUITY": equity}
    ratios = [{"name": f"{name} PUT/CALL RATIO", "value": value} for name, value in names.items()]
    data = {"data": {"optionsData": {"ratios": ratios, "SUM OF ALL PRODUCTS": []}, "selectedDate": day}}
    script = json.dumps(f'24:["$","$L32",null,{json.dumps(data, separators=(",", ":"))}]')
    return Reply(f"<!DOCTYPE html><html><script>self.__next_f.push([1,{script}])</script></html>".encode())


def newest_of(fetched: Fetched) -> dict[str, float]:
    return {sid: table["value"].iloc[-1] for sid, table in fetched.observations.items()}


async def test_the_old_host_is_asked_where_the_new_one_has_nothing(cboe: Cboe, stub: HttpStub) -> None:
    stub.on(index("VIX"), Reply(b"down", 503))
    stub.on(index("VIX").replace("cdn-api.cboe.com", OLD_HOST), as_text("DATE,CLOSE\n03/08/2024,14.74\n"))

    fetched = await cboe.fetch(FetchRequest(*WEEK, series=("VIX",)), NOW)

    assert values(fetched.observations["VIX"]) == {"2024-03-08": 14.74}


async def test_the_old_host_may_send_to_the_new_one(stub: HttpStub, calendar: Calendar) -> None:
    """As it has since 2026, here to a file that the new host has in another place."""
    client = Http(base_urls=stub.base_urls, policies=POLICIES, sleep=Waits(), monotonic=lambda: 0.0)
    stub.on(index("VIX"), as_text("gone", 404))
    stub.on(
        index("VIX").replace("cdn-api.cboe.com", OLD_HOST),
        Reply(b"", 307, {"Location": "https://cdn-api.cboe.com/moved/VIX_History.csv"}),
    )
    stub.on("cdn-api.cboe.com/moved/VIX_History.csv", as_text("DATE,CLOSE\n03/08/2024,14.74\n"))

    fetched = await Cboe(client, calendar=calendar).fetch(FetchRequest(*WEEK, series=("VIX",)), NOW)
    await client.close()

    assert values(fetched.observations["VIX"]) == {"2024-03-08": 14.74}


async def test_the_first_hosts_trouble_is_told_when_neither_has_the_file(cboe: Cboe, stub: HttpStub) -> None:
    stub.on(index("VIX"), Reply(b"down", 503))
    with pytest.raises(SourceError, match=r"cdn-api\.cboe\.com/.*VIX_History\.csv answered 503"):
        await cboe.fetch(FetchRequest(*WEEK, series=("VIX",)), NOW)


@pytest.mark.parametrize(
    "body",
    [
        {"ratios": json.loads(statistics().body)["ratios"]},
        {"ratios": {"TOTAL PUT/CALL RATIO": "0.90", "INDEX PUT/CALL RATIO": 1.08, "EQUITY PUT/CALL RATIO": "0.61"}},
        json.loads(statistics().body)["ratios"],
        [json.loads(statistics().body)],
    ],
    ids=["an object with a list", "an object of an object", "a list", "a list of one object"],
)
async def test_daily_statistics_are_read_in_every_form_that_they_have_had(
    cboe: Cboe, stub: HttpStub, body: Any
) -> None:
    stub.on(f"{DAILY}/2024-03-08_daily_options", as_json(body))
    assert newest_of(await cboe.fetch(DAY, NOW)) == EXPECTED


@pytest.mark.parametrize("file", [as_json({}, 404), as_json({"ratio": []}), Reply(b"down", 503)])
async def test_put_call_ratios_come_from_the_page_where_the_file_gives_none(
    cboe: Cboe, stub: HttpStub, file: Reply, caplog: pytest.LogCaptureFixture
) -> None:
    stub.on(f"{DAILY}/2024-03-08_daily_options", file)
    stub.on(PAGE_PLACE, ratio_page())

    assert newest_of(await cboe.fetch(DAY, NOW)) == EXPECTED

    assert [seen.query for seen in stub.seen if seen.place == PAGE_PLACE] == [{"dt": "2024-03-08"}]
    assert "put/call ratios come from Cboe's page" in caplog.text


@pytest.mark.parametrize(
    ("page", "says"),
    [
        (ratio_page(day="2024-03-07"), "is of 2024-03-07, not of 2024-03-08"),
        (ratio_page(equity="0,61"), "equity put/call ratio: '0,61' is no number"),
        (Reply(b"<!DOCTYPE html><html>maintenance</html>"), "no put/call ratios with their date"),
    ],
)
def test_a_page_of_another_day_or_with_odd_ratios_is_refused(page: Reply, says: str) -> None:
    with pytest.raises(SourceError, match=says):
        put_call_ratios.read_page(HttpResponse(200, page.body, "page"), date(2024, 3, 8))


async def test_a_page_that_fails_once_is_not_asked_for_every_session(cboe: Cboe, stub: HttpStub) -> None:
    with pytest.raises(SourceError, match="answered 404 for the statistics of all of 5 sessions"):
        await cboe.fetch(FetchRequest(*WEEK, series=RATIOS), NOW)
    assert stub.count(PAGE_PLACE) == 1
