"""What a split does to closes."""

from __future__ import annotations

import numpy as np

from bot.archive.splits import back_adjusted, clean_split, explained


def test_splits_are_applied_only_where_the_source_forgot_them() -> None:
    days = np.array([10, 11, 12, 13])
    forgotten = back_adjusted(days, np.array([100.0, 102.0, 51.5, 52.0]), [(12, 2.0)])
    assert list(forgotten) == [50.0, 51.0, 51.5, 52.0]
    done = np.array([50.0, 51.0, 51.5, 52.0])
    assert list(back_adjusted(days, done, [(12, 2.0), (13, 1.05), (99, 3.0)])) == list(done)


def test_prices_below_zero_are_left_alone() -> None:
    days, closes = np.array([10, 11]), np.array([18.0, -37.6])
    assert list(back_adjusted(days, closes, [(11, 2.0)])) == [18.0, -37.6]


def test_the_sources_own_splits_explain_a_jump_one_by_one_or_together() -> None:
    assert explained(0.5, [2.0])
    assert not explained(0.5, [3.0])
    assert explained(1 / 6, [2.0, 3.0])
    assert not explained(0.5, [])


def test_a_clean_split_is_meant_to_the_tenth_of_a_percent() -> None:
    assert clean_split(0.5)
    assert clean_split(1.5)
    assert not clean_split(0.505)
    assert not clean_split(100.0)
