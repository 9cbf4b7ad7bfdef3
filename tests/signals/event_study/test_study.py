"""Studies: conditions, episodes, outcomes, chances and what they say together, by hand and by properties."""

from __future__ import annotations

import math
from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signals import catalogue
from signals.core.panel import Panel
from signals.event_study import (
    Interval,
    LevelCondition,
    Outcome,
    StudyPlan,
    count_outcomes,
    days,
    episode_starts,
    firings,
    newcombe,
    returns,
    run_study,
    wilson,
)
from signals.event_study.bootstrap import bootstrap
from signals.event_study.intervals import false_discoveries, p_value
from tests.signals.markets import market, random_market

NAN = math.nan
KNOWN = ("^IXIC", "^GSPC", "RSP", "SPY", "BRK-B", "BF-B")


def at(mask: np.ndarray) -> list[int]:
    return np.flatnonzero(mask).tolist()


def positions(*numbers: int) -> np.ndarray:
    return np.array(numbers, dtype=np.int64)


# Conditions and firings


def test_a_condition_fires_when_it_turns_on_and_not_while_it_lasts() -> None:
    values = np.array([0.0, 2, 3, 1, 2, 0.5])
    assert at(firings(values, LevelCondition(above=1))) == [1, 4]
    assert at(days(values, LevelCondition(above=1))) == [1, 2, 4]
    assert at(firings(values, LevelCondition(below=1))) == [5]


def test_the_first_reading_only_sets_the_side() -> None:
    assert at(firings(np.array([NAN, 5.0, 6, 0, 5]), LevelCondition(above=1))) == [4]


def test_a_withheld_reading_turns_nothing_on_or_off() -> None:
    values = np.array([0.0, 5, NAN, 5, NAN, 0, NAN, 5])
    assert at(firings(values, LevelCondition(above=1))) == [1, 7]
    assert at(days(values, LevelCondition(above=1))) == [1, 3, 7]


def test_a_value_on_the_level_is_not_beyond_it() -> None:
    assert at(firings(np.array([0.0, 1, 0, 1]), LevelCondition(above=1))) == []


def test_outside_fires_on_either_side_and_on_a_jump_across() -> None:
    values = np.array([0.0, 2, -2, 0, -2])
    assert at(firings(values, LevelCondition.outside(-1, 1))) == [1, 2, 4]
    assert at(days(values, LevelCondition.outside(-1, 1))) == [1, 2, 4]


def test_a_crossing_counts_both_ways_and_only_the_session_that_crosses() -> None:
    values = np.array([0.0, 2, 3, 0, 0, 1, 2])
    assert at(firings(values, LevelCondition.crosses(1))) == [1, 3, 6]
    assert at(days(values, LevelCondition.crosses(1))) == [1, 3, 6]


def test_conditions_without_sense_are_refused() -> None:
    for nonsense in (lambda: LevelCondition(), lambda: LevelCondition.outside(1, 1)):
        with pytest.raises(ValueError, match="level"):
            nonsense()


# Episodes


def test_firings_closer_than_the_horizon_to_the_beginning_of_an_episode_belong_to_it() -> None:
    fired = positions(10, 13, 15, 19, 30, 34)
    assert episode_starts(fired, 5).tolist() == [10, 15, 30]
    assert episode_starts(fired, 1).tolist() == fired.tolist()
    assert episode_starts(fired, 21).tolist() == [10, 34]
    assert episode_starts(positions(), 5).tolist() == []


@given(st.sets(st.integers(0, 400)), st.integers(1, 70))
def test_episodes_are_apart_and_every_firing_belongs_to_one(fired: set[int], horizon: int) -> None:
    every = sorted(fired)
    begins = episode_starts(positions(*every), horizon).tolist()
    assert all(later - earlier >= horizon for earlier, later in pairwise(begins))
    assert set(begins) <= fired
    for each in every:
        assert any(0 <= each - begin < horizon for begin in begins)


@given(st.sets(st.integers(0, 400), min_size=1), st.integers(1, 70), st.integers(0, 400))
def test_whether_a_firing_begins_an_episode_is_known_at_once(fired: set[int], horizon: int, cut: int) -> None:
    every = positions(*sorted(fired))
    whole = episode_starts(every, horizon)
    assert episode_starts(every[every <= cut], horizon).tolist() == whole[whole <= cut].tolist()


