"""A newcomer's first minute: the program starts, the page opens, and the first command is answered, each time."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import WIDE
from tests.browser.watched_floor import WatchedFloor

if TYPE_CHECKING:
    from playwright.async_api import Browser

pytestmark = [pytest.mark.slow, pytest.mark.thorough]


@pytest.mark.parametrize("start", range(1, 6))
async def test_the_scenario_is_answered_right_after_a_fresh_start(browser: Browser, start: int) -> None:
    from tests.browser.person import Person

    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "demo"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    try:
        address = (await asyncio.wait_for(process.stdout.readline(), 120)).decode().split()[-1]
        person = Person(await browser.new_page(viewport=WIDE), WatchedFloor(1.0), None)
        await person.open(address)
        assert "big tech" in await person.type("/scenario"), f"start {start}"
        await person.look()
    finally:
        process.terminate()
        _, errors = await process.communicate()
    assert process.returncode == 0
    assert b"Traceback" not in errors
