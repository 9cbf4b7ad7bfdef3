"""Estimates through the real yfinance against a local server: what is read, what is unknown, what makes a chunk fail.

Figures called recorded are those of the files quoteSummary-*-AAPL.json and quoteSummary-all-QQQ.json of data/http/yahoo_node,
Yahoo's answers of 24 February 2025; instants were turned into dates by hand.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bot.domain.fetched import Fetched, FetchRequest, HealthState
from bot.errors import SourceError
from bot.sources.yahoo.estimates_source import YahooEstimates
from bot.sources.yahoo.failures import BrokenResponseError
from bot.sources.yahoo.parse_estimates import company, number, turns
from bot.sources.yahoo.source import Yahoo
from signals.asof import watched_names
from tests.support.http_stub import HttpStub, Reply, Waits, as_json, too_many
from tests.support.yahoo_replies import CRUMB, chart, credentials

NOW = datetime(2025, 2, 25, 2, 0, tzinfo=UTC)
"""9 in the evening of Monday 24 February in New York."""
TODAY = pd.Timestamp("2025-02-24")
BOTH = ("estimates", "surprises")
Make = Callable[..., YahooEstimates]


def place(ticker: str) -> str:
    return f"query2.finance.yahoo.com/v10/finance/quoteSummary/{ticker}"


def modules(*, up: Any = 9, down: Any = 15, eps: Any = 8.0, running: Any = 6.4, price: float = 200.0) -> dict[str, Any]:
    """A company's modules in Yahoo's own shape: estimates as cells, prices bare."""

    def period(name: str, average: Any) -> dict[str, Any]:
        return {
            "period": name,
            "earningsEstimate": {"avg": cell(average), "earningsCurrency": "USD"},
            "epsTrend": {"current": cell(average), "30daysAgo": cell(7.5)},
            "epsRevisions": {
                "upLast7days": cell(1),
                "upLast30days": cell(up),
                "downLast30days": cell(down),
                "downLast7Days": cell(2),
            },
        }

    def cell(value: Any) -> dict[str, Any]:
        return {} if value is None else {"raw": value, "fmt": str(value)}

    history = [{"epsActual": cell(1.2), "epsEstimate": cell(1.1), "quarter": cell(1735603200), "period": "-1q"}]
    return {
        "price": {"regularMarketPrice": price, "marketCap": 3.0e12, "currency": "USD", "quoteType": "EQUITY"},
        "earningsTrend": {"trend": [period("0q", 2.0), period("+1q", 2.0), period("0y", running), period("+1y", eps)]},
        "earningsHistory": {"history": history},
        "summaryDetail": {"trailingPE": 31.5},
        "defaultKeyStatistics": {"lastSplitDate": 1598832000},
        "calendarEvents": {"earnings": {"earningsDate": [1746010740], "earningsCallDate": [1738274400]}},
    }


def summary(found: Mapping[str, Any]) -> Reply:
    return as_json({"quoteSummary": {"result": [found], "error": None}})


def holdings(shown: Any) -> dict[str, Any]:
    return {"price": {"regularMarketPrice": 210.0}, "topHoldings": {"equityHoldings": {"priceToEarnings": shown}}}


def recorded(shared: Path, *names: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in names:
        text = (shared / "data/http/yahoo_node" / f"quoteSummary-{name}.json").read_text()
        found |= json.loads(text)["response"]["bodyJson"]["quoteSummary"]["result"][0]
    return found


def request(*tickers: str) -> FetchRequest:
    return FetchRequest(date(2025, 2, 24), date(2025, 2, 24), tickers=tickers, records=BOTH)


def row(fetched: Fetched, ticker: str) -> dict[str, Any]:
    frame = fetched.records["estimates"]
    found: dict[str, Any] = frame[frame["ticker"] == ticker].iloc[0].to_dict()
    return found


@pytest.fixture
def make(make_yahoo: Callable[..., Yahoo], stub: HttpStub, waits: Waits) -> Make:
    credentials(stub)

    def made(**overrides: Any) -> YahooEstimates:
        return YahooEstimates(make_yahoo(**overrides), sleep=waits, jitter=lambda: 0.5)

    return made


# A good answer


async def test_a_company_is_read(make: Make, stub: HttpStub) -> None:
    """Price 200 over 8.00 of next year is 25; 8.00 is 25 % above this year's 6.40. 1746010740 is 30 April 06:59 in New York."""
    stub.on(place("AAPL"), summary(modules()))

    fetched = await make().fetch(request("AAPL"), NOW)

    found = row(fetched, "AAPL")
    assert pd.isna(found.pop("known_at"))
    assert found == {
        "date": TODAY,
        "ticker": "AAPL",
        "up_30d": 9,
        "down_30d": 15,
        "up_7d": 1,
        "down_7d": 2,
        "eps_next_year": 8.0,
        "eps_30d_ago": 7.5,
        "growth_next_year": pytest.approx(25.0),
        "price": 200.0,
        "market_cap": 3.0e12,
        "trailing_pe": 31.5,
        "forward_pe": pytest.approx(25.0),
        "next_report": pd.Timestamp("2025-04-30"),
        "source": "yahoo",
    }
    assert stub.seen[-1].query["modules"].split(",")[1] == "earningsTrend"
    assert stub.count(place("AAPL")) == 1


