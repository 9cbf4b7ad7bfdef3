"""Cboe's delayed option chains against a local server."""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import pytest

from bot.calendar.clock import Calendar
from bot.domain.fetched import FetchRequest, HealthState
from bot.errors import SourceError
from bot.sources.cboe.option_chains import CboeChains, read_chain
from bot.sources.http.http_client import Http
from bot.sources.http.responses import HttpResponse
from signals.core.datasets import DATASETS
from tests.support.http_stub import PAGE, HttpStub, Reply, as_json, as_text, too_many

# Friday 8 March 2024, 15:45 New York.
NOW = datetime(2024, 3, 8, 20, 45, tzinfo=UTC)
FRIDAY = date(2024, 3, 8)


def request(*symbols: str, day: date = FRIDAY) -> FetchRequest:
    return FetchRequest(day, day, tickers=symbols, records=("options",))


def place(symbol: str) -> str:
    return f"cdn-api.cboe.com/api/global/delayed_quotes/options/{symbol}.json"


def contract(name: str, delta: float, iv: float, **others: float) -> dict[str, Any]:
    rest = {"bid": 1.0, "ask": 1.1, "volume": 10.0, "open_interest": 50.0, "gamma": 0.01, "theo": 1.05} | others
    return {"option": name, "delta": delta, "iv": iv, **rest}


def reply(*contracts: dict[str, Any], traded: str = "2024-03-08T15:29:59") -> Reply:
    data = {"symbol": "QQQ", "current_price": 440.0, "last_trade_time": traded, "options": list(contracts)}
    return as_json({"timestamp": "2024-03-08 20:45:01", "data": data, "symbol": "QQQ"})


# 7 April 2024 is 30 days after 8 March. Lines through 0.24 at put delta -0.25 and 0.20 at call delta 0.25.
SMILE = (
    contract("QQQ240407P00410000", -0.20, 0.25, volume=30.0),
    contract("QQQ240407P00420000", -0.30, 0.23, volume=45.0),
    contract("QQQ240407C00460000", 0.20, 0.19, volume=50.0),
    contract("QQQ240407C00450000", 0.30, 0.21, volume=50.0),
)


@pytest.fixture
def chains(http: Http, calendar: Calendar) -> CboeChains:
    return CboeChains(http, calendar=calendar)


async def test_a_chain_becomes_one_row_of_the_dataset(chains: CboeChains, stub: HttpStub) -> None:
    stub.on(place("QQQ"), reply(*SMILE))

    fetched = await chains.fetch(request("QQQ"), NOW)

    rows = fetched.records["options"]
    assert list(rows.columns) == [*(column.name for column in DATASETS["options"].columns), "known_at", "source"]
    assert rows["known_at"].isna().all()
    assert str(rows["known_at"].dtype) == "datetime64[ns, UTC]"
    row = rows.iloc[0]
    assert (row["date"], row["symbol"], row["source"]) == (pd.Timestamp(FRIDAY), "QQQ", "cboe-chains")
    assert (row["put_volume"], row["call_volume"]) == (75.0, 100.0)
    assert (row["put_open_interest"], row["call_open_interest"]) == (100.0, 100.0)
    assert row["skew_25d"] == pytest.approx(4.0)
    assert not fetched.missing
    assert chains.health.state is HealthState.OK


async def test_every_symbol_is_one_request_and_one_row(chains: CboeChains, stub: HttpStub) -> None:
    for symbol in ("QQQ", "NVDA"):
        stub.on(place(symbol), reply(*SMILE))

    fetched = await chains.fetch(request("QQQ", "NVDA"), NOW)

    assert list(fetched.records["options"]["symbol"]) == ["QQQ", "NVDA"]
    assert len(stub.seen) == 2


