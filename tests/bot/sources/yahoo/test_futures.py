"""Dated futures on the federal funds rate through the same door as every other ticker."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.fetched import FetchRequest
from bot.sources.yahoo.source import Yahoo
from signals.derivatives import fed_funds
from tests.support.http_stub import HttpStub, Reply
from tests.support.yahoo_replies import chart, credentials, dead

NOW = datetime(2024, 3, 9, 12, tzinfo=UTC)
WEEK = [date(2024, 3, 4) + timedelta(days=day) for day in range(5)]


def place(ticker: str) -> str:
    return f"query2.finance.yahoo.com/v8/finance/chart/{ticker}"


def in_chicago(reply: Reply) -> Reply:
    """The same chart with days that begin at midnight in Chicago, as Yahoo dates those of its exchanges."""
    body = json.loads(reply.body)
    result = body["chart"]["result"][0]
    result["meta"] |= {"exchangeTimezoneName": "America/Chicago", "instrumentType": "FUTURE"}
    midnight = ZoneInfo("America/Chicago")
    result["timestamp"] = [int(datetime.combine(day, time(0), midnight).timestamp()) for day in WEEK]
    return replace(reply, body=json.dumps(body).encode())


async def test_contracts_come_by_session_and_those_that_have_expired_are_missing(
    make_yahoo: Callable[..., Yahoo], stub: HttpStub
) -> None:
    credentials(stub)
    alive = fed_funds.contract(2024, 12)
    gone = fed_funds.contract(2024, 2)
    stub.on(place(alive), in_chicago(chart(alive, WEEK, [95.6, 95.605, 95.61, 95.6, 95.615])))
    stub.on(place(gone), dead())

    fetched = await make_yahoo().fetch(FetchRequest(WEEK[0], WEEK[-1], tickers=(alive, gone)), NOW)

    closes = fetched.bars[alive]["close"]
    assert [day.date() for day in closes.index] == WEEK
    assert closes.iloc[-1] == 95.615
    assert set(fetched.missing) == {gone}


async def test_a_whole_list_of_contracts_is_asked_for_in_one_piece(make_yahoo: Callable[..., Yahoo]) -> None:
    names = fed_funds.contracts(WEEK[-1])
    (piece,) = make_yahoo().split(FetchRequest(WEEK[0], WEEK[-1], tickers=names))
    assert piece.tickers == names
