"""The systemd unit: closed as far as the program allows, bounded, watched."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

UNIT = Path(__file__).parent.parent / "deploy" / "rotation-bot.service"
MOST_EXPOSED = 2.0


def test_the_unit_is_closed_as_far_as_the_program_allows() -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not installed")
    judged = subprocess.run(
        [analyze, "security", "--offline=true", "--no-pager", str(UNIT)], capture_output=True, text=True, check=False
    )
    overall = re.search(r"Overall exposure level for \S+: ([0-9.]+)", judged.stdout)
    assert overall is not None, judged.stderr
    assert float(overall[1]) <= MOST_EXPOSED


@pytest.mark.parametrize(
    "line",
    ["Type=notify", "WatchdogSec=5min", "MemoryMax=4G", "UMask=0077", "StateDirectoryMode=0700", "KillMode=mixed"],
)
def test_the_unit_is_bounded_and_watched(line: str) -> None:
    assert line in UNIT.read_text().splitlines()


def test_workers_may_lower_their_own_priority_and_memory() -> None:
    """os.nice and setrlimit belong to @resources, which @system-service allows and nothing here takes away."""
    filters = [line for line in UNIT.read_text().splitlines() if line.startswith("SystemCallFilter=")]
    assert filters == ["SystemCallFilter=@system-service", "SystemCallFilter=~@privileged"]
