"""A summary that was due when the program was killed waits at the next start until there is something to render."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import pytest

from bot.domain.model import Destination, OutboxItem
from bot.outbox.message import NotReadyError, Payload
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