async def test_on_a_weekend_the_chain_is_that_of_the_last_session(chains: CboeChains, stub: HttpStub) -> None:
    stub.on(place("QQQ"), reply(*SMILE, traded="2024-03-08T16:00:00"))

    fetched = await chains.fetch(request("QQQ"), datetime(2024, 3, 9, 14, tzinfo=UTC))

    assert list(fetched.records["options"]["date"]) == [pd.Timestamp(FRIDAY)]


async def test_a_chain_that_has_not_moved_since_an_earlier_session_is_missing(
    chains: CboeChains, stub: HttpStub
) -> None:
    stub.on(place("QQQ"), reply(*SMILE, traded="2024-03-07T16:00:00"))

    fetched = await chains.fetch(request("QQQ"), NOW)

    assert not fetched.records
    assert fetched.missing == {"QQQ": "Cboe's option chain of QQQ is of 2024-03-07, not of 2024-03-08"}


async def test_an_empty_chain_is_missing_and_not_zero(chains: CboeChains, stub: HttpStub) -> None:
    stub.on(place("QQQ"), reply())

    fetched = await chains.fetch(request("QQQ"), NOW)

    assert not fetched.records
    assert fetched.missing == {"QQQ": "Cboe's option chain of QQQ is empty"}


async def test_a_chain_of_zero_bids_has_volumes_and_no_skew(chains: CboeChains, stub: HttpStub) -> None:
    stub.on(place("QQQ"), reply(*(one | {"bid": 0.0, "ask": 0.0} for one in SMILE)))

    row = (await chains.fetch(request("QQQ"), NOW)).records["options"].iloc[0]

    assert row["put_volume"] == 75.0
    assert math.isnan(row["skew_25d"])


@pytest.mark.parametrize("status", [403, 404])
async def test_a_symbol_that_cboe_does_not_have_is_missing_and_the_others_are_given(
    chains: CboeChains, stub: HttpStub, status: int
) -> None:
    stub.on(place("QQQ"), as_text("<Error>AccessDenied</Error>", status))
    stub.on(place("NVDA"), reply(*SMILE))

    fetched = await chains.fetch(request("QQQ", "NVDA"), NOW)

    assert list(fetched.records["options"]["symbol"]) == ["NVDA"]
    assert fetched.missing == {"QQQ": f"Cboe answered {status}, so it has no option chain of QQQ"}


async def test_that_cboe_has_a_chain_of_none_of_three_symbols_is_a_failure(chains: CboeChains, stub: HttpStub) -> None:
    with pytest.raises(SourceError, match="has no chain of 3 symbols: Cboe answered 404"):
        await chains.fetch(request("QQQ", "NVDA", "TSLA"), NOW)
    assert chains.health.state is HealthState.FAILING


async def test_too_many_requests_end_the_asking(chains: CboeChains, stub: HttpStub) -> None:
    stub.on(place("QQQ"), reply(*SMILE))
    stub.on(place("NVDA"), too_many("600"))

    fetched = await chains.fetch(request("QQQ", "NVDA", "TSLA"), NOW)

    assert list(fetched.records["options"]["symbol"]) == ["QQQ"]
    assert "429" in fetched.missing["NVDA"]
    assert fetched.missing["TSLA"].startswith("not asked, because")
    assert stub.count(place("TSLA")) == 0
    assert chains.health.state is HealthState.RESTING


async def test_too_many_requests_at_the_first_symbol_are_an_error(chains: CboeChains, stub: HttpStub) -> None:
    stub.on(place("QQQ"), too_many("600"))

    with pytest.raises(SourceError, match="429") as caught:
        await chains.fetch(request("QQQ", "NVDA"), NOW)

    assert caught.value.rate_limited


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (Reply(b"oops", 500), "answered 500"),
        (as_json({"symbol": "QQQ"}), "has no data, so its format has changed"),
        (as_json({"data": {"options": []}}), "no last_trade_time"),
        (
            as_json({"data": {"last_trade_time": "noon", "options": []}}),
            "'noon' in last_trade_time where an instant is expected",
        ),
        (as_json({"data": {"last_trade_time": "2024-03-08T15:00:00"}}), "no options"),
        (reply({"option": "QQQ240407P00410000", "bid": 1}), "row 1: it has no ask"),
        (reply(contract("QQQ240407X00410000", 0.1, 0.2)), "'QQQ240407X00410000'|'240407X00410000' is no contract"),
        (reply(contract("QQQ240407P00410000", 0.1, 0.2, bid="1,0")), "no number"),  # type: ignore[arg-type]
    ],
)
async def test_an_unusable_answer_says_what_is_wrong(
    chains: CboeChains, stub: HttpStub, answer: Reply, says: str
) -> None:
    stub.on(place("QQQ"), answer)

    with pytest.raises(SourceError, match=says):
        await chains.fetch(request("QQQ"), NOW)

    assert chains.health.state is HealthState.FAILING


