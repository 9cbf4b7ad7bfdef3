"""A misprint of a few percent: the funds and indices that move as one tell it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.doubt import DoubtRule, DoubtState
from bot.ingest.plausibility.twins import diverges
from signals.core.instruments import instrument
from signals.core.model import State
from tests.bot.ingest.plausibility.conftest import MEMBERS, TICKERS, Evenings, evenings
from tests.bot.ingest.plausibility.test_quotes import quotes
from tests.bot.ingest.plausibility.test_twins import view

SPREAD = "weighting.rsp_spy.spread_1d"
OTHERS = tuple(ticker for ticker in TICKERS if ticker not in MEMBERS)


def misprinted(market: Evenings, ticker: str, factor: float, back: int = 0, until: int = 0) -> list[float]:
    """What an update asks for, with one close times a factor: that of `back` sessions before the newest of them."""
    closes = market.true(ticker, until)
    closes[-1 - back] *= factor
    return closes


@pytest.mark.parametrize(("ticker", "factor"), [("SPY", 0.95), ("^GSPC", 1.03), ("IVV", 0.98), ("RSP", 1.05)])
async def test_a_misprint_of_a_few_percent_is_withheld_however_often_it_comes(
    market: Evenings, ticker: str, factor: float
) -> None:
    market.give(ticker, misprinted(market, ticker, factor))
    await market.update()
    await market.ask_again(ticker)
    assert market.rules() == {ticker: DoubtRule.DIVERGED}
    assert "unlike what moves with it; " in market.doubts()[ticker].doubt.sentence
    if ticker in ("SPY", "RSP"):
        assert market.reading(SPREAD).state is State.WITHHELD
    # The right close takes its place as soon as it comes.
    market.give(ticker)
    await market.update(ticker)
    assert market.doubts() == {}
    assert market.close(ticker) == market.closes[ticker].iloc[-1]


async def test_one_twin_alone_may_be_the_one_that_is_wrong(market: Evenings) -> None:
    market.give("QQQ", misprinted(market, "QQQ", 0.95))
    await market.update()
    assert market.doubts() == {}


def offer_misprint(market: Evenings) -> None:
    """Yesterday's closes, SPY's 5 % too low."""
    for ticker in TICKERS:
        market.give(ticker, until=1)
    market.give("SPY", misprinted(market, "SPY", 0.95, until=1), until=1)


async def next_evening(market: Evenings) -> None:
    """Today's closes, all right, with yesterday's misprint still among them: nothing is in doubt."""
    for ticker in TICKERS:
        market.give(ticker)
    market.give("SPY", misprinted(market, "SPY", 0.95, back=1))
    market.times = 0
    await market.update()
    assert market.doubts() == {}


async def test_the_next_session_stands_while_the_misprint_stays_out(tmp_path: Path) -> None:
    async with evenings(tmp_path, known_until=2) as market:
        offer_misprint(market)
        await market.update(until=1)
        await next_evening(market)
        assert market.doubts(only_open=False)["SPY"].doubt.state is DoubtState.REFUTED
        assert market.market().close["SPY"].isna().iloc[-2:].tolist() == [True, False]
        assert market.close("SPY") == market.closes["SPY"].iloc[-1]
        # Months later the source mends it.
        market.give("SPY")
        await market.update("SPY")
        assert market.market().close["SPY"].iloc[-2] == market.closes["SPY"].iloc[-2]


async def test_a_close_that_was_stored_wrong_does_not_make_the_next_one_doubtful(tmp_path: Path) -> None:
    async with evenings(tmp_path, known_until=2) as market:
        offer_misprint(market)
        # Nobody else is there that evening.
        await market.update("SPY", until=1)
        await next_evening(market)
        assert market.close("SPY") == market.closes["SPY"].iloc[-1]


async def test_another_close_of_a_stored_day_is_held_against_the_same(market: Evenings) -> None:
    await market.update()
    market.give("SPY", misprinted(market, "SPY", 1.04, back=3))
    await market.update()
    assert market.rules() == {"SPY": DoubtRule.DIVERGED}
    assert market.market().close["SPY"].iloc[-4] == market.closes["SPY"].iloc[-4]


async def test_equal_weights_that_stray_far_wait_for_their_members(tmp_path: Path) -> None:
    """As on November 9, 2020: RSP rose by 4.3 %, the index by 1.2 %."""
    async with evenings(tmp_path, {**dict.fromkeys(MEMBERS, 0.04), "RSP": 0.041}) as market:
        await market.update(*OTHERS)
        assert market.rules() == {"RSP": DoubtRule.DIVERGED}
        await market.update(*MEMBERS)
        assert market.doubts() == {}
        assert market.close("RSP") == market.closes["RSP"].iloc[-1]


async def test_a_price_of_the_running_session_is_held_against_the_same(market: Evenings) -> None:
    wrong = 0.96 * float(market.closes["SPY"].iloc[-1])
    given = await quotes(market, {"SPY": wrong})
    assert list(given.doubts) == ["SPY"]
    market.rules_off = ("diverged",)
    assert (await quotes(market, {"SPY": wrong})).doubts == {}


async def test_a_wrong_distribution_makes_no_close_doubtful(market: Evenings) -> None:
    market.give("SPY", dividends={market.day(2): 30.0})
    await market.update()
    assert market.close("SPY") == market.closes["SPY"].iloc[-1]


def test_who_is_doubted_is_no_witness() -> None:
    seen = {"^GSPC": -0.01, "IVV": -0.01}
    assert diverges(instrument("SPY"), 1, 2, -0.06, view(seen))
    assert not diverges(instrument("SPY"), 1, 2, -0.02, view(seen))
    assert not diverges(instrument("SPY"), 1, 2, -0.06, view(seen, doubted=("IVV",)))
    assert not diverges(instrument("SPY"), 1, 2, -0.06, view({"^GSPC": -0.01}))
