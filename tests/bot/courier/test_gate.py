"""When DMs may be opened: one after the other, each person with a turn of their own."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot import outbox
from bot.courier.gate import Gate
from bot.database.places import destinations
from tests.support import WireDiscord
from tests.support.clock import ManualClock
from tests.support.wire_discord import START


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def gate(clock: ManualClock) -> Gate:
    return Gate(clock.elapsed)


def turn(gate: Gate, place: int) -> float:
    return gate.next_dm(place, every_seconds=15)


def test_each_who_waits_has_a_turn_of_its_own(gate: Gate, clock: ManualClock) -> None:
    assert [turn(gate, place) for place in (1, 2, 3, 4)] == [0, 15, 30, 45]
    clock.advance(15)
    assert [turn(gate, place) for place in (3, 2, 4, 5)] == [15, 0, 30, 45]


def test_who_comes_a_little_late_keeps_the_turn_and_the_next_one_waits_as_much_longer(
    gate: Gate, clock: ManualClock
) -> None:
    assert [turn(gate, place) for place in (1, 2, 3)] == [0, 15, 30]
    clock.advance(17)
    assert turn(gate, 2) == 0
    clock.advance(13)
    assert turn(gate, 3) == 2
    clock.advance(2)
    assert turn(gate, 3) == 0


def test_those_who_all_missed_their_turns_get_new_ones(gate: Gate, clock: ManualClock) -> None:
    """The machine slept: nobody may open a burst of DMs for that."""
    assert [turn(gate, place) for place in (1, 2, 3, 4)] == [0, 15, 30, 45]
    clock.advance(3600)
    assert [turn(gate, place) for place in (4, 3, 2)] == [0, 15, 30]


async def test_so_many_unopened_dms_are_claimed_once_for_their_turn_and_once_for_their_message(
    wire: WireDiscord,
) -> None:
    count = 6
    for person in range(count):
        now = wire.clock.now()
        place = await wire.store.run(destinations.dm_destination, 700 + person, now=now)
        await wire.enqueue(place.id, f"k{person}")
    claims = []

    class Counting:
        """The real store; what claims give is counted."""

        def __getattr__(self, name: str) -> object:
            return getattr(wire.store, name)

        async def run(self, step: object, *arguments: object, **named: object) -> object:
            result = await wire.store.run(step, *arguments, **named)  # type: ignore[arg-type]
            if step is outbox.claim_batches:
                claims.extend(result)  # type: ignore[arg-type]
            return result

    courier = wire.courier(store=Counting())
    for _ in range(count):
        await courier.flush()
        wire.clock.advance(15)
    # The first one is sent with its first claim.
    assert len(claims) == 1 + 2 * (count - 1)
    assert set((await wire.states()).values()) == {"sent"}


async def test_a_dm_that_its_person_opens_meanwhile_waits_for_no_turn(wire: WireDiscord) -> None:
    others = await wire.store.run(destinations.dm_destination, 700, now=wire.clock.now())
    await wire.enqueue(others.id, "first")
    await wire.enqueue(await wire.dm(opened=False), "private")
    await wire.courier().flush()
    assert (await wire.states())["private"] == "batched"
    await wire.dm(opened=True)
    await wire.courier().flush()
    assert set((await wire.states()).values()) == {"sent"}
    assert wire.clock.now() - START < timedelta(seconds=15)