async def test_after_three_failures_in_a_row_the_rest_is_not_asked(chains: CboeChains, stub: HttpStub) -> None:
    stub.on(place("QQQ"), reply(*SMILE))
    for symbol in ("NVDA", "AAPL", "MSFT"):
        stub.on(place(symbol), PAGE)

    fetched = await chains.fetch(request("QQQ", "NVDA", "AAPL", "MSFT", "META"), NOW)

    assert list(fetched.records["options"]["symbol"]) == ["QQQ"]
    assert fetched.missing["META"].startswith("not asked")
    assert chains.health.state is HealthState.FAILING


async def test_other_days_than_the_session_at_hand_are_not_to_be_had(chains: CboeChains, stub: HttpStub) -> None:
    fetched = await chains.fetch(request("QQQ", day=date(2024, 3, 7)), NOW)

    assert stub.seen == []
    assert fetched.missing == {"QQQ": "Cboe has only the chains of 2024-03-08"}


def chain(contracts: list[dict[str, Any]]) -> HttpResponse:
    data = {"last_trade_time": "2024-03-08T15:44:59", "options": contracts}
    return HttpResponse(200, json.dumps({"data": data}).encode(), "cdn-api.cboe.com/QQQ.json")


def test_contracts_are_named_from_the_end_because_roots_differ_in_length() -> None:
    names = ("QQQ240407P00410000", "SPXW240407C05100500")
    rows = read_chain(chain([contract(name, 0.1, 0.2) for name in names]))[1]
    assert list(rows["side"]) == ["P", "C"]
    assert list(rows["strike"]) == [410.0, 5100.5]
    assert list(rows["expiry"]) == [pd.Timestamp("2024-04-07")] * 2


def test_one_odd_contract_of_a_hundred_leaves_the_chain() -> None:
    """Three of them are too many."""
    good = [contract(f"QQQ240407P00{strike}000", -0.1, 0.2) for strike in range(401, 500)]
    odd = contract("QQQ240407X00410000", 0.1, 0.2)
    assert len(read_chain(chain([*good, odd]))[1]) == 99
    with pytest.raises(SourceError, match="3 of 102 rows cannot be read"):
        read_chain(chain([*good, odd, odd, odd]))


def test_a_null_is_unknown() -> None:
    rows = read_chain(chain([contract("QQQ240407P00410000", None, None, volume=None)]))[1]  # type: ignore[arg-type]
    assert rows[["delta", "iv", "volume"]].isna().all().all()


def test_only_option_chains_are_its_work(chains: CboeChains) -> None:
    whole = FetchRequest(
        FRIDAY, FRIDAY, tickers=("QQQ", "NVDA", "QQQ"), series=("VIX",), universe=True, records=("funds", "options")
    )
    assert chains.split(whole) == [request("QQQ", "NVDA")]
    assert chains.split(FetchRequest(FRIDAY, FRIDAY, tickers=("QQQ",))) == []


def test_a_chain_of_ten_thousand_contracts_fits_the_largest_body_allowed() -> None:
    # 16 MB is the limit of one answer.
    assert len(json.dumps(contract("QQQ240407P00410000", -0.2503, 0.2503))) * 10_000 < 8_000_000
