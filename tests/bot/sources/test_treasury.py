"""The Treasury's curves, as CSV and as a feed."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pandas as pd
import pytest

from bot.domain.fetched import FetchRequest
from bot.errors import SourceError
from bot.sources.http.http_client import Http
from bot.sources.treasury import Treasury
from tests import recorded
from tests.support.http_stub import PAGE, HttpStub, Reply, as_text

NOW = datetime(2026, 10, 6, 22, tzinfo=UTC)
FOLDER = "home.treasury.gov/resource-center/data-chart-center/interest-rates"
CSV = f"{FOLDER}/daily-treasury-rates.csv/2026/all"
FEED = f"{FOLDER}/pages/xml"
REAL = (
    'Date,"5 YR","7 YR","10 YR","20 YR","30 YR"\n10/05/2026,2.61,2.74,2.91,3.05,3.12\n10/02/2026,2.60,2.73,2.90,,N/A\n'
)
NOMINAL = (
    'Date,"1 Mo","1.5 Month","2 Mo","3 Mo","6 Mo","1 Yr","2 Yr","10 Yr","30 Yr"\n'
    "10/05/2026,4.1,4.1,4.1,4.2,4.3,4.5,4.80,5.25,5.5\n10/02/2026,4.1,4.1,4.1,4.2,4.3,4.5,4.79,5.20,5.4\n"
)
WEEK = (date(2026, 10, 1), date(2026, 10, 6))


def values(table: pd.DataFrame) -> dict[str, float]:
    return {str(day.date()): value for day, value in table["value"].items()}


async def test_real_yields_come_under_freds_ids_oldest_first(http: Http, stub: HttpStub) -> None:
    stub.on(CSV, as_text(REAL))

    fetched = await Treasury(http).fetch(FetchRequest(*WEEK, series=("DFII10", "DFII20")), NOW)

    assert values(fetched.observations["DFII10"]) == {"2026-10-02": 2.90, "2026-10-05": 2.91}
    assert values(fetched.observations["DFII20"]) == {"2026-10-05": 3.05}
    assert fetched.source == "treasury"
    assert [seen.query["type"] for seen in stub.seen] == ["daily_treasury_real_yield_curve"]


async def test_breakeven_is_nominal_minus_real(http: Http, stub: HttpStub) -> None:
    stub.on(CSV, as_text(REAL), as_text(NOMINAL))

    fetched = await Treasury(http).fetch(FetchRequest(*WEEK, series=("T10YIE", "DGS2", "DGS3MO")), NOW)

    assert values(fetched.observations["T10YIE"]) == {"2026-10-02": 2.30, "2026-10-05": 2.34}
    assert values(fetched.observations["DGS2"]) == {"2026-10-02": 4.79, "2026-10-05": 4.80}
    assert values(fetched.observations["DGS3MO"])["2026-10-05"] == 4.2
    assert set(fetched.observations) == {"T10YIE", "DGS2", "DGS3MO"}


@pytest.mark.parametrize("spelling", ["10 YR", "10 Yr", "10 Year", "10YR", "10 Years"])
async def test_headers_are_read_however_they_are_spelt(http: Http, stub: HttpStub, spelling: str) -> None:
    stub.on(CSV, as_text(f'"Date","{spelling}"\n10/05/2026,2.91\n'))

    fetched = await Treasury(http).fetch(FetchRequest(*WEEK, series=("DFII10",)), NOW)

    assert values(fetched.observations["DFII10"]) == {"2026-10-05": 2.91}


async def test_a_tenor_that_is_gone_is_missing_and_named(http: Http, stub: HttpStub) -> None:
    stub.on(CSV, as_text('Date,"5 YR"\n10/05/2026,2.61\n'))

    fetched = await Treasury(http).fetch(FetchRequest(*WEEK, series=("DFII10",)), NOW)

    assert fetched.missing == {"DFII10": "the Treasury's table has no column for 10Y, only 5Y"}


@pytest.mark.parametrize("bad", [PAGE, Reply(b"", 500), Reply(b""), as_text("Datum,10 YR\n"), as_text("Date,ten\n")])
async def test_when_the_csv_fails_the_feed_is_read(http: Http, stub: HttpStub, bad: Reply) -> None:
    stub.on(CSV, bad)
    stub.on(FEED, Reply(recorded.body("treasury/real-yield-feed.xml")))

    fetched = await Treasury(http).fetch(
        FetchRequest(date(2026, 1, 1), date(2026, 1, 31), series=("DFII10", "DFII30")), NOW
    )

    assert values(fetched.observations["DFII10"]) == {"2026-01-02": 1.94, "2026-01-05": 1.91, "2026-01-06": 1.91}
    assert values(fetched.observations["DFII30"])["2026-01-02"] == 2.63


async def test_the_recorded_nominal_curve_is_read_from_its_shortest_to_its_longest_tenor(
    http: Http, stub: HttpStub
) -> None:
    """Seven days of autumn 2026; the row of 2 October begins with 4.04 for a month and ends with 5.63 for 30 years."""
    stub.on(CSV, Reply(recorded.body("treasury/nominal-yields.csv"), headers={"Content-Type": "text/csv"}))
    ids = ("DGS1MO", "DGS3MO", "DGS2", "DGS10", "DGS30")

    fetched = await Treasury(http).fetch(FetchRequest(date(2026, 9, 25), date(2026, 10, 2), series=ids), NOW)

    newest = [fetched.observations[sid]["value"].loc["2026-10-02"] for sid in ids]
    assert newest == [4.04, 4.19, 4.83, 5.28, 5.63]
    assert values(fetched.observations["DGS10"]) == {
        "2026-09-25": 5.17,
        "2026-09-28": 5.24,
        "2026-09-29": 5.26,
        "2026-09-30": 5.29,
        "2026-10-01": 5.24,
        "2026-10-02": 5.28,
    }


async def test_nominal_yields_have_other_names_in_the_feed(http: Http, stub: HttpStub) -> None:
    feed = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:d="urn:d" xmlns:m="urn:m"><entry><content><m:properties>
    <d:NEW_DATE>2026-10-05T00:00:00</d:NEW_DATE><d:BC_2YEAR>4.80</d:BC_2YEAR><d:BC_10YEAR>5.25</d:BC_10YEAR>
    <d:BC_30YEARDISPLAY>0</d:BC_30YEARDISPLAY><d:BC_1_5MONTH></d:BC_1_5MONTH></m:properties></content></entry></feed>"""
    stub.on(FEED, Reply(feed.encode()))

    fetched = await Treasury(http).fetch(FetchRequest(*WEEK, series=("DGS10", "DGS2", "DGS30")), NOW)

    assert values(fetched.observations["DGS10"]) == {"2026-10-05": 5.25}
    assert "DGS30" in fetched.missing


