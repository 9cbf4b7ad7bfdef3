"""Finished values and measures keep the decimals of their inputs: held against exact decimal arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from signals import catalogue
from signals.core.decimals import comparable, finished, finished_one
from signals.core.market import Market
from signals.core.measures import measure, measure_of, measures_at
from signals.core.model import History, Measure
from tests.signals.markets import market, values

PLACE = Decimal(1).scaleb(-8)
HALF = PLACE / 2
MARGIN = Decimal(1).scaleb(-13)
"""Nearer to the middle of two decimals than this binary floats cannot tell the side, and nobody needs it."""

yields = st.integers(1, 800).map(lambda cents: Decimal(cents) / 100)
prices = st.integers(500, 90_000).map(lambda cents: Decimal(cents) / 100)


def exact(value: Decimal) -> Decimal:
    """Rounded to 8 places; values in the middle are not tried."""
    rounded = value.quantize(PLACE, ROUND_HALF_EVEN)
    assume(abs(abs(value - rounded) - HALF) > MARGIN)
    return rounded


def ordering(numbers: Sequence[float] | Sequence[Decimal]) -> list[int]:
    """How each number compares with each."""
    return [(a > b) - (a < b) for a in numbers for b in numbers]


def same(got: Sequence[float | None], want: Sequence[Decimal]) -> None:
    """Each the float of the decimal, and all comparisons and ties equal."""
    assert list(got) == [float(number) for number in want]
    assert ordering([float(number) for number in got if number is not None]) == ordering(list(want))


def test_numbers_are_the_floats_that_people_type() -> None:
    got = finished(np.array([2.10 - 2.00, 0.1 + 0.2, 0.1 + 0.2 - 0.3, 1e9 / 3, 4.35 * 100]))
    assert got.tolist() == [0.1, 0.3, 0.0, 333333333.33333331, 435.0]
    assert finished(np.array([1.005, 2.675, -0.125]), 2).tolist() == [1.0, 2.68, -0.12]
    assert np.isnan(finished(np.array([np.nan]))[0])
    assert comparable(np.array([0.1 + 0.2]))[0] == comparable(np.array([0.3]))[0]
    # Beyond 2^53 hundred-millionths a float has no such places, and is left as it is.
    assert finished(np.array([1234567890123.456])).tolist() == [1234567890123.456]


@given(st.floats(-1e200, 1e200) | st.just(float("nan")), st.sampled_from([2, 8, 10]))
def test_one_number_is_rounded_as_many_are(number: float, places: int) -> None:
    one, many_ = finished_one(number, places), finished(np.array([number]), places)[0]
    assert one == many_ or (one != one and many_ != many_)


@settings(max_examples=20)
@given(st.lists(yields, min_size=23, max_size=40))
def test_differences_and_their_changes_equal_decimals(levels: list[Decimal]) -> None:
    short = levels[::-1]
    series = {
        name: [(str(day.date()), float(level)) for day, level in zip(DAYS, rows, strict=False)]
        for name, rows in (("VXN", levels), ("VIX", short))
    }
    found = market("2024-01-02", count=len(levels), series=series)
    gaps = [one - two for one, two in zip(levels, short, strict=True)]
    history = values(found, "options.vxn_minus_vix")
    same(history, gaps)
    changes = measure(pd.Series(history, dtype=float), Measure.CHANGE_21D).dropna()
    same(changes.tolist(), [gaps[at] - gaps[at - 21] for at in range(21, len(gaps))])


DAYS = market("2024-01-02", count=60).days


def paths(count: int) -> st.SearchStrategy[list[Decimal]]:
    return st.lists(prices, min_size=count, max_size=count)


@given(paths(8), paths(8))
def test_ratios_equal_decimals(gold: list[Decimal], silver: list[Decimal]) -> None:
    found = market(close={"GC=F": floats(gold), "SI=F": floats(silver)})
    with localcontext() as context:
        context.prec = 60
        want = [exact(one / two) for one, two in zip(gold, silver, strict=True)]
    same(values(found, "havens.gold_silver"), want)


@given(paths(8))
def test_returns_and_their_changes_equal_decimals(closes: list[Decimal]) -> None:
    found = market(close={"^GSPC": floats(closes)})
    with localcontext() as context:
        context.prec = 60
        want = [exact(100 * (closes[at] / closes[at - 1] - 1)) for at in range(1, 8)]
    history = values(found, "index.sp500.return_1d")
    same(history[1:], want)
    changes = measure(pd.Series(history, dtype=float), Measure.CHANGE_1D).dropna()
    same(changes.tolist(), [want[at] - want[at - 1] for at in range(1, 7)])


coarse = st.integers(95, 105).map(lambda number: Decimal(number) / 10)
"""Few different prices, so that ties occur."""


@given(st.lists(coarse, min_size=12, max_size=12), st.lists(coarse, min_size=12, max_size=12))
def test_streaks_compare_returns_as_decimals(ours: list[Decimal], theirs: list[Decimal]) -> None:
    found = market(close={"^RUT": floats(ours), "^GSPC": floats(theirs)})
    with localcontext() as context:
        context.prec = 60
        gaps = [ours[at] / ours[at - 1] - theirs[at] / theirs[at - 1] for at in range(1, 12)]
    # Two different returns of such prices lie at least 1 in 105^2 x 95^2 apart.
    signs = [0 if abs(gap) < Decimal("1e-12") else 1 if gap > 0 else -1 for gap in gaps]
    run, want = 0, []
    for sign in signs:
        run = run + sign if run * sign > 0 else sign
        want.append(run)
    assert values(found, "size.russell_sp500.streak")[1:] == want


@settings(max_examples=20)
@given(st.lists(st.lists(coarse, min_size=51, max_size=51), min_size=4, max_size=8))
def test_counts_against_a_mean_and_of_extremes_equal_decimals(members: list[list[Decimal]]) -> None:
    found = group({f"M{place}": floats(path) for place, path in enumerate(members)})
    above = [path[-1] > sum(path[-50:]) / 50 for path in members]
    got = values(found, "breadth.sp500.above_50dma")[-1]
    assert got == float((100 * Decimal(sum(above)) / len(above)).quantize(PLACE))
    # One change of 2 % or more is decided by decimals too: 9.8 of 10.0 falls by it, 10.29 of 10.5 as well.
    up, down = (sum(compare(path[-1], path[-2]) for path in members) for compare in (Decimal.__gt__, Decimal.__lt__))
    assert values(found, "breadth.sp500.advance_decline")[-1] == float(exact(Decimal(up) / max(down, 1)))


def group(closes: dict[str, list[float]]) -> Market:
    return market(close=closes, universe=[(name, "Financials", "sp500") for name in closes])


def many(seed: int, count: int, least: int, most: int) -> list[Decimal]:
    """So many that hypothesis would take long to draw them one by one."""
    return [Decimal(int(number)) / 100 for number in np.random.default_rng(seed).integers(least, most + 1, count)]


@settings(max_examples=20)
@given(st.integers(0, 2**32), st.sampled_from([1002, 1100, 90_000]))
def test_extremes_and_the_distance_from_them_equal_decimals(seed: int, most: int) -> None:
    path = many(seed, 252, 1000, most)
    found = group({"M": floats(path)} | {"^GSPC": floats(path)})
    with localcontext() as context:
        context.prec = 60
        want = exact(100 * (path[-1] / max(path) - 1))
    assert values(found, "index.sp500.drawdown")[-1] == float(want)
    assert values(group({"M": floats(path)}), "breadth.sp500.new_highs")[-1] == (path[-1] == max(path))
    assert values(group({"M": floats(path)}), "breadth.sp500.new_lows")[-1] == (path[-1] == min(path))


@given(st.integers(0, 2**32), st.integers(200, 252), st.sampled_from([3, 40, 800]))
def test_percentiles_and_z_count_ties_of_differences_as_decimals_do(seed: int, count: int, most: int) -> None:
    long, short = many(seed, count, 1, most), many(seed + 1, count, 1, most)
    gaps = [one - two for one, two in zip(long, short, strict=False)]
    history = pd.Series(finished(np.array(floats(long)) - np.array(floats(short[: len(long)]))))
    lower, equal = (sum(compare(gap, gaps[-1]) for gap in gaps) for compare in (Decimal.__lt__, Decimal.__eq__))
    want = exact(100 * (Decimal(lower) + Decimal(equal) / 2) / len(gaps))
    assert measure(history, Measure.PERCENTILE_1Y).iloc[-1] == float(want)
    z = measure(history, Measure.Z_1Y).iloc[-1]
    assert np.isnan(z) == (len(set(gaps)) == 1)
    if z == z:
        with localcontext() as context:
            context.prec = 40
            mean = sum(gaps) / len(gaps)
            deviation = (sum((gap - mean) ** 2 for gap in gaps) / (len(gaps) - 1)).sqrt()
            assert z == pytest.approx(float((gaps[-1] - mean) / deviation), abs=6e-9)


def floats(numbers: Sequence[Decimal]) -> list[float]:
    return [float(number) for number in numbers]


@pytest.mark.parametrize("change", [Decimal("0.10"), Decimal("0.25"), Decimal("0.07")])
def test_a_change_on_the_level_is_not_above_it(change: Decimal) -> None:
    """2.10 - 2.00 is 0.1 and not 0.10000000000000009."""
    signal = catalogue.signal("rates.real_10y")
    for cents in range(0, 500):
        before = Decimal(cents) / 100
        history = pd.Series([float(before), float(before + change)], index=DAYS[:2])
        assert measure_of(signal, History(history), Measure.CHANGE_1D).iloc[-1] == float(change)
        assert measures_at(signal, History(history), 1).change_1d == float(change)


def _of_year(first: str, numbers: Sequence[float]) -> pd.Series:
    days = market(first, count=len(numbers)).days
    return pd.Series(numbers, index=days, dtype=float)


@pytest.mark.parametrize(
    ("id", "first"),
    [("index.sp500.ytd", "2024-12-30"), ("megacap.mags_mtd", "2024-12-30"), ("megacap.mags_mtd", "2024-02-28")],
)
def test_changes_of_what_starts_anew_begin_on_its_second_session(id: str, first: str) -> None:
    """30 and 31 December, then 2, 3, 6, 7, 8, 10 January 2025; 28 and 29 February, then March 2024."""
    signal, history = catalogue.signal(id), _of_year(first, [1, 2, 4, 7, 11, 16, 22, 29, 37])
    changes = measure_of(signal, History(history), Measure.CHANGE_1D).tolist()
    assert changes[1] == 1.0
    assert np.isnan(changes[2])
    assert changes[3:] == [3, 4, 5, 6, 7, 8]
    weeks = measure_of(signal, History(history), Measure.CHANGE_5D)
    assert weeks.isna().tolist() == [True] * 7 + [False] * 2
    for position in range(9):
        at = measures_at(signal, History(history), position)
        assert (at.change_1d is None) == np.isnan(changes[position])
        assert (at.change_5d is None) == np.isnan(weeks.iloc[position])
        assert (at.percentile_1y, at.z_1y) == (None, None)


def test_what_starts_anew_and_what_names_a_state_has_neither_percentile_nor_z() -> None:
    steps = _of_year("2024-01-02", [float(place % 7) for place in range(252)])
    for id in ("index.sp500.ytd", "breadth.sp500.thrust_signal", "scenario.recovery_state"):
        for which in (Measure.PERCENTILE_1Y, Measure.Z_1Y):
            assert measure_of(catalogue.signal(id), History(steps), which).isna().all()
    assert measure_of(catalogue.signal("index.sp500.drawdown"), History(steps), Measure.Z_1Y).notna().any()


def test_sums_of_dollars_and_their_changes_have_cents() -> None:
    signal = catalogue.signal("flows.tech_4w_usd")
    history = _of_year("2024-01-02", [1234567890.12, 1234567890.37])
    assert measure_of(signal, History(history), Measure.CHANGE_1D).iloc[-1] == 0.25
    assert measures_at(signal, History(history), 1).change_1d == 0.25
