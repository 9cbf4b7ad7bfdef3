"""EDGAR's manners, and the figures that companies tagged: one contract for all kinds of answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest
import pytest_asyncio

from bot.domain.fetched import FetchRequest, HealthState
from bot.errors import SourceError
from bot.sources.edgar import POLICIES, Edgar, filings_index, xbrl_facts
from bot.sources.http.http_client import Http
from bot.sources.http.responses import Expect, HttpResponse
from signals.asof.fiscal_quarters import Fact, quarters
from signals.core.datasets import empty
from tests import recorded
from tests.bot.sources.edgar import filings
from tests.support.http_stub import HttpStub, Reply, Waits, as_json, as_text, too_many

NOW = datetime(2026, 2, 2, 14, tzinfo=UTC)
PPE = f"{filings.FACTS}/CIK0000789019/us-gaap/PaymentsToAcquirePropertyPlantAndEquipment.json"
PRODUCTIVE = f"{filings.FACTS}/CIK0000789019/us-gaap/PaymentsToAcquireProductiveAssets.json"
MSFT = FetchRequest(date(2016, 1, 1), date(2026, 2, 2), tickers=("MSFT",), records=("facts",))


@pytest_asyncio.fixture
async def sec(stub: HttpStub, waits: Waits) -> AsyncIterator[Http]:
    """The client with the SEC's policies."""
    client = Http(
        contact="Ada Lovelace ada@example.org",
        base_urls=stub.base_urls,
        policies=POLICIES,
        sleep=waits,
        monotonic=lambda: 0.0,
        jitter=lambda: 0.5,
    )
    filings.script(stub)
    yield client
    await client.close()


async def test_facts_come_with_the_instant_since_which_they_are_public(sec: Http, stub: HttpStub) -> None:
    rows = [
        filings.fact("2025-07-01", "2025-12-31", 49.27e9, "2026-01-28"),
        filings.fact("2025-07-01", "2025-09-30", 19.394e9, "2025-10-29"),
    ]
    stub.on(PPE, filings.concept(rows))

    fetched = await Edgar(sec).fetch(MSFT, NOW)

    frame = fetched.records["facts"]
    assert list(frame.columns) == list(empty("facts").columns)
    assert frame.dtypes.to_dict() == empty("facts").dtypes.to_dict()
    assert frame["value"].tolist() == [19.394e9, 49.27e9]
    # Half past five in New York: 21:30 UTC in summer, 22:30 in winter.
    assert frame["known_at"].tolist() == [
        pd.Timestamp("2025-10-29 21:30", tz="UTC"),
        pd.Timestamp("2026-01-28 22:30", tz="UTC"),
    ]
    assert frame["start"].iloc[0] == pd.Timestamp("2025-07-01")
    assert not fetched.missing


async def test_the_contact_and_gzip_are_sent_and_without_a_contact_nothing_is_asked(sec: Http, stub: HttpStub) -> None:
    stub.on(PPE, filings.concept([filings.fact("2025-07-01", "2025-09-30", 1, "2025-10-29")]))
    await Edgar(sec).fetch(MSFT, NOW)
    assert "Ada Lovelace ada@example.org" in stub.seen[0].headers["User-Agent"]
    assert "gzip" in stub.seen[0].headers["Accept-Encoding"]

    asked = len(stub.seen)
    for contact in (None, "nobody"):
        nameless = Http(contact=contact, base_urls=stub.base_urls, policies=POLICIES)
        source = Edgar(nameless)
        with pytest.raises(SourceError, match=r"set sources\.contact to a name and a mail address"):
            await source.fetch(MSFT, NOW)
        assert source.health.state is HealthState.FAILING
        await source.close()
    assert len(stub.seen) == asked


async def test_all_hosts_share_five_requests_a_second(sec: Http, stub: HttpStub, waits: Waits) -> None:
    stub.on(PPE, filings.concept([filings.fact("2025-07-01", "2025-09-30", 1, "2025-10-29")]))
    await Edgar(sec).fetch(MSFT, NOW)
    # One request to www.sec.gov and two to data.sec.gov at one instant: the second waits 0.2 s, the third 0.4 s.
    assert waits.seconds == pytest.approx([0.2, 0.4])
    assert {policy.pool for policy in POLICIES.values()} == {"the SEC"}