@pytest.mark.parametrize(
    ("feed", "says"),
    [
        (b"<feed><entry>", "XML that cannot be read"),
        (b"<error>down</error>", "<error> where <feed> is expected"),
        (b'<!DOCTYPE feed [<!ENTITY a "b">]><feed>&a;</feed>', "document type"),
        (b"<feed><properties><DAY>1</DAY></properties></feed>", "without NEW_DATE"),
    ],
)
async def test_when_both_fail_both_reasons_are_told(http: Http, stub: HttpStub, feed: bytes, says: str) -> None:
    stub.on(CSV, PAGE)
    stub.on(FEED, Reply(feed))

    with pytest.raises(SourceError, match=f"web page instead of CSV; and the feed: .*{says}"):
        await Treasury(http).fetch(FetchRequest(*WEEK, series=("DFII10",)), NOW)


async def test_one_curve_that_fails_does_not_take_the_other_along(http: Http, stub: HttpStub) -> None:
    stub.on(CSV, PAGE, as_text(NOMINAL))

    fetched = await Treasury(http).fetch(FetchRequest(*WEEK, series=("DFII10", "DGS10", "T10YIE")), NOW)

    assert set(fetched.observations) == {"DGS10"}
    assert "web page" in fetched.missing["DFII10"]
    assert "web page" in fetched.missing["T10YIE"]


async def test_a_new_year_without_rows_is_unknown(http: Http, stub: HttpStub) -> None:
    stub.on(CSV, as_text('Date,"10 YR"\n'))

    fetched = await Treasury(http).fetch(FetchRequest(date(2026, 1, 1), date(2026, 1, 1), series=("DFII10",)), NOW)

    assert not fetched.observations
    assert "no value between" in fetched.missing["DFII10"]


def test_pieces_are_years_newest_first(http: Http) -> None:
    request = FetchRequest(date(2024, 5, 1), date(2026, 2, 1), series=("DGS10", "VIX", "T10YIE", "CPIAUCSL"))

    pieces = Treasury(http).split(request)

    assert [(piece.start, piece.end) for piece in pieces] == [
        (date(2026, 1, 1), date(2026, 2, 1)),
        (date(2025, 1, 1), date(2025, 12, 31)),
        (date(2024, 5, 1), date(2024, 12, 31)),
    ]
    assert pieces[0].series == ("DGS10", "T10YIE")
    assert Treasury(http).split(FetchRequest(date(2024, 5, 1), date(2026, 2, 1), series=("VIX",))) == []
