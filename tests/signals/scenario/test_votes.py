"""From readings to a state: each rule on a few values worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signals.core.define import by_z, levels, on_itself
from signals.core.model import Measure, Vote
from signals.core.rolling import rolling_z
from signals.scenario import votes
from tests.signals import recount_scenario

NAN = math.nan
(LEVELS,) = levels(40, 60, rec=1)
(BY_Z,) = by_z(rec=1)
(ITSELF,) = on_itself(rec=1)
(BY_CHANGE,) = by_z(rec=1, measure=Measure.CHANGE_21D)


def states(values: list[float], vote: Vote) -> list[float | None]:
    found = votes.states(np.array(values, dtype=float), vote)
    return [None if state != state else state for state in found.tolist()]


def test_levels_are_reached_at_the_level_itself_and_hold_nothing() -> None:
    assert states([39, 40, 40.1, 59.9, 60, 61, 59, NAN, 30], LEVELS) == [-1, -1, 0, 0, 1, 1, 0, None, -1]


def test_a_z_score_is_held_until_it_is_back_at_half() -> None:
    assert states([0.9, 1.0, 0.7, 0.51, 0.5, 0.9, -1.2, -0.6, -0.5, -0.9], ITSELF) == [0, 1, 1, 1, 0, 0, -1, -1, 0, 0]


def test_a_value_that_goes_to_the_other_side_has_been_back_between() -> None:
    assert states([1.5, -0.7, -0.9, -1.1, 0.8, 1.0, -1.0], ITSELF) == [1, 0, 0, -1, 0, 1, -1]


def test_a_withheld_reading_has_no_state_and_ends_none() -> None:
    assert states([1.5, NAN, 0.8, NAN, NAN, 0.4, NAN, 0.8], ITSELF) == [1, None, 1, None, None, 0, None, 0]


def test_rule_z_looks_at_where_the_value_stands_in_its_year() -> None:
    """199 readings of -1 and 1 by turns have mean 0 (nearly) and sd 1 (nearly); the first 199 sessions have no z."""
    found = states([*[-1.0, 1.0] * 110, 3.0, 0.8, 0.1, 0.8], BY_Z)
    assert found[:199] == [None] * 199
    # -1 and 1 stand a shade under one standard deviation away, because n - 1 makes it slightly more than 1.
    assert found[199:220] == [0] * 21
    assert found[220:] == [1, 1, 0, 0]


def test_rule_z_has_no_state_while_nothing_moves() -> None:
    assert states([5.0] * 260, BY_Z) == [None] * 260


def test_the_rule_can_look_at_the_change_over_21_sessions() -> None:
    """A steady climb with a step: the level is high all along, its change is unusual only for 21 sessions."""
    climb = [float(day % 2) / 10 for day in range(300)]
    stepped = [value + (5.0 if day >= 260 else 0.0) for day, value in enumerate(climb)]
    found = states(stepped, BY_CHANGE)
    assert found[:220] == [None] * 220
    assert found[260:281] == [1] * 21
    assert found[281:] == [0] * 19
    assert states(stepped, BY_Z)[281:] == [1] * 19


numbers = st.lists(st.one_of(st.none(), st.floats(-3, 3), st.sampled_from([-1.0, -0.5, 0.5, 1.0])), max_size=60)


@given(numbers)
@settings(max_examples=200)
def test_states_equal_the_slow_recount(values: list[float | None]) -> None:
    given_ = [NAN if value is None else value for value in values]
    assert states(given_, ITSELF) == recount_scenario.states_of(values, "itself")
    assert states(given_, Vote(LEVELS.axis, 1, low=-1, high=0.5)) == recount_scenario.states_of(values, (-1, 0.5))


@pytest.mark.parametrize("seed", range(3))
def test_the_fast_z_is_that_of_the_measures(seed: int) -> None:
    dice = np.random.default_rng(seed)
    values = np.cumsum(dice.normal(0, 1, 700)) * 10.0 ** dice.integers(-4, 6)
    values[dice.random(700) < 0.05 * seed] = NAN
    np.testing.assert_allclose(votes.year_z(values), rolling_z(values), rtol=1e-9, atol=1e-9)


def test_nothing_gives_nothing() -> None:
    for vote in (LEVELS, BY_Z, ITSELF, BY_CHANGE):
        assert states([], vote) == []
