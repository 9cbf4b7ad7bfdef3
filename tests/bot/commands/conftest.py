"""A core over a hand-made world, for each test its own store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.commands.context import Caller, Core
from tests.bot.commands import world


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    made = await world.with_topics(world.make_core(tmp_path))
    yield made
    await made.store.close()


@pytest.fixture
def ann() -> Caller:
    """A person in a server whose DM is open."""
    return Caller(user_id=11, guild_id=1, channel_id=100, dm_channel_id=1100, can_post=True)


@pytest.fixture
def boss() -> Caller:
    """A person who manages the server."""
    return Caller(user_id=12, guild_id=1, channel_id=100, dm_channel_id=1200, may_manage=True, can_post=True)
