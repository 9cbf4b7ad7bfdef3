"""Discord refuses the registration of commands for 15 minutes (NousResearch/hermes-agent#16713)."""

from __future__ import annotations

from pathlib import Path

from tests.discord_server import Answer
from tests.support import core_without_readings, online_bot

REFUSED = Answer(
    429,
    {"message": "You are being rate limited.", "retry_after": 900.0, "global": False},
    {"Retry-After": "900", "Via": "1.1 google", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset-After": "900"},
)


async def test_the_bot_is_online_at_once_and_registers_later(tmp_path: Path) -> None:
    async with core_without_readings(tmp_path) as core, online_bot(core) as bot:
        bot.discord.faults.add("PUT", "/applications/*/commands", REFUSED, times=99)
        task = bot.begin()
        await bot.until(lambda: bot.online.ready or len(bot.discord.asked("GET", "/users/@me")) > 1)
        ready = bot.online.ready
        await bot.end(task)
    assert ready
