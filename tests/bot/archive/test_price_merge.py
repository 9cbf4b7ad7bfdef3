"""The plan that merging makes, on arrays."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bot.archive.bar_history import BarHistory
from bot.archive.price_merge import Rules, plan

LIVE = Rules(live=True)
PACK = Rules(live=False)


def history(first: int, closes: list[float], adj: list[float] | None = None) -> BarHistory:
    days = np.arange(first, first + len(closes), dtype=np.int64)
    return BarHistory(days, np.array(closes), np.array(closes if adj is None else adj))


walks = st.lists(st.floats(0.97, 1.03), min_size=1, max_size=30).map(lambda steps: list(100 * np.cumprod(steps)))


@given(walks, st.integers(0, 29))
def test_a_history_merged_with_any_end_of_itself_needs_nothing(closes: list[float], start: int) -> None:
    stored = history(1, closes)
    tail = stored.where(stored.days > min(start, len(closes) - 1))
    assert not plan(stored, tail, LIVE).changes
    assert not plan(stored, tail, PACK).changes


@given(walks, st.integers(0, 29), st.integers(1, 30))
def test_two_overlapping_pieces_make_the_whole_without_corrections(closes: list[float], start: int, end: int) -> None:
    end = min(end, len(closes))
    start = min(start, end - 1)
    whole = history(1, closes)
    change = plan(whole.where(np.arange(len(closes)) < end), whole.where(whole.days > start), LIVE)
    assert list(change.new.days) == list(whole.days[end:])
    assert not len(change.revised.days)
    assert change.factor == 1.0
    assert not change.unjoined


@given(walks.filter(lambda closes: len(closes) >= 6), st.sampled_from([2.0, 3.0, 1.5, 10.0, 0.1]))
def test_any_clean_split_is_one_factor(closes: list[float], split: float) -> None:
    stored = history(1, closes)
    change = plan(stored, history(1, [close / split for close in closes]), LIVE)
    assert abs(change.factor * split - 1) < 1e-9
    assert change.scaled_until == stored.days[-1]
    assert not len(change.revised.days)


def test_nothing_is_mutated() -> None:
    stored, fetched = history(1, [100.0, 101.0, 102.0]), history(1, [50.0, 50.5, 51.0, 51.5])
    plan(stored, fetched, Rules(live=True, splits=((4, 2.0),)))
    assert list(stored.closes) == [100.0, 101.0, 102.0]
    assert list(fetched.closes) == [50.0, 50.5, 51.0, 51.5]


def test_a_late_split_touches_only_the_days_before_it() -> None:
    """The source had not adjusted its past on the evening of the split (day 4) and does so the next day."""
    stored = history(1, [100.0, 102.0, 104.0, 52.3])
    change = plan(stored, history(1, [50.0, 51.0, 52.0, 52.3, 52.5]), LIVE)
    assert (change.factor, change.scaled_until) == (0.5, 3)
    assert not len(change.revised.days)
    assert list(change.new.days) == [5]


def test_one_mended_close_is_a_correction_and_moves_no_other_adjusted_close() -> None:
    stored = history(1, [100.0, 101.0, 102.0, 103.0], [50.0, 50.5, 51.0, 51.5])
    change = plan(stored, history(2, [101.4, 102.0, 103.0], [50.7, 51.0, 51.5]), LIVE)
    assert list(change.revised.days) == [2]
    assert change.adj_factor == 1.0
    assert list(change.adj.adj) == [50.7, 51.0, 51.5]


def test_negative_futures_are_compared_as_numbers() -> None:
    stored = history(1, [18.0, -37.63, 10.0])
    assert not plan(stored, stored, LIVE).changes
    assert list(plan(stored, history(1, [18.0, -37.0, 10.0]), LIVE).revised.closes) == [-37.0]


def test_closes_of_years_ago_that_somebody_rounded_are_no_corrections_and_real_ones_are() -> None:
    # A pack with four decimals, beside the whole history of a live source.
    days = np.arange(730_000, 730_400, dtype=np.int64)
    exact = 1.13 + np.arange(400) * 0.000317 + 0.00004321
    rounded = np.round(exact, 4)
    now = exact.copy()
    now[100] *= 1.01
    now[395] *= 1.00001
    rounded[365:] = exact[365:]
    stored, fetched = BarHistory(days, rounded, rounded), BarHistory(days, now, now)

    change = plan(stored, fetched, Rules(live=True))

    assert change.revised.days.tolist() == [730_100, 730_395]
    assert change.factor == 1.0
    assert len(plan(stored, fetched, Rules(live=False)).revised.days) > 300
