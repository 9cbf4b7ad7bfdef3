"""A moderator locks the thread that alerts go to (discord/discord-api-docs#5517, #6884)."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.database.places import destinations
from bot.domain.model import DestinationState
from tests.discord_server.world import CHANNEL_ID
from tests.support import wire_discord


@pytest.mark.parametrize(
    "refusal", [(403, 160005, "The thread is locked"), (400, 50083, "Thread is archived")], ids=["locked", "archived"]
)
async def test_alerts_are_kept_or_the_destination_is_paused_with_its_reason(
    tmp_path: Path, refusal: tuple[int, int, str]
) -> None:
    async with wire_discord(tmp_path) as wire:
        thread = await wire.channel()
        wire.discord.world.channel(CHANNEL_ID).refuses = refusal
        for key in ("first", "second", "third"):
            await wire.enqueue(thread, key)
            courier = wire.courier()
            # An alert that is kept for later never leaves the outbox: some attempts tell as much as all.
            for _ in range(4):
                await courier.flush()
                wire.clock.advance(minutes=30)
        destination = await wire.store.read(destinations.get, thread)
        assert destination is not None
        told = destination.state is not DestinationState.ACTIVE and destination.reason
        assert told or "dead" not in (await wire.states()).values()
