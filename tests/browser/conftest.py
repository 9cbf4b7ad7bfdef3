"""The demo served in this process, and a browser that looks at it."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from bot.demo import play
from tests.browser.watched_floor import WatchedFloor
from tests.conftest import SCREENSHOTS

if TYPE_CHECKING:
    from playwright.async_api import Browser

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
WIDE = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
ROOT = ["--no-sandbox"] if os.geteuid() == 0 else []
"""Chromium refuses root its sandbox."""


@dataclass(frozen=True)
class Served:
    """A demo that runs: its two addresses, who acts in it, and where pictures of it go."""

    channel: str
    direct: str
    floor: WatchedFloor
    pictures: Path | None


@pytest.fixture
def pictures(request: pytest.FixtureRequest) -> Path | None:
    folder: Path | None = request.config.getoption(SCREENSHOTS)
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[Browser]:
    playwright = pytest.importorskip("playwright.async_api", reason="needs Playwright, which `make venv-dev` installs")
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        missing = "needs Chromium, which is not here: apt-get install chromium"
        if "CI" in os.environ:
            pytest.fail(missing)
        pytest.skip(missing)
    async with playwright.async_playwright() as driver:
        made = await driver.chromium.launch(executable_path=program, args=ROOT)
        yield made
        await made.close()


@pytest_asyncio.fixture
async def served(browser: Browser, pictures: Path | None) -> AsyncIterator[Served]:
    """The demo with a session every second as soon as nobody asks for anything; sessions land all the time."""
    floor, addresses = WatchedFloor(1.0), asyncio.Queue[str]()
    demo = asyncio.create_task(
        play.on_a_page(
            play.simulated_playback(None, None),
            port=None,
            seconds=1.0,
            echo=addresses.put_nowait,
            progress=lambda _: None,
            floor=floor,
        )
    )
    lines = (await asyncio.wait_for(addresses.get(), 120)).splitlines()
    try:
        yield Served(lines[0].split()[-1], lines[1].split()[-1], floor, pictures)
        assert not demo.done(), "the play has ended"
    finally:
        demo.cancel()
        await asyncio.wait({demo})
