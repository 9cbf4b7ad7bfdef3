"""Prices of the running session are judged like bars; what is doubted withholds its readings and is never stored."""

from __future__ import annotations

from datetime import datetime, timedelta

import pandas as pd
import pytest

from bot.archive import Archive
from bot.domain.fetched import Fetched
from bot.ingest import worker_tasks
from signals import catalogue
from signals.core.model import State
from tests.bot.ingest.plausibility.conftest import TICKERS, Evenings
from tests.support import yahoo_replies


def noon(market: Evenings) -> datetime:
    """Two hours before the close of today's session."""
    return market.calendar.final_at(market.day()) - timedelta(hours=2)


async def quotes(market: Evenings, wrong: dict[str, float], **about: str) -> Fetched:
    """What Yahoo quotes at noon: true prices but for some; `about` changes what it says of SPY."""
    now = noon(market)
    prices = {ticker: float(market.closes[ticker].iloc[-1]) for ticker in TICKERS} | wrong
    items = [yahoo_replies.quote(ticker, price, now) for ticker, price in prices.items()]
    items[0] |= about
    market.yahoo.stub.on(yahoo_replies.QUOTES, yahoo_replies.quotes(*items))
    given = await market.yahoo.source.quotes(TICKERS, now)
    return worker_tasks.judge_quotes(market.location, given, market.rules_off)


async def test_true_prices_are_not_doubted(market: Evenings) -> None:
    assert (await quotes(market, {})).doubts == {}


@pytest.mark.parametrize(
    ("ticker", "factor"), [("SPY", 100), ("SI=F", 100), ("SPY", 1.2), ("RSP", 0.88), ("NVDA", 0.5)]
)
async def test_a_price_that_cannot_be_is_doubted_each_time(market: Evenings, ticker: str, factor: float) -> None:
    wrong = {ticker: factor * float(market.closes[ticker].iloc[-1])}
    for _ in range(3):
        given = await quotes(market, wrong)
        assert list(given.doubts) == [ticker]
        assert "its close went from" in given.doubts[ticker]


async def test_the_readings_of_a_doubted_price_are_withheld_with_the_reason(market: Evenings) -> None:
    given = await quotes(market, {"SPY": 68000.0})
    with Archive.open(market.location.path) as archive:
        live = archive.market(market.calendar, quotes=given)
        assert archive.doubts(only_open=False) == []
    signal = "weighting.rsp_spy.spread_1d"
    reading = catalogue.readings(live, catalogue.compute(live, [signal]), live.last.date())[signal]
    assert (reading.state, reading.reason) == (State.WITHHELD, given.doubts["SPY"])


async def test_the_price_of_the_session_before_is_doubted_when_the_twin_has_moved(market: Evenings) -> None:
    given = await quotes(market, {"SPY": float(market.closes["SPY"].iloc[-2])})
    assert list(given.doubts) == ["SPY"]
    assert "^GSPC moved by -1.22%" in given.doubts["SPY"]


async def test_prices_of_the_session_before_all_over_are_no_answer(market: Evenings) -> None:
    given = await quotes(market, {ticker: float(market.closes[ticker].iloc[-2]) for ticker in TICKERS})
    assert set(given.doubts) == set(TICKERS) - {"SI=F"}


@pytest.mark.parametrize(
    "about", [{"currency": "EUR"}, {"quoteType": "CRYPTOCURRENCY"}, {"exchangeTimezoneName": "Asia/Tokyo"}]
)
async def test_a_quote_of_something_else_is_doubted(market: Evenings, about: dict[str, str]) -> None:
    given = await quotes(market, {}, **about)
    assert list(given.doubts) == ["SPY"]
    assert "the answer for SPY gives" in given.doubts["SPY"]


async def test_rules_that_are_off_doubt_no_quote(market: Evenings) -> None:
    market.rules_off = ("unit", "band", "identity", "diverged")
    assert (await quotes(market, {"SPY": 68000.0}, currency="EUR")).doubts == {}


async def test_on_an_ex_dividend_day_the_live_reading_is_the_one_of_the_evening(market: Evenings) -> None:
    """SPY pays 1.90 and trades lower by it than it would."""
    closes = market.true("SPY")
    closes[-1] -= 1.9
    factor = 1 - 1.9 / closes[-2]
    adjusted = [*(factor * close for close in closes[:-1]), closes[-1]]
    market.give("SPY", closes, adjusted=adjusted, dividends={market.day(): 1.9})
    given = await quotes(market, {"SPY": closes[-1]})
    signal = "weighting.rsp_spy.spread_1d"
    with Archive.open(market.location.path) as archive:
        live = archive.market(market.calendar, quotes=given)
    reading = catalogue.readings(live, catalogue.compute(live, [signal]), live.last.date())[signal]
    await market.update()
    assert reading.value == pytest.approx(market.reading(signal).value, abs=1e-6)
    final = market.market()
    pd.testing.assert_series_equal(live.adj_close["SPY"], final.adj_close["SPY"], rtol=1e-9)


async def test_a_distribution_a_hundred_times_too_large_is_taken_off_no_live_price(market: Evenings) -> None:
    market.give("SPY", dividends={market.day(): 190.0})
    assert (await quotes(market, {})).dividends == {}
    market.rules_off = ("adjusted",)
    assert list((await quotes(market, {})).dividends) == ["SPY"]
