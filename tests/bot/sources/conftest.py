"""Fixtures of the live sources: the stub server, a calendar, waits that are written down and not waited."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import date
from pathlib import Path

import pytest
import pytest_asyncio

from bot.calendar.clock import Calendar
from bot.sources.http.client import Http
from bot.sources.yahoo.source import Yahoo
from tests.support import HttpStub, Waits, http_stub, yahoo_sources


@pytest_asyncio.fixture
async def stub() -> AsyncIterator[HttpStub]:
    async with http_stub() as server:
        yield server


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest_asyncio.fixture
async def http(stub: HttpStub, waits: Waits) -> AsyncIterator[Http]:
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
    stub: HttpStub, waits: Waits, yahoo_cache: Path, calendar: Calendar
) -> AsyncIterator[Callable[..., Yahoo]]:
    """Makes sources that are closed at the end."""
    async with yahoo_sources(stub, yahoo_cache, calendar, waits) as make:
        yield make
