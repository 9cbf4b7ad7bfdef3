"""Fixtures of the live sources: the stub server, a calendar, waits that are written down and not waited."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from yfinance.data import SingletonMeta

from bot.calendar.clock import Calendar
from bot.sources.http.client import Http
from bot.sources.yahoo.source import Yahoo
from tests.bot.sources.stub import Stub


class Waits:
    """Stands in for asyncio.sleep: nothing waits, everything is written down."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@pytest_asyncio.fixture
async def stub() -> AsyncIterator[Stub]:
    server = Stub()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest_asyncio.fixture
async def http(stub: Stub, waits: Waits) -> AsyncIterator[Http]:
    client = Http(
        contact="Ada Lovelace ada@example.org",
        base_urls=stub.base_urls,
        sleep=waits,
        monotonic=lambda: 0.0,
        jitter=lambda: 0.5,
    )
    yield client
    await client.close()


@pytest.fixture(scope="session")
def calendar() -> Calendar:
    return Calendar(date(2019, 1, 2), date(2026, 12, 31))


@pytest.fixture(scope="session")
def yahoo_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("yahoo")


@pytest_asyncio.fixture
async def make_yahoo(
    stub: Stub, waits: Waits, yahoo_cache: Path, calendar: Calendar
) -> AsyncIterator[Callable[..., Yahoo]]:
    """Makes sources that are closed at the end; yfinance's process-wide state is made new for each test."""
    SingletonMeta._instances.clear()
    made: list[Yahoo] = []

    def make(**overrides: Any) -> Yahoo:
        settings: dict[str, Any] = {
            "cache_dir": yahoo_cache,
            "calendar": calendar,
            "base_urls": stub.base_urls,
            "per_second": 1000.0,
            "burst": 1000,
            "timeout_seconds": 5.0,
            "sleep": waits,
            "jitter": lambda: 0.5,
        }
        made.append(Yahoo(**(settings | overrides)))
        return made[-1]

    yield make
    for source in made:
        await source.close()