async def test_of_several_reports_the_newest_has_a_day(make: Make, stub: HttpStub) -> None:
    """Quarters to 30 September (1727654400) and 31 December 2024; the call 1738274400 was on 30 January 17:00 in New York."""
    found = modules()
    older = {"epsActual": {"raw": 0.9}, "epsEstimate": {"raw": 1.0}, "quarter": {"raw": 1727654400}, "period": "-2q"}
    found["earningsHistory"]["history"].insert(0, older)
    stub.on(place("AAPL"), summary(found))

    frame = (await make().fetch(request("AAPL"), NOW)).records["surprises"]

    assert frame["quarter"].dt.strftime("%Y-%m-%d").tolist() == ["2024-09-30", "2024-12-31"]
    assert frame["actual"].tolist() == [0.9, 1.2]
    assert frame["estimate"].tolist() == [1.0, 1.1]
    assert frame["reported"].isna().tolist() == [True, False]
    assert frame["reported"].iloc[1] == pd.Timestamp("2025-01-30")


async def test_a_fund_shows_earnings_over_price(make: Make, stub: HttpStub) -> None:
    """0.025 of earnings for a dollar are 40 the right way round."""
    stub.on(place("IWM"), summary({**holdings(0.025), "summaryDetail": {"trailingPE": 41.5}}))

    fetched = await make().fetch(request("IWM"), NOW)

    assert row(fetched, "IWM")["forward_pe"] == pytest.approx(40.0)
    assert row(fetched, "IWM")["trailing_pe"] == 41.5
    assert stub.seen[-1].query["modules"] == "price,topHoldings,summaryDetail"
    assert len(fetched.records["surprises"]) == 0


