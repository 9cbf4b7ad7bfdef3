"""The program on a disk that is full, and gets room again."""

from __future__ import annotations

import asyncio
import signal
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.discord_server.server import DiscordServer
from tests.discord_server.world import CHANNEL_ID
from tests.e2e.test_run import Bot, until

pytestmark = [pytest.mark.slow, pytest.mark.thorough]

SMALL, LARGE = "4m", "400m"
"""The simulated market of two years does not fit into the first."""
FAILED_WRITES = 5


def mount(folder: Path, *options: str) -> bool:
    done = subprocess.run(["mount", "-t", "tmpfs", *options, "tmpfs", str(folder)], capture_output=True, check=False)
    return done.returncode == 0


def unmount(folder: Path) -> None:
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Bot]:
    home = tmp_path / "home"
    home.mkdir()
    if not mount(home, "-o", f"size={SMALL}"):
        pytest.skip("a disk of its own can only be mounted by root")
    try:
        async with DiscordServer() as discord:
            discord.world.add_guild()
            discord.world.add_channel(CHANNEL_ID)
            config = f'[discord]\napi_base = "{discord.api_base}"\n[sources]\nsimulated = true\nbackfill_years = 2\n'
            (home / "config.toml").write_text(config)
            yield Bot(home, discord)
    finally:
        unmount(home)


async def test_it_is_one_line_without_a_traceback_shown_by_status_until_there_is_room(bot: Bot) -> None:
    lines: list[str] = []

    async def read(stream: asyncio.StreamReader) -> None:
        while line := await stream.readline():
            lines.append(line.decode())

    process = await bot.start()
    assert process.stderr is not None
    reading = asyncio.create_task(read(process.stderr))
    try:
        await until(lambda: bot.discord.gateway.identified)
        await until(lambda: any("The disk is full" in line for line in lines), 60)
        # People go on: what each of them has stored fills the last room, and then more writes fail.
        refused = 0
        for person in range(1000, 1100):
            token = await bot.discord.command("subscribe", {"topic": "stress"}, channel_id=CHANNEL_ID, person_id=person)
            refused += "The disk is full" in str(await bot.discord.answered(token, at_least=2))
            if refused == FAILED_WRITES:
                break
        assert refused == FAILED_WRITES
        assert sum("The disk is full" in line for line in lines) == 1
        assert not any("Traceback" in line for line in lines)
        assert len(lines) < 20, "".join(lines)
        token = await bot.discord.command("status", channel_id=CHANNEL_ID)
        assert "The disk is full" in str(await bot.discord.answered(token, at_least=2))
        assert mount(bot.home, "-o", f"remount,size={LARGE}")
        await until(lambda: any("the disk has room again" in line for line in lines), 30)
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), 14)
        assert process.returncode == 0, "".join(lines)
    finally:
        if process.returncode is None:
            process.kill()
        await reading
