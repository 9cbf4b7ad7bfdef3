"""A small correct pack and ways to write one."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.archive import Archive
from bot.calendar.clock import Calendar

NOW = datetime(2026, 1, 12, 12, 0, tzinfo=UTC)

# 2, 5, 6, 7 January 2026 are sessions (Friday, Monday to Wednesday).
GOOD = {
    "close.csv": (
        "date,AAA,BBB,CL=F\n2026-01-02,10,20.5,61\n2026-01-05,10.1,,-37.63\n"
        "2026-01-06,10.2,20.7,0\n2026-01-07,10.3,20.8,62\n"
    ),
    "adj_close.csv": "date,AAA,CL=F\n2026-01-02,9,61\n2026-01-05,9.1,-37.63\n2026-01-06,9.2,0\n2026-01-07,10.3,62\n",
    "series.csv": "date,DGS10,VIX\n2026-01-01,4.15,\n2026-01-03,,\n2026-01-05,4.2,14.5\n",
    "universe.csv": (
        "ticker,name,sector,industry,groups\nAAA,Aa Inc.,Information Technology,Software,sp500 ndx100\n"
        'BBB,"Bb, Co.",Energy,Oil,sp500\n'
    ),
}


WritePack = Callable[..., Path]


@pytest.fixture
def write_pack(tmp_path: Path) -> WritePack:
    """Writes the good pack with some files replaced (None = left out) into a folder and gives its path."""

    def write(changes: dict[str, str | bytes | None] | None = None, name: str = "pack") -> Path:
        folder = tmp_path / name
        folder.mkdir()
        for file, content in {**GOOD, **(changes or {})}.items():
            if content is not None:
                data = content.encode() if isinstance(content, str) else content
                (folder / file).write_bytes(data)
        return folder

    return write


def packed(text: str) -> bytes:
    return gzip.compress(text.encode(), mtime=0)


@pytest.fixture(scope="session")
def calendar() -> Calendar:
    return Calendar(date(2024, 1, 1), date(2026, 12, 31))


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.open(tmp_path / "market.db") as opened:
        yield opened


def dump(archive: Archive) -> list[str]:
    return list(archive.db.iterdump())
