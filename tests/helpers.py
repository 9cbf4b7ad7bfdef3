"""Small things that many tests need."""

from __future__ import annotations

import fcntl
import os
import re
import sqlite3
import sys
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.database.connection import Store


class CrampedStore:
    """A real store on a disk that has no room for some of the writes, counted from 0; nothing of those stays."""

    def __init__(self, store: Store, without_room: Collection[int] = ()) -> None:
        self._store, self.without_room, self.writes = store, without_room, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def run(self, *args: Any, **kwargs: Any) -> Any:
        self.writes += 1
        if self.writes - 1 in self.without_room:
            raise sqlite3.OperationalError("database or disk is full")
        return await self._store.run(*args, **kwargs)


def register_of_signals() -> dict[str, dict[str, str]]:
    """`docs/signals.md`: what its tables say of each signal, by id and heading, in their order."""
    found: dict[str, dict[str, str]] = {}
    headings: list[str] = []
    for line in (Path(__file__).parent.parent / "docs" / "signals.md").read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if cells[:1] == ["id"]:
            headings = cells
        elif cells and cells[0].startswith("`"):
            id = cells[0].strip("`")
            assert id not in found, f"{id} stands there twice"
            found[id] = dict(zip(headings, cells, strict=True))
    return found


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


def skip_where_lines_are_counted() -> None:
    """Skip a test of CPU time while a tracer runs: to count each line takes several times as long as the line."""
    if sys.gettrace() is not None:
        pytest.skip("CPU time says nothing while every line is counted")
