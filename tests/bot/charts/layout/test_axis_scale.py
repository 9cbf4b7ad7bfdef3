"""Ends, numbers and dates of axes, worked out by hand."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.charts.layout import axis_scale


def test_an_axis_leaves_some_room_around_what_is_known() -> None:
    assert axis_scale.limits([0.0, float("nan"), 100.0, float("inf")]) == pytest.approx((-7, 107))


@pytest.mark.parametrize(
    ("values", "whole", "ends"),
    [([50.0, 50.0], False, (45, 55)), ([3.0], True, (2, 4)), ([0.0], False, (-1, 1)), ([], False, (0, 1))],
)
def test_an_axis_around_a_constant_has_a_height(values: list[float], whole: bool, ends: tuple[float, float]) -> None:
    assert axis_scale.limits(values, whole=whole) == ends


@pytest.mark.parametrize(
    ("low", "high", "whole", "expected"),
    [
        (-3.0, 103.0, False, [0, 20, 40, 60, 80, 100]),
        (-0.9, 1.3, False, [-0.5, 0, 0.5, 1]),
        (0.2, 2.9, True, [1, 2]),
        (1.61, 2.12, False, [1.7, 1.8, 1.9, 2.0, 2.1]),
    ],
)
def test_numbers_beside_an_axis_are_round(low: float, high: float, whole: bool, expected: list[float]) -> None:
    assert axis_scale.ticks(low, high, whole=whole) == pytest.approx(expected)


@given(st.floats(-1e9, 1e9), st.floats(1e-6, 1e9), st.integers(2, 8))
def test_numbers_lie_inside_the_axis_and_are_not_too_many(low: float, height: float, most: int) -> None:
    high = low + height
    found = axis_scale.ticks(low, high, most=most)
    reach = 1e-6 * max(abs(low), abs(high), 1)
    assert len(found) <= most
    assert all(low - reach <= each <= high + reach for each in found)


@pytest.mark.parametrize(
    ("numbers", "signed", "expected"),
    [
        ([0.0, 0.5, 1.0], True, ["0.0", "+0.5", "+1.0"]),
        ([1000.0, 2000.0], False, ["1,000", "2,000"]),
        ([2e9, 4e9], True, ["+$2.0B", "+$4.0B"]),
        ([1e-7, 2e-7], False, ["1e-07", "2e-07"]),
    ],
)
def test_numbers_have_as_many_decimals_as_tell_them_apart(
    numbers: list[float], signed: bool, expected: list[str]
) -> None:
    assert axis_scale.plain_words(numbers, signed=signed) == expected


def test_labels_that_would_touch_are_moved_apart_and_stay_inside() -> None:
    assert axis_scale.spread([100.0, 102.0, 10.0], gap=20, low=0, high=110) == [90.0, 110.0, 10.0]


@given(st.lists(st.floats(0, 200), min_size=1, max_size=5))
def test_labels_are_apart_where_they_fit(wanted: list[float]) -> None:
    placed = sorted(axis_scale.spread(wanted, gap=30, low=0, high=200))
    assert all(later - earlier >= 30 - 1e-9 for earlier, later in pairwise(placed))
    assert placed[0] >= -1e-9
    assert placed[-1] <= 200


def test_stretches_of_equal_marks_are_found() -> None:
    assert axis_scale.runs(np.array([1, 1, 0, 2, 2])) == [(0, 1), (2, 2), (3, 4)]
    assert axis_scale.runs([]) == []


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2025-12-25", "2026-01-01", ["Dec 25", "Dec 26", "Dec 29", "Dec 30", "Dec 31", "Jan 1"]),
        ("2025-12-03", "2025-12-31", ["Dec 8", "Dec 15", "Dec 22", "Dec 29"]),
        ("2025-08-15", "2026-02-10", ["Sep", "Oct", "Nov", "Dec", "2026", "Feb"]),
        ("2021-03-01", "2026-02-10", ["2022", "2023", "2024", "2025", "2026"]),
    ],
)
def test_dates_are_days_then_weeks_then_months_then_years(first: str, last: str, expected: list[str]) -> None:
    found = axis_scale.date_ticks(pd.bdate_range(first, last), lambda words: 7)
    assert [words for _, words in found] == expected


def test_a_month_is_written_at_its_first_session_and_not_at_the_first_of_the_picture() -> None:
    index = pd.bdate_range("2025-08-15", "2026-02-10")
    place, words = axis_scale.date_ticks(index, lambda words: 7)[0]
    assert (index[place].date().isoformat(), words) == ("2025-09-01", "Sep")


def test_the_year_is_told_once_where_both_ends_share_it() -> None:
    assert axis_scale.days_words(pd.bdate_range("2025-07-01", "2025-12-31")) == "Jul 1 to Dec 31, 2025"
    assert axis_scale.days_words(pd.bdate_range("2024-07-01", "2025-12-31")) == "Jul 1, 2024 to Dec 31, 2025"