# Outcomes


def test_an_outcome_is_counted_from_the_close_of_its_session() -> None:
    prices = np.array([100.0, 110, 99, 99])
    np.testing.assert_allclose(returns([prices], 1), [10, -10, 0, NAN])
    np.testing.assert_allclose(returns([prices], 2), [-1, -10, NAN, NAN])
    np.testing.assert_allclose(returns([prices], 1, delay=1), [-10, 0, NAN, NAN])
    np.testing.assert_allclose(returns([prices], 9), [NAN] * 4)


def test_nothing_is_counted_from_a_price_at_or_below_zero() -> None:
    """Oil closed at 18.27 on April 17, 2020, then at -37.63 and at 10.01: the second step was a rise, not -126.6%."""
    prices = np.array([18.27, -37.63, 10.01, 0.0, 5.0])
    np.testing.assert_allclose(returns([prices], 1), [100 * (-37.63 / 18.27 - 1), NAN, -100, NAN, NAN])
    np.testing.assert_allclose(
        returns([prices, np.ones(5)], 2), [100 * (10.01 / 18.27 - 1), NAN, -50.05, NAN, NAN], atol=0.01
    )


def test_an_outcome_of_two_tickers_is_the_difference_of_their_returns() -> None:
    first, second = np.array([100.0, 102, 102]), np.array([50.0, 51.5, NAN])
    np.testing.assert_allclose(returns([first, second], 1), [-1, NAN, NAN])


def test_funds_count_with_dividends_and_indices_as_they_are() -> None:
    found = market(
        close={"^IXIC": [100, 101], "RSP": [50, 50], "GC=F": [1, 2]},
        adjusted={"^IXIC": [1, 2], "RSP": [49, 50], "GC=F": [5, 5]},
    )
    panel = Panel(found)
    assert [line.tolist() for line in Outcome("^IXIC").prices(panel)] == [[100, 101]]
    assert [line.tolist() for line in Outcome("RSP", "GC=F").prices(panel)] == [[49, 50], [1, 2]]
    assert np.isnan(Outcome("NONE").prices(panel)[0]).all()


def test_outcomes_as_people_type_them() -> None:
    assert Outcome.parse("^ixic", KNOWN) == Outcome("^IXIC")
    assert Outcome.parse("RSP-SPY", KNOWN) == Outcome("RSP", "SPY")
    assert Outcome.parse("BRK-B", KNOWN) == Outcome("BRK-B")
    assert Outcome.parse("BRK-B-SPY", KNOWN) == Outcome("BRK-B", "SPY")
    assert Outcome.parse("SPY-BF-B", KNOWN) == Outcome("SPY", "BF-B")
    assert Outcome("RSP", "SPY").name == "RSP-SPY"
    for text, wrong in (("RSP-SPI", "SPI"), ("ZZZ", "ZZZ"), ("A-B-C", "A-B-C")):
        with pytest.raises(KeyError, match=wrong):
            Outcome.parse(text, KNOWN)


# Chances


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(7, 10, 0.3968, 0.8922), (0, 5, 0, 0.4345), (5, 5, 0.5655, 1), (81, 263, 0.2553, 0.3662)],
)
def test_wilsons_interval(hits: int, n: int, low: float, high: float) -> None:
    """81 of 263 is the example of Newcombe's review of intervals for one share (Statistics in Medicine 17, 1998)."""
    found = wilson(hits, n)
    assert (found.low, found.high) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


@given(st.integers(1, 6000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilsons_interval_holds_its_share_and_stays_between_0_and_1(counts: tuple[int, int]) -> None:
    found, mirrored = wilson(*counts), wilson(counts[1] - counts[0], counts[1])
    assert 0 <= found.low <= found.value + 1e-12
    assert found.value - 1e-12 <= found.high <= 1
    assert found.low == pytest.approx(1 - mirrored.high, abs=1e-9)


def test_a_share_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="one trial"):
        wilson(0, 0)


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [((56, 70), (48, 80), 0.0524, 0.3339), ((9, 10), (3, 10), 0.1705, 0.8090), ((6, 7), (2, 7), 0.0582, 0.8062)],
)
def test_newcombes_interval_gives_his_own_examples(
    one: tuple[int, int], other: tuple[int, int], low: float, high: float
) -> None:
    found = newcombe(wilson(*one), wilson(*other))
    assert found.value == pytest.approx(one[0] / one[1] - other[0] / other[1])
    assert (found.low, found.high) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


