"""@everyone is chosen as the role that a topic mentions: Discord would notify nobody (Rapptz/discord.py#6344)."""

from __future__ import annotations

from pathlib import Path

from bot.database.codec import rows
from tests.support import answer_text, core_with_readings, simulated_discord


async def test_it_is_refused_with_a_sentence_and_nothing_is_saved(tmp_path: Path) -> None:
    async with core_with_readings(tmp_path) as core, simulated_discord(core) as discord:
        everyone = discord.guild.roles["@everyone"]
        shown = await discord.manager.slash(discord.channel, "setup alerts", topic="russell-streak", role=everyone)
        assert "mentions <@&" not in answer_text(shown)
        assert await core.store.read(rows, "SELECT * FROM subscription") == []