async def test_an_instant_has_no_start_and_a_tag_never_used_is_no_failure(sec: Http, stub: HttpStub) -> None:
    path = f"{filings.FACTS}/CIK0001045810/us-gaap/InventoryNet.json"
    stub.on(path, filings.concept([filings.fact(None, "2026-01-25", 21.4e9, "2026-02-25")]))
    source = Edgar(sec)

    fetched = await source.fetch(
        FetchRequest(date(2026, 1, 1), date(2026, 2, 2), tickers=("NVDA",), records=("facts",)), NOW
    )

    row = fetched.records["facts"].iloc[0]
    assert row["start"] == row["end"] == pd.Timestamp("2026-01-25")
    assert stub.count(f"{filings.FACTS}/CIK0001045810/us-gaap/CostOfRevenue.json") == 1
    assert source.health.state is HealthState.OK


@pytest.mark.parametrize(
    "reply",
    [
        as_json({}, 404),
        filings.concept([]),
        filings.concept([filings.fact(None, "2025-12-31", 1, "2026-01-28")], "EUR"),
    ],
)
async def test_no_figures_are_missing_and_not_zero(sec: Http, stub: HttpStub, reply: Reply) -> None:
    stub.on(PPE, reply)
    fetched = await Edgar(sec).fetch(MSFT, NOW)
    assert not fetched.records
    assert fetched.missing == {"MSFT": "it has filed none of the figures asked for, in US dollars"}


async def test_a_ticker_that_the_sec_does_not_list_is_missing(sec: Http) -> None:
    fetched = await Edgar(sec).fetch(
        FetchRequest(date(2026, 1, 1), date(2026, 2, 2), tickers=("META",), records=("facts",)), NOW
    )
    assert fetched.missing == {"META": "the SEC's list of tickers does not have it"}


BROKEN = filings.fact("2025-07-01", "2025-09-30", 1, "2025-10-29")


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (
            filings.concept([{key: value for key, value in BROKEN.items() if key != "filed"}]),
            "has no filed, so its format",
        ),
        (filings.concept([{key: value for key, value in BROKEN.items() if key != "val"}]), "has no val, so its format"),
        (filings.concept([{**BROKEN, "end": "lately"}]), "'lately' stands where a date is expected"),
        (as_json({}, 500), "answered 500"),
    ],
)
async def test_what_cannot_be_used_is_told_in_a_sentence(sec: Http, stub: HttpStub, reply: Reply, says: str) -> None:
    stub.on(PPE, reply)
    source = Edgar(sec)
    with pytest.raises(SourceError, match=says):
        await source.fetch(MSFT, NOW)
    assert source.health.state is HealthState.FAILING
    stub.on(PPE, filings.concept([BROKEN]))
    assert (await source.fetch(MSFT, NOW)).records
    assert source.health.state is HealthState.OK


async def test_429_rests_all_hosts_of_the_sec(sec: Http, stub: HttpStub) -> None:
    stub.on(PPE, too_many("120"))
    source = Edgar(sec)
    with pytest.raises(SourceError, match="429") as caught:
        await source.fetch(MSFT, NOW)
    assert caught.value.rate_limited
    assert source.health.state is HealthState.RESTING
    asked = len(stub.seen)
    with pytest.raises(SourceError, match="the SEC is left alone until"):
        await sec.get(filings_index.TICKERS_URL, now=NOW, expect=Expect.JSON)
    assert len(stub.seen) == asked


async def test_a_refusal_to_a_clock_a_day_ahead_ends_when_it_is_right(sec: Http, stub: HttpStub) -> None:
    stub.on(PPE, Reply(b"", 403), filings.concept([BROKEN]))
    source = Edgar(sec)
    with pytest.raises(SourceError, match="403"):
        await source.fetch(MSFT, NOW + timedelta(days=1))

    assert (await source.fetch(MSFT, NOW)).records


