"""How much days whose outcomes overlap can show: by hand, and on noise, which must not be called more than chance."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

from signals.event_study import FALSE_SHARE, LevelCondition, Result, StudyPlan, run_study
from signals.event_study.circular_shift import overlap

HORIZONS = (21, 63)


def mask(text: str) -> np.ndarray:
    return np.array([letter == "x" for letter in text])


def test_one_event_is_worth_one_outcome() -> None:
    # The event at the one good session of four: 1 against 0.25, and at the three other places 0 against 0.25.
    found = overlap(mask("x..."), mask("x..."))
    assert found.p == 0.25
    # The squares are 0.5625 and three times 0.0625, 0.1875 in the mean; 0.25 * 0.75 / 0.1875 = 1.
    assert (found.independent, found.beside_base) == (pytest.approx(1.0), pytest.approx(1.0))
    # 1.96 times the root of 0.1875.
    assert found.detectable == pytest.approx(0.8487, abs=1e-4)


def test_neighbors_with_one_outcome_are_worth_less_than_their_number() -> None:
    # Pairs of days share one outcome; places: 1, 0.5, 0, 0.5 twice over, base 0.5. The mean square is 0.125.
    found = overlap(mask("xx......"), mask("xx..xx.."))
    assert found.p == pytest.approx(0.5)
    assert found.beside_base == pytest.approx(0.25 / 0.125)
    # Two of eight days: (8 - 2) / (8 - 1) of it.
    assert found.independent == pytest.approx(2 * 6 / 7)
    apart = overlap(mask("x..x...."), mask("xx..xx.."))
    assert apart.independent > found.independent or apart.p == 1.0


@pytest.mark.parametrize(("counted", "positive"), [("xxxx", "x.x."), ("x..x", "xxxx"), ("x..x", "....")])
def test_where_nothing_can_differ_nothing_is_shown(counted: str, positive: str) -> None:
    found = overlap(mask(counted), mask(positive))
    assert (found.p, found.independent, found.detectable) == (1.0, 1.0, 1.0)


def test_outcomes_that_do_not_overlap_are_worth_their_number() -> None:
    dice = np.random.default_rng(4)
    found = overlap(dice.random(20_000) < 0.02, dice.random(20_000) < 0.55)
    assert found.independent == pytest.approx(400, rel=0.1)
    assert found.detectable == pytest.approx(1.96 * np.sqrt(0.55 * 0.45 / 400), rel=0.1)


def noise(dice: np.random.Generator, sessions: int, memory: float, share: float) -> tuple[Result, ...]:
    """A study of every day on which a signal of chance alone, with so much memory, is among its highest."""
    steps = dice.standard_normal(sessions)
    signal = steps.copy()
    for place in range(1, sessions):
        signal[place] = memory * signal[place - 1] + steps[place]
    close = 100 * np.exp(np.cumsum(0.0004 + 0.01 * dice.standard_t(4, sessions)))
    level = float(np.quantile(signal, 1 - share))
    plan = StudyPlan(LevelCondition(above=level), HORIZONS, each_day=True)
    return run_study(pd.Series(signal, index=pd.bdate_range("2005-01-03", periods=sessions)), [close], plan)


@pytest.mark.slow
def test_noise_is_called_more_than_chance_at_about_the_nominal_rate(thorough: bool) -> None:
    """Taken for independent, such days were called more than chance in every fourth to second study of a slow signal."""
    times = 80 if thorough else 2
    dice = np.random.default_rng(20261128)
    kinds = list(product((1260, 2600, 5200), (0.0, 0.9, 0.97, 0.99), (0.03, 0.1, 0.3)))
    studies = [noise(dice, *kind) for kind in kinds for _ in range(times)]
    tested = [results for results in studies if any(result.q is not None for result in results)]
    assert len(tested) >= 0.8 * len(studies)
    called = np.mean(
        [any(result.q is not None and result.q <= FALSE_SHARE for result in results) for results in tested]
    )
    assert called == pytest.approx(FALSE_SHARE, abs=0.03 if thorough else 0.06)
    covered = [
        result.difference.low <= 0 <= result.difference.high
        for results in tested
        for result in results
        if result.difference is not None
    ]
    assert np.mean(covered) == pytest.approx(0.95, abs=0.02 if thorough else 0.04)


def test_under_five_independent_outcomes_nothing_is_tested() -> None:
    # Eight spells of a slow signal in five years: their outcomes over 63 sessions hang together.
    month, quarter = noise(np.random.default_rng(104), 1260, 0.97, 0.1)
    assert quarter.n_known == 8
    assert quarter.rate is not None
    assert quarter.independent is not None
    assert quarter.independent < 5
    assert (quarter.p, quarter.q) == (None, None)
    assert month.q is not None


def test_days_are_worth_no_more_outcomes_than_fit_side_by_side() -> None:
    # 300 days in a row hold five windows of 63 sessions, whatever a short period seems to say.
    signal = np.zeros(700)
    for begin in range(100, 420, 64):
        signal[begin : begin + 60] = 1.0
    close = 100 + np.cumsum(np.random.default_rng(5).standard_normal(700))
    plan = StudyPlan(LevelCondition(above=0.5), (63,), each_day=True)
    [found] = run_study(pd.Series(signal, index=pd.bdate_range("2020-01-01", periods=700)), [close], plan)
    assert (found.n, found.n_known, found.independent) == (300, 5, 5)


def test_a_study_of_first_sessions_is_left_as_it_was() -> None:
    dice = np.random.default_rng(6)
    signal = pd.Series(dice.standard_normal(800), index=pd.bdate_range("2020-01-01", periods=800))
    close = 100 * np.exp(np.cumsum(0.01 * dice.standard_normal(800)))
    [found] = run_study(signal, [close], StudyPlan(LevelCondition(above=2), (21,)))
    assert found.independent == found.n
    windows, base = found.base_n / 21, found.base_rate or 0.0
    assert found.detectable == pytest.approx(1.96 * np.sqrt(base * (1 - base) * (1 / found.n + 1 / windows)), rel=1e-3)
