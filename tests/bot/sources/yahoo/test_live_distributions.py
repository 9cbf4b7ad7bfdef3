"""What is paid on the running session, beside its prices."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from bot.domain.fetched import Fetched
from bot.sources.yahoo.live_distributions import announced
from bot.sources.yahoo.source import Yahoo
from tests.support.http_stub import HttpStub, too_many
from tests.support.yahoo_replies import QUOTES, chart, credentials, dead, quote, quotes

DAY = date(2024, 3, 8)
NOON = datetime(2024, 3, 8, 17, tzinfo=UTC)
DAYS = [date(2024, 3, 6), date(2024, 3, 7), DAY]


def dividend(amount: Any, instant: Any) -> dict[str, Any]:
    """An action as Yahoo's quotes have it."""
    meta = {"eventType": "DIVIDEND", "dateEpochMs": instant, "amount": amount}
    return {"header": "Dividend", "message": "X announced a cash dividend", "meta": meta}


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def place(ticker: str) -> str:
    return f"query2.finance.yahoo.com/v8/finance/chart/{ticker}"


def paid(fetched: Fetched) -> dict[str, float]:
    assert all(list(amounts.index) == [pd.Timestamp(DAY)] for amounts in fetched.dividends.values())
    return {ticker: amounts.iloc[0] for ticker, amounts in fetched.dividends.items()}


@pytest.mark.parametrize(
    ("actions", "amount"),
    [
        # Midnight in New York, in winter; the same entered in summer lies an hour before.
        ([dividend("2.21", at("2024-03-08T05:00+00:00"))], 2.21),
        ([dividend("2.21", at("2024-03-08T04:00+00:00"))], 2.21),
        ([dividend("2.21", at("2024-03-07T05:00+00:00"))], 0.0),
        ([dividend("2.21", at("2024-03-09T04:00+00:00"))], 0.0),
        ([dividend("2.21", at("2024-03-08T05:00+00:00")), dividend(0.5, at("2024-03-08T05:00+00:00"))], 2.71),
        (
            [dividend("soon", at("2024-03-08T05:00+00:00")), dividend("1", 1e300), dividend("-1", 0), {"meta": 3}, 7],
            0.0,
        ),
        ([{"meta": {"eventType": "SPLIT", "dateEpochMs": at("2024-03-08T05:00+00:00"), "amount": "4"}}], 0.0),
        (None, 0.0),
    ],
)
def test_a_quote_announces_what_its_ticker_pays_on_the_day(actions: Any, amount: float) -> None:
    assert announced({"corporateActions": actions}, DAY) == pytest.approx(amount)


async def test_companies_are_read_from_the_quotes_and_funds_from_their_charts(
    make_yahoo: Callable[..., Yahoo], stub: HttpStub
) -> None:
    credentials(stub)
    company = {**quote("MSFT", 400.0, NOON), "corporateActions": [dividend("0.83", at("2024-03-08T05:00+00:00"))]}
    stub.on(QUOTES, quotes(company, *(quote(ticker, 500.0, NOON) for ticker in ("SPY", "QQQ", "^GSPC"))))
    stub.on(place("SPY"), chart("SPY", DAYS, [502, 501, 500], dividends={DAYS[0]: 9.0, DAY: 1.83}, gains={DAY: 0.5}))
    stub.on(place("QQQ"), chart("QQQ", DAYS, [502, 501, 500], dividends={DAYS[1]: 0.7}))

    fetched = await make_yahoo().quotes(["MSFT", "SPY", "QQQ", "^GSPC"], NOON)

    assert paid(fetched) == {"MSFT": 0.83, "SPY": 1.83}
    assert {seen.place for seen in stub.seen if "/chart/" in seen.place} == {place("SPY"), place("QQQ")}


async def test_a_fund_is_asked_about_every_two_hours_until_it_has_paid(
    make_yahoo: Callable[..., Yahoo], stub: HttpStub
) -> None:
    credentials(stub)
    stub.on(
        place("SPY"), chart("SPY", DAYS, [502, 501, 500]), chart("SPY", DAYS, [502, 501, 500], dividends={DAY: 1.83})
    )
    source = make_yahoo()
    seen = []
    for minutes in (0, 15, 119, 120, 135, 250):
        now = NOON + timedelta(minutes=minutes)
        stub.on(QUOTES, quotes(quote("SPY", 500.0, now)))
        fetched = await source.quotes(["SPY"], now)
        seen.append((paid(fetched).get("SPY"), stub.count(place("SPY"))))
    assert seen == [(None, 1), (None, 1), (None, 1), (1.83, 2), (1.83, 2), (1.83, 2)]


async def test_prices_come_where_charts_are_refused_and_what_is_not_known_is_noted(
    make_yahoo: Callable[..., Yahoo], stub: HttpStub
) -> None:
    credentials(stub)
    stub.on(QUOTES, quotes(quote("SPY", 500.0, NOON), quote("QQQ", 400.0, NOON)))
    stub.on(place("SPY"), dead())
    stub.on(place("QQQ"), too_many())
    source = make_yahoo()

    fetched = await source.quotes(["SPY", "QQQ"], NOON)

    assert list(fetched.bars) == ["SPY", "QQQ"]
    assert fetched.dividends == {}
    [note] = source.notes
    assert note.startswith("today's distributions of funds are not known: ")
