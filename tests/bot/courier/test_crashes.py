"""The process dies between any two steps and is started again: nothing lost, nothing doubled as Discord sees it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import outbox
from bot.courier import DeliveryPolicy
from bot.discord_app.delivery.notifier import DiscordNotifier
from bot.domain.backoff import Backoff
from bot.domain.model import Destination, OutboxItem
from bot.outbox.message import Payload
from tests.discord_server import Answer, DropAfter, DropBefore, Hang
from tests.discord_server.world import CHANNEL_ID
from tests.helpers import CrampedStore
from tests.support import WireDiscord, wire_discord
from tests.support.wire_discord import DM_ID, render_keys

MESSAGES = "/channels/*/messages"


class KilledError(BaseException):
    """Not an Exception: nothing may catch a process's end."""


class Life:
    """Counts the steps of one process and ends it at the chosen one; after that nothing gets through any more."""

    def __init__(self, steps: float) -> None:
        self.left = steps

    def step(self) -> None:
        if self.left <= 0:
            raise KilledError
        self.left -= 1

    async def through(self, ask: Callable[[], Awaitable[Any]]) -> Any:
        """One step before and one after whatever reaches the database or Discord."""
        self.step()
        answer = await ask()
        self.step()
        return answer


class MortalStore:
    """The real store, used by a process that may die before or after each transaction."""

    def __init__(self, wire: WireDiscord, life: Life) -> None:
        self._store, self._life = wire.store, life

    async def run(self, *args: Any, **kwargs: Any) -> Any:
        return await self._life.through(lambda: self._store.run(*args, **kwargs))

    async def read(self, *args: Any, **kwargs: Any) -> Any:
        return await self._life.through(lambda: self._store.read(*args, **kwargs))


class MortalNotifier:
    """The real notifier, used by a process that may die before or after each request."""

    def __init__(self, wire: WireDiscord, life: Life) -> None:
        self._notifier, self._life = DiscordNotifier(wire.client, answer_seconds=0.2), life

    def __getattr__(self, name: str) -> Any:
        async def call(*args: Any, **kwargs: Any) -> Any:
            return await self._life.through(lambda: getattr(self._notifier, name)(*args, **kwargs))

        return call


HELD = 6
"""Items that a message holds here."""


def render_few(destination: Destination, items: Sequence[OutboxItem]) -> Payload:
    """The keys of the first few items; the others follow in the next message."""
    return replace(render_keys(destination, items[:HELD]), told=HELD if len(items) > HELD else None)


async def live(wire: WireDiscord, life: Life, *, pause_seconds: float) -> bool:
    """Run one process for three rounds of deliveries with pauses between; True when it lived that long."""
    courier = wire.courier(notifier=MortalNotifier(wire, life), store=MortalStore(wire, life), render=render_few)
    try:
        for _ in range(3):
            await courier.flush()
            wire.clock.advance(pause_seconds)
    except KilledError:
        await kill_tasks()
        return False
    return life.left > 0


async def kill_tasks() -> None:
    """What was under way dies with its process, also requests that nobody waits for any more."""
    under_way = [task for task in asyncio.all_tasks() if task.get_name().startswith(("batch ", "request "))]
    for task in under_way:
        task.cancel()
    await asyncio.gather(*under_way, return_exceptions=True)


async def promise(wire: WireDiscord) -> list[str]:
    """Eight messages with every kind of trouble on their way; returns the keys that people must read, sorted."""
    here, there, fragile = await wire.channel(0), await wire.channel(1), await wire.channel(2)
    person = await wire.dm(fallback=CHANNEL_ID + 1)
    wire.discord.world.channels[DM_ID].refuses = (403, 50007, "Cannot send messages to this user")
    await wire.enqueue(here, "a-chart", "b")
    await wire.enqueue(there, "c")
    await wire.enqueue(person, "private")
    await wire.enqueue(fragile, *(f"k{index:02}" for index in range(11)))
    wire.discord.faults.add("POST", f"/channels/{CHANNEL_ID}/messages", DropAfter())
    wire.discord.faults.add("POST", f"/channels/{CHANNEL_ID + 1}/messages", DropBefore())
    wire.discord.faults.add("POST", f"/channels/{CHANNEL_ID + 2}/messages", Answer(503))
    return sorted(["a-chart", "b", "c", "private", *(f"k{index:02}" for index in range(11))])


@pytest.mark.slow
@pytest.mark.parametrize(
    "away_seconds",
    [pytest.param(5, id="back at once", marks=pytest.mark.thorough), pytest.param(600, id="back after Discord forgot")],
)
async def test_a_crash_between_any_two_steps_loses_and_doubles_nothing(home: Path, away_seconds: int) -> None:
    steps, done = 0, False
    while not done:
        async with wire_discord(home / str(steps)) as wire:
            expected = await promise(wire)
            done = await live(wire, Life(steps), pause_seconds=away_seconds)
            wire.clock.advance(away_seconds)
            await wire.restart()
            await wire.deliver_all(wire.courier(render=render_few))
            assert wire.keys_shown() == expected, f"killed after {steps} steps"
            assert set((await wire.states()).values()) == {"sent"}, f"killed after {steps} steps"
        steps += 1
    assert steps > 40