@pytest.mark.parametrize(
    ("one", "other", "expected"), [((56, 70), (48, 80), 0.0080), ((5, 10), (5, 10), 1), ((4, 4), (9, 9), 1)]
)
def test_how_often_chance_alone_makes_such_a_difference(
    one: tuple[int, int], other: tuple[int, int], expected: float
) -> None:
    """56 of 70 and 48 of 80: pooled 0.6933, z = 0.2 / 0.07546 = 2.650."""
    assert p_value(wilson(*one), one[1], wilson(*other), other[1]) == pytest.approx(expected, abs=5e-5)


def test_q_values_of_benjamini_and_hochbergs_own_example() -> None:
    """Their table of 15 tests (1995, section 3.2), out of order; the sixth takes the q of the seventh: 15 * 0.0298 / 7."""
    ordered = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324]
    ordered += [0.4262, 0.5719, 0.6528, 0.759, 1.0]
    found = false_discoveries(ordered[::-1])[::-1]
    assert found[:6] == pytest.approx([0.0015, 0.003, 0.0095, 0.035625, 0.0603, 0.06386], abs=1e-5)
    assert sum(q <= 0.05 for q in found) == 4
    assert found[-1] == 1
    assert false_discoveries([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_q_values_keep_the_order_of_the_tests_and_are_never_under_their_p(ps: list[float]) -> None:
    qs = false_discoveries(ps)
    assert all(p <= q + 1e-12 and q <= 1 for p, q in zip(ps, qs, strict=True))
    assert [qs[i] for i in np.argsort(ps)] == sorted(qs)


def test_the_bootstrap_of_a_constant_has_no_width() -> None:
    mean, median = bootstrap(np.full(9, 1.5), np.arange(9) * 30, span=300, block=21)
    assert mean == Interval(1.5, 1.5, 1.5)
    assert median == Interval(1.5, 1.5, 1.5)


def test_without_overlap_the_bootstrap_is_as_wide_as_the_standard_error_says() -> None:
    """Blocks of one session are independent draws: 1.96 sd / sqrt(n) to either side."""
    outcomes = np.random.default_rng(3).normal(0, 2, 400)
    mean, _ = bootstrap(outcomes, np.arange(400), span=400, block=1)
    reach = 1.96 * outcomes.std() / 20
    assert mean.value == pytest.approx(outcomes.mean())
    assert mean.low == pytest.approx(outcomes.mean() - reach, abs=0.1 * reach)
    assert mean.high == pytest.approx(outcomes.mean() + reach, abs=0.1 * reach)


def test_the_interval_of_a_median_of_independent_draws_is_what_the_binomial_distribution_says() -> None:
    """A draw of 101 has its median at or under the k-th lowest when at least 51 of them are, each with a chance of k/101."""
    _, median = bootstrap(np.arange(101.0)[::-1], np.arange(101), span=101, block=1)

    def share(k: int) -> float:
        return sum(math.comb(101, i) * (k / 101) ** i * (1 - k / 101) ** (101 - i) for i in range(51, 102))

    assert median.value == 50
    assert share(int(median.low)) < 0.03
    assert share(int(median.low) + 1) > 0.02
    assert share(int(median.high)) < 0.98
    assert share(int(median.high) + 1) > 0.97


def test_blocks_keep_outcomes_that_overlap_together_so_their_mean_is_less_sure() -> None:
    """Sums of ten neighbours: in a long sample the mean of a stationary bootstrap is as spread as sums of whole blocks."""
    steps = np.random.default_rng(4).normal(0, 1, 1009)
    outcomes = np.convolve(steps, np.ones(10), "valid")
    alone, _ = bootstrap(outcomes, np.arange(1000), span=1000, block=1)
    blocks, _ = bootstrap(outcomes, np.arange(1000), span=1000, block=50)
    true = 1.96 * 10 / math.sqrt(1000)
    assert (alone.high - alone.low) / 2 < 0.45 * true
    assert (blocks.high - blocks.low) / 2 == pytest.approx(true, rel=0.25)


def test_outcomes_further_apart_than_a_block_are_drawn_almost_independently() -> None:
    outcomes = np.random.default_rng(5).normal(0, 1, 60)
    apart, _ = bootstrap(outcomes, np.arange(60) * 80, span=4800, block=5)
    alone, _ = bootstrap(outcomes, np.arange(60), span=60, block=1)
    assert apart.high - apart.low == pytest.approx(alone.high - alone.low, rel=0.05)


@settings(max_examples=30)
@given(
    st.lists(st.floats(-50, 50), min_size=1, max_size=40),
    st.integers(1, 63),
    st.integers(1, 30),
)
def test_bootstrap_intervals_lie_within_the_outcomes(outcomes: list[float], block: int, apart: int) -> None:
    numbers = np.array(outcomes)
    where = np.arange(len(numbers)) * apart
    for found in bootstrap(numbers, where, span=int(where[-1]) + 1, block=block):
        assert numbers.min() - 1e-9 <= found.low <= found.high <= numbers.max() + 1e-9


# Studies


def line(values: list[float], first: str = "2024-01-02") -> pd.Series:
    return pd.Series(values, index=pd.bdate_range(first, periods=len(values)), dtype=float)


SIGNAL = [0, 2, 2, 0, 2, 0, 2, 0, 2, 0, 2, 0.0]
PRICE = np.array([100, 100, 110, 121, 121, 108.9, 108.9, 119.79, 119.79, 131.769, 131.769, 65.8845])
"""Returns to the next session: 0, 10, 10, 0, -10, 0, 10, 0, 10, 0, -50."""


def test_a_study_by_hand() -> None:
    """Firings at 1, 4, 6, 8, 10 with outcomes 10, -10, 10, 10, -50; the base has 11 sessions of which 4 rose."""
    [found] = run_study(line(SIGNAL), [PRICE], StudyPlan(LevelCondition(above=1), (1,)))
    assert (found.n_days, found.n_episodes, found.n_known, found.n, found.hits) == (6, 5, 5, 5, 3)
    assert found.rate == wilson(3, 5)
    assert (found.base_rate, found.base_n) == (pytest.approx(4 / 11), 11)
    assert found.difference == newcombe(wilson(3, 5), wilson(4, 11))
    assert found.p == found.q == p_value(wilson(3, 5), 5, wilson(4, 11), 11)
    assert found.mean is not None
    assert found.median is not None
    assert found.mean.value == pytest.approx(-6)
    assert found.median.value == pytest.approx(10)
    assert (found.worst, found.worst_on) == (pytest.approx(-50), date(2024, 1, 16))
    assert found.sample == "small sample"
    assert found.eras == ()


def test_counting_every_day_and_entering_a_close_later() -> None:
    """Days 1, 2, 4, 6, 8, 10: the same session 10, 10, -10, 10, 10, -50; a close later 10, 0, 0, 0, 0, 10."""
    plan = StudyPlan(LevelCondition(above=1), (1,), each_day=True)
    [found] = run_study(line(SIGNAL), [PRICE], plan)
    assert (found.n, found.hits) == (6, 4)
    longer = np.append(PRICE, 1.1 * PRICE[-1])
    [later] = run_study(
        line([*SIGNAL, 0]), [longer], StudyPlan(LevelCondition(above=1), (1,), each_day=True, next_close=True)
    )
    assert (later.n_days, later.n, later.hits) == (6, 6, 2)


def test_until_limits_events_and_not_their_outcomes() -> None:
    index = line(SIGNAL).index
    plan = StudyPlan(LevelCondition(above=1), (2,), since=index[1].date(), until=index[8].date())
    [found] = run_study(line(SIGNAL), [PRICE], plan)
    assert (found.first, found.last) == (index[1].date(), index[8].date())
    assert (found.n_days, found.n_episodes, found.base_n) == (5, 4, 8)


def test_every_horizon_that_was_asked_for_is_a_test_also_one_without_figures() -> None:
    one, none = run_study(line(SIGNAL), [PRICE], StudyPlan(LevelCondition(above=1), (1, 11)))
    assert (none.p, none.q) == (None, None)
    assert one.p is not None
    assert one.q == pytest.approx(min(1, 2 * one.p))


def test_under_five_episodes_there_are_no_figures() -> None:
    [found] = run_study(line(SIGNAL[:10]), [PRICE[:10]], StudyPlan(LevelCondition(above=1), (1,), each_day=True))
    assert (found.n_days, found.n_episodes, found.n) == (5, 4, 5)
    assert (found.hits, found.rate, found.difference, found.mean, found.worst) == (None,) * 5
    assert found.base_rate == pytest.approx(4 / 9)
    assert found.sample == "too few for figures: 4 with a known outcome, at least 5 are needed"


def test_nothing_known_gives_counts_of_nothing() -> None:
    for values in ([NAN] * 4, [0.0] * 4):
        [found] = run_study(line(values), [np.full(4, NAN)], StudyPlan(LevelCondition(above=1), (1,)))
        assert (found.n_days, found.n_episodes, found.n, found.base_n, found.base_rate) == (0, 0, 0, 0, None)


def test_eras_meet_in_2020_and_are_silent_where_they_hold_too_little() -> None:
    values = line([0, 2] * 10, first="2019-12-23")
    prices = np.cumprod(np.tile([1.0, 1.01], 10))
    [found] = run_study(values, [prices], StudyPlan(LevelCondition(above=1), (1,)))
    assert [(era.name, era.n, era.rate) for era in found.eras] == [
        ("before 2020", 3, None),
        ("since 2020", 6, wilson(0, 6)),
    ]
    assert sum(era.base_n for era in found.eras) == found.base_n


@settings(max_examples=40)
@given(
    st.lists(st.one_of(st.just(NAN), st.floats(-3, 3)), min_size=2, max_size=120),
    st.integers(1, 12),
)
def test_what_was_known_on_a_session_does_not_change_with_later_rows(values: list[float], horizon: int) -> None:
    numbers = np.array(values)
    prices = 50 * np.exp(np.cumsum(np.random.default_rng(len(values)).normal(0, 0.01, len(values))))
    whole = count_outcomes(numbers, [prices], LevelCondition.outside(-1, 1), horizon)
    for cut in {0, len(values) // 2, len(values) - 1}:
        part = count_outcomes(numbers[: cut + 1], [prices[: cut + 1]], LevelCondition.outside(-1, 1), horizon)
        assert part.at(cut) == whole.at(cut)


@settings(max_examples=40)
@given(st.lists(st.floats(-3, 3), min_size=30, max_size=150), st.integers(1, 10))
def test_the_running_counts_end_where_the_study_ends(values: list[float], horizon: int) -> None:
    prices = 50 * np.exp(np.cumsum(np.random.default_rng(len(values)).normal(0, 0.01, len(values))))
    counted = count_outcomes(np.array(values), [prices], LevelCondition(above=1), horizon).at(len(values) - 1)
    [found] = run_study(line(values), [prices], StudyPlan(LevelCondition(above=1), (horizon,)))
    assert (counted.n, counted.base_n) == (found.n, found.base_n)
    assert found.hits in (None, counted.hits)
    assert counted.base_hits == pytest.approx((found.base_rate or 0) * found.base_n)


def test_a_study_of_the_past_does_not_look_ahead_beyond_its_outcomes() -> None:
    """Cutting the market a horizon after `until` changes nothing."""
    found = random_market(11, count=330, holes=0.01)
    until = found.days[250].date()
    plan = StudyPlan(LevelCondition(above=0.3), (1, 5), until=until)
    results = []
    for each in (found, found.until(found.days[255].date())):
        values = catalogue.compute(each, ["weighting.rsp_spy.spread_1d"])["weighting.rsp_spy.spread_1d"].values
        results.append(run_study(values, Outcome("^IXIC").prices(Panel(each)), plan))
    assert results[0] == results[1]
    assert results[0][0].hits is not None
