"""What Yahoo says that a ticker is, over a local server."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from bot.domain.own_signal import Listing
from bot.sources.yahoo.source import Yahoo
from tests.support.http_stub import HttpStub
from tests.support.yahoo_replies import chart, credentials, dead

NOW = datetime(2024, 3, 9, 12, tzinfo=UTC)
WEEK = [date(2024, 3, 4) + timedelta(days=day) for day in range(5)]


def place(ticker: str) -> str:
    return f"query2.finance.yahoo.com/v8/finance/chart/{ticker}"


async def test_a_ticker_is_described_by_name_currency_and_first_day(
    make_yahoo: Callable[..., Yahoo], stub: HttpStub
) -> None:
    credentials(stub)
    about = {"longName": "VanEck Semiconductor ETF", "firstTradeDate": 957533400}  # 2000-05-05 13:30 UTC
    stub.on(place("SMH"), chart("SMH", WEEK, [10, 11, 12, 13, 14], meta=about))
    listing = await make_yahoo().look_up("SMH", NOW)
    assert listing == Listing("SMH", "VanEck Semiconductor ETF", "USD", date(2000, 5, 5))


async def test_an_unknown_ticker_is_none(make_yahoo: Callable[..., Yahoo], stub: HttpStub) -> None:
    credentials(stub)
    stub.on(place("SMHX"), dead())
    assert await make_yahoo().look_up("SMHX", NOW) is None
