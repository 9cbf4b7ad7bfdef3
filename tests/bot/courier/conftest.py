"""An installation that delivers to a Discord on the loopback, with and without Discord's rate limits."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.discord_server.limits import Limits
from tests.support import WireDiscord, wire_discord


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where the system has one: what is tried here are dying processes, not power cuts."""
    memory = Path("/dev/shm")  # noqa: S108 - a fresh folder below it is used
    if not memory.is_dir():
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


@pytest.fixture
async def wire(home: Path) -> AsyncIterator[WireDiscord]:
    """An installation without Discord's rate limits."""
    async with wire_discord(home) as opened:
        yield opened


@pytest.fixture
async def limited_wire(home: Path) -> AsyncIterator[WireDiscord]:
    """An installation with them."""
    async with wire_discord(home, limits=Limits()) as opened:
        yield opened
