"""Clocks that are wrong, and clocks that somebody sets: nothing is doubled, and no pause grows."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import outbox
from bot.courier.gate import Gate
from tests.discord_server import Answer, DropAfter, DropBefore
from tests.discord_server.world import CHANNEL_ID
from tests.support import WireDiscord, wire_discord
from tests.support.clock import ManualClock
from tests.support.wire_discord import START

MESSAGES = "/channels/*/messages"
DAY = 86_400.0


@pytest.mark.parametrize("ahead_seconds", [90, -90, 3600, -3600, 400 * DAY, -400 * DAY])
@pytest.mark.parametrize("away_seconds", [5, 600])
async def test_a_machine_whose_clock_is_not_discord_s_doubles_nothing_over_a_restart(
    tmp_path: Path, ahead_seconds: float, away_seconds: float
) -> None:
    async with wire_discord(tmp_path, ahead_seconds=ahead_seconds) as wire:
        await wire.enqueue(await wire.channel(), "a")
        wire.discord.faults.add("POST", MESSAGES, DropAfter())
        await wire.courier().flush()
        wire.clock.advance(away_seconds)
        await wire.restart()
        await wire.deliver_all()
        assert wire.contents() == ["a"]
        assert await wire.states() == {"a": "sent"}


@pytest.mark.parametrize("step", [-3590, -DAY, 90, DAY, 365 * DAY])
@pytest.mark.parametrize("restarted", [False, True], ids=["same process", "after a restart"])
async def test_a_clock_that_is_set_after_an_attempt_in_doubt_doubles_nothing(
    wire: WireDiscord, step: float, restarted: bool
) -> None:
    await wire.enqueue(await wire.channel(), "a")
    wire.discord.faults.add("POST", MESSAGES, DropAfter())
    courier = wire.courier()
    await courier.flush()
    wire.clock.advance(3600)
    wire.clock.step(step)
    if restarted:
        await wire.restart()
    await wire.deliver_all(wire.courier() if restarted else courier)
    assert wire.contents() == ["a"]
    assert await wire.states() == {"a": "sent"}
    assert len(wire.post_requests()) == 1


async def test_what_another_process_left_in_doubt_is_looked_up_even_a_second_later(wire: WireDiscord) -> None:
    await wire.enqueue(await wire.channel(), "a")
    wire.discord.faults.add("POST", MESSAGES, DropAfter())
    await wire.courier().flush()
    wire.clock.advance(2)
    await wire.restart()
    await wire.courier().flush()
    assert len(wire.post_requests()) == len(wire.discord.asked("GET", "/messages")) == 1
    assert await wire.states() == {"a": "sent"}


async def test_an_attempt_that_was_stored_by_a_clock_ahead_of_discord_s_is_found_among_the_newest(
    wire: WireDiscord,
) -> None:
    """As version 0.1.0 stored it on a machine whose clock was a day ahead."""
    await wire.enqueue(await wire.channel(), "a")
    wire.discord.faults.add("POST", MESSAGES, DropAfter())
    await wire.courier().flush()
    await wire.store.run(lambda db: db.execute("UPDATE batch SET in_doubt_since = in_doubt_since + 86400"))
    for number in range(150):
        wire.discord.world.post(CHANNEL_ID, {"content": f"chatter {number}"})
    await wire.restart()
    await wire.deliver_all()
    assert wire.contents().count("a") == 1


async def test_a_message_of_the_same_words_that_did_not_arrive_is_sent(wire: WireDiscord) -> None:
    """Two batches of the same words within a minute; the second is lost on its way."""
    here = await wire.channel()
    await wire.enqueue(here, "same")
    await wire.courier().flush()
    await wire.store.run(lambda db: db.execute("UPDATE outbox SET key = 'older' WHERE key = 'same'"))
    await wire.enqueue(here, "same")
    wire.discord.faults.add("POST", MESSAGES, DropBefore())
    await wire.courier().flush()
    wire.clock.advance(30)
    await wire.restart()
    await wire.deliver_all()
    assert wire.contents() == ["same", "same"]


@pytest.mark.parametrize("step", [-DAY, DAY, -365 * DAY])
async def test_a_pause_keeps_its_length_when_the_clock_is_set(wire: WireDiscord, step: float) -> None:
    """A 429 that is not Discord's own holds everything for ten minutes, no longer and no shorter."""
    await wire.enqueue(await wire.channel(), "a")
    wire.discord.faults.add("POST", MESSAGES, Answer(429, "error 1015"))
    courier = wire.courier()
    await courier.flush()
    wire.clock.step(step)
    wire.clock.advance(599)
    await courier.flush()
    assert wire.contents() == []
    wire.clock.advance(1)
    await courier.flush()
    assert wire.contents() == ["a"]


async def test_waits_that_a_wrong_clock_has_stored_are_over(wire: WireDiscord) -> None:
    """A process whose clock was a year ahead has left a lease and a wait behind, and a place that it tries then."""
    await wire.enqueue(await wire.channel(), "a")
    wire.discord.faults.add("POST", MESSAGES, DropBefore())
    await wire.courier().flush()
    year = 365 * 86_400
    await wire.store.run(
        lambda db: db.execute(
            "UPDATE batch SET not_before = not_before + ?, lease_until = not_before + ?", (year, year)
        )
    )
    await wire.store.run(
        lambda db: db.execute(
            "UPDATE destination SET refused_since = 0, next_try = ?", (int(START.timestamp()) + year,)
        )
    )
    await wire.courier().flush()
    assert wire.contents() == ["a"]


def test_a_gate_closed_for_a_second_is_open_after_one_whatever_the_clock_shows() -> None:
    clock = ManualClock(START)
    gate = Gate(clock.elapsed)
    gate.close(1)
    clock.step(-87_000)
    clock.advance(1)
    assert gate.closed_seconds() == 0
    assert gate.next_dm(7, every_seconds=15) == 0
    clock.step(-87_000)
    clock.advance(14)
    assert gate.next_dm(7, every_seconds=15) == 1


async def test_a_look_into_the_channel_that_is_not_answered_is_repeated(wire: WireDiscord) -> None:
    await wire.enqueue(await wire.channel(), "a")
    wire.discord.faults.add("POST", MESSAGES, DropAfter())
    await wire.courier().flush()
    await wire.restart()
    wire.discord.faults.add("GET", MESSAGES, Answer(503))
    wire.clock.advance(5)
    courier = wire.courier()
    await courier.flush()
    assert await wire.states() == {"a": "batched"}
    assert await wire.store.read(outbox.next_attempt, now=wire.delivery_clock.now()) is not None
    await wire.deliver_all(courier)
    assert wire.contents() == ["a"]
