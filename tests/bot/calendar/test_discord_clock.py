"""Discord's clock as it is known from its answers, and carried on by a clock that nobody can set."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.calendar.discord_clock import DiscordClock, elapsed_seconds
from tests.support.clock import ManualClock

START = datetime.fromisoformat("2026-01-13T21:20:00+00:00")


@pytest.fixture
def machine() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def clock(machine: ManualClock) -> DiscordClock:
    return DiscordClock(machine, elapsed=machine.elapsed)


def test_before_anything_is_heard_it_is_the_machine_s_and_they_agree(machine: ManualClock, clock: DiscordClock) -> None:
    machine.advance(60)
    assert clock.now() == START + timedelta(minutes=1)
    assert clock.agrees()


@pytest.mark.parametrize("step", [-86_400, 90, 31_536_000])
def test_a_step_of_the_machine_s_clock_moves_nothing(machine: ManualClock, clock: DiscordClock, step: float) -> None:
    clock.learn(START)
    machine.step(step)
    machine.advance(5)
    assert clock.now() == START + timedelta(seconds=5)
    assert clock.disagreement() == timedelta(seconds=step)
    assert clock.agrees() == (abs(step) <= 120)


def test_it_is_discord_s_from_the_first_answer_on(machine: ManualClock, clock: DiscordClock) -> None:
    assert not clock.is_known()
    clock.learn(START - timedelta(seconds=90))
    assert clock.is_known()
    assert clock.now() == START - timedelta(seconds=90)
    assert clock.disagreement() == timedelta(seconds=90)


def test_later_answers_make_it_finer_and_never_set_it_back(machine: ManualClock, clock: DiscordClock) -> None:
    clock.learn(START)
    machine.advance(10)
    clock.learn(START + timedelta(seconds=9))
    assert clock.now() == START + timedelta(seconds=10)
    clock.learn(START + timedelta(seconds=11))
    assert clock.now() == START + timedelta(seconds=11)


def test_one_answer_that_is_minutes_off_counts_only_when_the_next_confirms_it(
    machine: ManualClock, clock: DiscordClock
) -> None:
    clock.learn(START + timedelta(days=365))
    clock.learn(START)
    assert clock.now() == START + timedelta(days=365)
    machine.advance(3)
    clock.learn(START + timedelta(seconds=3))
    assert clock.now() == START + timedelta(seconds=3)
    clock.learn(START + timedelta(days=1))
    clock.learn(START + timedelta(days=2))
    clock.learn(START + timedelta(seconds=3))
    assert clock.now() == START + timedelta(seconds=3)


def test_the_scale_of_the_process_only_grows() -> None:
    first = elapsed_seconds()
    assert elapsed_seconds() >= first
