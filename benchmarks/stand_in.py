"""The local stand-in for Discord as a process of its own, and what it saw."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class StandIn:
    """A running stand-in.

    `first` is the line that it printed: api_base, token, channel_ids, guild_id ...
    """

    first: dict[str, Any]

    def control(self, page: str) -> Any:
        """A page below `/control`, decoded."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.first['port']}/control/{page}") as answer:
            return json.load(answer)


@contextmanager
def stand_in(*, channels: int = 3, **options: int) -> Iterator[StandIn]:
    """Start one with Discord's own limits; it ends with the block. `options` are those of its command line."""
    wished = {"port": 0, "channels": channels, **options}
    words = [word for name, value in wished.items() for word in (f"--{name}", str(value))]
    line = [sys.executable, "-m", "tests.discord_server", *words]
    process = subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, text=True)  # noqa: S603
    try:
        assert process.stdout is not None
        yield StandIn(json.loads(process.stdout.readline()))
    finally:
        process.terminate()
        # One that has announced thousands of servers takes a while to end.
        process.wait(120)
