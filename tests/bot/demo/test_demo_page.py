"""The demo as a newcomer starts it: it says that it starts, prints two addresses, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path

import aiohttp
import pytest

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("end", [pytest.param(signal.SIGINT, marks=pytest.mark.thorough), signal.SIGTERM])
async def test_it_prints_its_addresses_and_three_things_to_try_serves_both_and_ends_cleanly(
    tmp_path: Path, end: signal.Signals
) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "demo", "--speed", "0.2"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[3],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        start_new_session=True,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(120):
            lines = [(await process.stdout.readline()).decode().strip() for _ in range(8)]
        assert lines[0].startswith("The demo runs at http://127.0.0.1:")
        assert lines[1].startswith("Your direct messages: http://127.0.0.1:")
        assert [line.split()[0] for line in lines if line.startswith("/")] == ["/rotation", "/alert", "/signal"]
        for line in lines[:2]:
            address = line.split()[-1].partition("#")[0]
            async with aiohttp.ClientSession() as session, session.get(address) as page:
                assert page.status == 200
                assert "text/html" in page.headers["Content-Type"]
                assert "<title>Rotation bot, demo</title>" in await page.text()
        process.send_signal(end)
        _, errors = await asyncio.wait_for(process.communicate(), timeout=30)
        assert process.returncode == 0, errors.decode()
        assert b"Traceback" not in errors
        assert errors.startswith(b"Rotation bot's demo is starting")
        assert left_in(tmp_path) == []
        async with asyncio.timeout(20):
            while alive_in_group(process.pid):
                await asyncio.sleep(0.05)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_it_speaks_before_it_imports_anything_heavy() -> None:
    """That is what makes it speak at once; which modules are loaded by then depends on no machine's speed."""
    check = (
        "import sys; from bot.__main__ import main; import bot.cli.demo_command as demo\n"
        "def progress(sentence):\n"
        "    print(sentence, {'pandas', 'numpy', 'discord', 'simcord'} & set(sys.modules))\n"
        "    sys.exit()\n"
        "demo._progress = progress\n"
        "main(['demo'])\n"
    )
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", check), stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[3]
    )
    output, _ = await process.communicate()
    assert output.decode() == "Rotation bot's demo is starting ... set()\n"


def left_in(folder: Path) -> list[Path]:
    """What the demo has left in the folder for temporary files."""
    return list(folder.glob("rotation-bot-demo-*"))


def alive_in_group(group: int) -> list[int]:
    """Processes of a group that still run; one that has ended and waits for init does not."""
    alive = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, of_group = stat.read_text().rpartition(")")[2].split()[:3]
            if int(of_group) == group and state != "Z":
                alive.append(int(stat.parent.name))
    return alive