async def test_a_recorded_company_and_a_recorded_fund_are_read(make: Make, stub: HttpStub, shared: Path) -> None:
    """Recorded: earningsTrend of +1y 9 up, 15 down in 30 days, 0 and 1 in 7, mean 8.19607 (30 days before 8.22295), of 0y
    7.3157; price 245.55, trailing P/E 38.91442; next report 1746010740, 30 April 06:59 in New York. Quarters 2024-03-31 (epoch
    1711843200) to 2024-12-31, the call 1738274400, 30 January 17:00 in New York. Of QQQ: priceToEarnings 0.02938, which is
    34.04 the right way round; trailing P/E 34.286358."""
    parts = ("earningsTrend", "earningsHistory", "price", "summaryDetail", "defaultKeyStatistics", "calendarEvents")
    stub.on(place("AAPL"), summary(recorded(shared, *(f"{part}-AAPL" for part in parts))))
    stub.on(place("IWM"), summary(recorded(shared, "all-QQQ")))

    fetched = await make().fetch(request("AAPL", "IWM"), NOW)

    found = row(fetched, "AAPL")
    assert pd.isna(found.pop("known_at"))
    assert found == {
        "date": TODAY,
        "ticker": "AAPL",
        "up_30d": 9,
        "down_30d": 15,
        "up_7d": 0,
        "down_7d": 1,
        "eps_next_year": 8.19607,
        "eps_30d_ago": 8.22295,
        "growth_next_year": pytest.approx(12.0340, abs=1e-4),
        "price": 245.55,
        "market_cap": 3688676720640,
        "trailing_pe": 38.91442,
        "forward_pe": pytest.approx(29.9595, abs=1e-4),
        "next_report": pd.Timestamp("2025-04-30"),
        "source": "yahoo",
    }
    frame = fetched.records["surprises"]
    assert frame["quarter"].dt.strftime("%Y-%m-%d").tolist() == ["2024-03-31", "2024-06-30", "2024-09-30", "2024-12-31"]
    assert frame["actual"].tolist() == [1.53, 1.4, 0.97, 2.4]
    assert frame["estimate"].tolist() == [1.49923, 1.34086, 0.94654, 2.34102]
    assert frame["reported"].isna().tolist() == [True, True, True, False]
    assert frame["reported"].iloc[3] == pd.Timestamp("2025-01-30")
    assert row(fetched, "IWM")["forward_pe"] == pytest.approx(34.0368, abs=1e-4)
    assert row(fetched, "IWM")["trailing_pe"] == 34.286358


@pytest.mark.parametrize(("shown", "meant"), [(0.035, 28.5714), (17.5, 17.5), (1.0, 1.0)])
def test_a_figure_under_one_is_the_inverse(shown: float, meant: float) -> None:
    assert turns(shown) == pytest.approx(meant, abs=1e-4)


@pytest.mark.parametrize("shown", [0, {}, None, {"raw": 0.0}])
async def test_a_fund_without_a_figure_is_missing_and_not_a_row(make: Make, stub: HttpStub, shown: Any) -> None:
    stub.on(place("IWM"), summary(holdings(shown)))
    stub.on(place("AAPL"), summary(modules()))

    fetched = await make().fetch(request("AAPL", "IWM"), NOW)

    assert fetched.records["estimates"]["ticker"].tolist() == ["AAPL"]
    assert fetched.missing == {"IWM": "Yahoo shows no price over earnings, or 0, which stands for none"}


# What a company's fields mean


def test_capitals_do_not_matter() -> None:
    """Yahoo writes upLast7days and downLast7Days; the next spelling must not read as nothing."""
    found = modules()
    revised = found["earningsTrend"]["trend"][3]["epsRevisions"]
    found["earningsTrend"]["trend"][3]["epsRevisions"] = {key.upper(): value for key, value in revised.items()}
    estimate = company(found, "AAPL", NOW).estimate
    assert [estimate[name] for name in ("up_30d", "down_30d", "up_7d", "down_7d")] == [9, 15, 1, 2]


def test_an_empty_cell_is_unknown_and_a_zero_is_a_zero() -> None:
    assert company(modules(up=0, down=0), "AAPL", NOW).estimate["up_30d"] == 0
    assert pd.isna(company(modules(up=None), "AAPL", NOW).estimate["up_30d"])
    assert all(pd.isna(number(cell)) for cell in ({}, None, {"raw": None}, "Infinity", {"raw": "Infinity"}))


def test_losses_have_earnings_but_neither_a_price_over_them_nor_growth_from_them() -> None:
    estimate = company(modules(eps=-2.0), "BA", NOW).estimate
    assert estimate["eps_next_year"] == -2.0
    assert pd.isna(estimate["forward_pe"])
    assert estimate["growth_next_year"] == pytest.approx(100 * (-2.0 / 6.4 - 1))
    turning = company(modules(eps=2.0, running=-1.0), "BA", NOW).estimate
    assert turning["forward_pe"] == 100
    assert pd.isna(turning["growth_next_year"])


