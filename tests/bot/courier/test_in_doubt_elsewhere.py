"""A message that may be in one channel when its person is reached in another by then: it is looked for, and comes once."""

from __future__ import annotations

from typing import Literal

import pytest

from bot.courier import Courier
from bot.database.places import destinations
from tests.discord_server import Answer, DropAfter, DropBefore
from tests.discord_server.faults import Fault
from tests.discord_server.world import CHANNEL_ID, PERSON_ID
from tests.support import WireDiscord
from tests.support.wire_discord import DM_ID

REFUSED = (403, 50007, "Cannot send messages to this user")
FALLBACK = CHANNEL_ID + 1
LOST: list[tuple[Fault, bool]] = [(DropAfter(), True), (DropBefore(), False)]
"""What happens to a message and its answer, and whether the message has arrived."""

Process = Literal["the same process", "another process"]


@pytest.fixture(params=["the same process", "another process"])
def process(request: pytest.FixtureRequest) -> Process:
    """Who goes on: one that knows the nonce of its attempt, or one that must look."""
    chosen: Process = request.param
    return chosen


async def finish(wire: WireDiscord, courier: Courier, process: Process) -> None:
    if process == "another process":
        await wire.restart()
    await wire.deliver_all(courier if process == "the same process" else None)


async def in_doubt(wire: WireDiscord, fault: Fault, channel_id: int) -> Courier:
    """A message to a person that may have arrived in a channel, their DM or the one for mentions."""
    await wire.channel(1)
    person = await wire.dm(fallback=FALLBACK)
    wire.discord.world.channel(DM_ID).refuses = REFUSED if channel_id == FALLBACK else None
    await wire.enqueue(person, "a")
    wire.discord.faults.add("POST", f"/channels/{channel_id}/messages", fault)
    courier = wire.courier()
    await courier.flush()
    return courier


def where(wire: WireDiscord) -> list[int]:
    """The channels in which it stands."""
    return [channel.id for channel in wire.discord.world.channels.values() for _ in channel.messages]


@pytest.mark.parametrize(("fault", "arrived"), LOST, ids=["arrived", "lost"])
async def test_a_mention_in_doubt_is_not_told_again_when_dms_are_open_again(
    wire: WireDiscord, fault: Fault, arrived: bool, process: Process
) -> None:
    courier = await in_doubt(wire, fault, FALLBACK)
    wire.discord.world.channel(DM_ID).refuses = None
    await wire.store.run(destinations.dm_destination, PERSON_ID, channel_id=DM_ID, now=wire.clock.now())
    await finish(wire, courier, process)
    assert where(wire) == [FALLBACK if arrived else DM_ID]
    assert set((await wire.states()).values()) == {"sent"}


@pytest.mark.parametrize(("fault", "arrived"), LOST, ids=["arrived", "lost"])
async def test_a_dm_in_doubt_is_not_told_again_as_a_mention(
    wire: WireDiscord, fault: Fault, arrived: bool, process: Process
) -> None:
    courier = await in_doubt(wire, fault, DM_ID)
    wire.discord.world.channel(DM_ID).refuses = REFUSED
    await finish(wire, courier, process)
    assert where(wire) == [DM_ID if arrived else FALLBACK]
    assert set((await wire.states()).values()) == {"sent"}


async def test_a_mention_that_was_given_up_meanwhile_is_never_posted(wire: WireDiscord, process: Process) -> None:
    courier = await in_doubt(wire, DropBefore(), FALLBACK)
    await wire.store.run(destinations.end_fallback, PERSON_ID)
    wire.discord.world.channel(DM_ID).refuses = None
    await wire.store.run(destinations.dm_destination, PERSON_ID, channel_id=DM_ID, now=wire.clock.now())
    await finish(wire, courier, process)
    assert where(wire) == [DM_ID]


async def test_a_channel_that_is_gone_holds_no_message_and_one_that_gives_no_answer_is_asked_again(
    wire: WireDiscord,
) -> None:
    await in_doubt(wire, DropAfter(), FALLBACK)
    wire.discord.world.channel(DM_ID).refuses = None
    await wire.store.run(destinations.dm_destination, PERSON_ID, channel_id=DM_ID, now=wire.clock.now())
    wire.discord.faults.add("GET", f"/channels/{FALLBACK}/messages", Answer(413, "<html>"))
    await wire.courier().flush()
    assert where(wire) == [FALLBACK]
    del wire.discord.world.channels[FALLBACK]
    await wire.deliver_all()
    assert where(wire) == [DM_ID]
