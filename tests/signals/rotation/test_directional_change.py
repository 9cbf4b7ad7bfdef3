"""Directional changes by hand, then against a recount that looks at each prefix anew."""

from __future__ import annotations

import math
from itertools import chain

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from signals.rotation.directional_change import Leg, directional_changes

NAN = math.nan


def test_it_turns_up_on_the_session_that_stands_the_threshold_above_the_running_low() -> None:
    """100 falls to 98; 3% above it is 100.94, first reached at 101. The leg starts at the low."""
    changes = directional_changes(np.array([100.0, 99, 98, 100.9, 101, 102]), 0.03)
    assert changes.direction.tolist() == [0, 0, 0, 0, 1, 1]
    assert changes.legs == (Leg(1, start=2, confirmed=4),)
    assert changes.move[-1] == pytest.approx(100 * (102 / 98 - 1))
    assert changes.age.tolist()[4:] == [2, 3]
    assert np.isnan(changes.move[:4]).all()


def test_it_turns_back_from_the_running_high_and_the_leg_ends_there() -> None:
    """Up from 100; the high of 110 less 10% is 99, reached exactly: a value on the level turns."""
    changes = directional_changes(np.array([100.0, 110, 105, 99, 98, 108]), 0.10)
    assert changes.direction.tolist() == [0, 1, 1, -1, -1, 1]
    assert changes.legs == (Leg(1, 0, 1, end=1), Leg(-1, 1, 3, end=4), Leg(1, 4, 5))
    assert changes.given_back[2] == pytest.approx(100 * (1 - 105 / 110))
    assert changes.given_back[4] == 0
    assert changes.turning_level(2) == pytest.approx(99)
    assert changes.turning_level(4) == pytest.approx(98 * 1.1)


def test_the_leg_starts_on_the_first_session_of_its_extreme() -> None:
    changes = directional_changes(np.array([101.0, 100, 100, 100, 104]), 0.03)
    assert changes.legs == (Leg(1, start=1, confirmed=4),)


def test_a_session_without_a_value_leaves_everything_as_it_was() -> None:
    changes = directional_changes(np.array([NAN, 100, NAN, 103, NAN, 99]), 0.03)
    assert changes.direction.tolist() == [0, 0, 0, 1, 1, -1]
    np.testing.assert_array_equal(changes.values, [NAN, 100, 100, 103, 103, 99])
    assert changes.given_back[4] == 0
    assert changes.age.tolist()[3:] == [2, 3, 2]


def test_five_sessions_after_its_newest_value_a_series_has_no_direction() -> None:
    """Up from 100 to 103, the newest value; on the sixth session after it nothing is said of the leg any more."""
    changes = directional_changes(np.array([100.0, 103, *[NAN] * 7]), 0.03)
    assert changes.direction.tolist() == [0, 1, 1, 1, 1, 1, 1, 0, 0]
    assert changes.newest.tolist() == [0, 1, 1, 1, 1, 1, 1, 1, 1]
    for figures in (changes.move, changes.age, changes.given_back, changes.values):
        assert np.isnan(figures[7:]).all()
        assert not np.isnan(figures[1:7]).any()
    assert [changes.leg(position) is None for position in (6, 7)] == [False, True]
    assert [changes.stopped(position) for position in (0, 6, 7)] == [False, False, True]
    assert not directional_changes(np.array([NAN] * 9), 0.03).stopped(8)


def test_a_leg_whose_values_come_back_is_what_it_was() -> None:
    """It goes on from 100 with the high of 110 as its extreme: 107 has given back 2.7%, and 106.7, 3% below, turns."""
    gone = [100.0, 110, *[NAN] * 9]
    on = directional_changes(np.array([*gone, 107, 108]), 0.03)
    assert on.legs == (Leg(1, 0, 1),)
    assert on.direction.tolist()[-2:] == [1, 1]
    assert on.age.tolist()[-2:] == [11, 12]
    assert on.move[-1] == pytest.approx(8)
    assert on.given_back[-2] == pytest.approx(100 * (1 - 107 / 110))
    assert on.start.tolist() == [-1, *[0] * 12]
    turned = directional_changes(np.array([*gone, 106.7]), 0.03)
    assert turned.legs == (Leg(1, 0, 1, end=1), Leg(-1, 1, 11))


def test_a_turn_is_decided_on_ten_places() -> None:
    """1.1 x 1.03 is 1.1330000000000002 in binary; 1.133 stands on the level and turns."""
    assert directional_changes(np.array([1.1, 1.133]), 0.03).direction.tolist() == [0, 1]


def test_nothing_and_one_value_have_no_legs() -> None:
    assert directional_changes(np.array([]), 0.03).legs == ()
    alone = directional_changes(np.array([5.0]), 0.03)
    assert (alone.direction.tolist(), alone.legs, alone.leg(0)) == ([0], (), None)


number = st.integers(900, 1100).map(lambda tenths: tenths / 10)
gap = st.integers(1, 9).map(lambda sessions: [NAN] * sessions)
series = st.lists(st.one_of(number.map(lambda value: [value]), gap), max_size=40).map(lambda parts: list(chain(*parts)))


def recount(values: list[float], threshold: float) -> tuple[int, int]:
    """Direction and start after the last of the values, from the words of the rule alone.

    The leg is looked for anew: from its start the extreme is searched, and from the extreme the
    first value that turns.
    """
    known = [(place, value) for place, value in enumerate(values) if value == value]
    direction, start = 0, -1
    begin = 0
    while True:
        turned = False
        for number in range(begin, len(known)):
            window = known[begin : number + 1]
            low = min(window, key=lambda item: (item[1], item[0]))
            high = max(window, key=lambda item: (item[1], -item[0]))
            value = known[number][1]
            if direction <= 0 and value >= round(low[1] * (1 + threshold), 10):
                direction, start, begin, turned = 1, low[0], number, True
                break
            if direction >= 0 and value <= round(high[1] * (1 - threshold), 10):
                direction, start, begin, turned = -1, high[0], number, True
                break
        if not turned:
            return direction, start


@given(series, st.sampled_from([0.01, 0.03, 0.1]))
def test_each_session_equals_the_recount_of_what_was_known_by_then(values: list[float], threshold: float) -> None:
    changes = directional_changes(np.array(values, dtype=float), threshold)
    for position in range(len(values)):
        direction, start = recount(values[: position + 1], threshold)
        current = any(value == value for value in values[max(position - 5, 0) : position + 1])
        assert (changes.direction[position], changes.start[position]) == (direction if current else 0, start)


@given(series, st.sampled_from([0.01, 0.03, 0.1]))
@example([90.0, 99.0, 90.0], 0.1)
def test_legs_alternate_and_reach_their_threshold(values: list[float], threshold: float) -> None:
    changes = directional_changes(np.array(values, dtype=float), threshold)
    for leg, after in zip(changes.legs, changes.legs[1:], strict=False):
        assert after.direction == -leg.direction
        assert leg.start < leg.confirmed <= (leg.end or 0) < after.confirmed
        assert leg.end == after.start
    known = changes.direction != 0
    assert (changes.given_back[known] < 100 * threshold + 1e-7).all()
    assert (changes.given_back[known] >= 0).all()
    # Up by T and down by just under T ends a little below the start: 1.1 * 0.9 is 0.99.
    assert (changes.direction[known] * changes.move[known] > -100 * threshold**2 - 1e-7).all()