@pytest.mark.slow
async def test_crash_after_crash_loses_and_doubles_nothing(home: Path) -> None:
    """A process that lives a few steps longer each time, back at once, again and again on the same database."""
    async with wire_discord(home) as wire:
        expected = await promise(wire)
        for steps in range(1, 60):
            await live(wire, Life(steps), pause_seconds=1)
            await wire.restart()
            wire.clock.advance(3)
        await wire.deliver_all(wire.courier(render=render_few))
        assert wire.keys_shown() == expected
        assert set((await wire.states()).values()) == {"sent"}


@pytest.mark.slow
async def test_a_disk_that_is_full_for_a_while_ends_no_courier_and_loses_and_doubles_nothing(home: Path) -> None:
    first, reached = 0, True
    while reached:
        async with wire_discord(home / str(first)) as wire:
            store = CrampedStore(wire.store, range(first, first + 3))
            courier = wire.courier(
                store=store,
                render=render_few,
                policy=DeliveryPolicy(backoff=Backoff(timedelta(seconds=0.01), timedelta(minutes=5))),
            )
            running = asyncio.create_task(courier.run())
            try:
                expected = await promise(wire)
                async with asyncio.timeout(10):
                    while set((await wire.states()).values()) != {"sent"}:
                        assert not running.done(), running
                        if not courier._tasks:
                            # Under an attempt that is on its way no minutes may pass: on a slow machine Discord would have
                            # forgotten its nonce before the request arrives.
                            wire.clock.advance(20)
                            courier.wake()
                        await asyncio.sleep(0.01)
                assert wire.keys_shown() == expected, f"no room from write {first} on"
                reached = store.writes > first
                await courier.stop()
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)
        first += 1
    assert first > 20


@pytest.mark.parametrize("away_seconds", [1, 600], ids=["back at once", "back after Discord forgot"])
async def test_a_kill_while_discord_has_the_request_doubles_nothing(wire: WireDiscord, away_seconds: int) -> None:
    await wire.enqueue(await wire.channel(), "a")
    wire.discord.faults.add("POST", MESSAGES, Hang())
    seen = asyncio.Event()
    wire.discord.world.on_message.append(lambda message: seen.set())
    running = asyncio.create_task(wire.courier().run())
    async with asyncio.timeout(5):
        await seen.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await kill_tasks()
    wire.clock.advance(away_seconds)
    await wire.restart()
    await wire.deliver_all()
    assert wire.contents() == ["a"]
    assert await wire.states() == {"a": "sent"}


async def test_work_of_a_courier_that_vanished_is_taken_up_when_its_lease_ends(wire: WireDiscord) -> None:
    await wire.enqueue(await wire.channel(), "a")
    policy = DeliveryPolicy()
    await wire.store.run(outbox.claim_batches, now=wire.clock.now(), lease_seconds=policy.lease_seconds, limit=5)
    courier = wire.courier(policy=policy)
    wire.clock.advance(policy.lease_seconds - 1)
    await courier.flush()
    assert wire.contents() == []
    wire.clock.advance(1)
    await courier.flush()
    assert wire.contents() == ["a"]


@pytest.mark.parametrize("away_seconds", [1, 600], ids=["back at once", "back after Discord forgot"])
@pytest.mark.parametrize("arrived", [False, True])
async def test_a_kill_before_settling_tells_the_rest_once(wire: WireDiscord, away_seconds: int, arrived: bool) -> None:
    """What a message tells is fixed before it is sent, whatever the renderer would make of it afterwards."""
    keys = [f"k{index}" for index in range(9)]
    await wire.enqueue(await wire.channel(), *keys)
    wire.discord.faults.add("POST", MESSAGES, DropAfter() if arrived else DropBefore(), times=1)
    life = Life(5)  # two steps to claim, two to begin, and the request
    courier = wire.courier(notifier=MortalNotifier(wire, life), store=MortalStore(wire, life), render=render_few)
    with contextlib.suppress(KilledError):
        await courier.flush()
    await kill_tasks()
    assert await wire.states() == dict.fromkeys(keys[:HELD], "batched") | dict.fromkeys(keys[HELD:], "due")
    wire.clock.advance(away_seconds)
    await wire.restart()
    # Another version of the program may tell more, or less.
    await wire.deliver_all(wire.courier())
    assert wire.contents() == ["k0 k1 k2 k3 k4 k5", "k6 k7 k8"]
    assert set((await wire.states()).values()) == {"sent"}


async def test_a_late_answer_changes_nothing_that_is_settled(wire: WireDiscord) -> None:
    await wire.enqueue(await wire.channel(), "a")
    (claimed,) = await wire.store.run(outbox.claim_batches, now=wire.clock.now(), lease_seconds=9, limit=5)
    now = wire.clock.now()
    await wire.store.run(outbox.settle_sent, claimed, 1, now=now)
    await wire.store.run(outbox.settle_dead, claimed, "too late", now=now)
    await wire.store.run(outbox.settle_retry, claimed, not_before=now, in_doubt=True, error="too late")
    assert not await wire.store.run(outbox.settle_gone, claimed, 50001, "too late", now=now)
    assert await wire.states() == {"a": "sent"}
    assert await wire.store.read(outbox.next_attempt, now=now) is None
