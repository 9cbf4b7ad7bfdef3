"""The measures against a brute-force recount and hand-worked cases."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from signals import catalogue
from signals.core.measure_kinds import EXTREMES, PLAIN_MEASURES
from signals.core.measures import measure, measures_at
from signals.core.model import History, Measure, Reading, State
from tests.signals import recount
from tests.signals.markets import sessions_from

PLAIN = catalogue.signal("weighting.rsp_spy.spread_1d")
DERIVED = [which for which in PLAIN_MEASURES if which is not Measure.VALUE]


def readings(seed: int, count: int = 420, *, gaps: float = 0.1) -> np.ndarray:
    """Rounded so that ties occur, with withheld ones between."""
    dice = np.random.default_rng(seed)
    values = np.round(dice.normal(size=count), 1)
    values[dice.random(count) < gaps] = np.nan
    return values


def series(values: np.ndarray) -> pd.Series:
    return pd.Series(values, index=sessions_from("2022-01-03", len(values))[: len(values)])


@pytest.mark.parametrize("seed", range(4))
def test_measures_equal_the_plain_recount_on_every_session(seed: int) -> None:
    values = readings(seed, gaps=(0.0, 0.1, 0.2, 0.25)[seed])
    plain = [None if value != value else value for value in values.tolist()]
    histories = {which: measure(series(values), which).to_numpy() for which in DERIVED}
    for position in range(0, len(values), 7):
        expected = recount.measures(plain[: position + 1])
        at = measures_at(PLAIN, History(series(values)), position)
        for which in DERIVED:
            want = expected[which.value]
            want = np.nan if want is None else want
            assert histories[which][position] == pytest.approx(want, abs=6e-9, nan_ok=True)
            got = getattr(at, which.value)
            assert (np.nan if got is None else got) == pytest.approx(want, abs=6e-9, nan_ok=True)


def test_a_change_needs_both_readings() -> None:
    values = series(np.array([1.0, np.nan, 4.0, 9.0]))
    np.testing.assert_array_equal(measure(values, Measure.CHANGE_1D), [np.nan, np.nan, np.nan, 5.0])


def test_the_percentile_counts_half_of_the_equal_ones_today_included() -> None:
    # 150 readings of 1 and 100 of 2, today 2: 100 (150 + 50)/250 = 80.
    values = series(np.array([1.0] * 150 + [2.0] * 100))
    assert measure(values, Measure.PERCENTILE_1Y).iloc[-1] == 80.0


def test_one_year_is_252_sessions_including_today() -> None:
    # 0 stands 253 sessions back and must not count: today's 1 is the lowest and half of itself is equal.
    values = np.concatenate([[0.0], np.full(251, 2.0), [1.0]])
    assert measures_at(PLAIN, History(series(values)), 252).percentile_1y == pytest.approx(100 * 0.5 / 252, abs=5e-9)


def test_200_readings_are_enough_and_199_are_not() -> None:
    values = readings(1, 252, gaps=0.0)
    values[:52] = np.nan
    assert measures_at(PLAIN, History(series(values)), 251).z_1y is not None
    values[52] = np.nan
    assert measures_at(PLAIN, History(series(values)), 251).z_1y is None
    assert measures_at(PLAIN, History(series(values)), 251).percentile_1y is None


def test_readings_that_never_moved_have_a_percentile_but_no_z() -> None:
    values = np.full(252, 0.1)
    found = measures_at(PLAIN, History(series(values)), 251)
    assert found.percentile_1y == 50.0
    assert found.z_1y is None
    assert found.change_21d == 0.0


def test_a_withheld_reading_has_no_measures() -> None:
    values = readings(2, 300, gaps=0.0)
    values[-1] = np.nan
    found = measures_at(PLAIN, History(series(values)), 299)
    assert [getattr(found, which.value) for which in DERIVED] == [None] * 5


def test_the_value_itself_is_handed_back_as_a_copy() -> None:
    values = series(np.array([1.0, 2.0]))
    found = measure(values, Measure.VALUE)
    found.iloc[0] = 7.0
    assert values.iloc[0] == 1.0


@pytest.mark.parametrize("which", list(Measure))
def test_no_readings_give_no_measures(which: Measure) -> None:
    assert measure(series(np.array([])), which).empty
    assert len(measure(series(np.array([3.0])), which)) == 1


@pytest.mark.parametrize("seed", range(3))
def test_new_highs_and_lows_equal_a_plain_recount(seed: int) -> None:
    values = readings(seed, gaps=0.1 * seed)
    for which, sessions in EXTREMES.items():
        history = measure(series(values), which, places=8).to_numpy()
        sign = 1 if which.value.startswith("high") else -1
        need = {21: 17, 63: 50, 252: 200}[sessions]
        for position in range(0, len(values), 11):
            before = [value for value in values[max(0, position - sessions + 1) : position] if value == value]
            known = values[position] == values[position] and len(before) + 1 >= need
            want = sign * values[position] - max(sign * value for value in before) if known else np.nan
            assert history[position] == pytest.approx(want, abs=1e-7, nan_ok=True)
            got = getattr(measures_at(PLAIN, History(series(values)), position), which.value)
            assert (np.nan if got is None else got) == pytest.approx(want, abs=1e-7, nan_ok=True)


def test_a_high_that_is_only_equalled_is_not_new() -> None:
    values = series(np.array([1.0] * 20 + [5.0] + [4.0] * 3 + [5.0, 5.1]))
    highs = measure(values, Measure.HIGH_21D)
    assert highs.iloc[20] == 4.0
    assert highs.iloc[-2] == 0.0
    assert highs.iloc[-1] == pytest.approx(0.1)


def test_a_named_state_is_a_measure_of_its_own() -> None:
    values = series(np.array([-1.0, 0.0, np.nan, 1.0]))
    np.testing.assert_array_equal(measure(values, Measure.IS_0), [0.0, 1.0, np.nan, 0.0])
    reading = Reading("scenario.recovery_state", values.index[-1].date(), 1.0, State.FINAL)
    assert (reading.measure(Measure.IS_1), reading.measure(Measure.IS_MINUS_1)) == (1.0, 0.0)
    withheld = Reading("scenario.recovery_state", values.index[-1].date(), None, State.WITHHELD)
    assert withheld.measure(Measure.IS_1) is None


def test_what_an_alert_can_watch_follows_from_the_signal() -> None:
    assert Measure.HIGH_252D in PLAIN.watchable
    assert Measure.HIGH_252D not in catalogue.signal("index.sp500.ytd").watchable
    named = catalogue.signal("rotation.regime").watchable
    assert [which.value for which in named if which.value.startswith("is_")] == ["is_1", "is_2", "is_3", "is_4"]
