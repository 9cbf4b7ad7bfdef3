"""Everything that fetches, put together from the config."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from bot.archive.location import ArchiveLocation
from bot.database.connection import Store
from bot.domain.ports import Clock
from bot.ingest import enabled_sources
from bot.ingest.checkpoints import Checkpoints
from bot.ingest.runner import JobRunner
from bot.settings.config import Config
from bot.settings.paths import Home
from bot.sources.base import Source
from bot.sources.http.raw_archive import RawArchive
from bot.worker.parser import ParserProcess
from bot.worker.process import Worker

YAHOO_SECONDS = 60.0
"""Longer than the requests of one call, those for cookie and crumb included, when each of them ends at its time-out."""


@dataclass(frozen=True)
class Ingest:
    """Everything that fetches.

    Attributes:
        location: The archive that is filled.
        sources: Those that are on, by name.
        off: Those that are off, with the reason.
        checkpoints: When each job last succeeded.
        runner: Runs jobs.
        raw_archive: What came, as it came.
        readers: The processes in which foreign bodies are read: one for Yahoo, which is asked there too,
            and one for all others.
    """

    location: ArchiveLocation
    sources: Mapping[str, Source]
    off: Mapping[str, str]
    checkpoints: Checkpoints
    runner: JobRunner
    raw_archive: RawArchive
    readers: tuple[ParserProcess, ...]

    @asynccontextmanager
    async def without_readers(self) -> AsyncIterator[None]:
        """Have none of these processes during the block, for a check, which needs the memory that they hold."""
        async with AsyncExitStack() as stack:
            for reader in self.readers:
                await stack.enter_async_context(reader.without_process())
            yield

    async def close(self) -> None:
        """End the processes that read what hosts send, with what they are busy with."""
        await asyncio.gather(*(reader.close() for reader in self.readers))


def build_ingest(
    home: Home, config: Config, store: Store, worker: Worker, clock: Clock, *, fred_key: str | None
) -> Ingest:
    """The sources that the config enables, and the runner of their jobs. Opens no connection."""
    location = enabled_sources.archive_location(home, config, clock.now())
    # Closures that prices show are left out of one calendar only: bars of such a day take it back.
    calendar, installed = location.calendar, location.calendar
    raw_archive = RawArchive(home.payloads, secrets=(config.sources.contact, fred_key))
    checkpoints = Checkpoints(store, location.path)
    parser, yahoo_process = ParserProcess(home.cache), ParserProcess(home.cache, seconds=YAHOO_SECONDS)
    return Ingest(
        location=location,
        sources=enabled_sources.sources(home, config, fred_key, installed, raw_archive, parser, worker, yahoo_process),
        off=enabled_sources.off(config),
        checkpoints=checkpoints,
        runner=JobRunner(
            worker, location, checkpoints, calendar, clock, enabled_sources.backfill(config), config.plausibility.off
        ),
        raw_archive=raw_archive,
        readers=(parser, yahoo_process),
    )
