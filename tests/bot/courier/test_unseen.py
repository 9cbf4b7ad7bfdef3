"""A message of unknown outcome in a channel whose history the bot may not read: never twice, and nothing waits for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot import outbox
from bot.calendar.delivery_times import QuietHours
from bot.courier import DeliveryPolicy
from bot.database.codec import rows, scalar
from bot.database.places import boards, delivery_times, destinations
from bot.domain.model import ItemKind
from bot.domain.place import GIVEN_UP
from tests.bot.courier.test_boards import TUESDAY, WEDNESDAY, board, check, render, shown
from tests.bot.courier.test_in_doubt_elsewhere import FALLBACK, LOST, in_doubt, where
from tests.discord_server import Answer, DropAfter, DropBefore
from tests.discord_server.faults import Fault
from tests.discord_server.world import CHANNEL_ID, PERSON_ID
from tests.support import WireDiscord
from tests.support.wire_discord import DM_ID

LOOKED_AGAIN = timedelta(seconds=DeliveryPolicy().look_seconds)

both_fates = pytest.mark.parametrize(("fault", "arrived"), LOST, ids=["arrived", "lost"])


async def may_read(wire: WireDiscord, channel_id: int, *, allowed: bool) -> None:
    wire.discord.world.channel(channel_id).may_read = allowed
    await wire.announce()


async def unseen(wire: WireDiscord, fault: Fault, *, kind: ItemKind = ItemKind.ALERT) -> int:
    """Item `a` without an answer in such a channel, which another process has looked into; the place."""
    place = await wire.channel()
    await may_read(wire, CHANNEL_ID, allowed=False)
    await wire.enqueue(place, "a", kind=kind)
    wire.discord.faults.add("POST", f"/channels/{CHANNEL_ID}/messages", fault)
    await wire.courier().flush()
    await wire.restart()
    await later(wire, timedelta(seconds=5))
    return place


async def later(wire: WireDiscord, wait: timedelta) -> None:
    wire.clock.advance(wait.total_seconds())
    await wire.courier().flush()


async def nonce(wire: WireDiscord) -> object:
    return await wire.store.read(
        scalar, "SELECT nonce FROM batch WHERE id = (SELECT batch_id FROM outbox WHERE key = 'a')"
    )


@both_fates
async def test_it_is_not_sent_again_and_what_comes_after_it_is(wire: WireDiscord, fault: Fault, arrived: bool) -> None:
    place = await unseen(wire, fault)
    await wire.enqueue(place, "b")
    await later(wire, timedelta(hours=1))
    notice = f"unseen:{await nonce(wire)}"
    assert wire.contents() == [*["a"] * arrived, notice, "b"]
    assert await wire.states() == {"a": "batched", notice: "sent", "b": "sent"}
    stored = await wire.store.read(rows, "SELECT sentence FROM outbox WHERE kind = 'notice'")
    assert [each["sentence"] for each in stored] == [
        f"Discord did not confirm a message to <#{CHANNEL_ID}> about Jan 13, and I may not read that channel's history to "
        "see whether it arrived. Give me Read Message History there: I then look for it, and send it if it is missing. "
        "Until then I do not send it again, because it could come twice. After 14 days I give it up."
    ]


@both_fates
async def test_once_the_bot_may_look_it_is_found_or_sent_with_its_nonce(
    wire: WireDiscord, fault: Fault, arrived: bool
) -> None:
    await unseen(wire, fault)
    before = await nonce(wire)
    await may_read(wire, CHANNEL_ID, allowed=True)
    await later(wire, LOOKED_AGAIN)
    assert wire.keys_shown() == ["a", f"unseen:{before}"]
    assert (wire.contents()[0] == "a") == arrived
    assert set((await wire.states()).values()) == {"sent"}
    assert await nonce(wire) == before


@both_fates
async def test_what_comes_after_it_is_sent_while_a_look_gets_no_answer(
    wire: WireDiscord, fault: Fault, arrived: bool
) -> None:
    place = await unseen(wire, fault)
    wire.discord.faults.add("GET", f"/channels/{CHANNEL_ID}/messages", Answer(503), times=9)
    await later(wire, LOOKED_AGAIN)
    await wire.enqueue(place, "b")
    await wire.courier().flush()
    assert (await wire.states())["b"] == "sent"
    assert wire.contents().count("a") == arrived


@both_fates
async def test_quiet_hours_do_not_make_it_anew(wire: WireDiscord, fault: Fault, arrived: bool) -> None:
    place = await unseen(wire, fault)
    before, begins = await nonce(wire), wire.clock.now()
    quiet = QuietHours(begins.time(), (begins + timedelta(minutes=30)).time(), frozenset(range(7)))
    change = delivery_times.change
    await wire.store.run(change, place, lambda times: replace(times, zone="UTC", quiet=quiet), created_by=7, now=begins)
    for _ in range(5):
        await later(wire, LOOKED_AGAIN)
    assert await nonce(wire) == before
    assert wire.contents().count("a") == arrived


@pytest.mark.parametrize("refused", [False, True], ids=["no history", "no access"])
@both_fates
async def test_a_mention_that_cannot_be_seen_is_not_told_in_the_dm(
    wire: WireDiscord, fault: Fault, arrived: bool, refused: bool
) -> None:
    courier = await in_doubt(wire, fault, FALLBACK)
    await may_read(wire, FALLBACK, allowed=False)
    if refused:
        no_access = Answer(403, {"code": 50001, "message": "Missing Access"})
        wire.discord.faults.add("GET", f"/channels/{FALLBACK}/messages", no_access, times=3)
    wire.discord.world.channel(DM_ID).refuses = None
    await wire.store.run(destinations.dm_destination, PERSON_ID, channel_id=DM_ID, now=wire.clock.now())
    for _ in range(3):
        wire.clock.advance(LOOKED_AGAIN.total_seconds())
        await courier.flush()
    assert where(wire) == [FALLBACK] * arrived + [DM_ID]
    assert [message["content"] for message in wire.discord.world.posted(DM_ID)] == [f"unseen:{await nonce(wire)}"]
    await may_read(wire, FALLBACK, allowed=True)
    await later(wire, LOOKED_AGAIN)
    assert wire.keys_shown().count("a") == 1
    assert where(wire) == ([FALLBACK, DM_ID] if arrived else [DM_ID, DM_ID])


async def test_after_two_weeks_it_is_a_dead_letter_that_the_operator_may_send_again(wire: WireDiscord) -> None:
    await unseen(wire, DropBefore())
    await later(wire, GIVEN_UP)
    (letter,) = await wire.store.read(outbox.dead_letters)
    assert (letter.key, letter.error) == (
        "a",
        "no answer, and a look could not tell whether it arrived: Read Message History is missing",
    )
    await wire.store.run(outbox.retry, [letter.id])
    await wire.courier().flush()
    assert wire.contents()[-1] == "a"


async def test_a_notice_that_cannot_be_seen_is_followed_by_no_other(wire: WireDiscord) -> None:
    await unseen(wire, DropAfter(), kind=ItemKind.NOTICE)
    assert await wire.states() == {"a": "batched"}
    assert wire.contents() == ["a"]


async def test_a_board_that_cannot_be_seen_is_not_posted_a_second_time(wire: WireDiscord) -> None:
    place = await board(wire)
    await may_read(wire, CHANNEL_ID, allowed=False)
    await check(wire, TUESDAY)
    wire.discord.faults.add("POST", f"/channels/{CHANNEL_ID}/messages", DropAfter())
    await wire.courier(render=render).flush()
    await wire.restart()
    for _ in range(3):
        await check(wire, WEDNESDAY)
        wire.clock.advance(LOOKED_AGAIN.total_seconds())
        await wire.courier(render=render).flush()
    assert shown(wire) == ["board of 2026-01-13"]
    await may_read(wire, CHANNEL_ID, allowed=True)
    for _ in range(2):
        wire.clock.advance(LOOKED_AGAIN.total_seconds())
        await wire.courier(render=render).flush()
    assert shown(wire) == ["board of 2026-01-14"]
    found = await wire.store.read(boards.get, place)
    assert found is not None
    assert found.message_id is not None
