"""What a check of one source says: of a host that is dead, of one that takes its second way, of one whose document is old."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

import pytest
import pytest_asyncio

from bot.calendar.clock import Calendar
from bot.domain.fetched import FetchRequest
from bot.sources.check import AddressAnswer, AddressLine, Watch, check
from bot.sources.fed_calendar import Fed
from bot.sources.fund_issuers import invesco
from bot.sources.http.host_policy import HostPolicy
from bot.sources.http.http_client import Http
from bot.sources.treasury import Treasury
from tests.bot.sources.contract.rates import CURVE, FEED, REAL, XML
from tests.support.http_stub import PAGE, HttpStub, Reply, Waits, as_json

NOW = datetime(2026, 10, 6, 22, tzinfo=UTC)
YIELDS = FetchRequest(date(2026, 10, 1), date(2026, 10, 6), series=("DFII10",))
MEETINGS = FetchRequest(date(2026, 10, 6), date(2026, 10, 6), records=("meetings",))
CALENDAR = "www.federalreserve.gov/json/calendar.json"


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest_asyncio.fixture
async def http(stub: HttpStub, watch: Watch) -> AsyncIterator[Http]:
    client = Http(
        base_urls=stub.base_urls, raw_archive=watch, observe=watch.observe, sleep=Waits(), monotonic=lambda: 0.0
    )
    yield client
    await client.close()


async def test_a_source_that_works_says_its_rows_and_its_newest_day(http: Http, stub: HttpStub, watch: Watch) -> None:
    stub.on(CURVE, REAL)
    found = await check(Treasury(http), [YIELDS], watch, NOW, monotonic=iter([1.0, 3.5]).__next__)
    assert found.addresses == (AddressLine(CURVE, AddressAnswer.ANSWERED, 0.0),)
    assert (found.rows, found.newest, found.problem, found.seconds) == (2, date(2026, 10, 5), None, 2.5)
    assert found.verdict == "works"


@pytest.mark.parametrize("reply", [Reply(how="reset"), Reply(how="slow")])
async def test_a_dead_host_is_told_once_however_often_it_was_tried(stub: HttpStub, watch: Watch, reply: Reply) -> None:
    policy = {"www.federalreserve.gov": HostPolicy(timeout_seconds=0.05, tries=3)}
    http = Http(base_urls=stub.base_urls, policies=policy, observe=watch.observe, sleep=Waits(), monotonic=lambda: 0.0)
    stub.on(CALENDAR, reply)
    found = await check(Fed(http), [MEETINGS], watch, NOW)
    assert [(line.where, line.answer) for line in found.addresses] == [(CALENDAR, AddressAnswer.SILENT)]
    assert found.verdict.startswith("gives nothing: www.federalreserve.gov: ")
    assert found.verdict.count("federalreserve") == 1


async def test_where_both_ways_of_a_source_are_dead_it_is_one_sentence(
    http: Http, stub: HttpStub, watch: Watch
) -> None:
    for place in (CURVE, FEED):
        stub.on(place, *[Reply(how="reset")] * 10)
    found = await check(Treasury(http), [YIELDS], watch, NOW)
    assert not found.was_answered
    assert re.fullmatch(r"gives nothing: home\.treasury\.gov: could not be reached \(\w+\)", found.verdict), (
        found.verdict
    )


async def test_a_second_way_that_is_taken_shows_what_is_wrong_with_the_first(
    http: Http, stub: HttpStub, watch: Watch
) -> None:
    stub.on(CURVE, PAGE)
    stub.on(FEED, XML)
    found = await check(Treasury(http), [YIELDS], watch, NOW)
    assert [(line.where, line.answer) for line in found.addresses] == [
        (CURVE, AddressAnswer.CHANGED),
        (FEED, AddressAnswer.ANSWERED),
    ]
    assert found.problem is None
    assert found.verdict.startswith("works; the CSV fails, so the feed is read: ")


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (403, AddressAnswer.REFUSED),
        (406, AddressAnswer.REFUSED),
        (429, AddressAnswer.REFUSED),
        (404, AddressAnswer.ABSENT),
        (500, AddressAnswer.FAILED),
    ],
)
async def test_refusals_failures_and_absent_files_are_told_apart(
    http: Http, stub: HttpStub, watch: Watch, status: int, answer: AddressAnswer
) -> None:
    stub.on(CALENDAR, Reply(b"", status))
    found = await check(Fed(http), [MEETINGS], watch, NOW)
    assert [line.answer for line in found.addresses] == [answer]
    assert found.problem is not None


async def test_a_redirect_that_is_not_followed_is_a_move(http: Http, stub: HttpStub, watch: Watch) -> None:
    stub.on(CALENDAR, Reply(b"", 301, {"Location": "https://new.example.org/calendar.json"}))
    found = await check(Fed(http), [MEETINGS], watch, NOW)
    assert [line.answer for line in found.addresses] == [AddressAnswer.MOVED]
    assert "sends to new.example.org" in found.verdict


async def test_a_document_that_is_old_is_told_with_its_age(
    http: Http, stub: HttpStub, watch: Watch, calendar: Calendar
) -> None:
    price = {"effectiveDate": "2026-08-03", "cusip": "46090E103", "nav": 612.5, "sharesOutstanding": 640_000_000}
    place = "dng-api.invesco.com/cache/v1/accounts/en_US/shareclasses/46090E103/prices"
    stub.on(place, as_json(price))
    request = FetchRequest(date(2026, 9, 22), date(2026, 10, 6), tickers=("QQQ",), records=("funds",))
    found = await check(invesco(http, calendar=calendar), [request], watch, NOW)
    assert found.verdict == f"gives nothing: {place} is of 2026-08-03, 64 days old; 30 are accepted"


def test_answers_of_yahoo_are_seen_when_they_are_kept(watch: Watch) -> None:
    watch.keep("https://query2.finance.yahoo.com/v8/finance/chart/SPY", {}, 200, b"{}", NOW)
    watch.keep("https://home.treasury.gov/x", {}, 200, b"", NOW)
    assert [exchange.url for exchange in watch.exchanges] == ["https://query2.finance.yahoo.com/v8/finance/chart/SPY"]