def test_estimates_in_another_currency_are_no_earnings_per_dollar() -> None:
    found = modules()
    found["earningsTrend"]["trend"][3]["earningsEstimate"]["earningsCurrency"] = "EUR"
    estimate = company(found, "ASML", NOW).estimate
    assert pd.isna(estimate["eps_next_year"])
    assert pd.isna(estimate["forward_pe"])
    assert (estimate["up_30d"], estimate["growth_next_year"]) == (9, pytest.approx(25))


@pytest.mark.parametrize(("split", "known"), [("2025-02-24", False), ("2025-02-18", False), ("2025-02-17", True)])
def test_for_a_week_after_a_split_earnings_per_share_are_not_believed(split: str, known: bool) -> None:
    found = modules()
    found["defaultKeyStatistics"]["lastSplitDate"] = int(pd.Timestamp(split, tz="UTC").timestamp())
    assert pd.notna(company(found, "NVDA", NOW).estimate["forward_pe"]) is known


def test_days_are_those_of_new_york() -> None:
    """A call at 00:30 UTC on 31 January is one of the evening of the 30th; the quarter's end is a midnight of UTC and stays."""
    found = modules()
    call, late = datetime(2025, 1, 31, 0, 30, tzinfo=UTC), datetime(2025, 5, 1, 1, 0, tzinfo=UTC)
    found["calendarEvents"]["earnings"] = {
        "earningsCallDate": [int(call.timestamp())],
        "earningsDate": [{"raw": int(late.timestamp())}],
    }
    snapshot = company(found, "AAPL", NOW)
    assert snapshot.estimate["next_report"] == date(2025, 4, 30)
    assert snapshot.surprises is not None
    assert [(each["quarter"], each["reported"]) for each in snapshot.surprises] == [
        (date(2024, 12, 31), date(2025, 1, 30))
    ]


def test_without_a_calendar_days_are_unknown() -> None:
    found = modules()
    del found["calendarEvents"]
    snapshot = company(found, "AAPL", NOW)
    assert snapshot.estimate["next_report"] is None
    assert snapshot.surprises is not None
    assert snapshot.surprises[0]["reported"] is None


def test_a_report_without_an_estimate_is_no_surprise() -> None:
    found = modules()
    found["earningsHistory"]["history"][0]["epsEstimate"] = {}
    assert company(found, "AAPL", NOW).surprises == []


@pytest.mark.parametrize(
    ("path", "named"),
    [
        (("price",), "price"),
        (("price", "regularMarketPrice"), "regularMarketPrice"),
        (("earningsTrend",), "earningsTrend"),
        (("earningsTrend", "trend"), "trend"),
        (("earningsTrend", "trend", 3), "earningsTrend of +1y"),
        (("earningsTrend", "trend", 2), "earningsTrend of 0y"),
        (("earningsTrend", "trend", 3, "epsRevisions"), "epsRevisions"),
        (("earningsTrend", "trend", 3, "epsRevisions", "upLast30days"), "upLast30days"),
        (("earningsTrend", "trend", 3, "epsRevisions", "downLast7Days"), "downLast7days"),
        (("earningsTrend", "trend", 3, "earningsEstimate", "avg"), "avg"),
        (("earningsTrend", "trend", 3, "epsTrend", "30daysAgo"), "30daysAgo"),
        (("earningsHistory", "history"), "history"),
        (("earningsHistory", "history", 0, "epsActual"), "epsActual"),
    ],
)
def test_a_changed_format_is_named_by_the_field_that_is_missing(path: tuple[Any, ...], named: str) -> None:
    found = copy.deepcopy(modules())
    inner: Any = found
    for step in path[:-1]:
        inner = inner[step]
    del inner[path[-1]]
    with pytest.raises(BrokenResponseError, match=f"'{named}'".replace("+", r"\+")):
        company(found, "AAPL", NOW)


# Pieces and manners


