"""What one person may ask for in a minute: three costly things at once, then one every ten seconds."""

from __future__ import annotations

import pytest

from bot.commands.request_limit import CostlyCommands
from bot.errors import UserError


class Seconds:
    """A clock that stands where it is put."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def costly(seconds: Seconds) -> CostlyCommands:
    return CostlyCommands(seconds)


def test_three_at_once_then_six_a_minute(costly: CostlyCommands, seconds: Seconds) -> None:
    for _ in range(3):
        costly.spend(1)
    with pytest.raises(UserError, match=r"Ask again in 10 s: 3 at once, then 6 a minute\.$"):
        costly.spend(1)
    seconds.at += 9.5
    with pytest.raises(UserError, match="Ask again in 1 s"):
        costly.spend(1)
    seconds.at += 0.5
    costly.spend(1)
    with pytest.raises(UserError, match="Ask again in 10 s"):
        costly.spend(1)


def test_over_an_hour_of_trying_every_second_six_a_minute_get_through(costly: CostlyCommands, seconds: Seconds) -> None:
    through = 0
    for _ in range(3600):
        try:
            costly.spend(1)
        except UserError:
            pass
        else:
            through += 1
        seconds.at += 1
    assert through == 3 + 359


def test_others_are_not_held_up_and_a_pause_fills_the_bucket(costly: CostlyCommands, seconds: Seconds) -> None:
    for person in (1, 2):
        for _ in range(3):
            costly.spend(person)
    seconds.at += 30
    for _ in range(3):
        costly.spend(1)


def test_people_whose_buckets_are_full_again_are_forgotten(costly: CostlyCommands, seconds: Seconds) -> None:
    for person in range(1001):
        costly.spend(person)
    seconds.at += 60
    costly.spend(1)
    assert len(costly._full_at) == 1
