"""Waits between tries: they grow, stay within their bounds, and jitter stays within its range."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.backoff import Backoff

SECOND = timedelta(seconds=1)
ROUNDING = timedelta(microseconds=1)

chances = st.floats(0, 1)
failures = st.integers(-3, 10**9)


@st.composite
def backoffs(draw: st.DrawFn) -> Backoff:
    first = draw(st.timedeltas(timedelta(milliseconds=1), timedelta(hours=1)))
    low, high = sorted((draw(st.floats(0, 2)), draw(st.floats(0, 2))))
    return Backoff(
        first=first,
        most=draw(st.timedeltas(first, timedelta(days=1))),
        factor=draw(st.floats(1.01, 10)),
        jitter=(low, high),
    )


def test_waits_double_from_the_first_to_the_longest() -> None:
    waits = Backoff(2 * SECOND, 15 * SECOND)
    assert [waits.after(count) / SECOND for count in range(1, 7)] == [2, 4, 8, 15, 15, 15]
    assert waits.after(0) == waits.after(1)


def test_another_factor() -> None:
    waits = Backoff(SECOND, 30 * SECOND, factor=3.0)
    assert [waits.after(count) / SECOND for count in range(1, 6)] == [1, 3, 9, 27, 30]


def test_one_wait_for_ever() -> None:
    assert Backoff(SECOND, SECOND).after(7) == SECOND


def test_chance_chooses_from_the_range_of_the_jitter() -> None:
    waits = Backoff(4 * SECOND, 60 * SECOND, jitter=(0.5, 1.5))
    assert [waits.after(1, chance=chance) / SECOND for chance in (0.0, 0.25, 0.5, 1.0)] == [2, 3, 4, 6]


@given(backoffs(), failures, failures, chances)
def test_more_failures_never_wait_less(waits: Backoff, one: int, other: int, chance: float) -> None:
    fewer, more = sorted((one, other))
    assert waits.after(fewer, chance=chance) <= waits.after(more, chance=chance)


@given(backoffs(), failures, chances)
def test_a_wait_lies_between_the_first_and_the_longest_times_the_jitter(
    waits: Backoff, count: int, chance: float
) -> None:
    low, high = waits.jitter
    assert waits.first * low - ROUNDING <= waits.after(count, chance=chance) <= waits.most * high + ROUNDING


@given(backoffs(), failures, chances)
def test_jitter_stays_within_its_range(waits: Backoff, count: int, chance: float) -> None:
    low, high = waits.jitter
    plain = Backoff(waits.first, waits.most, waits.factor).after(count)
    assert plain * low - ROUNDING <= waits.after(count, chance=chance) <= plain * high + ROUNDING


@given(backoffs())
def test_the_longest_wait_is_reached(waits: Backoff) -> None:
    assert Backoff(waits.first, waits.most, waits.factor).after(10**6) == waits.most


@pytest.mark.parametrize(
    "given",
    [
        {"first": timedelta(0)},
        {"first": 61 * SECOND},
        {"factor": 1.0},
        {"factor": float("nan")},
        {"jitter": (-0.1, 1.0)},
        {"jitter": (1.5, 0.5)},
    ],
)
def test_what_would_not_grow_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"do not grow|no range"):
        Backoff(**{"first": SECOND, "most": 60 * SECOND, **given})  # type: ignore[arg-type]
