"""Never more than Discord's 50 requests in any second, and not much less."""

from __future__ import annotations

import asyncio
from bisect import bisect_left

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.courier import Courier, Pacer
from bot.discord_app.delivery.notifier import DiscordNotifier
from tests.support import WireDiscord
from tests.support.wire_discord import render_keys


class Seconds:
    """Time that passes by sleeping only, and always a little longer than asked."""

    def __init__(self, late: list[float]) -> None:
        self.now, self._late = 0.0, late

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)
        self.now += seconds + (self._late.pop() if self._late else 0.0)


async def slots(count: int, late: list[float]) -> list[float]:
    """When each of `count` tasks that ask at once gets its slot."""
    seconds, given_at = Seconds(late), []
    pacer = Pacer(46, elapsed=lambda: seconds.now, sleep=seconds.sleep)

    async def ask() -> None:
        await pacer.slot()
        given_at.append(seconds.now)

    await asyncio.gather(*(ask() for _ in range(count)))
    return given_at


def busiest_second(given_at: list[float]) -> int:
    return max(bisect_left(given_at, start + 1.0) - index for index, start in enumerate(given_at))


@given(st.lists(st.floats(0, 3), max_size=150))
def test_no_second_has_more_than_48_slots_however_the_loop_stalls(late: list[float]) -> None:
    assert busiest_second(asyncio.run(slots(200, late))) <= 48


def test_sleeping_a_millisecond_too_long_costs_no_speed() -> None:
    given_at = asyncio.run(slots(461, [0.001] * 461))
    assert given_at[-1] - given_at[0] == pytest.approx(10.0, abs=0.05)


async def test_each_message_to_another_channel_takes_a_slot_of_its_own(wire: WireDiscord) -> None:
    """So the bound above holds for messages. What a second of the machine carries is measured in `benchmarks/delivery.py`."""
    for index in range(200):
        await wire.enqueue(await wire.channel(index), f"k{index}")
    seconds = Seconds([])
    pacer = Pacer(46, elapsed=lambda: seconds.now, sleep=seconds.sleep)
    await Courier(wire.store, DiscordNotifier(wire.client), render_keys, wire.delivery_clock, pacer=pacer).flush()
    assert wire.keys_shown() == sorted(f"k{index}" for index in range(200))
    # The first slot may be made up for, so the first two messages go at once.
    assert seconds.now == pytest.approx(198 / 46)


async def test_six_messages_to_one_channel_wait_for_its_own_limit_without_a_429(limited_wire: WireDiscord) -> None:
    wire = limited_wire
    wire.discord.limits.window_seconds = 0.2
    here = await wire.channel()
    await wire.enqueue(here, *(f"k{index:02}" for index in range(60)))
    await wire.deliver_all()
    assert {each.status for each in wire.post_requests()} == {200}
    assert len(wire.contents()) == 6
