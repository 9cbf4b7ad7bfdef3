"""Places that refuse for a while: what waits for them, when they are tried, what they get in the end, who is told."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot import outbox
from bot.courier import DeliveryPolicy
from bot.courier.refusal_cap import RefusalCap
from bot.database import Database
from bot.database.places import destinations, guilds, places
from bot.discord_app.delivery.messages import payloads
from bot.discord_app.delivery.notifier import DiscordNotifier
from bot.domain.model import DestinationState, ItemKind, OutboxItem
from tests.discord_server import Answer, DropAfter
from tests.discord_server.world import CHANNEL_ID, GUILD_ID, PERSON_ID
from tests.support import WireDiscord, core_without_store, wire_discord
from tests.support.sample_readings import SESSION
from tests.support.wire_discord import DM_ID, START

MESSAGES = "/channels/*/messages"
REFUSALS = [
    (403, 50001, "Missing Access"),
    (403, 50013, "Missing Permissions"),
    (403, 160005, "The thread is locked"),
    (400, 50083, "Thread is archived"),
    (403, 20026, "This bot has been flagged"),
]


async def tried_at(wire: WireDiscord, hours: int) -> list[timedelta]:
    """Deliver for so many hours in steps of five minutes; when the place was tried, counted from the start."""
    courier, tries = wire.courier(), []
    for _ in range(hours * 12 + 1):
        before = len(wire.post_requests())
        await courier.flush()
        if len(wire.post_requests()) > before:
            tries.append(wire.clock.now() - START)
        wire.clock.advance(minutes=5)
    return tries


@pytest.mark.parametrize("body", ["<html>Bad Request</html>", {"error": "blocked"}])
@pytest.mark.parametrize("status", [400, 403, 404, 405, 413])
async def test_no_answer_of_a_proxy_costs_a_message(wire: WireDiscord, status: int, body: str | dict[str, str]) -> None:
    for index in range(3):
        await wire.enqueue(await wire.channel(index), f"k{index}")
    wire.discord.faults.add("POST", MESSAGES, Answer(status, body), times=6)
    await wire.deliver_all()
    assert wire.keys_shown() == ["k0", "k1", "k2"]
    assert set((await wire.states()).values()) == {"sent"}


@pytest.mark.parametrize("refusal", REFUSALS)
async def test_a_place_that_refuses_keeps_what_waits_and_gets_it_in_one_message(
    wire: WireDiscord, refusal: tuple[int, int, str]
) -> None:
    here = await wire.channel()
    channel = wire.discord.world.channel(CHANNEL_ID)
    channel.refuses = refusal
    await wire.enqueue(here, "a", "b")
    courier = wire.courier()
    await courier.flush()
    await wire.enqueue(here, *(f"k{index:02}" for index in range(12)))
    await courier.flush()
    assert len(wire.post_requests()) == 1
    channel.refuses = None
    wire.clock.advance(600)
    await courier.flush()
    assert wire.contents() == ["a b " + " ".join(f"k{index:02}" for index in range(12))]
    assert set((await wire.states()).values()) == {"sent"}
    assert await wire.store.read(places.get, here) == places.Place()


async def test_of_thirty_notices_that_waited_each_is_read_once(wire: WireDiscord) -> None:
    """They need three messages; what one does not tell is due until the next one."""
    here = await wire.channel()
    sentences = [f"Alert {number} has had no reading since Mon, Jan 5. {'Why. ' * 24}Why." for number in range(30)]

    def owe(db: Database) -> None:
        for number, sentence in enumerate(sentences):
            outbox.put(db, OutboxItem(0, str(number), ItemKind.NOTICE, here, SESSION, START, sentence=sentence))

    await wire.store.run(owe)
    channel = wire.discord.world.channel(CHANNEL_ID)
    channel.refuses = REFUSALS[1]
    courier = wire.courier(render=payloads(core_without_store()))
    await courier.flush()
    channel.refuses = None
    wire.clock.advance(minutes=10)
    sent = []
    wire.discord.world.on_message.append(lambda message: sent.append(message["content"].splitlines()))
    await wire.deliver_all(courier)
    assert [line for lines in sent for line in lines] == sentences
    assert len(sent) == 3
    assert set((await wire.states()).values()) == {"sent"}


async def test_it_is_tried_after_ten_minutes_an_hour_six_hours_and_then_daily(wire: WireDiscord) -> None:
    await wire.enqueue(await wire.channel(), "a")
    wire.discord.world.channel(CHANNEL_ID).refuses = REFUSALS[1]
    tries = await tried_at(wire, 73)
    hours = [each / timedelta(hours=1) for each in tries]
    assert hours == pytest.approx([0, 1 / 6, 1, 6, 24, 48, 72])


async def test_after_fourteen_days_it_is_parked_and_nothing_is_sent_there(wire: WireDiscord) -> None:
    here = await wire.channel()
    await wire.enqueue(here, "a")
    wire.discord.world.channel(CHANNEL_ID).refuses = REFUSALS[0]
    await wire.deliver_all()
    assert wire.clock.now() - START == timedelta(days=14)
    place = await wire.store.read(places.get, here)
    assert place is not None
    assert (place.state, place.reason, place.told) == (DestinationState.PARKED, "Missing Access", False)
    count = len(wire.post_requests())
    assert count == 1 + 3 + 14
    wire.clock.advance(days=3)
    await wire.deliver_all()
    assert len(wire.post_requests()) == count
    assert await wire.states() == {"a": "due"}


async def test_a_message_in_doubt_that_is_refused_is_looked_up_before_it_is_sent_again(wire: WireDiscord) -> None:
    """Its answer was lost; before it could be asked again the permission was gone, for an hour."""
    here = await wire.channel()
    channel = wire.discord.world.channel(CHANNEL_ID)
    wire.discord.faults.add("POST", MESSAGES, DropAfter())
    await wire.enqueue(here, "a")
    courier = wire.courier()
    await courier.flush()
    channel.refuses = REFUSALS[1]
    wire.clock.advance(5)
    await courier.flush()
    await wire.enqueue(here, "b")
    channel.refuses = None
    await wire.deliver_all(courier)
    assert wire.contents() == ["a", "b"]


async def test_a_dm_that_is_refused_waits_and_the_person_s_next_command_wakes_it(wire: WireDiscord) -> None:
    person = await wire.dm()
    dm = wire.discord.world.channels[DM_ID]
    dm.refuses = (403, 50007, "Cannot send messages to this user")
    await wire.enqueue(person, "private")
    courier = wire.courier()
    await courier.flush()
    assert await wire.store.read(places.untold, PERSON_ID) == [person]
    dm.refuses = None
    await courier.flush()
    assert wire.keys_shown() == []
    await wire.store.run(places.wake, PERSON_ID, now=wire.clock.now())
    await courier.flush()
    assert wire.keys_shown() == ["private"]
    assert await wire.store.read(places.untold, PERSON_ID) == []


async def test_opening_a_dm_that_is_flagged_waits(wire: WireDiscord) -> None:
    await wire.enqueue(await wire.dm(opened=False), "a")
    wire.discord.faults.add("POST", "/users/@me/channels", Answer(403, {"message": "flagged", "code": 20026}), times=3)
    await wire.deliver_all()
    assert wire.keys_shown() == ["a"]


async def test_a_refusal_just_before_the_bot_is_thrown_out_does_not_outlive_the_next_invitation(
    wire: WireDiscord,
) -> None:
    here = await wire.channel()
    channel = wire.discord.world.channel(CHANNEL_ID)
    await wire.store.run(guilds.joined, GUILD_ID, "Somewhere", now=wire.clock.now())
    channel.refuses = REFUSALS[0]
    await wire.enqueue(here, "before")
    courier = wire.courier()
    await courier.flush()
    await wire.store.run(guilds.left, GUILD_ID, now=wire.clock.now())
    wire.clock.advance(days=2)
    await courier.flush()
    assert len(wire.post_requests()) == 1
    channel.refuses = None
    await wire.store.run(guilds.joined, GUILD_ID, "Somewhere", now=wire.clock.now())
    await wire.enqueue(here, "after")
    await courier.flush()
    assert wire.contents() == ["before after"]


async def test_a_place_that_was_given_up_takes_messages_again_once_the_bot_may_write_there(wire: WireDiscord) -> None:
    here = await wire.channel()
    channel = wire.discord.world.channel(CHANNEL_ID)
    channel.refuses = REFUSALS[1]
    await wire.enqueue(here, "a")
    await wire.deliver_all()
    channel.refuses = None
    assert await wire.store.read(places.refused_in_guild, GUILD_ID) == [CHANNEL_ID]
    await wire.store.run(places.permitted, [CHANNEL_ID], now=wire.clock.now())
    await wire.deliver_all()
    assert wire.contents() == ["a"]


async def test_other_places_are_not_held_up(wire: WireDiscord) -> None:
    wire.discord.world.channel(CHANNEL_ID).refuses = REFUSALS[0]
    await wire.enqueue(await wire.channel(0), "a")
    await wire.enqueue(await wire.channel(1), "b")
    await wire.courier(policy=DeliveryPolicy(in_flight=1)).flush()
    assert wire.contents(1) == ["b"]


async def test_retries_never_reach_a_thousand_refusals_in_ten_minutes(wire: WireDiscord) -> None:
    """Here with a cap of 20: 30 places wait, and everybody gives a command again and again."""
    for index in range(30):
        await wire.enqueue(await wire.channel(index), f"k{index}")
        wire.discord.world.channel(CHANNEL_ID + index).refuses = REFUSALS[1]
    # Nothing hangs here: on a busy machine thirty answers at once may take longer than tests of silence wait.
    courier = wire.courier(notifier=DiscordNotifier(wire.client, answer_seconds=10))
    courier._delivery.cap = RefusalCap(wire.delivery_clock.elapsed, most=20)
    refused_at: list[datetime] = []
    for _ in range(60):
        before = len(wire.post_requests())
        await courier.flush()
        refused_at += [wire.clock.now()] * (len(wire.post_requests()) - before)
        for index in range(30):
            await wire.store.run(places.permitted, [CHANNEL_ID + index], now=wire.clock.now())
        wire.clock.advance(60)
    window = timedelta(minutes=10)
    retries = refused_at[30:]
    most = max(sum(each <= other < each + window for other in retries) for each in retries)
    assert 0 < most <= 20
    for channel in wire.discord.world.channels.values():
        channel.refuses = None
    wire.clock.advance(days=1)
    await courier.flush()
    assert wire.keys_shown() == sorted(f"k{index}" for index in range(30))


async def test_tries_without_an_answer_yet_count_as_refusals(wire: WireDiscord) -> None:
    for index in range(2):
        await wire.enqueue(await wire.channel(index), f"k{index}")
        wire.discord.world.channel(CHANNEL_ID + index).refuses = REFUSALS[1]
    await wire.courier().flush()
    wire.clock.advance(600)
    courier = wire.courier()
    courier._delivery.cap = RefusalCap(wire.delivery_clock.elapsed, most=1)
    await courier._refill()
    await courier._refill()
    await courier.stop()
    assert len(wire.post_requests()) == 2 + 1


async def test_while_the_cap_is_reached_nothing_is_asked_of_the_outbox_in_vain(wire: WireDiscord) -> None:
    await wire.enqueue(await wire.channel(), "a")
    wire.discord.world.channel(CHANNEL_ID).refuses = REFUSALS[1]
    courier = wire.courier()
    await courier.flush()
    wire.clock.advance(600)
    now = wire.clock.now()
    assert await wire.store.read(outbox.next_attempt, now=now) == now
    assert await wire.store.read(outbox.next_attempt, now=now, retries=0) is None
    assert await wire.store.run(outbox.claim_batches, now=now, lease_seconds=9, limit=5, retries=0) == []


def test_a_thousand_refusals_are_counted_for_ten_minutes() -> None:
    now = 0.0
    cap = RefusalCap(lambda: now)
    for _ in range(998):
        cap.refused()
    assert cap.free(under_way=0) == 1
    assert cap.free(under_way=1) == 0
    now = 599.9
    assert cap.free(under_way=0) == 1
    now = 600.0
    assert cap.free(under_way=0) == 999


async def test_a_channel_set_up_again_is_tried_at_once(wire: WireDiscord) -> None:
    here = await wire.channel()
    wire.discord.world.channel(CHANNEL_ID).refuses = REFUSALS[1]
    await wire.enqueue(here, "a")
    courier = wire.courier()
    await courier.flush()
    wire.discord.world.channel(CHANNEL_ID).refuses = None
    await wire.store.run(destinations.channel_destination, CHANNEL_ID, GUILD_ID, now=wire.clock.now())
    await courier.flush()
    assert wire.contents() == ["a"]


async def test_a_late_refusal_changes_nothing_that_is_settled(wire: WireDiscord) -> None:
    here = await wire.channel()
    await wire.enqueue(here, "a")
    (claimed,) = await wire.store.run(outbox.claim_batches, now=wire.clock.now(), lease_seconds=9, limit=5)
    now = wire.clock.now()
    await wire.store.run(outbox.settle_sent, claimed, 1, now=now)
    late = outbox.settle_not_now
    assert await wire.store.run(late, claimed, "too late", now=now, in_doubt=False) is None
    assert await wire.states() == {"a": "sent"}


async def test_a_command_wakes_a_place_also_where_the_machine_s_clock_is_an_hour_ahead(tmp_path: Path) -> None:
    async with wire_discord(tmp_path, ahead_seconds=3600) as wire:
        person = await wire.dm()
        wire.discord.world.channels[DM_ID].refuses = (403, 50007, "Cannot send messages to this user")
        await wire.enqueue(person, "private")
        courier = wire.courier()
        await courier.flush()
        wire.discord.world.channels[DM_ID].refuses = None
        await wire.store.run(places.wake, PERSON_ID, now=wire.clock.now())
        await courier.flush()
        assert wire.keys_shown() == ["private"]
