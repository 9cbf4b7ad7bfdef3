"""A live board on the wire: one message, edited on whatever Discord answers and wherever the process dies."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot import outbox
from bot.commands.reply import Button
from bot.database.codec import rows
from bot.database.places import boards
from bot.discord_app import components
from bot.domain.model import Destination, ItemKind, OutboxItem
from bot.outbox.message import Payload
from tests.bot.courier.test_crashes import KilledError, Life, MortalNotifier, MortalStore, kill_tasks
from tests.discord_server import Answer, DropAfter
from tests.discord_server.world import CHANNEL_ID
from tests.support import WireDiscord, wire_discord
from tests.support.wire_discord import render_keys

TUESDAY, WEDNESDAY, MONDAY = date(2026, 1, 13), date(2026, 1, 14), date(2026, 1, 20)
"""Monday is a holiday in the week of `MONDAY`: its first session is the Tuesday."""

TOO_OLD = Answer(400, {"code": 30046, "message": "Maximum number of edits to messages older than 1 hour reached"})
EDIT = "/channels/*/messages/*"


def render(destination: Destination, items: Sequence[OutboxItem]) -> Payload:
    """A layout that names the newest session of its items; alerts as everywhere."""
    if items[0].kind is not ItemKind.BOARD:
        return render_keys(destination, items)
    parts = [f"board of {max(item.session for item in items)}", "the rest"]
    rows_below = components.layout(parts, [Button("families", "Signals by family")])
    return Payload(content="", components=tuple(rows_below), silent=True, layout=True)


async def board(wire: WireDiscord, index: int = 0) -> int:
    """A channel with a live board; the id of its destination."""
    place = await wire.channel(index)
    await wire.store.run(boards.put, place, created_by=7, now=wire.clock.now())
    return place


async def check(wire: WireDiscord, session: date) -> None:
    """A check has made a snapshot of that session."""
    wire.clock.advance(1)
    await wire.store.run(boards.enqueue, session, wire.clock.now(), now=wire.clock.now())


async def deliver(wire: WireDiscord) -> None:
    await wire.deliver_all(wire.courier(render=render))


def shown(wire: WireDiscord, index: int = 0) -> list[str]:
    """The text of every board message in a channel, oldest first."""
    return [
        message["components"][0]["components"][0]["content"]
        for message in wire.discord.world.posted(CHANNEL_ID + index)
        if message["components"] and message["components"][0]["type"] == 17
    ]


def ids(wire: WireDiscord) -> list[str]:
    return [message["id"] for message in wire.discord.world.posted(CHANNEL_ID)]


async def test_a_board_is_posted_once_and_edited_after_every_check(wire: WireDiscord) -> None:
    await board(wire)
    await check(wire, TUESDAY)
    await deliver(wire)
    first = ids(wire)
    assert shown(wire) == ["board of 2026-01-13"]
    for _ in range(3):
        await check(wire, WEDNESDAY)
        await deliver(wire)
    assert shown(wire) == ["board of 2026-01-14"]
    assert ids(wire) == first
    assert set((await wire.states()).values()) == {"sent"}


async def test_checks_while_a_board_waits_leave_one_row(wire: WireDiscord) -> None:
    await board(wire)
    for session in (TUESDAY, TUESDAY, WEDNESDAY):
        await check(wire, session)
    found = await wire.store.read(rows, "SELECT session, state FROM outbox")
    assert found == [{"session": WEDNESDAY.toordinal(), "state": "due"}]
    assert not await wire.store.read(boards.behind, wire.clock.now())


async def test_a_board_is_edited_at_most_once_a_minute(wire: WireDiscord) -> None:
    await board(wire)
    await check(wire, TUESDAY)
    await deliver(wire)
    posted_at = wire.clock.now()
    await check(wire, WEDNESDAY)
    await wire.courier(render=render).flush()
    assert shown(wire) == ["board of 2026-01-13"]
    await deliver(wire)
    assert shown(wire) == ["board of 2026-01-14"]
    assert wire.clock.now() - posted_at >= timedelta(seconds=60)


@pytest.mark.parametrize("trouble", ["deleted", "too old"])
async def test_a_message_that_cannot_be_edited_is_replaced_by_a_new_one(wire: WireDiscord, trouble: str) -> None:
    await board(wire)
    await check(wire, TUESDAY)
    await deliver(wire)
    (old,) = ids(wire)
    if trouble == "deleted":
        wire.discord.world.channels[CHANNEL_ID].messages.clear()
    else:
        wire.discord.faults.add("PATCH", EDIT, TOO_OLD)
    await check(wire, WEDNESDAY)
    await deliver(wire)
    assert shown(wire) == ["board of 2026-01-14"]
    (new,) = ids(wire)
    assert new != old
    await check(wire, date(2026, 1, 15))
    await deliver(wire)
    assert (shown(wire), ids(wire)) == (["board of 2026-01-15"], [new])


async def test_the_first_session_of_a_week_gets_a_new_message_and_the_next_does_not(wire: WireDiscord) -> None:
    await board(wire)
    seen = []
    for session in (TUESDAY, WEDNESDAY, MONDAY, date(2026, 1, 21)):
        await check(wire, session)
        await deliver(wire)
        assert shown(wire) == [f"board of {session}"]
        seen += ids(wire)
    assert seen[0] == seen[1] != seen[2] == seen[3]


async def test_what_the_channel_is_owed_goes_before_its_board_and_before_any_board(wire: WireDiscord) -> None:
    await board(wire)
    other = await wire.channel(1)
    await check(wire, TUESDAY)
    await wire.enqueue(1, "alert-here")
    await wire.enqueue(other, "alert-there")
    first, second = await wire.store.run(
        outbox.claim_batches, now=wire.clock.now(), lease_seconds=60, limit=2, retries=5
    )
    assert [first.items[0].key, second.items[0].key] == ["alert-here", "alert-there"]


async def test_a_board_that_discord_cannot_edit_now_holds_up_no_alert(wire: WireDiscord) -> None:
    place = await board(wire)
    await check(wire, TUESDAY)
    await deliver(wire)
    wire.clock.advance(60)
    await check(wire, WEDNESDAY)
    wire.discord.faults.add("PATCH", EDIT, Answer(503))
    courier = wire.courier(render=render)
    await courier.flush()
    await wire.enqueue(place, "alert")
    await courier.flush()
    assert "alert" in wire.contents()
    assert shown(wire) == ["board of 2026-01-13"]
    await deliver(wire)
    assert shown(wire) == ["board of 2026-01-14"]


async def test_a_channel_that_refuses_the_edit_waits_as_for_every_message(wire: WireDiscord) -> None:
    place = await board(wire)
    await check(wire, TUESDAY)
    await deliver(wire)
    wire.clock.advance(60)
    wire.discord.faults.add("PATCH", EDIT, Answer(403, {"code": 50001, "message": "Missing Access"}))
    await check(wire, WEDNESDAY)
    await wire.courier(render=render).flush()
    (refusing,) = await wire.store.read(rows, "SELECT id, next_try IS NOT NULL AS waits FROM destination")
    assert refusing == {"id": place, "waits": 1}
    await deliver(wire)
    assert shown(wire) == ["board of 2026-01-14"]


async def test_an_old_message_that_cannot_be_deleted_now_is_deleted_later_and_only_then_replaced(
    wire: WireDiscord,
) -> None:
    await board(wire)
    await check(wire, WEDNESDAY)
    await deliver(wire)
    first = ids(wire)
    wire.discord.faults.add("DELETE", EDIT, Answer(503), times=1)
    wire.clock.advance(days=6)
    await check(wire, MONDAY)
    await wire.courier(render=render).flush()
    assert ids(wire) == first
    await deliver(wire)
    assert shown(wire) == [f"board of {MONDAY}"]
    assert ids(wire) != first


async def test_a_board_that_is_gone_before_its_row_is_sent_posts_nothing(wire: WireDiscord) -> None:
    await board(wire)
    await check(wire, TUESDAY)
    await wire.store.run(lambda db: db.execute("DELETE FROM board"))
    await deliver(wire)
    assert shown(wire) == []
    assert await wire.store.read(rows, "SELECT id FROM outbox") == []


async def test_a_board_that_ends_takes_its_message_with_it(wire: WireDiscord) -> None:
    place = await board(wire)
    await check(wire, TUESDAY)
    await deliver(wire)
    assert await wire.store.run(boards.end, place, now=wire.clock.now())
    assert not await wire.store.run(boards.end, place, now=wire.clock.now())
    await deliver(wire)
    assert ids(wire) == []
    assert await wire.store.read(boards.get, place) is None


async def live(wire: WireDiscord, life: Life, sessions: list[date], ending: int) -> None:
    """One process: a check and a delivery for each session that is left, until it dies."""
    courier = wire.courier(notifier=MortalNotifier(wire, life), store=MortalStore(wire, life), render=render)
    while sessions:
        await check(wire, sessions[0])
        if sessions[0] == MONDAY:
            await wire.store.run(boards.end, ending, now=wire.clock.now())
        try:
            await courier.flush()
        except KilledError:
            await kill_tasks()
            return
        wire.clock.advance(70)
        sessions.pop(0)


@pytest.mark.slow
@pytest.mark.parametrize(
    "away_seconds",
    [pytest.param(5, id="back at once", marks=pytest.mark.thorough), pytest.param(600, id="back after Discord forgot")],
)
async def test_a_kill_between_any_two_steps_leaves_one_message_that_is_edited_on(home: Path, away_seconds: int) -> None:
    steps, done = 0, False
    while not done:
        async with wire_discord(home / str(steps)) as wire:
            await board(wire)
            ending = await board(wire, 1)
            wire.discord.faults.add("POST", f"/channels/{CHANNEL_ID}/messages", DropAfter())
            wire.discord.faults.add("PATCH", f"/channels/{CHANNEL_ID}/messages/*", DropAfter())
            wire.discord.faults.add("PATCH", f"/channels/{CHANNEL_ID}/messages/*", TOO_OLD)
            left = [TUESDAY, WEDNESDAY, date(2026, 1, 15), MONDAY]
            life = Life(steps)
            await live(wire, life, left, ending)
            done = life.left > 0
            wire.clock.advance(away_seconds)
            await wire.restart()
            await live(wire, Life(float("inf")), left, ending)
            await deliver(wire)
            assert shown(wire) == ["board of 2026-01-20"], f"killed after {steps} steps"
            assert shown(wire, 1) == [], f"killed after {steps} steps"
            before = ids(wire)
            wire.discord.faults.waiting.clear()  # a kill may have left some that no request met
            await check(wire, date(2026, 1, 21))
            await deliver(wire)
            assert (shown(wire), ids(wire)) == (["board of 2026-01-21"], before), f"killed after {steps} steps"
        steps += 1
    assert steps > 30
