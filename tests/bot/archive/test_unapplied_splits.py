"""Splits that a source reports: which of its bars lack them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.archive.bar_history import BarHistory
from bot.archive.unapplied_splits import on_one_scale


def history(first: int, closes: list[float], adj: list[float] | None = None) -> BarHistory:
    days = np.arange(first, first + len(closes), dtype=np.int64)
    return BarHistory(days, np.array(closes), np.array(closes if adj is None else adj))


def test_where_nothing_is_stored_a_split_is_applied_only_to_a_plain_jump() -> None:
    forgotten = on_one_scale(history(10, [100.0, 102.0, 51.5, 52.0]), [(12, 2.0)])
    assert list(forgotten.closes) == [50.0, 51.0, 51.5, 52.0]
    done = history(10, [50.0, 51.0, 51.5, 52.0])
    assert list(on_one_scale(done, [(12, 2.0), (13, 1.05), (99, 3.0)]).closes) == list(done.closes)
    # A fall of 31 % after a split of 2 that is in the closes; without it the day would have risen by 38 %.
    fallen = history(10, [100.0, 100.0, 69.0])
    assert list(on_one_scale(fallen, [(12, 2.0)]).closes) == list(fallen.closes)
    # A fall of a fifth may be a split of 5 for 4 as well as a bad day.
    assert list(on_one_scale(history(10, [100.0, 100.0, 80.0]), [(12, 1.25)]).closes) == [100.0, 100.0, 80.0]


@given(st.floats(1.2, 50.0), st.floats(0.3, 1.5), st.booleans())
def test_older_closes_on_another_scale_than_the_stored_ones_have_the_split_whatever_the_day_did(
    factor: float, move: float, reverse: bool
) -> None:
    factor = 1 / factor if reverse else factor
    stored = history(1, [100.0, 101.0, 100.0])
    applied = history(1, [100.0 / factor, 101.0 / factor, 100.0 / factor, 100.0 / factor * move])
    assert list(on_one_scale(applied, [(4, factor)], stored).closes) == list(applied.closes)


@given(st.floats(1.3, 50.0), st.floats(0.93, 1.07))
def test_older_closes_on_the_scale_of_the_stored_ones_lack_a_split_that_leaves_a_small_move(
    factor: float, move: float
) -> None:
    stored = history(1, [100.0, 101.0, 100.0])
    lacking = history(1, [100.0, 101.0, 100.0, 100.0 / factor * move])
    one_scale = on_one_scale(lacking, [(4, factor)], stored)
    assert one_scale.closes[:3] == pytest.approx([100.0 / factor, 101.0 / factor, 100.0 / factor])
    assert one_scale.adj[:3] == pytest.approx(one_scale.closes[:3])


def test_a_report_that_nothing_of_the_prices_bears_out_changes_nothing() -> None:
    stored, flat = history(1, [100.0, 101.0]), history(1, [100.0, 101.0, 100.0])
    assert list(on_one_scale(flat, [(3, 2.0)], stored).closes) == [100.0, 101.0, 100.0]


def test_a_split_that_is_stored_is_applied_to_a_source_that_has_taken_it_back() -> None:
    stored = history(1, [50.0, 50.5, 34.5])
    taken_back = history(1, [100.0, 101.0, 34.5, 35.0])
    assert list(on_one_scale(taken_back, [(3, 2.0)], stored).closes) == [50.0, 50.5, 34.5, 35.0]


def test_closes_that_agree_with_stored_ones_after_a_split_stay() -> None:
    """A fall of 16 % on the day of a split of 1.253 that both have: 5 % up would look more ordinary."""
    rows = history(1, [100.0, 101.0, 84.8, 85.0])
    assert list(on_one_scale(rows, [(3, 1.253)], rows).closes) == [100.0, 101.0, 84.8, 85.0]


def test_of_two_splits_each_is_judged_on_its_own_days() -> None:
    stored = history(1, [600.0, 606.0])
    # The source has applied the later one of 3 and not the earlier one of 2.
    half = history(1, [200.0, 202.0, 101.0, 102.0, 103.0])
    assert list(on_one_scale(half, [(3, 2.0), (5, 3.0)], stored).closes) == [100.0, 101.0, 101.0, 102.0, 103.0]
    # It has applied the earlier one, of days that are stored, and not the later one.
    stored = history(1, [100.0, 101.0, 100.0])
    given_ = history(1, [100.0, 101.0, 100.0, 33.5])
    assert on_one_scale(given_, [(2, 2.0), (4, 3.0)], stored).closes == pytest.approx([100 / 3, 101 / 3, 100 / 3, 33.5])


def test_a_split_is_taken_off_until_its_day_has_come() -> None:
    stored, early = history(1, [100.0, 101.0]), history(1, [50.0, 50.5])
    assert list(on_one_scale(early, [(3, 2.0)], stored).closes) == [100.0, 101.0]
    assert list(on_one_scale(stored, [(3, 2.0)], stored).closes) == [100.0, 101.0]


def test_adjusted_closes_that_have_the_split_already_stay() -> None:
    rows = history(10, [100.0, 102.0, 51.5], [50.0, 51.0, 51.5])
    one_scale = on_one_scale(rows, [(12, 2.0)])
    assert list(one_scale.closes) == list(one_scale.adj) == [50.0, 51.0, 51.5]
    assert list(rows.closes) == [100.0, 102.0, 51.5]


def test_prices_below_zero_are_left_alone() -> None:
    assert list(on_one_scale(history(10, [18.0, -37.6]), [(11, 2.0)]).closes) == [18.0, -37.6]
