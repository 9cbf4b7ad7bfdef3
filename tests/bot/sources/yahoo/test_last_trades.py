"""The newest row of a chart is a close only once trading is over, by when Yahoo says that the ticker traded last."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot.domain.fetched import Fetched, FetchRequest
from bot.sources.yahoo.epochs import last_trade
from bot.sources.yahoo.source import Yahoo
from tests.support.http_stub import HttpStub
from tests.support.yahoo_replies import chart, credentials

WEEK = [date(2024, 3, 4) + timedelta(days=day) for day in range(5)]
CLOSES = [500.0, 501.0, 502.0, 503.0, 510.0]
FRIDAY_CLOSE = datetime(2024, 3, 8, 21, tzinfo=UTC)
EVENING = datetime(2024, 3, 8, 21, 25, tzinfo=UTC)


class Seconds:
    """A clock that nobody sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def of_while_it_ran(*, minutes_before_the_close: float, ticker: str = "SPY") -> Any:
    traded_at = FRIDAY_CLOSE - timedelta(minutes=minutes_before_the_close)
    return chart(ticker, WEEK, CLOSES, meta={"regularMarketTime": int(traded_at.timestamp())})


def place(ticker: str = "SPY") -> str:
    return f"query2.finance.yahoo.com/v8/finance/chart/{ticker}"


async def fetched(yahoo: Yahoo, *tickers: str, now: datetime = EVENING) -> Fetched:
    return await yahoo.fetch(FetchRequest(WEEK[0], WEEK[-1], tickers=tickers or ("SPY",)), now)


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def yahoo(make_yahoo: Callable[..., Yahoo], stub: HttpStub, seconds: Seconds) -> Yahoo:
    credentials(stub)
    return make_yahoo(monotonic=seconds)


def days_of(answer: Fetched, ticker: str = "SPY") -> list[date]:
    return [day.date() for day in answer.bars[ticker].index]


async def test_a_price_of_while_the_session_ran_is_not_its_close(yahoo: Yahoo, stub: HttpStub) -> None:
    stub.on(place(), of_while_it_ran(minutes_before_the_close=40))

    answer = await fetched(yahoo)

    assert days_of(answer) == WEEK[:-1]


async def test_the_close_that_comes_after_it_is_taken_at_once(yahoo: Yahoo, stub: HttpStub) -> None:
    stub.on(place(), of_while_it_ran(minutes_before_the_close=40), of_while_it_ran(minutes_before_the_close=0))

    await fetched(yahoo)

    assert days_of(await fetched(yahoo)) == WEEK


async def test_while_trading_goes_on_no_price_of_it_becomes_a_close(
    yahoo: Yahoo, stub: HttpStub, seconds: Seconds
) -> None:
    # The machine's clock is five hours ahead: it is half past eleven in New York, and trading goes on.
    stub.on(place(), *(of_while_it_ran(minutes_before_the_close=300 - 20 * turn) for turn in range(5)))

    for turn in range(5):
        seconds.now = 1200.0 * turn
        assert days_of(await fetched(yahoo)) == WEEK[:-1]


@pytest.mark.parametrize(("minutes", "is_close"), [(15, True), (15.1, False)])
async def test_a_ticker_of_few_trades_need_not_trade_at_the_close(
    yahoo: Yahoo, stub: HttpStub, minutes: float, is_close: bool
) -> None:
    stub.on(place(), of_while_it_ran(minutes_before_the_close=minutes))

    assert days_of(await fetched(yahoo)) == (WEEK if is_close else WEEK[:-1])


async def test_a_session_that_ended_early_has_its_close_after_half_an_hour_without_a_trade(
    yahoo: Yahoo, stub: HttpStub, seconds: Seconds
) -> None:
    stub.on(place(), of_while_it_ran(minutes_before_the_close=170))

    await fetched(yahoo)
    seconds.now = 1799.0
    assert days_of(await fetched(yahoo)) == WEEK[:-1]
    seconds.now = 1800.0

    assert days_of(await fetched(yahoo)) == WEEK


@pytest.mark.parametrize(("ticker", "is_close"), [("RSP", False), ("KO", True)])
async def test_a_liquid_fund_without_a_trade_at_a_close_at_which_others_traded_has_no_close(
    yahoo: Yahoo, stub: HttpStub, seconds: Seconds, ticker: str, is_close: bool
) -> None:
    """Yahoo has stopped at it; a company may be halted."""
    stub.on(place(), of_while_it_ran(minutes_before_the_close=0))
    stub.on(place(ticker), of_while_it_ran(minutes_before_the_close=170, ticker=ticker))

    for now in (0.0, 1800.0):
        seconds.now = now
        answer = await fetched(yahoo, "SPY", ticker)

    assert days_of(answer) == WEEK
    assert days_of(answer, ticker) == (WEEK if is_close else WEEK[:-1])


async def test_a_price_of_the_running_session_stays_a_live_price(yahoo: Yahoo, stub: HttpStub) -> None:
    stub.on(place(), of_while_it_ran(minutes_before_the_close=40))

    answer = await fetched(yahoo, now=FRIDAY_CLOSE - timedelta(minutes=39))

    assert answer.partial_day == WEEK[-1]
    assert days_of(answer) == WEEK


async def test_what_did_not_trade_on_the_day_of_its_row_has_a_close_of_another_kind(
    yahoo: Yahoo, stub: HttpStub
) -> None:
    stub.on(place(), of_while_it_ran(minutes_before_the_close=3 * 24 * 60))

    assert days_of(await fetched(yahoo)) == WEEK


async def test_a_contract_that_is_settled_before_the_close_need_not_trade_near_it(yahoo: Yahoo, stub: HttpStub) -> None:
    stub.on(place("ZQH24.CBT"), of_while_it_ran(minutes_before_the_close=90, ticker="ZQH24.CBT"))

    assert days_of(await fetched(yahoo, "ZQH24.CBT"), "ZQH24.CBT") == WEEK


async def test_an_exchange_that_closes_before_new_york_has_its_close_at_once(yahoo: Yahoo, stub: HttpStub) -> None:
    traded_at = FRIDAY_CLOSE - timedelta(hours=4, minutes=25)
    meta = {"regularMarketTime": int(traded_at.timestamp()), "exchangeTimezoneName": "Europe/Berlin", "currency": "EUR"}
    stub.on(place("SAP.DE"), chart("SAP.DE", WEEK, CLOSES, meta=meta))

    assert days_of(await fetched(yahoo, "SAP.DE"), "SAP.DE") == WEEK


async def test_a_ticker_of_which_only_such_a_row_came_is_missing_with_the_reason(yahoo: Yahoo, stub: HttpStub) -> None:
    traded_at = int((FRIDAY_CLOSE - timedelta(minutes=40)).timestamp())
    stub.on(place(), chart("SPY", WEEK[-1:], CLOSES[-1:], meta={"regularMarketTime": traded_at}))

    answer = await fetched(yahoo)

    assert answer.missing == {
        "SPY": "its last trade is of 15:20 on 2024-03-08, which is before the close of 2024-03-08"
    }


@pytest.mark.parametrize("value", [None, "soon", float("inf"), -1, True, [1]])
def test_what_is_no_instant_says_nothing(value: object) -> None:
    assert last_trade(value) is None
