"""The live board of the real bot in a simulated Discord."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import discord

from bot.commands.server import board
from bot.discord_app.delivery.courier_assembly import build_courier
from tests.support import ManualClock, answer_text, core_with_readings, simulated_discord
from tests.support.sample_readings import snapshot


def texts(message: Any) -> list[str]:
    """The texts of a message of the newer layout."""
    frames = [part for part in message.components if isinstance(part, discord.Container)]
    return [part.content for frame in frames for part in frame.children if isinstance(part, discord.TextDisplay)]


async def test_a_manager_sets_a_board_up_and_it_is_edited_and_removed(tmp_path: Path) -> None:
    async with core_with_readings(tmp_path) as core, simulated_discord(core) as chat:
        clock = cast(ManualClock, core.clock)

        async def deliver() -> list[Any]:
            clock.advance(61)
            await board.enqueue(core)
            await build_courier(core, chat.bot, clock, charts=None).flush()
            return [message for message in chat.channel.history() if message.author == chat.bot.user]

        refused = await chat.person.slash(chat.channel, "setup board")
        assert "Manage Server" in answer_text(refused)
        assert await deliver() == []
        result = await chat.manager.slash(chat.channel, "setup board")
        assert "edited after every check" in answer_text(result)
        (posted,) = await deliver()
        assert texts(posted)[0].startswith("## Money is rotating back into big tech")
        core.readings.put(replace(snapshot(), made_at=snapshot().made_at + timedelta(minutes=7)))
        (edited,) = await deliver()
        assert edited.id == posted.id
        assert texts(edited)[-1] != texts(posted)[-1]
        pressed = await chat.person.click(edited, label="Past turns")
        assert "newest first" in answer_text(pressed)
        await chat.manager.slash(chat.channel, "setup board", off=True)
        assert await deliver() == []
