"""Small things that many tests need."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest


class StandingClock:
    """A clock that shows what the test sets."""

    def __init__(self, now: datetime) -> None:
        self.instant = now

    def now(self) -> datetime:
        return self.instant


def utc(text: str) -> datetime:
    """An ISO date or instant as UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], str]) -> tuple[Path, str]:
    """A folder that the first of all processes of a test run makes, for reading or copying, and what `make` said of it."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    said = folder.with_suffix(".txt")
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not said.exists():
            text = make(folder)
            said.write_text(text)
    return folder, said.read_text()