def test_the_names_watched_are_five_pieces(make: Make) -> None:
    source = make()
    chunks = source.split(FetchRequest(date(2025, 2, 24), date(2025, 2, 24), records=BOTH))
    assert [len(chunk.tickers) for chunk in chunks] == [25, 25, 25, 25, 21]
    assert [name for chunk in chunks for name in chunk.tickers] == list(watched_names.NAMES)
    assert source.split(FetchRequest(date(2025, 2, 24), date(2025, 2, 24), tickers=("AAPL",), records=("funds",))) == []


async def test_names_are_asked_one_by_one_over_half_an_hour(make: Make, stub: HttpStub, waits: Waits) -> None:
    names = watched_names.COMPANIES[:4]
    for ticker in names:
        stub.on(place(ticker), summary(modules()))
    source = make()
    fetched = await source.fetch(request(*names), NOW)

    assert fetched.records["estimates"]["ticker"].tolist() == list(names)
    assert fetched.fetched_at == NOW
    assert waits.seconds == [14.0] * 3
    assert 20 * 60 < 14.0 * len(watched_names.NAMES) < 30 * 60
    assert source.health.state is HealthState.OK


async def test_only_the_datasets_asked_for_are_given(make: Make, stub: HttpStub) -> None:
    stub.on(place("AAPL"), summary(modules()))
    asked = FetchRequest(date(2025, 2, 24), date(2025, 2, 24), tickers=("AAPL",), records=("surprises",))
    assert list((await make().fetch(asked, NOW)).records) == ["surprises"]


# Trouble


@pytest.mark.parametrize(
    "empty",
    [
        as_json({"quoteSummary": {"result": [], "error": None}}),
        as_json({"quoteSummary": {"result": None, "error": None}}),
        as_json({"quoteSummary": {"result": [{}], "error": None}}),
        as_json({}),
    ],
)
async def test_one_empty_answer_spoils_the_piece(make: Make, stub: HttpStub, empty: Reply) -> None:
    """Trouble with the crumb shows as emptiness: the good answer before it is not kept, and nothing becomes a zero."""
    stub.on(place("AAPL"), summary(modules()))
    stub.on(place("NVDA"), empty)
    source = make()
    with pytest.raises(SourceError, match="empty for NVDA, so none of this chunk is believed"):
        await source.fetch(request("AAPL", "NVDA"), NOW)
    assert source.health.state is HealthState.FAILING


async def test_a_name_that_is_gone_is_missing_and_the_others_are_read(make: Make, stub: HttpStub) -> None:
    error = {"code": "Not Found", "description": "Quote not found for symbol: GONE"}
    stub.on(place("GONE"), as_json({"quoteSummary": {"result": None, "error": error}}, 404))
    stub.on(place("AAPL"), summary(modules()))
    source = make()
    fetched = await source.fetch(request("GONE", "AAPL"), NOW)
    assert fetched.missing == {"GONE": "Yahoo: Quote not found for symbol: GONE"}
    assert fetched.records["estimates"]["ticker"].tolist() == ["AAPL"]
    assert stub.count(place("GONE")) == 1
    assert source.health.state is HealthState.OK


async def test_that_every_name_is_gone_is_not_believed(make: Make, stub: HttpStub) -> None:
    error = {"code": "Not Found", "description": "No fundamentals data found for any of the summaryTypes=price"}
    for number_ in range(5):
        stub.on(place(f"T{number_}"), as_json({"quoteSummary": {"result": None, "error": error}}, 404))
    with pytest.raises(SourceError, match="knows none of 5 names"):
        await make().fetch(request(*(f"T{number_}" for number_ in range(5))), NOW)


async def test_too_many_requests_end_the_piece_and_what_came_before_is_kept(make: Make, stub: HttpStub) -> None:
    stub.on(place("AAPL"), summary(modules()))
    stub.on(place("NVDA"), too_many("60"))
    source = make()
    fetched = await source.fetch(request("AAPL", "NVDA", "MSFT"), NOW)
    assert fetched.records["estimates"]["ticker"].tolist() == ["AAPL"]
    assert fetched.missing["NVDA"].startswith("Yahoo answered 429, too many requests")
    assert fetched.missing["MSFT"].startswith("not asked, because Yahoo answered 429")
    assert stub.count(place("MSFT")) == 0
    assert source.health.state is HealthState.RESTING
    with pytest.raises(SourceError) as refused:
        await source.fetch(request("MSFT"), NOW)
    assert refused.value.rate_limited


