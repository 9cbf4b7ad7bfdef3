"""What changes while the courier waits for a slot, for the outbox or for Discord."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from bot import outbox
from bot.courier import Courier, DeliveryPolicy, Pacer
from bot.discord_app.delivery.notifier import DiscordNotifier
from bot.errors import TokenRefusedError
from tests.discord_server import Answer
from tests.support import WireDiscord
from tests.support.wire_discord import render_keys

MESSAGES = "/channels/*/messages"


def paced_courier(wire: WireDiscord, until: Callable[[Courier], object]) -> Courier:
    """A courier that has two slots at once, and the third as soon as `until` holds."""
    elapsed = 0.0

    async def sleep(seconds: float) -> None:
        nonlocal elapsed
        while not until(courier):
            await asyncio.sleep(0)
        elapsed += seconds

    courier = Courier(
        wire.store,
        DiscordNotifier(wire.client, answer_seconds=5),
        render_keys,
        wire.delivery_clock,
        pacer=Pacer(1.0, elapsed=lambda: elapsed, sleep=sleep),
        chance=lambda: 1.0,
    )
    return courier


async def test_what_waited_for_its_slot_is_not_sent_with_a_token_that_was_refused_meanwhile(wire: WireDiscord) -> None:
    for index in range(3):
        await wire.enqueue(await wire.channel(index), f"k{index}")
    right, wire.discord.world.token = wire.discord.world.token, "replaced"
    with pytest.raises(TokenRefusedError):
        await paced_courier(wire, lambda courier: courier._delivery.refused).flush()
    assert len(wire.post_requests()) <= 2
    wire.discord.world.token = right
    await wire.restart()
    await wire.deliver_all()
    assert wire.keys_shown() == ["k0", "k1", "k2"]


async def test_what_waited_for_its_slot_is_not_sent_while_everything_is_blocked(wire: WireDiscord) -> None:
    for index in range(3):
        await wire.enqueue(await wire.channel(index), f"k{index}")
    # Without `Via` it is not Discord that answers but its shield.
    wire.discord.faults.add("POST", MESSAGES, Answer(429, {"message": "blocked"}, {"Retry-After": "60"}), times=1)
    await paced_courier(wire, lambda courier: courier._delivery.gate.closed_seconds()).flush()
    assert len(wire.post_requests()) <= 2
    await wire.deliver_all()
    assert wire.keys_shown() == ["k0", "k1", "k2"]


async def test_a_notifier_that_breaks_is_in_doubt_and_its_message_comes_once(wire: WireDiscord) -> None:
    class BreaksOnce(DiscordNotifier):
        broken = True

        async def send(self, *args: Any, **kwargs: Any) -> Any:
            if self.broken:
                self.broken = False
                raise RuntimeError("nobody foresaw this")
            return await super().send(*args, **kwargs)

    await wire.enqueue(await wire.channel(), "a")
    await wire.deliver_all(wire.courier(notifier=BreaksOnce(wire.client, answer_seconds=5)))
    assert wire.contents() == ["a"]


async def test_what_is_claimed_while_it_stops_is_left_to_the_next_start(wire: WireDiscord) -> None:
    class StopsAtTheClaim:
        """The store, and a stop that comes in the moment in which work is claimed."""

        def __getattr__(self, name: str) -> Any:
            return getattr(wire.store, name)

        async def run(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
            result = await wire.store.run(function, *args, **kwargs)
            if function is outbox.claim_batches:
                await courier.stop()
            return result

    await wire.enqueue(await wire.channel(), "a")
    courier = wire.courier(store=StopsAtTheClaim())
    await courier.run()
    assert wire.contents() == []
    await wire.deliver_all()
    assert wire.contents() == ["a"]


async def test_a_dm_that_cannot_be_opened_now_is_opened_later(wire: WireDiscord) -> None:
    await wire.enqueue(await wire.dm(opened=False), "a")
    wire.discord.faults.add("POST", "/users/@me/channels", Answer(500, {}, {}), times=1)
    wire.discord.faults.add("POST", "/users/@me/channels", Answer(503, {}, {}), times=1)
    await wire.deliver_all()
    assert wire.keys_shown() == ["a"]


async def test_while_everything_is_blocked_new_work_waits_as_well(wire: WireDiscord) -> None:
    await wire.enqueue(await wire.channel(0), "k0")
    wire.discord.faults.add("POST", MESSAGES, Answer(429, {"message": "blocked"}, {"Retry-After": "60"}), times=1)
    courier = wire.courier()
    running = asyncio.create_task(courier.run())
    async with asyncio.timeout(10):
        while not courier._delivery.gate.closed_seconds():
            await asyncio.sleep(0.01)
    await wire.enqueue(await wire.channel(1), "k1")
    courier.wake()
    async with asyncio.timeout(10):
        while courier._wake.is_set():
            await asyncio.sleep(0.01)
    await courier.stop()
    await running
    assert len(wire.post_requests()) == 1
    wire.clock.advance(600)
    await wire.deliver_all()
    assert wire.keys_shown() == ["k0", "k1"]


async def test_what_comes_while_every_slot_is_taken_is_sent_as_soon_as_one_is_free(wire: WireDiscord) -> None:
    await wire.enqueue(await wire.channel(0), "slow-chart")
    await wire.enqueue(await wire.channel(1), "b")
    wire.charts.slow.add("slow-chart")
    sent = asyncio.Event()
    wire.discord.world.on_message.append(lambda message: sent.set() if message["content"] == "b" else None)
    courier = wire.courier(policy=DeliveryPolicy(in_flight=1, picture_seconds=0.05))
    running = asyncio.create_task(courier.run())
    async with asyncio.timeout(10):
        await sent.wait()
    await courier.stop()
    await running
    assert [wire.contents(index) for index in (0, 1)] == [["slow-chart"], ["b"]]
