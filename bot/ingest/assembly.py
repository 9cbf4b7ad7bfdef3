"""Everything that fetches, put together from the config."""

from __future__ import annotations

from collections.abc import Mapping
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


@dataclass(frozen=True)
class Ingest:
    """Everything that fetches. `off`: sources that are off, with the reason."""

    location: ArchiveLocation
    sources: Mapping[str, Source]
    off: Mapping[str, str]
    checkpoints: Checkpoints
    runner: JobRunner
    raw_archive: RawArchive
    parser: ParserProcess


def build_ingest(
    home: Home, config: Config, store: Store, worker: Worker, clock: Clock, *, fred_key: str | None
) -> Ingest:
    """The sources that the config enables, and the runner of their jobs. Opens no connection."""
    location = enabled_sources.archive_location(home, config, clock.now())
    # Closures that prices show are left out of one calendar only: bars of such a day take it back.
    calendar, installed = location.calendar, location.calendar
    raw_archive = RawArchive(home.payloads, secrets=(config.sources.contact, fred_key))
    checkpoints = Checkpoints(store, location.path)
    parser = ParserProcess(home.cache)
    return Ingest(
        location=location,
        sources=enabled_sources.sources(home, config, fred_key, installed, raw_archive, parser, worker),
        off=enabled_sources.off(config),
        checkpoints=checkpoints,
        runner=JobRunner(
            worker, location, checkpoints, calendar, clock, enabled_sources.backfill(config), config.plausibility.off
        ),
        raw_archive=raw_archive,
        parser=parser,
    )
