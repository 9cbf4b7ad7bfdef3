"""Batch quotes of the running session through the real yfinance against a local server."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest

from bot.domain.fetched import HealthState
from bot.errors import SourceError
from bot.sources.yahoo.source import Yahoo
from tests.support.http_stub import HttpStub, Reply, as_json, too_many
from tests.support.yahoo_replies import CRUMB, QUOTES, credentials, quote, quotes

DAY = date(2024, 3, 8)
NOON = datetime(2024, 3, 8, 17, tzinfo=UTC)


async def test_prices_of_the_session_come_as_bars_of_one_day(make_yahoo: Callable[..., Yahoo], stub: HttpStub) -> None:
    credentials(stub)
    stub.on(QUOTES, quotes(quote("SPY", 512.5, NOON), quote("^GSPC", 5123.25, NOON)))

    fetched = await make_yahoo().quotes(["SPY", "^GSPC"], NOON)

    assert fetched.partial_day == DAY
    assert fetched.bars["SPY"].to_dict("index") == {pd.Timestamp(DAY): {"close": 512.5, "adj_close": 512.5}}
    assert fetched.bars["^GSPC"]["close"].iloc[0] == 5123.25
    [asked] = [seen for seen in stub.seen if seen.place == QUOTES]
    assert asked.query == {"symbols": "SPY,^GSPC", "crumb": "a.crumb"}


async def test_what_yahoo_leaves_out_or_has_no_price_for_is_missing_with_the_reason(
    make_yahoo: Callable[..., Yahoo], stub: HttpStub
) -> None:
    credentials(stub)
    yesterday = NOON - timedelta(days=1)
    items = [quote("SPY", 512.5, NOON), quote("NONE", None, NOON), quote("OLD", 9.0, yesterday), quote("ZERO", 0, NOON)]
    stub.on(QUOTES, quotes(*items))

    fetched = await make_yahoo().quotes(["SPY", "GONE", "NONE", "OLD", "ZERO"], NOON)

    assert list(fetched.bars) == ["SPY"]
    assert fetched.missing == {
        "GONE": "Yahoo left it out of its answer",
        "NONE": "Yahoo gave no price",
        "OLD": "last traded on 2024-03-07",
        "ZERO": "Yahoo gave 0.0, which is no price",
    }


@pytest.mark.parametrize(("minutes", "live"), [(30, True), (31, False)])
async def test_an_answer_that_was_kept_from_earlier_in_the_session_gives_no_live_prices(
    make_yahoo: Callable[..., Yahoo], stub: HttpStub, minutes: int, live: bool
) -> None:
    credentials(stub)
    traded_at = NOON - timedelta(minutes=minutes)
    items = [quote("SPY", 512.5, traded_at), quote("THIN", 9.0, traded_at - timedelta(hours=1))]
    stub.on(QUOTES, quotes(*items))
    yahoo = make_yahoo()

    if live:
        assert list((await yahoo.quotes(["SPY", "THIN"], NOON)).bars) == ["SPY", "THIN"]
        return
    with pytest.raises(
        SourceError, match=r"^Yahoo's newest trade is of 11:29 New York, 31 minutes ago; these are no live"
    ):
        await yahoo.quotes(["SPY", "THIN"], NOON)
    assert yahoo.health.state is HealthState.FAILING
    assert not any("chart" in seen.place for seen in stub.seen)


@pytest.mark.parametrize(("minutes", "live"), [(30, True), (31, False)])
async def test_a_liquid_fund_at_which_yahoo_has_stopped_has_no_live_price(
    make_yahoo: Callable[..., Yahoo], stub: HttpStub, minutes: int, live: bool
) -> None:
    credentials(stub)
    stopped = NOON - timedelta(minutes=minutes)
    items = [quote("SPY", 512.5, NOON), quote("RSP", 160.0, stopped), quote("THIN", 9.0, stopped)]
    stub.on(QUOTES, quotes(*items))

    fetched = await make_yahoo().quotes(["SPY", "RSP", "THIN"], NOON)

    assert list(fetched.bars) == (["SPY", "RSP", "THIN"] if live else ["SPY", "THIN"])
    assert fetched.missing == ({} if live else {"RSP": "last traded at 11:29 New York, 31 minutes before others"})


async def test_520_tickers_are_six_requests(make_yahoo: Callable[..., Yahoo], stub: HttpStub) -> None:
    credentials(stub)
    tickers = [f"T{number}" for number in range(520)]
    stub.on(QUOTES, quotes(*(quote(ticker, 10, NOON) for ticker in tickers)))

    fetched = await make_yahoo().quotes(tickers, NOON)

    assert len(fetched.bars) == 520
    assert stub.count(QUOTES) == 6


async def test_outside_a_session_there_are_no_quotes(make_yahoo: Callable[..., Yahoo], stub: HttpStub) -> None:
    with pytest.raises(SourceError, match="no session is running"):
        await make_yahoo().quotes(["SPY"], datetime(2024, 3, 9, 17, tzinfo=UTC))
    assert stub.seen == []


async def test_a_stale_crumb_is_renewed_once(make_yahoo: Callable[..., Yahoo], stub: HttpStub) -> None:
    credentials(stub)
    unauthorized = as_json({"finance": {"result": None, "error": {"code": "Unauthorized"}}}, 401)
    stub.on(QUOTES, unauthorized, quotes(quote("SPY", 512.5, NOON)))

    fetched = await make_yahoo().quotes(["SPY"], NOON)

    assert fetched.bars["SPY"]["close"].iloc[0] == 512.5


async def test_a_crumb_that_is_never_accepted_is_an_error_and_no_empty_answer(
    make_yahoo: Callable[..., Yahoo], stub: HttpStub
) -> None:
    credentials(stub)
    stub.on(QUOTES, as_json({"finance": {"result": None, "error": {"code": "Unauthorized"}}}, 401))

    with pytest.raises(SourceError, match="401, its cookie or crumb was not accepted"):
        await make_yahoo().quotes(["SPY"], NOON)


async def test_without_a_crumb_quotes_wait_and_it_is_not_asked_for_before_a_quarter_of_an_hour(
    make_yahoo: Callable[..., Yahoo], stub: HttpStub
) -> None:
    credentials(stub)
    stub.on(CRUMB, too_many())
    stub.on(QUOTES, as_json({"finance": {"result": None, "error": {"code": "Unauthorized"}}}, 401))
    clock = [0.0]
    source = make_yahoo(monotonic=lambda: clock[0])

    with pytest.raises(SourceError):
        await source.quotes(["SPY"], NOON)
    with pytest.raises(SourceError, match="gives no crumb"):
        await source.quotes(["SPY"], NOON)
    assert stub.count(CRUMB) == 1

    clock[0] = 901.0
    stub.on(CRUMB, Reply(b"new.crumb"))
    stub.on(QUOTES, quotes(quote("SPY", 512.5, NOON)))
    assert len((await source.quotes(["SPY"], NOON)).bars) == 1


async def test_an_empty_answer_is_a_failure_and_not_a_market_without_prices(
    make_yahoo: Callable[..., Yahoo], stub: HttpStub
) -> None:
    credentials(stub)
    stub.on(QUOTES, quotes())

    with pytest.raises(SourceError, match="no quote for any of 1 tickers"):
        await make_yahoo().quotes(["SPY"], NOON)


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (as_json({"quoteResponse": {"result": [], "error": {"code": "x"}}}), "with an error"),
    ],
)
async def test_an_unusable_answer_says_what_is_wrong(
    make_yahoo: Callable[..., Yahoo], stub: HttpStub, reply: Reply, says: str
) -> None:
    credentials(stub)
    stub.on(QUOTES, reply)

    source = make_yahoo()
    with pytest.raises(SourceError, match=says):
        await source.quotes(["SPY"], NOON)
    assert source.health.state in (HealthState.FAILING, HealthState.RESTING)


async def test_after_the_close_the_price_of_the_session_stands_and_not_what_was_paid_later(
    make_yahoo: Callable[..., Yahoo], stub: HttpStub
) -> None:
    credentials(stub)
    close = datetime(2024, 3, 8, 21, 0, tzinfo=UTC)
    later = {
        "marketState": "POST",
        "postMarketPrice": 12.5,
        "postMarketTime": int(close.timestamp()) + 500,
        "bid": 12.4,
    }
    others = {"language": "en-US", "currency": "USD", "regularMarketPreviousClose": 9.0, "corporateActions": []}
    stub.on(QUOTES, quotes({**quote("AAA", 10.25, close), **later, **others}, quote("BBB", 20.5, close)))

    fetched = await make_yahoo().quotes(["AAA", "BBB"], close + timedelta(minutes=10))

    assert {ticker: list(bars["close"]) for ticker, bars in fetched.bars.items()} == {"AAA": [10.25], "BBB": [20.5]}
    assert fetched.partial_day == DAY
