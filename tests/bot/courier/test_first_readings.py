"""A summary that was due when the program was killed waits at the next start until there is something to render."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import pytest

from bot.database.codec import rows
from bot.database.places import boards
from bot.domain.model import Destination, ItemKind, OutboxItem
from bot.outbox.message import NotReadyError, Payload
from tests.bot.courier.test_boards import TUESDAY, board, check
from tests.discord_server import DropBefore
from tests.support import WireDiscord
from tests.support.wire_discord import render_keys


async def test_what_cannot_be_rendered_yet_waits_and_is_sent_once_it_can(
    wire: WireDiscord, caplog: pytest.LogCaptureFixture
) -> None:
    known = False

    def render(destination: Destination, items: Sequence[OutboxItem]) -> Payload:
        if not known:
            raise NotReadyError
        return render_keys(destination, items)

    await wire.enqueue(await wire.channel(), "a")
    courier = wire.courier(render=render)
    with caplog.at_level(logging.INFO):
        await courier.flush()
    assert await wire.states() == {"a": "batched"}
    assert caplog.messages == []
    known = True
    wire.clock.advance(1)
    await courier.flush()
    assert wire.contents() == []
    wire.clock.advance(1)
    await courier.flush()
    assert wire.contents() == ["a"]
    assert await wire.states() == {"a": "sent"}


class AfterTheFirstCheck:
    """Renders what only a check can show once there was one, and alerts at once."""

    def __init__(self) -> None:
        self.checked = False

    def __call__(self, destination: Destination, items: Sequence[OutboxItem]) -> Payload:
        if not self.checked and items[0].kind is not ItemKind.ALERT:
            raise NotReadyError
        return render_keys(destination, items)


@pytest.mark.parametrize("kind", [ItemKind.SUMMARY, ItemKind.LETTER])
async def test_an_alert_does_not_wait_for_a_summary_of_its_channel_and_a_later_summary_does(
    wire: WireDiscord, kind: ItemKind
) -> None:
    place, render = await wire.channel(), AfterTheFirstCheck()
    courier = wire.courier(render=render)
    await wire.enqueue(place, "first", kind=kind)
    await courier.flush()
    await wire.enqueue(place, "early")
    wire.discord.faults.add("POST", "/channels/*/messages", DropBefore())
    await courier.flush()
    wire.clock.advance(2)
    await courier.flush()
    assert wire.contents() == ["early"]
    render.checked = True
    await wire.enqueue(place, "second", kind=kind)
    await wire.enqueue(place, "alert")
    await courier.flush()
    assert wire.contents() == ["early", "alert"]
    await wire.deliver_all(courier)
    assert wire.contents() == ["early", "alert", "first", "second"]


async def test_an_alert_does_not_wait_for_a_board_of_its_channel(wire: WireDiscord) -> None:
    place, render = await board(wire), AfterTheFirstCheck()
    courier = wire.courier(render=render)
    await check(wire, TUESDAY)
    await courier.flush()
    await wire.enqueue(place, "alert")
    await courier.flush()
    assert wire.contents() == ["alert"]
    render.checked = True
    await wire.deliver_all(courier)
    assert len(wire.contents()) == 2
    found = await wire.store.read(boards.get, place)
    assert found is not None
    assert found.message_id is not None


async def test_alerts_whose_track_record_is_counted_keep_their_order(wire: WireDiscord) -> None:
    counting = True

    def render(destination: Destination, items: Sequence[OutboxItem]) -> Payload:
        if counting and items[0].key == "first":
            raise NotReadyError
        return render_keys(destination, items)

    place, courier = await wire.channel(), wire.courier(render=render)
    await wire.enqueue(place, "first")
    await courier.flush()
    await wire.enqueue(place, "second")
    await courier.flush()
    assert wire.contents() == []
    assert await wire.store.read(rows, "SELECT aside FROM batch") == [{"aside": 0}]
    counting = False
    await wire.deliver_all(courier)
    assert wire.contents() == ["first", "second"]
