"""The soak of `make verify`: a few sessions. `make soak` runs as many as one asks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.soak.report import judge
from tests.soak.soak import Soak

SESSIONS, PEOPLE = 4, 100


@pytest.mark.thorough
@pytest.mark.slow
async def test_over_a_week_with_faults_and_kills_every_message_is_read_once(tmp_path: Path) -> None:
    soak = Soak(tmp_path, SESSIONS, people_count=PEOPLE)
    await soak.run()
    assert judge(soak).wrong == []
