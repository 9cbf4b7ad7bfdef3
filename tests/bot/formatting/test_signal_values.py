"""Ranks in words are true where readings are equal, counted by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.formatting.signal_values import Rank, percentile_words, rank_words, with_days


def words(past: Sequence[float], value: float, *, whole: bool = False, years: float = 5) -> str:
    return rank_words(Rank.among(np.array(past, dtype=float), value), years, whole=whole)


def test_higher_than_counts_only_what_is_strictly_lower() -> None:
    # 10 of 20 are lower and 9 are equal: by the middle of the equal ones it would be 72 %.
    assert words([1.0] * 10 + [2.0] * 9 + [3.0], 2.0) == "higher than 50% of the past 5 years"
    assert words([3.0] * 10 + [2.0] * 9 + [1.0], 2.0) == "lower than 50% of the past 5 years"


def test_a_count_says_how_often_it_was_the_same() -> None:
    # None of the seven on 58 of 100 days.
    assert words([0.0] * 58 + [1.0] * 42, 0.0, whole=True) == "as on 58% of days of the past 5 years"
    assert words([1.0] * 999 + [8.0], 8.0, whole=True, years=1) == "as on under 1% of days of the past year"


def test_a_count_that_never_occurred_is_the_highest_or_in_between() -> None:
    assert words([1.0, 2.0, 3.0, 4.0], 5.0, whole=True) == "the highest of the past 5 years"
    assert words([1.0, 2.0, 3.0, 4.0], 0.0, whole=True, years=0.5) == "the lowest of the past 6 months"
    assert words([1.0, 2.0, 3.0, 9.0], 5.0, whole=True) == "higher than 75% of the past 5 years"


def test_a_share_is_rounded_down() -> None:
    assert words([1.0] * 999 + [3.0], 2.0) == "higher than 99% of the past 5 years"
    assert words([1.0] * 949 + [3.0] * 51, 2.0) == "higher than 94% of the past 5 years"


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=60), st.integers(-3, 3))
def test_whatever_the_past_the_words_are_true(past: list[int], value: int) -> None:
    said = words(past, value)
    lower, higher = sum(each < value for each in past), sum(each > value for each in past)
    if said.startswith(("higher", "lower")):
        claimed = int(said.split(" than ")[1].split("%")[0])
        assert 100 * (lower if said.startswith("higher") else higher) / len(past) >= claimed
    else:
        assert len(past) == (lower if "highest" in said else higher)


@pytest.mark.parametrize(
    ("percentile", "expected"),
    [
        (88.0, "88th"),
        (1.4, "1st"),
        (0.2, "0.2nd"),
        (99.8, "99.8th"),
        (99.99, "99.9th"),
        (52.5, "52nd"),
        (23.0, "23rd"),
        (12.0, "12th"),
    ],
)
def test_a_percentile_is_an_ordinal(percentile: float, expected: str) -> None:
    assert percentile_words(percentile) == f"the {expected} percentile"


def test_dates_and_months_of_a_remark_are_written_as_people_write_them() -> None:
    assert with_days("CPILFESL of 2025-08: a revision") == "CPILFESL of August 2025: a revision"
    assert with_days("of the quarter to 2025-09-30") == "of the quarter to Sep 30, 2025"
    assert with_days("1 of 2025 members, 12-month rate") == "1 of 2025 members, 12-month rate"
