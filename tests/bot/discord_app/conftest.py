"""The real bot in a simulated Discord, with data and before its first check."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support import (
    SimulatedDiscord,
    core_with_readings,
    core_without_readings,
    sample_as_of,
    sample_claims,
    simulated_discord,
)


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[SimulatedDiscord]:
    """A bot that knows five years of every signal."""
    async with core_with_readings(tmp_path) as core:
        core = replace(core, claims=sample_claims.service(core), as_of=sample_as_of.SampleEvening())
        async with simulated_discord(core) as opened:
            yield opened


@pytest.fixture
async def empty_chat(tmp_path: Path) -> AsyncIterator[SimulatedDiscord]:
    """A bot in its first minute: nothing is known yet."""
    async with core_without_readings(tmp_path) as core, simulated_discord(core) as opened:
        yield opened
