"""A soak that is under way or was stopped is judged by the sessions of which everything has come."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

from tests.soak.report import complete_until

FIRST = date(2026, 2, 2)


def soak(over: int, of: int) -> Any:
    """Only what is asked for: so many sessions are over, besides the one before them."""
    days = [FIRST + timedelta(days=number) for number in range(over + 1)]
    return SimpleNamespace(over=days, nights=[None] * over, sessions=of)


def test_nothing_may_lack_when_all_sessions_are_over() -> None:
    assert complete_until(soak(20, of=20)) == date(2026, 2, 22)


def test_the_last_four_sessions_may_lack_something_before() -> None:
    assert complete_until(soak(20, of=60)) == date(2026, 2, 18)
    assert complete_until(soak(2, of=60)) == FIRST
