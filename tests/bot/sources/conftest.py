"""Fixtures of the live sources: the stub server, a calendar, waits that are written down and not waited."""

from __future__ import annotations

import pickle
from collections.abc import AsyncIterator, Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.calendar.clock import Calendar
from bot.errors import SourceError
from bot.sources.http.http_client import Http, ThreadRunner
from bot.sources.yahoo.source import Yahoo
from tests.support import HttpStub, Waits, http_stub, yahoo_sources


@pytest.fixture(autouse=True)
def as_if_to_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have readers, their arguments, results and errors cross the border of a process, as in a running bot."""
    in_thread = ThreadRunner.run

    async def run(self: ThreadRunner, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
        fn, args, kwargs = _sent((fn, args, kwargs))
        try:
            return _sent(await in_thread(self, fn, *args, **kwargs))
        except SourceError as error:
            raise _sent(error) from error

    monkeypatch.setattr(ThreadRunner, "run", run)


def _sent(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))  # noqa: S301 - what the line before has written


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
