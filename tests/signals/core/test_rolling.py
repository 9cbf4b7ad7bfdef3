"""Windows, recursive means and streaks against the plain definition."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.core.rolling import (
    back,
    compare,
    ema,
    growth,
    percentile_of,
    rolling_percentile,
    rolling_z,
    streak,
    window_deviation,
    window_max,
    window_mean,
    window_min,
    window_product,
    window_sum,
    z_of,
)

NAN = float("nan")
cells = st.one_of(st.just(NAN), st.floats(0.01, 1e4))
columns = st.lists(cells, min_size=0, max_size=40)


def plain(values: list[float], size: int, function) -> list[float]:
    """The function of each full window, NaN where it is short or has a gap."""
    result = []
    for end in range(1, len(values) + 1):
        window = values[max(0, end - size) : end]
        result.append(NAN if len(window) < size or any(map(math.isnan, window)) else function(window))
    return result


@pytest.mark.parametrize(
    ("fast", "slow"),
    [
        (window_sum, math.fsum),
        (window_max, max),
        (window_min, min),
        (window_mean, lambda window: math.fsum(window) / len(window)),
        (window_product, math.prod),
    ],
)
@given(values=columns, size=st.integers(1, 12))
def test_every_window_function_is_its_definition(fast, slow, values: list[float], size: int) -> None:
    np.testing.assert_allclose(fast(np.array(values, dtype=float), size), plain(values, size, slow), rtol=1e-12)


@given(values=columns, size=st.integers(1, 12))
def test_windows_of_a_table_are_those_of_its_columns(values: list[float], size: int) -> None:
    table = np.column_stack([values, values[::-1]]).astype(float)
    for function in (window_sum, window_max, window_min):
        expected = np.column_stack([function(table[:, 0].copy(), size), function(table[:, 1].copy(), size)])
        np.testing.assert_array_equal(function(table, size), expected)


def test_the_same_decimals_in_another_order_have_the_same_mean() -> None:
    values = [0.61, 0.58, 0.7, 0.64, 0.59]
    forward, backward = (window_mean(np.array(order), 5)[-1] for order in (values, values[::-1]))
    assert forward == backward


def test_a_gap_spoils_only_the_windows_that_contain_it() -> None:
    values = np.array([1.0, 2.0, NAN, 4.0, 5.0, 6.0])
    np.testing.assert_array_equal(window_sum(values, 2), [NAN, 3.0, NAN, NAN, 9.0, 11.0])


def test_window_functions_leave_their_input_alone() -> None:
    values = np.arange(7.0)
    for function in (window_sum, window_max, window_min, window_mean, window_product, window_deviation):
        function(values, 3)
    np.testing.assert_array_equal(values, np.arange(7.0))


def test_the_deviation_of_a_constant_window_is_missing_even_when_rounding_blurs_it() -> None:
    values = np.array([0.1 + 0.2, 0.3, 0.3, 0.5])
    found = window_deviation(values, 3)
    assert np.isnan(found[:3]).all()
    assert found[3] == pytest.approx(0.2 / math.sqrt(3))


def test_a_recursive_mean_starts_with_the_first_value_and_stands_still_without_one() -> None:
    # 10; then 10 + 0.5 (20 - 10) = 15; unchanged; then 15 + 0.5 (5 - 15) = 10.
    np.testing.assert_array_equal(ema(np.array([NAN, 10.0, 20.0, NAN, 5.0]), 0.5), [NAN, 10.0, 15.0, 15.0, 10.0])


def test_a_streak_counts_up_down_ends_at_a_tie_and_does_not_reach_across_a_gap() -> None:
    signs = np.array([1.0, 1.0, -1.0, -1.0, -1.0, 0.0, 1.0, NAN, 1.0, 1.0])
    np.testing.assert_array_equal(streak(signs), [1, 2, -1, -2, -3, 0, 1, NAN, 1, 2])


def test_numbers_that_differ_only_by_rounding_compare_as_equal() -> None:
    found = compare(np.array([0.1 + 0.2, 1.0, 2.0, NAN]), np.array([0.3, 2.0, 1.0, 1.0]))
    np.testing.assert_array_equal(found, [0.0, -1.0, 1.0, NAN])


def test_looking_back_further_than_the_history_finds_nothing() -> None:
    values = np.array([1.0, 2.0])
    np.testing.assert_array_equal(back(values, 1), [NAN, 1.0])
    np.testing.assert_array_equal(back(values, 0), values)
    assert np.isnan(back(values, 5)).all()


def test_no_return_is_taken_from_a_price_of_zero() -> None:
    np.testing.assert_array_equal(growth(np.array([0.0, 5.0, 10.0]), 1), [NAN, NAN, 1.0])


def test_z_and_percentile_of_a_window_worked_out_by_hand() -> None:
    # Values 1 2 3 and today 2: mean 2, so z is 0; one lower, two equal: 100 (1 + 1)/4 = 50.
    window = np.array([[1.0, 2.0, 3.0, 2.0]])
    assert z_of(window, need=4)[0] == 0.0
    assert percentile_of(window, need=4)[0] == 50.0
    # Values 2 2 2 6 with a gap: mean 3, sd = sqrt((3 + 9)/3) = 2, z = 1.5; three lower, one equal: 87.5.
    window = np.array([[2.0, NAN, 2.0, 2.0, 6.0]])
    assert z_of(window, need=4)[0] == pytest.approx(1.5)
    assert percentile_of(window, need=4)[0] == 87.5


def test_too_few_values_or_none_today_give_no_z_and_no_percentile() -> None:
    for window in ([1.0, 2.0, NAN], [NAN, 1.0, 2.0]):
        assert np.isnan(z_of(np.array([window]), need=3)[0])
        assert np.isnan(percentile_of(np.array([window]), need=3)[0])


def test_a_history_longer_than_one_chunk_is_continued_without_a_seam() -> None:
    values = np.random.default_rng(3).normal(size=2500)
    for function in (rolling_z, rolling_percentile):
        whole = function(values)
        np.testing.assert_allclose(whole[1500:], function(values[1249:])[251:], rtol=1e-9)
        assert np.isnan(whole[:199]).all()
        assert not np.isnan(whole[199:]).any()
