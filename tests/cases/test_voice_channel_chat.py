"""A summary is set up in the chat of a voice channel where the bot may not write (helldivers-2/discord-bot#10)."""

from __future__ import annotations

from pathlib import Path

from tests.support import answer_text, core_with_readings, simulated_discord


async def test_it_is_refused_with_the_missing_permission(tmp_path: Path) -> None:
    async with core_with_readings(tmp_path) as core, simulated_discord(core) as discord:
        lounge = discord.guild.create_voice_channel("lounge")
        await discord.env.settle()
        channel = discord.bot.get_channel(lounge.id)
        await channel.set_permissions(channel.guild.default_role, send_messages=False, view_channel=True)
        await discord.env.settle()
        shown = await discord.manager.slash(lounge, "setup summary", time="17:00", zone="UTC")
        assert "I cannot post" in answer_text(shown)
