"""Yahoo's option chains in Cboe's place: read expiry by expiry, with deltas of our own, and everything that they may lack."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import NormalDist
from typing import Any

import pandas as pd
import pytest

from bot.calendar.clock import Calendar
from bot.domain.fetched import HealthState
from bot.errors import SourceError
from bot.sources.cboe.option_chains import CboeChains
from bot.sources.http.http_client import Http
from bot.sources.yahoo.failures import BrokenResponseError, NoBarsError
from bot.sources.yahoo.option_chains import YahooChains, read, rows_of, with_deltas
from bot.sources.yahoo.source import Yahoo
from signals.derivatives.option_chain import COLUMNS, summary
from tests.bot.sources.cboe.test_option_chains import FRIDAY, NOW, SMILE, place, reply, request
from tests.support.http_stub import PAGE, HttpStub, Reply, as_json, too_many
from tests.support.yahoo_replies import credentials

PLACE = "query2.finance.yahoo.com/v7/finance/options/{}"
TRADED = int(datetime(2024, 3, 8, 20, 40, tzinfo=UTC).timestamp())
BEFORE = int(datetime(2024, 3, 7, 20, 40, tzinfo=UTC).timestamp())
SOON, APRIL, JUNE = (
    int(datetime(*day, tzinfo=UTC).timestamp()) for day in ((2024, 3, 11), (2024, 4, 7), (2024, 6, 21))
)


def contract(strike: float, mid: float, iv: float, **others: Any) -> dict[str, Any]:
    row = {"strike": strike, "bid": mid - 0.05, "ask": mid + 0.05, "impliedVolatility": iv, "volume": 10}
    return {"contractSymbol": "x", **row, "openInterest": 5, "lastTradeDate": TRADED} | others


def chain(
    calls: list[dict[str, Any]], puts: list[dict[str, Any]], *, expiry: int = APRIL, traded: int = TRADED
) -> Reply:
    quote = {"symbol": "QQQ", "regularMarketPrice": 100.0, "regularMarketTime": traded}
    options = [{"expirationDate": expiry, "hasMiniOptions": False, "calls": calls, "puts": puts}]
    result = {"underlyingSymbol": "QQQ", "expirationDates": [SOON, APRIL, JUNE], "quote": quote, "options": options}
    return as_json({"optionChain": {"result": [result], "error": None}})


CALLS = [contract(100.0, 2.3, 0.20), contract(103.0, 1.1, 0.19), contract(106.0, 0.6, 0.18)]
PUTS = [contract(94.0, 0.6, 0.26, volume=30), contract(97.0, 1.1, 0.23), contract(100.0, 2.3, 0.20)]


@pytest.fixture
def yahoo(stub: HttpStub, make_yahoo: Callable[..., Yahoo]) -> Yahoo:
    credentials(stub)
    return make_yahoo()


async def test_a_chain_is_read_for_expiries_of_7_to_60_days(yahoo: Yahoo, stub: HttpStub) -> None:
    stub.on(PLACE.format("QQQ"), chain(CALLS, PUTS))
    found = await YahooChains(yahoo).chain("QQQ", FRIDAY, NOW)
    assert tuple(found.columns) == COLUMNS
    assert found["expiry"].unique().tolist() == [pd.Timestamp("2024-04-07")]
    asked = [seen.query.get("date") for seen in stub.seen if seen.place == PLACE.format("QQQ")]
    assert asked == [None, str(APRIL)]
    numbers = summary(found, FRIDAY)
    assert (numbers.put_volume, numbers.call_volume) == (50.0, 30.0)
    assert (numbers.put_open_interest, numbers.call_open_interest) == (15.0, 15.0)
    # Forward 100, T = 30/365. Put at 97 and iv 0.23: d1 = 0.4950, delta -0.310; at 94 and 0.26: d1 = 0.8673, delta -0.193.
    # So -0.25 lies 0.51 of the way from 97 to 94: iv 0.2454. Call at 103 and 0.19: d1 = -0.5154, delta 0.303; at 106 and 0.18:
    # d1 = -1.1034, delta 0.135; so 0.1868.
    assert numbers.skew_25d == pytest.approx(5.85, abs=0.02)


async def test_volume_of_an_earlier_day_and_no_volume_are_no_trades(yahoo: Yahoo, stub: HttpStub) -> None:
    quiet = contract(109.0, 0.3, 0.18)
    del quiet["volume"]
    calls = [*CALLS, contract(108.0, 0.4, 0.18, volume=247, lastTradeDate=BEFORE), quiet]
    stub.on(PLACE.format("QQQ"), chain(calls, PUTS))
    found = summary(await YahooChains(yahoo).chain("QQQ", FRIDAY, NOW), FRIDAY)
    assert found.call_volume == 30.0


async def test_at_night_a_chain_has_volumes_and_no_skew(yahoo: Yahoo, stub: HttpStub) -> None:
    night = {"bid": 0, "ask": 0, "openInterest": 0, "impliedVolatility": 1e-5}
    stub.on(PLACE.format("QQQ"), chain([one | night for one in CALLS], [one | night for one in PUTS]))
    found = summary(await YahooChains(yahoo).chain("QQQ", FRIDAY, NOW), FRIDAY)
    assert (found.put_volume, found.call_volume) == (50.0, 30.0)
    assert math.isnan(found.skew_25d)


@pytest.mark.parametrize("empty", [[], None])
async def test_a_side_without_contracts_is_empty(yahoo: Yahoo, stub: HttpStub, empty: Any) -> None:
    stub.on(PLACE.format("QQQ"), chain(empty, PUTS))
    found = summary(await YahooChains(yahoo).chain("QQQ", FRIDAY, NOW), FRIDAY)
    assert found.put_volume == 50.0
    assert math.isnan(found.call_volume)


def body(answer: Reply) -> Any:
    return json.loads(answer.body)


def test_one_answer_tells_the_price_all_expiries_and_the_contracts_of_both_sides() -> None:
    part = read(body(chain(CALLS, PUTS)), "QQQ")
    assert (part.head.price, part.head.traded_at) == (100.0, datetime(2024, 3, 8, 20, 40, tzinfo=UTC))
    assert part.head.expiries == (SOON, APRIL, JUNE)
    assert [(each["side"], each["strike"]) for each in part.contracts] == [
        *(("C", 100.0), ("C", 103.0), ("C", 106.0)),
        *(("P", 94.0), ("P", 97.0), ("P", 100.0)),
    ]


def test_deltas_are_counted_from_the_forward_that_put_and_call_of_one_strike_imply() -> None:
    """At 100 the call costs 2.5 and the put 2.1, so the forward is 100.4, whatever the underlying's price. T = 30/365.
    Call at 103, volatility 0.19: d1 = ln(100.4/103)/0.054471 + 0.027236 = -0.4421, delta N(d1) = 0.3292. Put at 97, volatility
    0.23: d1 = ln(100.4/97)/0.065939 + 0.032969 = 0.5554, delta N(d1) - 1 = -0.2893."""
    calls = [contract(100.0, 2.5, 0.20), contract(103.0, 1.1, 0.19)]
    puts = [contract(97.0, 1.1, 0.23), contract(100.0, 2.1, 0.20)]
    part = read(body(chain(calls, puts)), "QQQ")
    quotes = pd.DataFrame(rows_of(part.contracts, date(2024, 4, 7), date(2024, 3, 8)))
    found = with_deltas(quotes, date(2024, 3, 8), 99.0).set_index(["side", "strike"])["delta"]
    assert found["C", 103.0] == pytest.approx(0.3292, abs=1e-4)
    assert found["P", 97.0] == pytest.approx(-0.2893, abs=1e-4)


@pytest.mark.parametrize("quote", [{"symbol": "ADH"}, {"symbol": "ADH", "regularMarketPrice": 3.0}])
def test_what_has_no_options_is_told_with_and_without_a_price(quote: dict[str, Any]) -> None:
    result = {"underlyingSymbol": "ADH", "expirationDates": [], "strikes": [], "quote": quote, "options": []}
    with pytest.raises(NoBarsError, match="no option chain of ADH"):
        read({"optionChain": {"result": [result], "error": None}}, "ADH")


def test_an_expiry_that_is_over_has_no_contracts() -> None:
    over = int(datetime(2022, 3, 1, tzinfo=UTC).timestamp())
    part = read(body(chain([], [], expiry=over)), "QQQ")
    assert (part.contracts, part.head.expiries) == ([], (SOON, APRIL, JUNE))


def test_recorded_chains_are_read(shared: Path) -> None:
    """Of Monday 24 February 2025 before the opening, one expiry each; ADH and BTC-USD have no options. AAPL also after the close
    of 6 September 2016, three days before an expiry: the strike nearest to its price is 108, call 0.87 to 0.90, put 1.17 to 1.20,
    so the forward is 108 + 0.885 - 1.185 = 107.70."""

    def recorded(name: str) -> Any:
        return json.loads((shared / f"data/http/yahoo_node/options-{name}.json").read_text())["response"]["bodyJson"]

    # Counted in the files. Volumes: of contracts last traded on Friday 21 February; AAPL's calls have 339 more of earlier days.
    for name, price, expiries, contracts, puts, calls in (
        ("QQQ", 526.12, 30, 180, 435_182, 439_210),
        ("AAPL", 245.55, 20, 102, 159_491, 181_826),
    ):
        part = read(recorded(name), name)
        assert (part.head.price, len(part.head.expiries), len(part.contracts)) == (price, expiries, contracts), name
        rows = pd.DataFrame(rows_of(part.contracts, date(2025, 3, 21), date(2025, 2, 21)))
        assert rows.groupby("side")["volume"].sum().to_dict() == {"P": puts, "C": calls}, name
        # Before the opening nearly all bids are 0 and most volatilities 1e-5, so there is no skew.
        found = summary(with_deltas(rows, date(2025, 2, 21), price), date(2025, 2, 21))
        assert found.put_volume / found.call_volume == pytest.approx(puts / calls), name
        assert math.isnan(found.skew_25d), name
    for name in ("ADH", "BTC-USD"):
        with pytest.raises(NoBarsError, match=f"no option chain of {name}"):
            read(recorded(name), name)
    assert read(recorded("AAPL-expire-2022-03-01"), "AAPL").contracts == []

    part = read(json.loads((shared / "data/http/pandas_datareader/yahoo_options1.json").read_text()), "AAPL")
    assert (part.head.price, part.head.traded_at.date(), len(part.contracts)) == (107.68, date(2016, 9, 6), 76)
    quotes = pd.DataFrame(rows_of(part.contracts, date(2016, 9, 9), date(2016, 9, 6)))
    for row in with_deltas(quotes, date(2016, 9, 6), part.head.price).itertuples():
        if row.iv > 0.001:
            spread = row.iv * math.sqrt(3 / 365)
            own = NormalDist().cdf(math.log(107.70 / row.strike) / spread + spread / 2) - (row.side == "P")
            assert row.delta == pytest.approx(own, abs=1e-9), (row.side, row.strike)


def test_one_odd_contract_of_a_hundred_leaves_the_expiry() -> None:
    """Three of them are too many."""
    good = [contract(float(strike), 1.0, 0.2, side="C") for strike in range(401, 500)]
    odd = contract(500.0, 1.0, 0.2, side="C", impliedVolatility="a lot")
    assert len(rows_of([*good, odd], date(2024, 4, 7), FRIDAY)) == 99
    with pytest.raises(SourceError, match="3 of 102 rows cannot be read"):
        rows_of([*good, odd, odd, odd], date(2024, 4, 7), FRIDAY)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({"optionChain": {"result": [{"expirationDates": [1]}], "error": None}}, "KeyError 'quote'"),
        ({"finance": {}}, "KeyError 'optionChain'"),
        ({"optionChain": {"result": None, "error": {"code": "x"}}}, "with an error"),
    ],
)
def test_a_changed_format_names_the_field(answer: Any, says: str) -> None:
    with pytest.raises(BrokenResponseError, match=says):
        read(answer, "QQQ")


@pytest.mark.parametrize(
    ("replies", "says"),
    [
        ((as_json({"optionChain": {"result": [], "error": None}}),), "no option chain of QQQ"),
        (
            (
                as_json(
                    {"optionChain": {"result": None, "error": {"code": "Not Found", "description": "No data"}}}, 404
                ),
            ),
            "No data",
        ),
        ((too_many(),), "429"),
        ((PAGE,), "a web page instead of JSON"),
        ((Reply(b'{"optionChain"', how="truncated"),), "broke off"),
        ((Reply(b""),), "nothing in it"),
        ((chain([{"strike": 1.0}], []),), "it has no lastTradeDate, so its format has changed"),
        ((chain(CALLS, PUTS, traded=BEFORE),), "is of 2024-03-07, not of 2024-03-08"),
        ((chain([], []),), "no option chain of QQQ with expiries in 7 to 60 days"),
    ],
    ids=["empty", "not found", "too many", "a web page", "torn", "nothing", "changed", "another day", "no contracts"],
)
async def test_a_chain_that_cannot_be_used_is_told(
    yahoo: Yahoo, stub: HttpStub, replies: tuple[Reply, ...], says: str
) -> None:
    stub.on(PLACE.format("QQQ"), *replies)
    with pytest.raises(SourceError, match=says):
        await YahooChains(yahoo).chain("QQQ", FRIDAY, NOW)


async def test_yahoo_stands_in_for_cboe_and_is_named(
    http: Http, stub: HttpStub, calendar: Calendar, yahoo: Yahoo
) -> None:
    source = CboeChains(http, calendar=calendar, substitute=YahooChains(yahoo))
    stub.on(place("NVDA"), reply(*SMILE))
    stub.on(place("QQQ"), Reply(b"", 500))
    stub.on(PLACE.format("QQQ"), chain(CALLS, PUTS))

    fetched = await source.fetch(request("NVDA", "QQQ", "ZZZZ"), NOW)

    rows = fetched.records["options"]
    assert dict(zip(rows["symbol"], rows["source"], strict=True)) == {"NVDA": "cboe-chains", "QQQ": "yahoo"}
    assert list(fetched.missing) == ["ZZZZ"]
    assert "Cboe answered 404" in fetched.missing["ZZZZ"]
    # That Cboe failed is not hidden by Yahoo's answer.
    assert source.health.state is HealthState.FAILING

    # Cboe is tried again, Yahoo is not asked twice for one session.
    asked = stub.count(PLACE.format("QQQ"))
    stub.on(place("QQQ"), reply(*SMILE))
    again = await source.fetch(request("NVDA", "QQQ"), NOW)
    assert set(again.records["options"]["source"]) == {"cboe-chains"}
    stub.on(place("QQQ"), Reply(b"", 500))
    assert "QQQ" in (await source.fetch(request("NVDA", "QQQ"), NOW)).missing
    assert stub.count(PLACE.format("QQQ")) == asked


async def test_when_yahoo_fails_too_both_reasons_are_told(
    http: Http, stub: HttpStub, calendar: Calendar, yahoo: Yahoo
) -> None:
    source = CboeChains(http, calendar=calendar, substitute=YahooChains(yahoo))
    stub.on(place("NVDA"), reply(*SMILE))
    stub.on(PLACE.format("QQQ"), PAGE)
    missing = (await source.fetch(request("NVDA", "QQQ"), NOW)).missing["QQQ"]
    assert "Cboe answered 404" in missing
    assert "Yahoo answered with a web page" in missing
