"""The clock of several yardsticks: two thirds name it, and it holds until the other side has them."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from signals.rotation.directional_change import directional_changes
from signals.rotation.rotation_clock import clock, named_side

UP, DOWN = [100.0, 104], [100.0, 96]


def of(*series: list[float], quorum: int):
    return clock([directional_changes(np.array(values), 0.03) for values in series], quorum=quorum)


def test_two_thirds_name_a_state_and_it_is_held_in_between() -> None:
    """Of six: 4 up names it, 3 up holds it and it is turning, 2 up names the other side."""
    up, known = np.array([3, 4, 3, 2, 3, 4]), np.full(6, 6)
    assert named_side(up, known, quorum=4).tolist() == [0, 1, 0, -1, 0, 1]


def test_a_state_waits_for_its_quorum_and_for_two_thirds() -> None:
    counted = of([100, 104, 104, 104], [100, 104, 104, 104], [100, 100, 96, 96], [100, 100, 100, 104], quorum=4)
    np.testing.assert_array_equal(counted.known, [0, 2, 3, 4])
    np.testing.assert_array_equal(counted.state, [np.nan, np.nan, np.nan, 1])
    np.testing.assert_array_equal(counted.age, [np.nan, np.nan, np.nan, 0])
    assert counted.turns == (3,)


def test_a_held_state_is_turning_and_keeps_its_age() -> None:
    """Three yardsticks up; one turns down on the third session (2 of 3 still up), another on the fourth (1 of 3)."""
    first, second, third = [100, 104, 104, 104], [100, 104, 100, 100], [100, 104, 104, 100]
    counted = of(first, second, third, quorum=3)
    np.testing.assert_array_equal(counted.state, [np.nan, 1, 1, -1])
    np.testing.assert_array_equal(counted.turning, [np.nan, 0, 0, 0])
    np.testing.assert_array_equal(counted.age, [np.nan, 0, 1, 0])
    four = of(first, second, third, [100, 104, 104, 104], quorum=3)
    np.testing.assert_array_equal(four.state, [np.nan, 1, 1, 1])
    np.testing.assert_array_equal(four.turning, [np.nan, 0, 0, 1])


def test_a_state_is_withheld_while_too_few_have_a_direction_and_goes_on_with_its_age() -> None:
    """Of three, all up on the second session, one has no value from the fourth to the eleventh: none on the ninth."""
    gone = [100, 104, 104, *[np.nan] * 8, 104]
    counted = of([100, *[104] * 11], [100, *[104] * 11], gone, quorum=3)
    np.testing.assert_array_equal(counted.known, [0, *[3] * 7, 2, 2, 2, 3])
    np.testing.assert_array_equal(counted.state, [np.nan, *[1] * 7, np.nan, np.nan, np.nan, 1])
    np.testing.assert_array_equal(counted.turning, [np.nan, *[0] * 7, np.nan, np.nan, np.nan, 0])
    np.testing.assert_array_equal(counted.age, [np.nan, *range(7), np.nan, np.nan, np.nan, 10])
    assert counted.turns == (1,)
    of_two = of([100, *[104] * 11], [100, *[104] * 11], gone, quorum=2)
    np.testing.assert_array_equal(of_two.state, [np.nan, *[1] * 11])


directions = st.lists(
    st.lists(st.sampled_from([95.0, 100.0, 105.0, np.nan]), min_size=8, max_size=8), min_size=3, max_size=6
)


@given(directions, st.integers(1, 6))
def test_the_clock_equals_a_walk_over_the_counts(series: list[list[float]], quorum: int) -> None:
    changes = [directional_changes(np.array(values), 0.03) for values in series]
    counted = clock(changes, quorum=quorum)
    state, since = None, None
    for position in range(8):
        sides = [int(change.direction[position]) for change in changes if change.direction[position]]
        up = sides.count(1)
        if len(sides) >= quorum:
            named = 1 if up * 3 >= len(sides) * 2 else -1 if up * 3 <= len(sides) else state
            if named != state:
                state, since = named, position
        if state is None or since is None or len(sides) < quorum:
            assert np.isnan(counted.state[position])
            assert np.isnan(counted.age[position])
            continue
        own = up if state == 1 else len(sides) - up
        assert counted.state[position] == state
        assert counted.age[position] == position - since
        assert counted.turning[position] == (own * 3 < len(sides) * 2)