async def test_403_is_a_refusal_and_nothing_is_asked_for_ten_minutes(sec: Http, stub: HttpStub) -> None:
    stub.on(PPE, Reply(b"<html><title>Request Rate Threshold Exceeded</title></html>", 403))
    source = Edgar(sec)
    with pytest.raises(SourceError, match="too many requests or a contact that it does not accept") as caught:
        await source.fetch(MSFT, NOW)
    assert caught.value.rate_limited
    assert caught.value.retry_after == 600.0
    assert source.health.state is HealthState.RESTING
    asked = len(stub.seen)
    with pytest.raises(SourceError, match="the SEC is left alone until 14:10 UTC"):
        await source.fetch(MSFT, NOW + timedelta(minutes=9))
    assert len(stub.seen) == asked
    stub.on(PPE, filings.concept([BROKEN]))
    assert (await source.fetch(MSFT, NOW + timedelta(minutes=11))).records


def test_pieces_are_companies_then_months_then_days_of_sets_newest_first(sec: Http) -> None:
    request = FetchRequest(
        date(2026, 2, 10), date(2026, 4, 5), tickers=("MSFT", "XOM"), records=("holdings", "guidance", "facts")
    )
    pieces = Edgar(sec).split(request)
    assert [
        (piece.records[0], piece.start.isoformat(), piece.end.isoformat(), len(piece.tickers)) for piece in pieces
    ] == [
        ("facts", "2026-02-10", "2026-04-05", 1),
        ("guidance", "2026-04-01", "2026-04-05", 2),
        ("guidance", "2026-03-01", "2026-03-31", 2),
        ("guidance", "2026-02-10", "2026-02-28", 2),
        ("holdings", "2026-03-01", "2026-04-05", 2),
        ("holdings", "2026-02-10", "2026-02-28", 2),
    ]
    assert len(Edgar(sec).split(FetchRequest(request.start, request.end, records=("facts",)))) == len(
        xbrl_facts.CONCEPTS
    )
    assert Edgar(sec).split(FetchRequest(request.start, request.end, tickers=("MSFT",))) == []


def test_the_recorded_figures_of_three_companies_can_be_read() -> None:
    """`companyfacts` holds, by concept, what `companyconcept` gives: rows as the adapter makes them lead to the same quarters.

    Apple's purchases of property, 2,373 m in the quarter to 2025-12-27: the 10-Q of 2026-01-30 as recorded.
    """
    for name, ticker in ((recorded.NVDA, "NVDA"), (recorded.GOOGL, "GOOGL"), (recorded.AAPL, "AAPL")):
        body = recorded.companyfacts(name)["facts"]["us-gaap"]
        for concept in ("PaymentsToAcquirePropertyPlantAndEquipment", "InventoryNet", "CostOfRevenue"):
            if concept in body:
                rows = xbrl_facts.rows(body[concept]["units"], ticker, concept, "recorded")
                assert len(rows) == len(body[concept]["units"]["USD"])
                assert all(row["start"] <= row["end"] for row in rows)
    apple = recorded.companyfacts(recorded.AAPL)["facts"]["us-gaap"]["PaymentsToAcquirePropertyPlantAndEquipment"]
    found = quarters(
        Fact(row["start"], row["end"], row["value"]) for row in xbrl_facts.rows(apple["units"], "AAPL", "x", "recorded")
    )
    assert found[4 * 2025 + 3].value == 2_373e6


def test_the_recorded_list_of_tickers_has_every_company_that_is_watched() -> None:
    ciks = filings_index.read_tickers(HttpResponse(200, recorded.body("sec/company-tickers.json"), "recorded"))
    assert len(ciks) == 500
    assert set(xbrl_facts.CONCEPTS) <= set(ciks)
    assert ciks["NVDA"] == 1045810


@pytest.mark.parametrize(("body", "says"), [([], "lists no companies"), ({"0": {"symbol": "NVDA"}}, "has no ticker")])
async def test_a_changed_list_of_tickers_is_told(sec: Http, stub: HttpStub, body: object, says: str) -> None:
    stub.on(filings.TICKERS, as_json(body))
    with pytest.raises(SourceError, match=says):
        await Edgar(sec).fetch(MSFT, NOW)


async def test_a_list_of_tickers_in_another_language_is_told(sec: Http, stub: HttpStub) -> None:
    stub.on(filings.TICKERS, as_text("ticker,cik\n"))
    with pytest.raises(SourceError, match="something else than JSON"):
        await Edgar(sec).fetch(MSFT, NOW)
