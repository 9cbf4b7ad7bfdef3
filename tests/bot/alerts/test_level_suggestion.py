"""Levels that are proposed: near five firings a year, round, possible, and the same for the same readings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.alerts.level_suggestion import backtest, candidates, suggest_level
from bot.alerts.rules import firings
from bot.alerts.validation import validate
from bot.domain.model import AlertSpec, Condition, Repeat
from signals.catalogue import SIGNALS
from signals.core.model import Measure, Signal

SPREAD = SIGNALS["weighting.rsp_spy.spread_1d"]
STREAK = SIGNALS["size.russell_sp500.streak"]
BREADTH = SIGNALS["breadth.sp500.above_50dma"]


def readings(values: np.ndarray | list[float]) -> pd.Series:
    return pd.Series(values, index=pd.bdate_range("2021-01-04", periods=len(values)), dtype=float)


def spec(signal: Signal, condition: Condition, level: float, high: float | None = None, **more: object) -> AlertSpec:
    return AlertSpec(signal.id, Measure.VALUE, condition, level, high, **more)  # type: ignore[arg-type]


def test_a_level_that_is_never_reached_becomes_one_that_is_passed_five_times_a_year() -> None:
    """Four years, three spikes a year to 1.5 and two more to 2.5: over 1.5 it fires 8 times, from 1.4 down 20 times."""
    values = np.zeros(4 * 261)
    for year in range(4):
        values[[261 * year + 20, 261 * year + 60, 261 * year + 100]] = 1.5
        values[[261 * year + 140, 261 * year + 180]] = 2.5
    found = suggest_level(readings(values), spec(SPREAD, Condition.ABOVE, 9.0), SPREAD)
    assert found is not None
    assert (found.times, found.spec.condition) == (20, Condition.ABOVE)
    assert 1.3 <= found.spec.level < 1.5
    assert backtest(readings(values), found.spec).years == pytest.approx(4, abs=0.02)


def test_counts_get_whole_levels_and_the_nearest_is_proposed_when_none_fires_five_times_a_year() -> None:
    values = np.where(np.arange(522) % 6 == 5, 3.0, 1.0)
    found = suggest_level(readings(values), spec(STREAK, Condition.ABOVE, 40.0), STREAK)
    assert found is not None
    assert (found.spec.level, found.times) == (2.0, 87)


def test_outside_gets_two_levels_on_either_side_of_the_middle() -> None:
    values = np.random.default_rng(2).normal(50, 10, 1260)
    found = suggest_level(readings(values), spec(BREADTH, Condition.OUTSIDE, 1.0, 99.0), BREADTH)
    assert found is not None
    assert found.spec.level_high is not None
    assert found.spec.level < 50 < found.spec.level_high
    assert found.times == pytest.approx(25, abs=8)


def test_an_alert_for_once_is_proposed_a_level_that_is_crossed_five_times_a_year() -> None:
    values = readings(np.random.default_rng(2).normal(50, 10, 1260))
    once = spec(BREADTH, Condition.ABOVE, 99.0, repeat=Repeat.ONCE)
    every = suggest_level(values, replace(once, repeat=Repeat.EVERY), BREADTH)
    found = suggest_level(values, once, BREADTH)
    assert found is not None
    assert every is not None
    assert (found.times, found.spec) == (every.times, replace(every.spec, repeat=Repeat.ONCE))


@pytest.mark.parametrize("values", [[], [1.0] * 1000, list(np.arange(60.0))], ids=["nothing", "constant", "two months"])
def test_where_no_level_is_worth_it_nothing_is_proposed(values: list[float]) -> None:
    assert suggest_level(readings(values), spec(SPREAD, Condition.ABOVE, 99.0), SPREAD) is None


def test_more_than_a_third_of_all_sessions_is_noise() -> None:
    every_other = readings([0.0, 2.0] * 30)
    every_third = readings([0.0, 2.0, 0.0] * 30)
    assert backtest(every_other, spec(SPREAD, Condition.ABOVE, 1.0)).is_noise
    assert not backtest(every_third, spec(SPREAD, Condition.ABOVE, 1.0)).is_noise
    assert backtest(every_third, spec(SPREAD, Condition.ABOVE, 3.0)).is_never


def asked(condition: Condition, level: float, confirm: int, cooldown: int, band: float) -> AlertSpec:
    high = level + 5 if condition is Condition.OUTSIDE else None
    return spec(SPREAD, condition, level, high, confirm=confirm, cooldown_days=cooldown, band=band)


@settings(max_examples=25)
@given(
    st.builds(
        asked,
        st.sampled_from(Condition),
        st.floats(-4, 4).map(lambda level: round(level, 2)),
        st.integers(1, 3),
        st.sampled_from([0, 30]),
        st.floats(0, 0.5),
    ),
    st.integers(0, 10_000),
)
def test_no_candidate_would_fire_nearer_to_five_times_a_year_and_nothing_is_changed(
    wanted: AlertSpec, seed: int
) -> None:
    values = readings(np.round(np.random.default_rng(seed).standard_t(4, 300), 2))
    before = values.copy()
    found, tried = suggest_level(values, wanted, SPREAD), candidates(values, wanted, SPREAD)
    assert suggest_level(values, wanted, SPREAD) == found
    pd.testing.assert_series_equal(values, before)
    assert len(tried) <= 125
    for each in tried:
        validate(each, SPREAD)
    target = 5 * backtest(values, wanted).years
    gaps = [abs(len(fired) - target) for each in tried if (fired := firings(values, each))]
    assert (found is None) == (not gaps)
    if found is not None:
        assert found.spec in tried
        assert found.times == len(firings(values, found.spec))
        assert abs(found.times - target) == min(gaps)


def test_without_a_reading_there_is_no_level_to_propose() -> None:
    assert candidates(readings([np.nan, np.nan]), spec(SPREAD, Condition.ABOVE, 1.0), SPREAD) == []


def test_a_level_that_the_readings_only_touch_is_no_candidate_for_crosses() -> None:
    """Between 1 and 2 no whole number lies; over 1 the same readings cross again and again."""
    values = readings([1.0, 2.0] * 100)
    assert candidates(values, spec(STREAK, Condition.CROSSES, 40.0), STREAK) == []
    assert [each.level for each in candidates(values, spec(STREAK, Condition.ABOVE, 40.0), STREAK)] == [1.0, 2.0]


def test_a_level_that_a_trend_has_left_behind_is_not_proposed() -> None:
    """Four years around 25 with crossings all the time, then a rise to 56: as silver in 2025, where $25 was proposed."""
    dancing = 25 + np.random.default_rng(5).normal(0, 1.0, 1000)
    values = readings(np.concatenate([dancing, np.linspace(26, 56, 200)]))
    silver = SIGNALS["havens.silver"]
    wanted = spec(silver, Condition.ABOVE, 60.0)
    assert min(each.level for each in candidates(values, wanted, silver)) >= values.iloc[-63:].min()
    fallen = readings(np.concatenate([dancing, np.linspace(24, 5, 200)]))
    below = candidates(fallen, spec(silver, Condition.BELOW, 2.0), silver)
    assert max(each.level for each in below) <= fallen.iloc[-63:].max()
    assert candidates(values.iloc[:1000], wanted, silver)[0].level < 26