async def test_a_stale_crumb_is_renewed_once(make: Make, stub: HttpStub) -> None:
    unauthorized = as_json(
        {"finance": {"result": None, "error": {"code": "Unauthorized", "description": "Invalid Crumb"}}}, 401
    )
    stub.on(place("AAPL"), unauthorized, summary(modules()))
    assert row(await make().fetch(request("AAPL"), NOW), "AAPL")["up_30d"] == 9


async def test_a_crumb_that_is_never_accepted_is_an_error_and_no_empty_answer(make: Make, stub: HttpStub) -> None:
    unauthorized = as_json(
        {"finance": {"result": None, "error": {"code": "Unauthorized", "description": "Invalid Crumb"}}}, 401
    )
    for ticker in ("AAPL", "NVDA", "MSFT", "META"):
        stub.on(place(ticker), unauthorized)
    source = make()
    with pytest.raises(SourceError, match="401, its cookie or crumb was not accepted"):
        await source.fetch(request("AAPL", "NVDA", "MSFT", "META"), NOW)
    assert stub.count(place("META")) == 0
    assert source.health.state is HealthState.FAILING


async def test_a_429_without_a_crumb_is_about_the_crumb_and_lets_prices_go_on(
    make_yahoo: Callable[..., Yahoo], stub: HttpStub, waits: Waits
) -> None:
    credentials(stub)
    stub.on(CRUMB, too_many())
    stub.on(place("AAPL"), too_many())
    day = date(2025, 2, 24)
    stub.on("query2.finance.yahoo.com/v8/finance/chart/SPY", chart("SPY", [day], [597.0]))
    yahoo = make_yahoo()
    source = YahooEstimates(yahoo, sleep=waits)

    with pytest.raises(SourceError) as refused:
        await source.fetch(request("AAPL"), NOW)

    assert not refused.value.rate_limited
    assert source.health.state is HealthState.FAILING
    assert len((await yahoo.fetch(FetchRequest(day, day, tickers=("SPY",)), NOW)).bars) == 1


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (as_json({"answer": []}), "no field 'quoteSummary'"),
        (as_json({"quoteSummary": {"result": None, "error": {"code": "x"}}}), "with an error"),
        (Reply(b"nothing here", 404), "404 without a reason"),
        (Reply(b"oops", 500), "500"),
    ],
)
async def test_an_unusable_answer_says_what_is_wrong(make: Make, stub: HttpStub, reply: Reply, says: str) -> None:
    stub.on(place("AAPL"), reply)
    source = make()
    with pytest.raises(SourceError, match=says):
        await source.fetch(request("AAPL"), NOW)
    assert source.health.state is HealthState.FAILING


async def test_one_name_in_another_shape_is_missing_and_names_the_field(make: Make, stub: HttpStub) -> None:
    odd = modules()
    del odd["earningsTrend"]
    stub.on(place("BRK-B"), summary(odd))
    stub.on(place("AAPL"), summary(modules()))
    fetched = await make().fetch(request("BRK-B", "AAPL"), NOW)
    assert fetched.missing == {
        "BRK-B": "Yahoo's answer has no field 'earningsTrend', so its format may have changed",
    }
    assert len(fetched.records["estimates"]) == 1


async def test_reports_that_vanish_from_all_answers_are_a_change_of_the_format(make: Make, stub: HttpStub) -> None:
    odd = modules()
    del odd["earningsHistory"]
    for ticker in ("AAPL", "NVDA", "MSFT"):
        stub.on(place(ticker), summary(odd))
    with pytest.raises(SourceError, match="'earningsHistory'"):
        await make().fetch(request("AAPL", "NVDA", "MSFT"), NOW)
    assert len((await make().fetch(request("AAPL"), NOW)).records["surprises"]) == 0
