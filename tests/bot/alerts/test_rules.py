"""Rules of an alert: triggers, sides, re-arming, confirmation, levels that people type."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts import rules
from bot.domain.model import AlertSpec, Condition, Direction, NewTrigger, Repeat, Trigger, TriggerState
from signals.core.model import Measure
from signals.core.units import Unit

NAN = math.nan
ABOVE_90 = AlertSpec("x", Measure.VALUE, Condition.ABOVE, 90.0)


def on_days(values: Sequence[float], first: str = "2026-01-05") -> pd.Series:
    return pd.Series(values, index=pd.bdate_range(first, periods=len(values)), dtype=float)


def fired_at(values: Sequence[float], spec: AlertSpec) -> list[int]:
    """Positions at which the alert fires."""
    series = on_days(values)
    days = [stamp.date() for stamp in series.index]
    return [days.index(day) for day in rules.firings(series, spec)]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (replace(ABOVE_90, band=0.5), [("above", 90.0, 89.5)]),
        (replace(ABOVE_90, condition=Condition.BELOW, band=0.5), [("below", 90.0, 90.5)]),
        (replace(ABOVE_90, condition=Condition.CROSSES, band=0.5), [("above", 90.0, 89.5), ("below", 90.0, 90.5)]),
        (
            replace(ABOVE_90, condition=Condition.OUTSIDE, level=20.0, level_high=80.0, band=1.0),
            [("above", 80.0, 79.0), ("below", 20.0, 21.0)],
        ),
        (
            replace(ABOVE_90, condition=Condition.OUTSIDE, level=20.0, level_high=21.0, band=5.0),
            [("above", 21.0, 20.0), ("below", 20.0, 21.0)],
        ),
    ],
    ids=["above", "below", "crosses", "outside", "outside with a band wider than the range"],
)
def test_conditions_become_triggers(spec: AlertSpec, expected: list[tuple[str, float, float]]) -> None:
    assert rules.triggers(spec) == tuple(Trigger(Direction(side), level, rearm) for side, level, rearm in expected)


@pytest.mark.parametrize(
    ("written", "level"),
    [(4.999999999, 5.0), (0.000000001, 0.0), (0.1 + 0.2, 0.3), (90.12345678, 90.12345678), (1e15, 1e15)],
)
def test_levels_and_bands_have_the_places_of_values(written: float, level: float) -> None:
    outside = AlertSpec("x", Measure.VALUE, Condition.OUTSIDE, -written, written, band=written)
    assert (outside.level, outside.level_high, outside.band) == (-level, level, level)
    assert replace(ABOVE_90, level=written).level == level


LEVELS = st.one_of(
    st.floats(-1e15, 1e15),
    st.floats(-10, 10),
    st.integers(-8, 8).map(lambda steps: steps * 1e-9),
    st.integers(0, 8).map(lambda whole: whole - 1e-9),
    st.just(0.1 + 0.2),
)
BANDS = st.one_of(st.just(0.0), st.floats(0, 1e15), st.floats(0, 1), st.just(1e-9), st.just(0.1 + 0.2))


@given(LEVELS, LEVELS, BANDS, st.sampled_from(Condition))
def test_no_value_is_past_a_level_and_back_at_the_same_time(
    level: float, other: float, band: float, condition: Condition
) -> None:
    """So a trigger never returns on a reading on which it could fire."""
    spec = AlertSpec("x", Measure.VALUE, condition, min(level, other), max(level, other), band=band)
    for trigger in rules.triggers(spec):
        for value in (trigger.level, trigger.rearm, level, other, round(level), round(other), round(level, 8)):
            assert not (rules.holds(trigger, value) and rules.returned(trigger, value))


@pytest.mark.parametrize("condition", Condition)
def test_a_rearm_level_is_not_past_its_level_even_for_a_band_or_an_order_that_cannot_be(condition: Condition) -> None:
    for trigger in rules.triggers(AlertSpec("x", Measure.VALUE, condition, 5.0, 4.0, band=-1.0)):
        assert trigger.rearm == trigger.level


def test_outside_without_an_upper_level_is_an_error() -> None:
    with pytest.raises(ValueError, match="two levels"):
        rules.triggers(replace(ABOVE_90, condition=Condition.OUTSIDE))


@pytest.mark.parametrize(
    ("value", "state"),
    [
        (89.0, TriggerState.ARMED),
        (90.0, TriggerState.ARMED),
        (90.1, TriggerState.FIRED),
        (None, TriggerState.NEW),
        (NAN, TriggerState.NEW),
    ],
)
def test_a_trigger_starts_on_the_side_where_the_value_stands(value: float | None, state: TriggerState) -> None:
    assert rules.initial_state(Trigger(Direction.ABOVE, 90.0, 90.0), value) is state


@pytest.mark.parametrize(
    ("value", "states"),
    [
        (95.0, (TriggerState.FIRED, TriggerState.ARMED)),
        (85.0, (TriggerState.ARMED, TriggerState.FIRED)),
        (90.0, (TriggerState.ARMED, TriggerState.ARMED)),
        (None, (TriggerState.NEW, TriggerState.NEW)),
    ],
)
def test_new_triggers_have_the_sides_of_their_spec_and_start_where_the_value_is(
    value: float | None, states: tuple[TriggerState, TriggerState]
) -> None:
    spec = replace(ABOVE_90, condition=Condition.CROSSES)
    session = date(2026, 1, 13)
    assert rules.new_triggers(spec, value, session) == tuple(
        NewTrigger(side, state, session) for side, state in zip(rules.triggers(spec), states, strict=True)
    )


def test_already_there_is_said_only_where_the_next_crossing_has_to_wait() -> None:
    outside = AlertSpec("x", Measure.VALUE, Condition.OUTSIDE, 20.0, 80.0)
    assert rules.already_there(ABOVE_90, 91.0)
    assert not rules.already_there(ABOVE_90, 90.0)
    assert not rules.already_there(ABOVE_90, None)
    assert not rules.already_there(replace(ABOVE_90, condition=Condition.CROSSES), 91.0)
    assert rules.already_there(outside, 19.0)
    assert not rules.already_there(outside, 50.0)


@pytest.mark.parametrize(
    ("values", "spec", "expected"),
    [
        ([89, 91, 92], ABOVE_90, [1]),
        ([91, 92, 90, 91], ABOVE_90, [3]),
        ([89, 90, 90], ABOVE_90, []),
        ([89, 91, 89.6, 91, 89.5, 91], replace(ABOVE_90, band=0.5), [1, 5]),
        ([91, 89, 90, 91, 89], replace(ABOVE_90, condition=Condition.BELOW), [1, 4]),
        ([89, 91, 89, 91], replace(ABOVE_90, condition=Condition.CROSSES), [1, 2, 3]),
        ([90, 91, 90, 89], replace(ABOVE_90, condition=Condition.CROSSES), [1, 3]),
        ([50, 81, 50, 19, 81], AlertSpec("x", Measure.VALUE, Condition.OUTSIDE, 20, 80), [1, 3, 4]),
        ([89, 91, 91, 91, 89, 91, 91, 91], replace(ABOVE_90, confirm=3), [3, 7]),
        ([89, 91, 91, 89, 91, 91, 91], replace(ABOVE_90, confirm=3), [6]),
        ([89, 91, NAN, 91, NAN, 91], replace(ABOVE_90, confirm=3), [5]),
        ([89, NAN, 91, NAN, 91, 89, 91], ABOVE_90, [2, 6]),
        ([NAN, NAN, 91, 89, 91], ABOVE_90, [4]),
        ([89, 91, 89, 91], replace(ABOVE_90, repeat=Repeat.ONCE), [1]),
        ([], ABOVE_90, []),
        ([NAN], ABOVE_90, []),
    ],
)
def test_firings_of_histories_worked_out_by_hand(values: list[float], spec: AlertSpec, expected: list[int]) -> None:
    assert fired_at(values, spec) == expected


@pytest.mark.parametrize(
    ("condition", "values", "rearm"),
    [(Condition.ABOVE, [89, 91, 89.5, 91], 89.5), (Condition.BELOW, [91, 89, 90.5, 89], 90.5)],
)
def test_a_value_on_the_rearm_level_is_back(condition: Condition, values: list[float], rearm: float) -> None:
    spec = replace(ABOVE_90, condition=condition, band=0.5)
    assert fired_at(values, spec) == [1, 3]
    (trigger,) = rules.triggers(spec)
    assert rules.returned(trigger, rearm)


def test_each_confirming_session_is_counted_until_the_third_fires() -> None:
    trigger = Trigger(Direction.ABOVE, 90.0, 89.0)
    state, streak, steps = TriggerState.ARMED, 0, []
    for value in (91.0, 92.0, 93.0):
        state, streak, fires = rules.step(trigger, 3, state, streak, value)
        steps.append((state, streak, fires))
    assert steps == [
        (TriggerState.ARMED, 1, False),
        (TriggerState.ARMED, 2, False),
        (TriggerState.FIRED, 0, True),
    ]


def test_a_crossing_within_the_cooldown_is_suppressed_but_moves_the_state() -> None:
    """Monday January 12 fires; Wednesday the 14th falls into the 7 days; Monday the 19th is outside of them."""
    spec = replace(ABOVE_90, cooldown_days=7)
    values = on_days([89, 91, 89, 91, 91, 89, 91], first="2026-01-09")
    assert rules.firings(values, spec) == [date(2026, 1, 12), date(2026, 1, 19)]


def test_the_cooldown_holds_for_both_sides_of_an_alert() -> None:
    spec = replace(ABOVE_90, condition=Condition.CROSSES, cooldown_days=2)
    values = on_days([89, 91, 89, 91], first="2026-01-05")
    assert rules.firings(values, spec) == [date(2026, 1, 6), date(2026, 1, 8)]


@given(
    st.lists(st.one_of(st.integers(0, 8).map(float), st.just(NAN)), max_size=60),
    st.sampled_from(Condition),
    st.integers(1, 3),
    st.sampled_from([0.0, 0.5, 1.0, 3.0]),
)
def test_firings_are_what_single_steps_give(
    values: list[float], condition: Condition, confirm: int, band: float
) -> None:
    high = 5.0 if condition is Condition.OUTSIDE else None
    spec = AlertSpec("x", Measure.VALUE, condition, 4.0, high, confirm=confirm, band=band)
    states = dict.fromkeys(rules.triggers(spec), (TriggerState.NEW, 0))
    expected = []
    for place, value in enumerate(values):
        if math.isnan(value):
            continue
        moved = {trigger: rules.step(trigger, confirm, *state, value) for trigger, state in states.items()}
        states = {trigger: (state, streak) for trigger, (state, streak, _) in moved.items()}
        if any(fires for *_, fires in moved.values()):
            expected.append(place)
    assert fired_at(values, spec) == expected


@given(st.lists(st.one_of(st.integers(0, 8).map(float), st.just(NAN)), max_size=40), st.integers(0, 3))
def test_firings_do_not_look_ahead(values: list[float], cut: int) -> None:
    spec = AlertSpec("x", Measure.VALUE, Condition.CROSSES, 4.0, band=1.0, confirm=2)
    shorter = values[: len(values) - cut]
    assert fired_at(shorter, spec) == [position for position in fired_at(values, spec) if position < len(shorter)]


def test_an_ended_trigger_never_moves() -> None:
    trigger = Trigger(Direction.ABOVE, 90.0, 90.0)
    assert rules.step(trigger, 1, TriggerState.ENDED, 0, 99.0) == (TriggerState.ENDED, 0, False)


def test_the_default_band_is_the_median_move_of_the_last_year() -> None:
    """300 sessions: moves of 5 at first, then 252 readings with moves of 1 and 3 in turn; their median is 2."""
    moves = [5.0] * 48 + [1.0, 3.0] * 126
    signs = [1, 1, -1, -1] * 75
    values = on_days(list(np.cumsum([move * sign for move, sign in zip(moves, signs, strict=True)])))
    assert rules.default_band(values, Unit.USD) == 2.0


def test_rearm_levels_and_bands_are_decimals() -> None:
    """0.8 less 0.1 is 0.7 and 0.1 plus 0.2 is 0.3, so values on them are back."""
    above, below = rules.triggers(AlertSpec("x", Measure.VALUE, Condition.OUTSIDE, 0.1, level_high=0.8, band=0.1))
    assert (above.rearm, below.rearm) == (0.7, 0.2)
    (plain,) = rules.triggers(AlertSpec("x", Measure.VALUE, Condition.BELOW, 0.1, band=0.2))
    assert plain.rearm == 0.3
    assert rules.returned(plain, 0.3)
    assert rules.default_band(on_days([0.1, 0.3, 0.5]), Unit.PERCENT) == 0.2


def test_a_value_on_the_level_never_fires() -> None:
    changes = [0.0, 0.1, 0.05, 0.1, 0.11]
    spec = AlertSpec("rates.real_10y", Measure.CHANGE_1D, Condition.ABOVE, 0.1)
    assert rules.firings(on_days(changes), spec) == [on_days(changes).index[-1].date()]


def test_withheld_readings_take_no_part_in_the_band() -> None:
    assert rules.default_band(on_days([1, NAN, 4, 6, NAN]), Unit.USD) == 2.0
    assert rules.default_band(on_days([1, NAN, 4]), Unit.USD) == 0.0
    assert rules.default_band(on_days([]), Unit.USD) == 0.0


@pytest.mark.parametrize("unit", [Unit.COUNT, Unit.FLAG, Unit.SEVEN, Unit.SESSIONS, Unit.MONTHS, Unit.RANK])
def test_whole_steps_need_no_band_but_their_percentile_does(unit: Unit) -> None:
    values = on_days([1, 3, 5])
    assert rules.default_band(values, unit) == 0.0
    assert rules.default_band(values, unit, Measure.CHANGE_21D) == 0.0
    assert rules.default_band(values, unit, Measure.PERCENTILE_1Y) == 2.0
