"""A moderator times the bot out for ten minutes; afterwards it may write again (discord/discord-api-docs#6847)."""

from __future__ import annotations

from pathlib import Path

from tests.discord_server.world import CHANNEL_ID
from tests.support import wire_discord


async def test_alerts_arrive_again_a_day_later_without_a_new_setup(tmp_path: Path) -> None:
    async with wire_discord(tmp_path) as wire:
        destination = await wire.channel()
        channel = wire.discord.world.channel(CHANNEL_ID)
        channel.refuses = (403, 50013, "Missing Permissions")
        courier = wire.courier()
        await wire.enqueue(destination, "alert:during")
        await courier.flush()
        channel.refuses = None
        wire.clock.advance(days=1)
        await wire.enqueue(destination, "alert:next-day")
        # Whatever waits for its next attempt gets one within the day after.
        for _ in range(24):
            await courier.flush()
            wire.clock.advance(hours=1)
        assert "alert:next-day" in " ".join(wire.contents())
