"""Daily bars through the real yfinance against a local server."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import pytest_asyncio

from bot.calendar.clock import Calendar
from bot.domain.fetched import Fetched, FetchRequest, HealthState, Identity
from bot.errors import SourceError
from bot.sources.yahoo import daily_bars
from bot.sources.yahoo.remote import YahooSettings
from bot.sources.yahoo.session import YahooSession, prepare_library
from bot.sources.yahoo.source import Yahoo
from bot.sources.yahoo.yahoo_client import YahooClient
from tests.support.http_stub import PAGE, HttpStub, Reply, Waits, as_json, too_many
from tests.support.yahoo_replies import CRUMB, QUOTES, chart, credentials, day_stamp, dead

NOW = datetime(2024, 3, 9, 12, tzinfo=UTC)
WEEK = [date(2024, 3, 4) + timedelta(days=day) for day in range(5)]
REQUEST = FetchRequest(WEEK[0], WEEK[-1], tickers=("SPY",))


def place(ticker: str) -> str:
    return f"query2.finance.yahoo.com/v8/finance/chart/{ticker}"


@pytest_asyncio.fixture
async def yahoo(make_yahoo: Callable[..., Yahoo], stub: HttpStub) -> AsyncIterator[Yahoo]:
    credentials(stub)
    yield make_yahoo()


async def test_closes_and_adjusted_closes_come_by_session_for_both_ends_of_the_window(
    yahoo: Yahoo, stub: HttpStub
) -> None:
    stub.on(place("SPY"), chart("SPY", WEEK, [10, 11, 12, 13, 14], [9, 10, 11, 12, 13]))

    fetched = await yahoo.fetch(REQUEST, NOW)

    bars = fetched.bars["SPY"]
    assert list(bars.columns) == ["close", "adj_close", "volume"]
    assert [day.date() for day in bars.index] == WEEK
    assert bars.index.tz is None
    assert list(bars["close"]) == [10, 11, 12, 13, 14]
    assert list(bars["adj_close"]) == [9, 10, 11, 12, 13]
    assert fetched.source == "yahoo"
    assert fetched.partial_day is None
    assert not fetched.missing
    asked = stub.seen[-1].query
    assert int(asked["period2"]) > day_stamp(WEEK[-1])


async def test_distributions_and_what_yahoo_says_of_a_ticker_come_with_its_bars(yahoo: Yahoo, stub: HttpStub) -> None:
    stub.on(place("SPY"), chart("SPY", WEEK, [10, 11, 12, 13, 14], dividends={WEEK[2]: 0.5}, meta={"currency": "EUR"}))

    fetched = await yahoo.fetch(REQUEST, NOW)

    assert {day.date(): paid for day, paid in fetched.dividends["SPY"].items()} == {WEEK[2]: 0.5}
    assert fetched.identities["SPY"] == Identity("SPY", "EUR", "America/New_York", "ETF")
    assert list(fetched.bars["SPY"]["volume"]) == [1000] * 5


@pytest.mark.parametrize(
    ("hour", "days"),
    [(datetime(2024, 3, 8, 21, 30, tzinfo=UTC), 4), (datetime(2024, 3, 9, 0, 5, tzinfo=UTC), 5)],
    ids=["after New York's close", "after its own midnight"],
)
async def test_a_bar_that_goes_on_until_midnight_is_not_taken_before(
    yahoo: Yahoo, stub: HttpStub, hour: datetime, days: int
) -> None:
    meta = {"exchangeTimezoneName": "UTC", "instrumentType": "CRYPTOCURRENCY"}
    stub.on(place("BTC-USD"), chart("BTC-USD", WEEK, [10, 11, 12, 13, 14], meta=meta))

    fetched = await yahoo.fetch(replace(REQUEST, tickers=("BTC-USD",)), hour)

    assert list(fetched.bars["BTC-USD"]["close"]) == [10, 11, 12, 13, 14][:days]


async def test_of_what_trades_through_the_night_the_running_session_has_a_live_price(
    yahoo: Yahoo, stub: HttpStub
) -> None:
    meta = {"exchangeTimezoneName": "Europe/London", "instrumentType": "CURRENCY"}
    stub.on(place("EURUSD=X"), chart("EURUSD=X", WEEK, [1.08, 1.09, 1.1, 1.11, 1.12], meta=meta))

    fetched = await yahoo.fetch(replace(REQUEST, tickers=("EURUSD=X",)), datetime(2024, 3, 8, 16, tzinfo=UTC))

    assert len(fetched.bars["EURUSD=X"]) == 5
    assert fetched.partial_day == WEEK[-1]


async def test_a_ticker_costs_one_chart_request(yahoo: Yahoo, stub: HttpStub) -> None:
    stub.on(place("SPY"), chart("SPY", WEEK, [10, 11, 12, 13, 14]))

    await yahoo.fetch(REQUEST, NOW)

    assert stub.count(place("SPY")) == 1


async def test_a_second_fetch_asks_again_so_that_corrections_are_seen(yahoo: Yahoo, stub: HttpStub) -> None:
    stub.on(place("SPY"), chart("SPY", WEEK, [10, 11, 12, 13, 14]), chart("SPY", WEEK, [10, 11, 12, 13, 99]))

    await yahoo.fetch(REQUEST, NOW)
    corrected = await yahoo.fetch(REQUEST, NOW)

    assert corrected.bars["SPY"]["close"].iloc[-1] == 99


async def test_tickers_are_told_apart_by_name(yahoo: Yahoo, stub: HttpStub) -> None:
    for at, ticker in enumerate(("^GSPC", "BRK-B", "AAPL")):
        stub.on(place(ticker), chart(ticker, WEEK, [100 * (at + 1)] * 5))

    fetched = await yahoo.fetch(FetchRequest(WEEK[0], WEEK[-1], tickers=("^GSPC", "BRK-B", "AAPL")), NOW)

    assert {ticker: bars["close"].iloc[0] for ticker, bars in fetched.bars.items()} == {
        "^GSPC": 100,
        "BRK-B": 200,
        "AAPL": 300,
    }


async def test_a_ticker_that_yahoo_does_not_know_is_missing_and_may_come_minutes_later(
    yahoo: Yahoo, stub: HttpStub
) -> None:
    """Living tickers are called delisted for minutes; how often one is asked for is the matter of its gaps."""
    stub.on(place("ODD"), dead(), chart("ODD", WEEK, [20] * 5))
    stub.on(place("SPY"), chart("SPY", WEEK, [10] * 5))
    both = FetchRequest(WEEK[0], WEEK[-1], tickers=("ODD", "SPY"))

    first = await yahoo.fetch(both, NOW)
    second = await yahoo.fetch(both, NOW + timedelta(minutes=2))

    assert "delisted" in first.missing["ODD"]
    assert list(first.bars) == ["SPY"]
    assert second.missing == {}
    assert second.bars["ODD"]["close"].tolist() == [20] * 5
    assert stub.count(CRUMB) == 1


async def test_a_chunk_of_which_no_ticker_is_known_is_not_believed(yahoo: Yahoo, stub: HttpStub) -> None:
    tickers = tuple("ABCDE")
    for ticker in tickers:
        stub.on(place(ticker), dead())

    with pytest.raises(SourceError, match="knows none of 5 tickers"):
        await yahoo.fetch(FetchRequest(WEEK[0], WEEK[-1], tickers=tickers), NOW)

    with pytest.raises(SourceError):
        await yahoo.fetch(FetchRequest(WEEK[0], WEEK[-1], tickers=tickers), NOW)
    assert stub.count(place("A")) == 2


async def test_one_429_is_got_over(yahoo: Yahoo, stub: HttpStub) -> None:
    stub.on(place("SPY"), too_many(), chart("SPY", WEEK, [10] * 5))

    fetched = await yahoo.fetch(REQUEST, NOW)

    assert len(fetched.bars["SPY"]) == 5
    assert yahoo.health.state is HealthState.OK


async def test_after_429_for_good_yahoo_is_left_alone_and_then_tried_with_one_request(
    yahoo: Yahoo, stub: HttpStub
) -> None:
    stub.on(place("SPY"), too_many())

    with pytest.raises(SourceError, match="429") as caught:
        await yahoo.fetch(REQUEST, NOW)
    assert caught.value.rate_limited
    assert caught.value.retry_after == 900
    assert yahoo.health.state is HealthState.RESTING
    assert yahoo.health.next_try == NOW + timedelta(minutes=15)
    asked = len(stub.seen)

    with pytest.raises(SourceError, match="not asked again before 12:15 UTC"):
        await yahoo.fetch(REQUEST, NOW + timedelta(minutes=14))
    assert len(stub.seen) == asked

    with pytest.raises(SourceError) as again:
        await yahoo.fetch(REQUEST, NOW + timedelta(minutes=15))
    assert again.value.retry_after == 1800
    assert len(stub.seen) > asked

    stub.on(place("SPY"), chart("SPY", WEEK, [10] * 5))
    fetched = await yahoo.fetch(REQUEST, NOW + timedelta(minutes=45))
    assert len(fetched.bars) == 1
    assert yahoo.health.state is HealthState.OK


async def test_what_came_before_a_429_is_kept_and_the_rest_says_why_it_is_missing(yahoo: Yahoo, stub: HttpStub) -> None:
    stub.on(place("SPY"), chart("SPY", WEEK, [10] * 5))
    stub.on(place("RSP"), too_many("3600"))

    fetched = await yahoo.fetch(FetchRequest(WEEK[0], WEEK[-1], tickers=("SPY", "RSP", "QQQ")), NOW)

    assert list(fetched.bars) == ["SPY"]
    assert "429" in fetched.missing["RSP"]
    assert "not asked" in fetched.missing["QQQ"]
    assert stub.count(place("QQQ")) == 0
    assert yahoo.health.next_try == NOW + timedelta(hours=1)


async def test_no_crumb_does_not_stop_charts_and_is_not_asked_for_again_and_again(yahoo: Yahoo, stub: HttpStub) -> None:
    stub.on(CRUMB, too_many())
    for ticker in ("SPY", "RSP", "QQQ"):
        stub.on(place(ticker), chart(ticker, WEEK, [10] * 5))

    fetched = await yahoo.fetch(FetchRequest(WEEK[0], WEEK[-1], tickers=("SPY", "RSP", "QQQ")), NOW)

    assert len(fetched.bars) == 3
    assert stub.count(CRUMB) == 1
    assert all("Too Many" not in str(seen.query) for seen in stub.seen)


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (Reply(b"<html>oops</html>", 500), "500"),
        (Reply(b'{"chart":', how="truncated"), "could not be reached or broke off"),
    ],
)
async def test_passing_trouble_is_tried_again_with_growing_pauses(
    yahoo: Yahoo, stub: HttpStub, waits: Waits, reply: Reply, says: str
) -> None:
    stub.on(place("SPY"), reply, reply, chart("SPY", WEEK, [10] * 5))
    assert len((await yahoo.fetch(REQUEST, NOW)).bars) == 1
    assert waits.seconds == [1.0, 2.0]

    stub.on(place("SPY"), reply)
    with pytest.raises(SourceError, match=says):
        await yahoo.fetch(REQUEST, NOW)
    assert stub.count(place("SPY")) == 6
    assert yahoo.health.state is HealthState.FAILING


async def test_a_connection_that_is_torn_is_tried_again(yahoo: Yahoo, stub: HttpStub) -> None:
    stub.on(place("SPY"), Reply(how="reset"))
    with pytest.raises(SourceError, match="could not be reached or broke off"):
        await yahoo.fetch(REQUEST, NOW)
    assert stub.count(place("SPY")) >= 3

    stub.on(place("SPY"), Reply(how="reset"), chart("SPY", WEEK, [10] * 5))
    assert len((await yahoo.fetch(REQUEST, NOW)).bars) == 1


async def test_an_answer_that_does_not_end_is_given_up(make_yahoo: Callable[..., Yahoo], stub: HttpStub) -> None:
    credentials(stub)
    stub.on(place("SPY"), Reply(how="slow"))

    with pytest.raises(SourceError, match="did not answer in time"):
        await make_yahoo(timeout_seconds=0.3, tries=2).fetch(REQUEST, NOW)
    assert stub.count(place("SPY")) == 2


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (chart("SPY", WEEK, [10] * 5, without="volume"), "no field 'volume'"),
        (as_json({"finance": {"error": {"code": "Unauthorized"}}}, 401), "cookie or crumb"),
        (Reply(b"blocked", 403), "403"),
    ],
)
async def test_an_unusable_answer_is_an_error_that_says_what_is_wrong(
    yahoo: Yahoo, stub: HttpStub, waits: Waits, reply: Reply, says: str
) -> None:
    stub.on(place("SPY"), reply)

    with pytest.raises(SourceError, match=says):
        await yahoo.fetch(REQUEST, NOW)
    assert waits.seconds == []


async def test_after_three_tickers_in_a_row_fail_the_rest_is_not_asked(yahoo: Yahoo, stub: HttpStub) -> None:
    tickers = ("SPY", "A", "B", "C", "D")
    stub.on(place("SPY"), chart("SPY", WEEK, [10] * 5))
    for ticker in tickers[1:]:
        stub.on(place(ticker), PAGE)

    fetched = await yahoo.fetch(FetchRequest(WEEK[0], WEEK[-1], tickers=tickers), NOW)

    assert "web page" in fetched.missing["C"]
    assert fetched.missing["D"].startswith("not asked")
    assert stub.count(place("D")) == 0
    assert yahoo.health.state is HealthState.FAILING


async def test_empty_rows_are_left_out_and_never_become_zero(yahoo: Yahoo, stub: HttpStub) -> None:
    stub.on(place("SPY"), chart("SPY", WEEK, [10, None, None, 13, 14]))

    bars = (await yahoo.fetch(REQUEST, NOW)).bars["SPY"]

    assert [day.date() for day in bars.index] == [WEEK[0], WEEK[3], WEEK[4]]
    assert bars["close"].notna().all()


async def test_a_ticker_with_empty_rows_only_is_missing(yahoo: Yahoo, stub: HttpStub) -> None:
    stub.on(place("SPY"), chart("SPY", WEEK, [None] * 5))

    fetched = await yahoo.fetch(REQUEST, NOW)

    assert not fetched.bars
    assert "no prices" in fetched.missing["SPY"] or "empty rows" in fetched.missing["SPY"]


async def test_a_window_without_prices_is_missing_and_the_ticker_not_dead(yahoo: Yahoo, stub: HttpStub) -> None:
    nothing = as_json(
        {"chart": {"result": None, "error": {"code": "Bad Request", "description": "Data doesn't exist"}}}, 400
    )
    stub.on(place("NEW"), nothing)
    request = FetchRequest(WEEK[0], WEEK[-1], tickers=("NEW",))

    assert "Data doesn't exist" in (await yahoo.fetch(request, NOW)).missing["NEW"]
    await yahoo.fetch(request, NOW)
    assert stub.count(place("NEW")) == 2


async def test_of_a_repeated_last_day_the_last_row_stands(yahoo: Yahoo, stub: HttpStub) -> None:
    stub.on(place("SPY"), chart("SPY", [*WEEK, WEEK[-1]], [10, 11, 12, 13, 14, 15], later_by=3600))

    bars = (await yahoo.fetch(REQUEST, NOW)).bars["SPY"]

    assert len(bars) == 5
    assert bars["close"].iloc[-1] == 15


async def test_a_row_beyond_the_window_is_cut(yahoo: Yahoo, stub: HttpStub) -> None:
    stub.on(place("SPY"), chart("SPY", WEEK, [10, 11, 12, 13, 14]))

    bars = (await yahoo.fetch(FetchRequest(WEEK[1], WEEK[3], tickers=("SPY",)), NOW)).bars["SPY"]

    assert list(bars["close"]) == [11, 12, 13]


async def test_splits_inside_the_window_are_told_beside_the_adjusted_closes(yahoo: Yahoo, stub: HttpStub) -> None:
    stub.on(place("SPY"), chart("SPY", WEEK, [2.5, 2.5, 2.6, 2.7, 2.8], splits={WEEK[2]: (4, 1)}))

    fetched = await yahoo.fetch(REQUEST, NOW)

    assert fetched.splits["SPY"].to_dict() == {pd.Timestamp(WEEK[2]): 4.0}
    assert list(fetched.bars["SPY"]["close"]) == [2.5, 2.5, 2.6, 2.7, 2.8]


async def test_the_bar_of_the_running_session_is_marked_until_twenty_minutes_after_its_close(
    yahoo: Yahoo, stub: HttpStub
) -> None:
    stub.on(place("SPY"), chart("SPY", WEEK, [10, 11, 12, 13, 14]))
    friday_close = datetime(2024, 3, 8, 21, tzinfo=UTC)

    running = await yahoo.fetch(REQUEST, friday_close + timedelta(minutes=19))
    final = await yahoo.fetch(REQUEST, friday_close + timedelta(minutes=20))

    assert running.partial_day == WEEK[-1]
    assert final.partial_day is None
    assert final.bars["SPY"]["close"].iloc[-1] == 14


async def test_a_bar_that_belongs_to_the_next_session_is_dropped(yahoo: Yahoo, stub: HttpStub) -> None:
    stub.on(place("GC=F"), chart("GC=F", WEEK, [2000, 2001, 2002, 2003, 2004]))
    thursday_evening = datetime(2024, 3, 8, 2, tzinfo=UTC)

    fetched = await yahoo.fetch(FetchRequest(WEEK[0], WEEK[-1], tickers=("GC=F",)), thursday_evening)

    assert [day.date() for day in fetched.bars["GC=F"].index] == WEEK[:4]
    assert fetched.partial_day is None


async def test_a_future_may_cost_less_than_nothing(yahoo: Yahoo, stub: HttpStub) -> None:
    day = date(2020, 4, 20)
    stub.on(place("CL=F"), chart("CL=F", [day], [-37.63]))

    fetched = await yahoo.fetch(FetchRequest(day, day, tickers=("CL=F",)), NOW)

    assert fetched.bars["CL=F"]["close"].iloc[0] == -37.63


async def test_a_window_of_holidays_asks_nothing(yahoo: Yahoo, stub: HttpStub) -> None:
    fetched = await yahoo.fetch(FetchRequest(date(2024, 3, 9), date(2024, 3, 10), tickers=("SPY",)), NOW)

    assert "no session" in fetched.missing["SPY"]
    assert stub.seen == []


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b'{"chart":"' + b"x" * 200_000 + b'"}'),
        Reply(gzip.compress(b'{"chart":"' + b"x" * 20_000_000 + b'"}'), headers={"Content-Encoding": "gzip"}),
    ],
)
async def test_an_answer_that_is_or_unpacks_too_large_is_given_up(
    make_yahoo: Callable[..., Yahoo], stub: HttpStub, reply: Reply
) -> None:
    credentials(stub)
    stub.on(place("SPY"), reply)

    with pytest.raises(SourceError, match="more than is ever needed"):
        await make_yahoo(max_bytes=50_000).fetch(REQUEST, NOW)


async def test_every_request_takes_its_turn(stub: HttpStub, tmp_path: Path, calendar: Calendar) -> None:
    credentials(stub)
    pauses: list[float] = []
    settings = YahooSettings(tmp_path, tuple(stub.base_urls.items()), per_second=1.0, burst=5)
    prepare_library(tmp_path)
    client = YahooClient(YahooSession(settings, pause=pauses.append, monotonic=lambda: 0.0))
    days = daily_bars.window(WEEK[0], WEEK[-1], calendar, NOW)
    for ticker in "ABCDE":
        stub.on(place(ticker), chart(ticker, WEEK, [10] * 5))

    for ticker in "ABCDE":
        await asyncio.to_thread(daily_bars.fetch, client, ticker, days)

    # The cookie and the crumb are the first two of seven requests; five of them are free.
    assert len(stub.seen) == 7
    assert pauses == [1.0, 2.0]


async def test_a_closed_source_asks_nothing_more(make_yahoo: Callable[..., Yahoo], stub: HttpStub) -> None:
    credentials(stub)
    source = make_yahoo()
    stub.on(place("SPY"), chart("SPY", WEEK, [10] * 5))
    await source.fetch(REQUEST, NOW)
    asked = len(stub.seen)

    await source.close()

    with pytest.raises(SourceError, match="the program is stopping"):
        await source.fetch(REQUEST, NOW)
    assert len(stub.seen) == asked


async def test_going_down_and_coming_back_are_each_logged_once(
    yahoo: Yahoo, stub: HttpStub, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    stub.on(place("SPY"), PAGE)
    for _ in range(3):
        with pytest.raises(SourceError):
            await yahoo.fetch(REQUEST, NOW)
    stub.on(place("SPY"), chart("SPY", WEEK, [10] * 5))
    await yahoo.fetch(REQUEST, NOW + timedelta(minutes=30))
    await yahoo.fetch(REQUEST, NOW + timedelta(minutes=31))

    ours = [record.getMessage() for record in caplog.records if record.name.startswith("bot.sources")]
    assert ours == [
        "yahoo is down: Yahoo answered with a web page instead of JSON",
        "yahoo is back after 3 failures in 30 minutes",
    ]


def test_a_piece_is_25_tickers_in_the_order_given(make_yahoo: Callable[..., Yahoo]) -> None:
    tickers = tuple(f"T{number}" for number in range(60))
    request = FetchRequest(WEEK[0], WEEK[-1], tickers=(*tickers, "T0"), series=("VIX",), universe=True)

    chunks = make_yahoo().split(request)

    assert [len(chunk.tickers) for chunk in chunks] == [25, 25, 10]
    assert sum((chunk.tickers for chunk in chunks), ()) == tickers
    assert all(not chunk.series and not chunk.universe for chunk in chunks)
    assert make_yahoo().split(FetchRequest(WEEK[0], WEEK[-1], series=("VIX",))) == []


async def test_capital_gains_of_a_fund_are_paid_once_whether_its_dividend_contains_them_or_not(
    yahoo: Yahoo, stub: HttpStub
) -> None:
    dividends, gains = (
        {WEEK[0]: 1.0, WEEK[1]: 0.8, WEEK[2]: 0.2},
        {WEEK[0]: 0.8, WEEK[1]: 0.8, WEEK[2]: 0.7, WEEK[3]: 0.5},
    )
    stub.on(place("SPY"), chart("SPY", WEEK, [10, 11, 12, 13, 14], dividends=dividends, gains=gains))

    fetched = await yahoo.fetch(REQUEST, NOW)

    paid = fetched.dividends["SPY"]
    assert [day.date() for day in paid.index] == WEEK[:4]
    assert paid.tolist() == pytest.approx([1.0, 0.8, 0.9, 0.5])


async def test_a_dividend_beside_a_split_is_no_split_and_leaves_both_closes_as_they_came(
    yahoo: Yahoo, stub: HttpStub
) -> None:
    """A dividend of 2 on the 7th after a close of 100: what was before is 98 % of its close."""
    answer = json.loads(
        chart("SPY", WEEK, [100, 100, 100, 98, 99], [98, 98, 98, 98, 99], splits={WEEK[1]: (4, 1)}).body
    )
    paid = day_stamp(WEEK[3])
    answer["chart"]["result"][0]["events"]["dividends"] = {str(paid): {"amount": 2.0, "date": paid}}
    stub.on(place("SPY"), as_json(answer))

    fetched = await yahoo.fetch(REQUEST, NOW)

    assert fetched.splits["SPY"].to_dict() == {pd.Timestamp(WEEK[1]): 4.0}
    assert list(fetched.bars["SPY"]["close"]) == [100, 100, 100, 98, 99]
    assert list(fetched.bars["SPY"]["adj_close"]) == [98, 98, 98, 98, 99]


async def test_recorded_bars_splits_dividends_and_quotes_are_read(yahoo: Yahoo, stub: HttpStub, shared: Path) -> None:
    """NVIDIA's four for one of 20 July 2021 leaves no jump in its closes; Microsoft's dividends of 0.56 three times and 0.62 once
    (17 February, 19 May, 18 August, 17 November 2021) each lower the adjusted closes before by dividend over close."""

    async def read(name: str, ticker: str, first: date, last: date) -> tuple[Fetched, Any]:
        body = json.loads((shared / f"data/http/yahoo_node/{name}.json").read_text())["response"]["bodyJson"]
        stub.on(place(ticker), as_json(body))
        return await yahoo.fetch(FetchRequest(first, last, tickers=(ticker,)), NOW), body

    for symbol in ("QQQ", "GOOG", "ABBV", "GC_eq_F"):
        ticker = symbol.replace("_eq_", "=")
        fetched, body = await read(
            f"chart-{symbol}-2020-01-01-to-2020-01-03", ticker, date(2020, 1, 1), date(2020, 1, 2)
        )
        close = body["chart"]["result"][0]["indicators"]["quote"][0]["close"][0]
        assert fetched.bars[ticker]["close"].to_dict() == {pd.Timestamp("2020-01-02"): close}, symbol

    fetched, _ = await read("chart-AAPL-2020-08-31-to-2020-11-07", "AAPL", date(2020, 8, 31), date(2020, 11, 6))
    bars = fetched.bars["AAPL"]
    assert (len(bars), str(bars.index[0].date()), str(bars.index[-1].date())) == (49, "2020-08-31", "2020-11-06")
    np.testing.assert_allclose(bars.loc["2020-11-06", "adj_close"], 115.93415069580078)
    assert fetched.splits["AAPL"].to_dict() == {pd.Timestamp("2020-08-31"): 4.0}

    year = (date(2021, 2, 1), date(2022, 1, 28))
    fetched, _ = await read("historical-via-chart-NVDA-split-2021-02-01-to-2022-01-31.csv", "NVDA", *year)
    assert len(fetched.bars["NVDA"]) == 252
    assert fetched.splits["NVDA"].to_dict() == {pd.Timestamp("2021-07-20"): 4.0}
    assert fetched.bars["NVDA"]["close"].pct_change().abs().max() < 0.13

    fetched, _ = await read("historical-via-chart-MSFT-dividends-2021-02-01-to-2022-01-31.csv", "MSFT", *year)
    bars = fetched.bars["MSFT"]
    assert len(bars) == 252
    factor = (bars["adj_close"] / bars["close"]).loc[["2021-02-01", "2022-01-28"]]
    paid = {"2021-02-16": 0.56, "2021-05-18": 0.56, "2021-08-17": 0.56, "2021-11-16": 0.62}
    expected = np.prod([1 - amount / bars.loc[day, "close"] for day, amount in paid.items()])
    assert factor.iloc[0] / factor.iloc[1] == pytest.approx(expected, abs=1e-5)

    items = json.loads((shared / "data/http/yahoo_node/quote-AAPL-BABA.json").read_text())["response"]["bodyJson"]
    stub.on(QUOTES, as_json(items))
    fetched = await yahoo.quotes(["AAPL", "BABA"], datetime(2025, 2, 14, 21, 10, tzinfo=UTC))
    assert set(fetched.bars) == {"AAPL", "BABA"}
    assert fetched.bars["AAPL"]["close"].iloc[0] == 244.6


def test_the_calendar_of_these_tests_knows_the_half_day(calendar: Calendar) -> None:
    assert calendar.final_at(date(2024, 11, 29)) == datetime(2024, 11, 29, 18, 20, tzinfo=UTC)
