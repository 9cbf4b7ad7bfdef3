"""Wrong answers that were once believed, through the real source, the stage and the archive, each asked for again."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from bot.domain.doubt import DoubtRule
from signals.core.model import State
from tests.bot.ingest.plausibility.conftest import TICKERS, Evenings

SPREAD = "weighting.rsp_spy.spread_1d"


async def test_an_honest_evening_is_stored_and_nothing_is_doubted(market: Evenings) -> None:
    stored = await market.update()
    assert stored.withheld == {}
    assert market.doubts(only_open=False) == {}
    assert market.market().close.iloc[-1].notna().all()
    assert market.reading(SPREAD).state is State.FINAL


def last(factor: float) -> Callable[[list[float]], list[float]]:
    return lambda closes: [*closes[:-1], closes[-1] * factor]


def every(factor: float) -> Callable[[list[float]], list[float]]:
    return lambda closes: [close * factor for close in closes]


def value(close: float) -> Callable[[list[float]], list[float]]:
    return lambda closes: [*closes[:-1], close]


@pytest.mark.parametrize(
    ("ticker", "wrong", "rule"),
    [
        ("SPY", last(100), DoubtRule.UNIT),
        ("SPY", every(100), DoubtRule.UNIT),
        ("SI=F", last(100), DoubtRule.UNIT),
        ("SI=F", every(0.01), DoubtRule.UNIT),
        ("SPY", last(0.5), DoubtRule.BAND),
        ("SPY", every(0.5), DoubtRule.RATIO),
        ("NVDA", last(10), DoubtRule.BAND),
        ("NVDA", last(1000), DoubtRule.UNIT),
        ("^RUT", value(0.0001), DoubtRule.UNIT),
        ("SPY", last(1.2), DoubtRule.BAND),
        ("RSP", last(0.88), DoubtRule.BAND),
        ("SI=F", last(1.6), DoubtRule.BAND),
        ("NVDA", last(0.75), DoubtRule.BAND),
    ],
    ids=[
        "SPY x100",
        "SPY x100 from the first bar on",
        "silver x100",
        "silver in cents from the first bar on",
        "SPY halved without a split",
        "SPY halved from the first bar on",
        "NVDA x10",
        "NVDA x1000",
        "^RUT at 0.0001",
        "SPY +20%",
        "RSP -12%",
        "silver x1.6",
        "NVDA 4:3 without an event",
    ],
)
async def test_a_wrong_close_is_withheld_however_often_it_comes(
    market: Evenings, ticker: str, wrong: Callable[[list[float]], list[float]], rule: DoubtRule
) -> None:
    market.give(ticker, wrong(market.true(ticker)))
    stored = await market.update()
    assert stored.withheld == {ticker: {market.day()}}
    before = market.doubts()[ticker]
    await market.ask_again(ticker)
    assert market.rules() == {ticker: rule}
    assert market.doubts()[ticker].times == 1 + market.repeats
    assert market.doubts()[ticker].doubt.sentence == before.doubt.sentence
    assert list(market.market().suspicious) == [ticker]
    assert math.isnan(market.close(ticker))
    # The history before it is untouched, and the others of the answer are stored.
    assert market.market().close[ticker].iloc[-2] == market.closes[ticker].iloc[-2]
    assert market.market().close.iloc[-1].notna().sum() == len(TICKERS) - 1


async def test_the_reading_is_withheld_with_the_reason(market: Evenings) -> None:
    market.give("SPY", last(100)(market.true("SPY")))
    await market.update()
    await market.ask_again("SPY")
    reading = market.reading(SPREAD)
    assert reading.state is State.WITHHELD
    assert reading.reason is not None
    assert reading.reason.startswith(
        "its close went from 688.4 on Dec 15, 2025 to 68,000 on Dec 16, 2025, which looks like"
    )
    assert (
        " on Dec 15, 2025 to 68,000 on Dec 16, 2025, which looks like a unit error of 100; IVV moved by -1."
        in reading.reason
    )


async def test_the_right_close_takes_its_place_when_it_comes(market: Evenings) -> None:
    market.give("SPY", last(100)(market.true("SPY")))
    await market.update()
    market.give("SPY")
    await market.update("SPY")
    assert market.doubts() == {}
    assert market.close("SPY") == market.closes["SPY"].iloc[-1]
    assert market.doubts(only_open=False)["SPY"].doubt.evidence == "the source gives 680 by now"


@pytest.mark.parametrize(
    ("meta", "sentence"),
    [
        ({"currency": "EUR"}, "the answer for SPY gives the currency EUR instead of USD"),
        ({"symbol": "QQQ"}, "the answer for SPY gives the symbol QQQ instead of SPY"),
        (
            {"exchangeTimezoneName": "Asia/Tokyo", "timezone": "JST"},
            "the answer for SPY gives the time zone Asia/Tokyo instead of America/New_York",
        ),
        (
            {"instrumentType": "CRYPTOCURRENCY"},
            "the answer for SPY gives the kind of instrument CRYPTOCURRENCY instead of ETF",
        ),
    ],
)
async def test_an_answer_about_something_else_is_refused(market: Evenings, meta: dict[str, str], sentence: str) -> None:
    market.give("SPY", meta=meta)
    await market.update()
    await market.ask_again("SPY")
    assert market.rules() == {"SPY": DoubtRule.IDENTITY}
    assert market.market().suspicious["SPY"] == sentence
    assert math.isnan(market.close("SPY"))
    market.give("SPY")
    await market.update("SPY")
    assert market.doubts() == {}
    assert market.close("SPY") == market.closes["SPY"].iloc[-1]


async def test_the_last_close_of_rsp_repeated_is_withheld(market: Evenings) -> None:
    closes = market.true("RSP")
    market.give("RSP", [*closes[:-1], closes[-2]])
    await market.update()
    await market.ask_again("RSP")
    assert market.rules() == {"RSP": DoubtRule.UNCHANGED}
    assert math.isnan(market.close("RSP"))


async def test_an_evening_on_which_every_ticker_is_unchanged_is_no_answer(market: Evenings) -> None:
    for ticker in TICKERS:
        closes = market.true(ticker)
        market.give(ticker, [*closes[:-1], closes[-2]])
    await market.update()
    await market.ask_again(*TICKERS)
    await market.ask_again("SPY", "MA", "MB")
    then = market.market()
    # The future settles unchanged now and then, so that its close alone is taken.
    assert then.close.iloc[-1].dropna().index.tolist() == ["SI=F"]
    assert set(market.rules().values()) == {DoubtRule.NO_ANSWER}
    assert market.reading(SPREAD).reason == then.suspicious["RSP"]
    assert then.suspicious["RSP"].startswith("its close of Dec 16, 2025 repeats that of Dec 15, 2025")
    for ticker in TICKERS:
        market.give(ticker)
    await market.update()
    assert market.doubts() == {}
    assert market.market().close.iloc[-1].notna().all()


async def test_the_same_close_without_volume_is_no_answer(market: Evenings) -> None:
    closes = market.true("NVDA")
    market.give("NVDA", [*closes[:-1], closes[-2]], volume=0)
    await market.update()
    await market.ask_again("NVDA")
    assert market.rules() == {"NVDA": DoubtRule.NO_ANSWER}


@pytest.mark.parametrize(
    ("ticker", "adjusted", "dividends"),
    [
        ("SPY", lambda closes: [*(0.5 * close for close in closes[:-1]), closes[-1]], {}),
        ("SPY", lambda closes: [*((1 - 190 / closes[-2]) * close for close in closes[:-1]), closes[-1]], {0: 190.0}),
        ("RSP", lambda closes: [*closes[:-1], 0.97 * closes[-1]], {}),
        ("RSP", lambda closes: [*closes[:-3], *(0.97 * close for close in closes[-3:])], {}),
    ],
    ids=["history halved", "a dividend of 190 for 1.90", "RSP -3%", "RSP -3% since three sessions"],
)
async def test_adjusted_closes_that_nothing_explains_are_made_anew(
    market: Evenings, ticker: str, adjusted: Callable[[list[float]], list[float]], dividends: dict[int, float]
) -> None:
    paid = {market.day(back): amount for back, amount in dividends.items()}
    market.give(ticker, adjusted=adjusted(market.true(ticker)), dividends=paid)
    await market.update()
    await market.ask_again(ticker)
    assert market.rules() == {ticker: DoubtRule.ADJUSTED}
    then = market.market()
    assert then.suspicious == {}
    for frame in (then.close, then.adj_close):
        total = frame[ticker].iloc[-1] / frame[ticker].iloc[-2]
        assert total == pytest.approx(market.closes[ticker].iloc[-1] / market.closes[ticker].iloc[-2], rel=1e-6)
    # The whole history keeps its adjusted returns.
    assert (then.adj_close[ticker] / then.close[ticker]).std() < 1e-6
    assert market.reading(SPREAD).state is State.FINAL


async def test_a_real_dividend_is_in_the_adjusted_closes(market: Evenings) -> None:
    closes = market.true("SPY")
    factor = 1 - 1.9 / closes[-2]
    market.give("SPY", adjusted=[*(factor * close for close in closes[:-1]), closes[-1]], dividends={market.day(): 1.9})
    await market.update()
    assert market.doubts(only_open=False) == {}
    ratio = market.market().adj_close["SPY"] / market.market().close["SPY"]
    assert ratio.iloc[-1] == pytest.approx(1)
    assert ratio.iloc[0] == pytest.approx(factor)


async def test_a_dividend_that_the_source_left_out_of_its_adjusted_closes_is_put_in(market: Evenings) -> None:
    market.give("SPY", dividends={market.day(): 6.8})
    await market.update()
    assert market.rules() == {"SPY": DoubtRule.ADJUSTED}
    ratio = market.market().adj_close["SPY"] / market.market().close["SPY"]
    assert ratio.iloc[0] == pytest.approx(1 - 6.8 / market.closes["SPY"].iloc[-2])


@pytest.mark.parametrize("back", [0, 1, 3, 7], ids=lambda back: f"{back} sessions before the newest")
async def test_an_adjusted_close_that_the_source_leaves_empty_is_made_of_the_close(market: Evenings, back: int) -> None:
    closes = market.true("SPY")
    ratios = [*(1 - 1.9 / closes[-4] for _ in closes[:-3]), 1.0, 1.0, 1.0]
    given: list[float | None] = [ratio * close for ratio, close in zip(ratios, closes, strict=True)]
    given[-1 - back] = None
    market.give("SPY", adjusted=given, dividends={market.day(2): 1.9})
    await market.update()
    assert market.doubts(only_open=False) == {}
    then = market.market()
    assert (then.adj_close["SPY"] / then.close["SPY"]).iloc[-len(ratios) :].tolist() == pytest.approx(ratios)
    assert market.reading(SPREAD).state is State.FINAL


@pytest.mark.parametrize("taken_off", [6.8, 6.8 + 5.1], ids=["once", "the gains twice"])
async def test_capital_gains_within_a_dividend_are_a_return_of_nothing_on_a_flat_day(
    market: Evenings, taken_off: float
) -> None:
    """SPY pays 6.80 of which 5.10 are gains, and falls by 6.80."""
    closes = market.true("SPY")
    closes[-1] = closes[-2] - 6.8
    adjusted = [*((1 - taken_off / closes[-2]) * close for close in closes[:-1]), closes[-1]]
    day = market.day()
    market.give("SPY", closes, adjusted=adjusted, dividends={day: 6.8}, gains={day: 5.1})
    await market.update()
    adj = market.market().adj_close["SPY"]
    assert adj.iloc[-1] / adj.iloc[-2] - 1 == pytest.approx(0, abs=1e-4)
    assert market.rules() == ({} if taken_off == 6.8 else {"SPY": DoubtRule.ADJUSTED})


async def test_a_real_split_is_followed(market: Evenings) -> None:
    market.give("NVDA", [close / 10 for close in market.true("NVDA")], splits={market.day(): (10, 1)})
    await market.update()
    assert market.doubts(only_open=False) == {}
    assert market.market().close["NVDA"].tolist() == pytest.approx((market.closes["NVDA"] / 10).tolist())


async def test_a_rule_that_is_switched_off_doubts_nothing(market: Evenings) -> None:
    market.rules_off = ("unit",)
    market.give("NVDA", last(100)(market.true("NVDA")))
    await market.update()
    assert market.rules() == {"NVDA": DoubtRule.BAND}
    market.rules_off = ("unit", "ratio", "band")
    await market.update("NVDA")
    assert market.rules() == {}
    assert market.close("NVDA") == pytest.approx(100 * market.closes["NVDA"].iloc[-1])


async def test_repeated_closes_are_stored_where_their_rules_are_off(market: Evenings) -> None:
    market.rules_off = ("unchanged", "no-answer")
    for ticker in TICKERS:
        closes = market.true(ticker)
        market.give(ticker, [*closes[:-1], closes[-2]], volume=0)
    await market.update()
    assert market.doubts(only_open=False) == {}
    assert market.close("RSP") == market.closes["RSP"].iloc[-2]


async def test_adjusted_closes_are_stored_as_given_where_their_rule_is_off(market: Evenings) -> None:
    market.rules_off = ("adjusted",)
    closes = market.true("RSP")
    market.give("RSP", adjusted=[*closes[:-1], 0.97 * closes[-1]])
    await market.update()
    assert market.doubts(only_open=False) == {}
    ratio = market.market().adj_close["RSP"] / market.market().close["RSP"]
    assert ratio.iloc[-1] / ratio.iloc[-2] == pytest.approx(0.97)


async def test_an_answer_about_something_else_is_stored_where_identity_is_off(market: Evenings) -> None:
    market.rules_off = ("identity",)
    market.give("SPY", meta={"currency": "EUR"})
    await market.update()
    assert market.doubts(only_open=False) == {}
    assert market.close("SPY") == market.closes["SPY"].iloc[-1]
