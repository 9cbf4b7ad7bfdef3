"""A core for each test, and two people who use its commands."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.commands.context import Caller, Core
from tests.support import core_with_readings, core_without_readings


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    """A core that knows five years of every signal."""
    async with core_with_readings(tmp_path) as opened:
        yield opened


@pytest.fixture
async def empty_core(tmp_path: Path) -> AsyncIterator[Core]:
    """A core in its first minute: nothing is known yet."""
    async with core_without_readings(tmp_path) as opened:
        yield opened


@pytest.fixture
def ann() -> Caller:
    """A person in a server whose DM is open."""
    return Caller(user_id=11, guild_id=1, channel_id=100, dm_channel_id=1100, can_post=True)


@pytest.fixture
def boss() -> Caller:
    """A person who manages the server."""
    return Caller(user_id=12, guild_id=1, channel_id=100, dm_channel_id=1200, may_manage=True, can_post=True)
