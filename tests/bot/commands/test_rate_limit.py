"""What one person may ask for in a minute: three costly things at once, then one every ten seconds."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.commands.rate_limit import CostlyCommands
from bot.errors import UserError
from tests.helpers import utc

NOW = utc("2026-01-13 15:00")


def after(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def test_three_at_once_then_six_a_minute() -> None:
    costly = CostlyCommands()
    for _ in range(3):
        costly.spend(1, NOW)
    with pytest.raises(UserError, match=r"Ask again in 10 s: 3 at once, then 6 a minute\.$"):
        costly.spend(1, NOW)
    with pytest.raises(UserError, match="Ask again in 1 s"):
        costly.spend(1, NOW + after(9.5))
    costly.spend(1, NOW + after(10))
    with pytest.raises(UserError, match="Ask again in 10 s"):
        costly.spend(1, NOW + after(10))


def test_over_an_hour_of_trying_every_second_six_a_minute_get_through() -> None:
    costly, through = CostlyCommands(), 0
    for second in range(3600):
        try:
            costly.spend(1, NOW + after(second))
        except UserError:
            continue
        through += 1
    assert through == 3 + 359


def test_others_are_not_held_up_and_a_pause_fills_the_bucket() -> None:
    costly = CostlyCommands()
    for person in (1, 2):
        for _ in range(3):
            costly.spend(person, NOW)
    for _ in range(3):
        costly.spend(1, NOW + after(30))


def test_a_clock_that_was_set_back_makes_nobody_wait_for_longer() -> None:
    costly = CostlyCommands()
    for _ in range(3):
        costly.spend(1, NOW + timedelta(days=365))
    with pytest.raises(UserError, match="Ask again in 10 s"):
        costly.spend(1, NOW)


def test_people_whose_buckets_are_full_again_are_forgotten() -> None:
    costly = CostlyCommands()
    for person in range(1001):
        costly.spend(person, NOW)
    costly.spend(1, NOW + after(60))
    assert len(costly._full_at) == 1
