"""What the faults of the soak's source leave to the oracle."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

from bot.calendar.clock import Calendar
from tests.soak.bad_days import CATCHING_UP


def test_late_prices_come_with_the_next_session_over_any_weekend() -> None:
    sessions = Calendar(date(2026, 1, 2), date(2029, 12, 31)).between(date(2026, 1, 2), date(2029, 12, 31))
    longest = max(later - earlier for earlier, later in pairwise(sessions))
    assert longest == timedelta(days=4)
    # Jobs do not begin at the same second each evening, and one that failed begins up to an hour later.
    assert longest + timedelta(hours=12) < CATCHING_UP
