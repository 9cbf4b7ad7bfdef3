"""Whether the clock of the machine may be believed, and what is said of it."""

from __future__ import annotations

from datetime import datetime

import pytest

from bot.calendar.discord_clock import DiscordClock
from bot.ops.clock_watch import ClockWatch
from tests.support.clock import ManualClock

START = datetime.fromisoformat("2026-01-13T21:20:00+00:00")


def test_a_wrong_clock_is_said_once_and_its_end_once(caplog: pytest.LogCaptureFixture) -> None:
    machine = ManualClock(START)
    discord = DiscordClock(machine, elapsed=machine.elapsed)
    watch = ClockWatch(discord)
    assert watch.agrees()
    discord.learn(START)
    caplog.set_level("INFO")
    machine.step(86_400)
    assert [watch.agrees(), watch.agrees()] == [False, False]
    machine.step(-86_400 - 121)
    assert not watch.agrees()
    machine.step(121)
    assert [watch.agrees(), watch.agrees()] == [True, True]
    assert [record.getMessage() for record in caplog.records] == [
        "the machine's clock is 86400 s ahead of Discord's: nothing is fetched, judged or summarized until it is right",
        "the machine's clock agrees with Discord's again",
    ]
