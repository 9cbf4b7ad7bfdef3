"""Which ticker a CUSIP belongs to: today's list, lists of other days, symbols that were given away again, and bad answers."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

import openpyxl
import pytest
import pytest_asyncio

from bot.errors import SourceError
from bot.sources.edgar import POLICIES
from bot.sources.edgar.cache import EdgarCache
from bot.sources.edgar.form13f import cusips
from bot.sources.edgar.form13f.cusips import Security, by_cusip
from bot.sources.edgar.rate_policy import SecClient
from bot.sources.http.http_client import Http
from bot.sources.http.responses import HttpResponse
from tests.bot.sources.edgar import filings
from tests.support.http_stub import PAGE, HttpStub, Reply, Waits, as_json, too_many

NOW = datetime(2026, 8, 28, 14, tzinfo=UTC)
DAY = date(2026, 8, 14)
SPY = "www.ssga.com/library-content/products/fund-data/etfs/us/holdings-daily-us-en-spy.xlsx"
NEWEST, OLDER = (f"{filings.FAILS}/cnsfails{half}.zip" for half in ("202608a", "202607b"))
NVDA, BRK, LAM, OLD_LAM = "67066G104", "084670702", "512807306", "512807108"


def spy(
    rows: Sequence[tuple[str, str, str]], header: Sequence[str] = ("Name", "Ticker", "Identifier", "SEDOL")
) -> bytes:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    for row in (("Fund Name:", "SPDR S&P 500 ETF Trust"), ("Ticker Symbol:", "SPY"), (), tuple(header)):
        sheet.append(row)
    for name, ticker, cusip in (*rows, ("US DOLLAR", "-", "CASH_USD"), ("Past performance ...", None, None)):
        sheet.append((name, ticker, cusip, "x"))
    body = io.BytesIO()
    book.save(body)
    return body.getvalue()


def test_spy_names_ticker_and_cusip() -> None:
    body = spy([("NVIDIA CORP", "NVDA", NVDA), ("BERKSHIRE HATHAWAY INC CL B", "BRK.B", BRK)])
    found = cusips.read_spy(HttpResponse(200, body, "SPY"))
    assert found == [Security(NVDA, "NVDA", "NVIDIA CORP"), Security(BRK, "BRKB", "BERKSHIRE HATHAWAY INC CL B")]
    with pytest.raises(SourceError, match="has no column Identifier, only Name, Ticker, SEDOL, Weight"):
        cusips.read_spy(HttpResponse(200, spy([], ("Name", "Ticker", "SEDOL", "Weight")), "SPY"))


def test_a_cusip_that_a_workbook_holds_as_a_number_has_its_leading_zeros() -> None:
    """Apple's is 037833100, and a list of the SEC that was saved as numbers has 37833100."""
    body = spy([("APPLE INC", "AAPL", 37833100)])  # type: ignore[list-item]
    listed = filings.fails([("37833100", "AAPL")]).body
    of_spy, of_sec = (
        cusips.read_spy(HttpResponse(200, body, "SPY")),
        cusips.read_fails(HttpResponse(200, listed, "SEC")),
    )
    assert [security.cusip for security in (*of_spy, *of_sec)] == ["037833100", "037833100"]


def test_a_security_that_got_another_cusip_keeps_both() -> None:
    today = [Security(LAM, "LRCX", "LAM RESEARCH CORP"), Security("11135F101", "AVGO", "BROADCOM INC")]
    other = [Security(OLD_LAM, "LRCX", "LAM RESH CORP COM"), Security("Y09827109", "AVGO", "BROADCOM LTD SHS")]
    assert by_cusip(["LRCX", "AVGO"], today, other) == {
        LAM: "LRCX",
        OLD_LAM: "LRCX",
        "11135F101": "AVGO",
        "Y09827109": "AVGO",
    }


def test_a_symbol_that_was_somebody_elses_then_is_not_taken_for_the_company() -> None:
    """META was the symbol of a fund until January 2022."""
    today = [Security("30303M102", "META", "META PLATFORMS INC CLASS A")]
    fund = Security("53656F417", "META", "LISTED FD TR ROUNDHILL BALL METAV")
    facebook = Security("30303M102", "FB", "FACEBOOK INC CL A")
    assert by_cusip(["META"], today, [fund, facebook]) == {"30303M102": "META"}
    assert by_cusip(["META"], [], [fund]) == {"53656F417": "META"}


def test_spellings_of_one_symbol_are_one() -> None:
    assert by_cusip(["BRK-B"], [Security(BRK, cusips.plain_symbol("BRK.B"), "X")], []) == {BRK: "BRK-B"}


@pytest_asyncio.fixture
async def cache(stub: HttpStub, waits: Waits) -> AsyncIterator[EdgarCache]:
    client = Http(contact="A b@example.org", base_urls=stub.base_urls, policies=POLICIES, sleep=waits)
    stub.on(NEWEST, filings.fails([(NVDA, "NVDA")]))
    stub.on(SPY, Reply(spy([("LAM RESEARCH CORP", "LRCX", LAM)])))
    yield EdgarCache(SecClient(client), client)
    await client.close()


async def test_both_lists_are_put_together_and_older_ones_asked_only_for_what_is_missing(
    cache: EdgarCache, stub: HttpStub
) -> None:
    assert await cache.cusips(["NVDA", "LRCX"], DAY, NOW) == {LAM: "LRCX", NVDA: "NVDA"}
    assert stub.count(OLDER) == 0
    stub.on(OLDER, filings.fails([(BRK, "BRK.B")]))
    assert await cache.cusips(["NVDA", "BRK-B"], DAY, NOW) == {NVDA: "NVDA", BRK: "BRK-B"}
    # What was read before is not asked for again.
    assert (stub.count(SPY), stub.count(NEWEST), stub.count(OLDER)) == (1, 1, 1)


@pytest.mark.parametrize(
    "reply",
    [
        as_json({}, 404),
        PAGE,
        Reply(b""),
        Reply(b"PK\x03\x04 broken"),
        Reply(spy([]), how="truncated"),
        Reply(spy([], ("Name", "Ticker", "SEDOL", "Weight"))),
        too_many(),
    ],
)
async def test_without_state_street_the_sec_alone_tells(cache: EdgarCache, stub: HttpStub, reply: Reply) -> None:
    stub.on(SPY, reply)
    assert await cache.cusips(["NVDA"], DAY, NOW) == {NVDA: "NVDA"}


@pytest.mark.parametrize(
    "reply",
    [as_json({}, 404), PAGE, Reply(b""), Reply(b"PK\x03\x04 broken"), filings.fails([], header="CUSIP|ID|DESCRIPTION")],
)
async def test_without_the_secs_lists_state_street_alone_tells(cache: EdgarCache, stub: HttpStub, reply: Reply) -> None:
    stub.on(NEWEST, reply)
    assert await cache.cusips(["LRCX", "NVDA"], DAY, NOW) == {LAM: "LRCX"}


async def test_a_refusal_of_the_sec_is_told(cache: EdgarCache, stub: HttpStub) -> None:
    stub.on(NEWEST, too_many("900"))
    with pytest.raises(SourceError, match="429"):
        await cache.cusips(["NVDA"], DAY, NOW)
