"""The demo as a newcomer starts it: an address on the loopback, a page behind it, Ctrl-C to end."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import aiohttp
import pytest

pytestmark = pytest.mark.slow


async def test_it_prints_an_address_and_three_things_to_try_serves_a_page_and_ends_on_ctrl_c() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "demo",
        "--speed",
        "0.2",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(30):
            first = (await process.stdout.readline()).decode()
            assert first.startswith("The demo runs at http://127.0.0.1:")
            said = [(await process.stdout.readline()).decode() for _ in range(5)]
        address = first.split()[-1].partition("#")[0]
        assert sum(line.startswith("  /") for line in said) == 3
        async with aiohttp.ClientSession() as session, session.get(address) as page:
            assert page.status == 200
            assert "text/html" in page.headers["Content-Type"]
        process.send_signal(signal.SIGINT)
        _, errors = await asyncio.wait_for(process.communicate(), timeout=10)
        assert process.returncode == 0, errors.decode()
        assert b"Traceback" not in errors
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
