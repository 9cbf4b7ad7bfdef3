"""What lifts a doubt: a twin, members, the sector on a crash day, the next session, another source."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.archive import Archive
from bot.domain.doubt import DoubtRule, DoubtState
from bot.ingest import worker_tasks
from tests.bot.ingest.plausibility.conftest import MEMBERS, TICKERS, Evenings, evenings


async def test_a_move_that_the_twin_makes_as_well_is_believed_that_evening(tmp_path: Path) -> None:
    async with evenings(tmp_path, {"SPY": -0.2, "^GSPC": -0.205, "IVV": -0.199}) as market:
        await market.update()
        assert market.doubts() == {}
        assert market.close("SPY") == market.closes["SPY"].iloc[-1]


async def test_a_twin_that_says_otherwise_keeps_the_doubt_over_the_next_session(tmp_path: Path) -> None:
    async with evenings(tmp_path, known_until=2) as market:
        wrong = [*market.true("SPY")[:-2], *(1.2 * close for close in market.true("SPY")[-2:])]
        for ticker in TICKERS:
            market.give(ticker, until=1)
        market.give("SPY", [*market.true("SPY", 1)[:-1], wrong[-2]], until=1)
        await market.update(until=1)
        for ticker in TICKERS:
            market.give(ticker)
        market.give("SPY", wrong)
        market.times = 0
        await market.update()
        assert market.rules() == {"SPY": DoubtRule.BAND}
        assert market.market().close["SPY"].iloc[-2:].isna().all()


async def test_a_member_without_twins_is_believed_when_the_next_session_trades_there(tmp_path: Path) -> None:
    async with evenings(tmp_path, known_until=2) as market:
        # A fall by 30 % on Monday, of which nobody else tells; on Tuesday it stays there.
        fallen = [*market.true("MB")[:-2], *(0.7 * close for close in market.true("MB")[-2:])]
        for ticker in TICKERS:
            market.give(ticker, until=1)
        market.give("MB", [*market.true("MB", 1)[:-1], fallen[-2]], until=1)
        await market.update(until=1)
        await market.ask_again("MB", until=1)
        assert market.rules() == {"MB": DoubtRule.BAND}
        for ticker in TICKERS:
            market.give(ticker)
        market.give("MB", fallen)
        market.times = 0
        await market.update()
        assert market.doubts() == {}
        decided = market.doubts(only_open=False)["MB"].doubt
        assert (decided.state, decided.evidence) == (DoubtState.BELIEVED, f"the next session closed at {fallen[-1]:g}")
        assert market.market().close["MB"].iloc[-2:].tolist() == pytest.approx(fallen[-2:])
        # On Monday's evening it was not known.
        with Archive.open(market.location.path) as archive:
            then = archive.market(market.calendar, as_of=market.day(1))
        assert math.isnan(then.close["MB"].iloc[-1])


async def test_a_spike_that_the_next_session_takes_back_leaves_a_gap_and_no_open_doubt(tmp_path: Path) -> None:
    async with evenings(tmp_path, known_until=2) as market:
        spike = market.true("MB")
        spike[-2] *= 1.6
        for ticker in TICKERS:
            market.give(ticker, until=1)
        market.give("MB", [*market.true("MB", 1)[:-1], spike[-2]], until=1)
        await market.update(until=1)
        for ticker in TICKERS:
            market.give(ticker)
        market.give("MB", spike)
        market.times = 0
        await market.update()
        assert market.doubts() == {}
        assert market.doubts(only_open=False)["MB"].doubt.state is DoubtState.REFUTED
        assert math.isnan(market.market().close["MB"].iloc[-2])
        assert market.close("MB") == market.closes["MB"].iloc[-1]
        # When the source mends it, it fills the gap.
        market.give("MB")
        await market.update("MB")
        assert market.market().close["MB"].iloc[-2] == market.closes["MB"].iloc[-2]


async def test_oil_below_zero_is_believed_the_day_after(tmp_path: Path) -> None:
    async with evenings(tmp_path, known_until=2) as market:
        usual = market.true("SI=F")
        oil = [*usual[:-2], -2.06 * usual[-3], 0.55 * usual[-3]]
        for ticker in TICKERS:
            market.give(ticker, until=1)
        market.give("SI=F", [*market.true("SI=F", 1)[:-1], oil[-2]], until=1)
        # A future without a twin that answers.
        await market.update("SI=F", until=1)
        assert market.rules() == {"SI=F": DoubtRule.BAND}
        market.give("SI=F", oil)
        market.times = 0
        await market.update("SI=F")
        assert market.doubts() == {}
        assert market.market().close["SI=F"].iloc[-2:].tolist() == pytest.approx(oil[-2:])


async def test_members_fall_with_their_sector_on_a_crash_day(tmp_path: Path) -> None:
    crash = {
        **dict.fromkeys(("SPY", "^GSPC", "IVV", "RSP", "QQQ", "^NDX", "IWM", "^RUT"), -0.078),
        **dict.fromkeys(MEMBERS, -0.075),
        **dict.fromkeys(MEMBERS[1::4], -0.18),
        "MB": -0.37,
    }
    # The mean of twenty members, a quarter of them at -18 % and one at -37 %.
    crash["RSP"] = (15 * -0.075 + 4 * -0.18 - 0.37) / 20
    async with evenings(tmp_path, crash) as market:
        await market.update()
        assert market.doubts() == {}
        assert market.close("MB") == market.closes["MB"].iloc[-1]


async def test_the_same_fall_on_a_quiet_day_is_doubted(tmp_path: Path) -> None:
    async with evenings(tmp_path, {"MB": -0.37}) as market:
        await market.update()
        assert market.rules() == {"MB": DoubtRule.BAND}


async def test_members_that_come_in_a_later_piece_decide_what_was_withheld_before(tmp_path: Path) -> None:
    """An equal-weighted fund is asked for first; that it stood still is told by its members alone."""
    async with evenings(tmp_path, {**dict.fromkeys(MEMBERS, 0.0004), "RSP": 0.0}) as market:
        await market.update(*(ticker for ticker in TICKERS if ticker not in MEMBERS))
        assert market.rules() == {"RSP": DoubtRule.UNCHANGED}
        await market.update(*MEMBERS)
        assert market.doubts() == {}
        assert market.doubts(only_open=False)["RSP"].doubt.evidence == "the mean of its members moved by +0.04%"
        assert market.close("RSP") == market.closes["RSP"].iloc[-1]


async def test_another_source_that_gives_the_same_close_is_evidence(market: Evenings) -> None:
    market.give("MB", [*market.true("MB")[:-1], 0.7 * market.true("MB")[-1]])
    await market.update()
    now = market.calendar.final_at(market.day()) + timedelta(hours=2)
    again = await market.yahoo.fetch_bars(["MB"], market.day(7), market.day(), now)
    worker_tasks.store(market.location, replace(again, source="another"))
    assert market.doubts() == {}
    assert market.doubts(only_open=False)["MB"].doubt.evidence == "yahoo gives the same close"
    assert market.close("MB") == pytest.approx(0.7 * market.closes["MB"].iloc[-1])


@pytest.mark.parametrize("whole", [False, True], ids=["two sessions", "the whole answer"])
@pytest.mark.parametrize("factor", [10.0, 100.0, 0.001])
async def test_no_next_session_makes_a_factor_of_ten_a_hundred_or_a_thousand_credible(
    tmp_path: Path, factor: float, whole: bool
) -> None:
    """A member without twins, at so many times its price on Monday and there again on Tuesday."""
    async with evenings(tmp_path, known_until=2) as market:
        for until in (1, 0):
            right = market.true("MB", until)
            wrong = right if whole else right[until - 2 :]
            market.give("MB", [*right[: len(right) - len(wrong)], *(factor * close for close in wrong)], until=until)
            market.times = 0
            await market.update("MB", until=until)
            assert set(market.rules()) == {"MB"}
        assert market.market().close["MB"].dropna().tolist() == market.closes["MB"].iloc[:-2].tolist()


async def test_twins_that_make_the_same_mistake_do_not_bear_each_other_out(tmp_path: Path) -> None:
    async with evenings(tmp_path) as market:
        for ticker in ("SPY", "^GSPC", "IVV"):
            market.give(ticker, [*market.true(ticker)[:-1], 100 * market.true(ticker)[-1]])
        await market.update()
        assert market.rules() == dict.fromkeys(("SPY", "^GSPC", "IVV"), DoubtRule.UNIT)


async def test_a_second_session_on_a_new_scale_is_followed_unless_a_twin_says_otherwise(tmp_path: Path) -> None:
    async with evenings(tmp_path, known_until=2) as market:
        for ticker in TICKERS:
            market.give(ticker, until=1)
        for ticker in ("MB", "SPY"):
            market.give(ticker, [close / 2 for close in market.true(ticker, 1)], until=1)
        await market.update(until=1)
        await market.ask_again("MB", "SPY", until=1)
        assert market.rules() == {"MB": DoubtRule.RATIO, "SPY": DoubtRule.RATIO}
        for ticker in TICKERS:
            market.give(ticker)
        for ticker in ("MB", "SPY"):
            market.give(ticker, [close / 2 for close in market.true(ticker)])
        market.times = 0
        await market.update()
        assert market.rules() == {"SPY": DoubtRule.RATIO}
        assert market.market().close["MB"].tolist() == pytest.approx((market.closes["MB"] / 2).tolist())
        assert market.market().close["SPY"].dropna().tolist() == market.closes["SPY"].iloc[:-2].tolist()


@pytest.mark.parametrize(("share", "believed"), [(0.02, True), (0.0, False), (0.004, False)])
async def test_a_fund_that_closes_unchanged_is_believed_where_its_distribution_is_the_move_of_its_members(
    tmp_path: Path, share: float, believed: bool
) -> None:
    """As IWM on September 26, 2006: 72.39 on both days, a distribution of 0.32 % while its index rose by 0.35 %."""
    async with evenings(tmp_path, {**dict.fromkeys(MEMBERS, 0.02), "RSP": 0.0}) as market:
        closes = market.true("RSP")
        assert closes[-1] == closes[-2]
        adjusted = [*(close * (1 - share) for close in closes[:-1]), closes[-1]]
        paid = {market.day(): share * closes[-2]} if share else {}
        market.give("RSP", adjusted=adjusted, dividends=paid)
        await market.update()
        assert market.rules() == ({} if believed else {"RSP": DoubtRule.UNCHANGED})
