"""Ingest service: runs due jobs, one at a time for each source, and stores the results.

No failure here fails a check: a source that does not answer only affects its own signals, is tried
again after a pause and is shown in `/status`. `bot.ingest.runner` runs one job.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.calendar.clock import Calendar
from bot.domain.fetched import Fetched
from bot.domain.job import Job
from bot.domain.ports import Clock
from bot.errors import SourceError
from bot.ingest import planner
from bot.ingest.checkpoints import Checkpoints
from bot.ingest.freshness import notices, statuses
from bot.ingest.plausibility import sentences
from bot.ingest.runner import JobRunner, ProgressEvent
from bot.ingest.schedule import LastRun, due, next_planned
from bot.ingest.status import BackfillProgress, IngestStatus
from bot.ingest.worker_tasks import ArchiveInventory
from bot.sources.base import QuoteSource, Source

log = logging.getLogger(__name__)

MOST_FAILURES = 3


@dataclass
class IngestService:
    """Keeps the archive up to date.

    `changed` is set whenever there are new figures; `quotes` are those of the running session.

    `nothing_known`: whether there is no reading yet, so that each chunk of the first download sets
    `changed`.
    """

    sources: Mapping[str, Source]
    plan: Sequence[Job]
    checkpoints: Checkpoints
    runner: JobRunner
    status: IngestStatus
    nothing_known: Callable[[], bool] = lambda: False
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    quotes: Fetched | None = None
    runs: dict[str, LastRun] = field(default_factory=dict)
    _running: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _closed: bool = False

    def __post_init__(self) -> None:
        self._quote_sources = dict(_quote_sources(self.plan, self.sources))

    @property
    def _calendar(self) -> Calendar:
        return self.runner.calendar

    @property
    def _clock(self) -> Clock:
        return self.runner.clock

    async def load(self) -> None:
        """Load when each job last succeeded before the restart, and show the sources' status."""
        self.runs |= {name: LastRun(succeeded_at=at) for name, at in (await self.checkpoints.open(self.plan)).items()}
        self._show(ArchiveInventory({}, {}, ()))

    async def look(self) -> None:
        """Show what the archive has.

        Apart from `load` because the worker takes a second to start.
        """
        self._show(await self.runner.inventory())

    def tick(self, now: datetime) -> None:
        """Start every job that is due and whose source is idle; none after `close`."""
        self.status.next_check = next_planned(self.plan, self._calendar, now)
        for job in self.plan if not self._closed else ():
            source = self.sources.get(job.source)
            idle = job.source not in self._running or self._running[job.source].done()
            if source is not None and idle and due(job, self.runs.get(job.name, LastRun()), self._calendar, now):
                task = asyncio.create_task(self._attempt(job, source, now), name=f"job {job.name}")
                self._running[job.source] = task

    @property
    def importing(self) -> bool:
        """Whether the first download of prices is still under way.

        After a few failures it counts as complete.
        """
        run = self.runs.get("prices", LastRun())
        return run.succeeded_at is None and run.failures < MOST_FAILURES

    def succeeded_at(self, job: str) -> datetime | None:
        """When a job last succeeded, or None."""
        return self.runs.get(job, LastRun()).succeeded_at

    async def idle(self) -> None:
        """Wait until no job runs."""
        await asyncio.gather(*self._running.values())

    async def close(self) -> None:
        """Cancel the running jobs and close the sources; a second call does nothing."""
        if self._closed:
            return
        self._closed = True
        for task in self._running.values():
            task.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)
        for source in self.sources.values():
            with contextlib.suppress(Exception):
                await source.close()

    async def _attempt(self, job: Job, source: Source, now: datetime) -> None:
        run = self.runs.get(job.name, LastRun())
        try:
            await self._work(job, source, now)
            await self._succeeded(job)
        except SourceError as error:
            self.runs[job.name] = run.failed(self._clock.now(), str(error))
            log.debug("job %s failed: %s", job.name, error)
        except Exception:
            self.runs[job.name] = run.failed(self._clock.now(), "it failed in a way nobody expected, as the log says")
            log.exception("job %s failed unexpectedly", job.name)
        self.status.progress = tuple(progress for progress in self.status.progress if progress.what != _noun(job))
        self.changed.set()
        with contextlib.suppress(Exception):
            await self.look()

    async def _succeeded(self, job: Job) -> None:
        done = self._clock.now()
        self.runs[job.name] = self.runs.get(job.name, LastRun()).succeeded(done)
        await self.checkpoints.succeeded(job, done)
        inventory = await self.runner.inventory()
        # The prices of new members are fetched now, not at the next planned instant.
        if job.name == "universe" and any(member not in inventory.tickers for member in inventory.members):
            self.runs.pop("prices", None)

    async def _work(self, job: Job, source: Source, now: datetime) -> None:
        if job.every is not None:
            quote_source = self._quote_sources[job.name]
            quotes = await quote_source.quotes(planner.tickers(await self.runner.inventory()), now)
            self.quotes = await self.runner.judged(quotes)
            return

        async def on_progress(event: ProgressEvent) -> None:
            if event.fetched is not None and self.nothing_known():
                self.changed.set()
            if event.inventory is not None:
                self._show_progress(job, event.inventory)

        await self.runner.work(job, source, now, succeeded_at=self.succeeded_at(job.name), on_progress=on_progress)

    def _show_progress(self, job: Job, inventory: ArchiveInventory) -> None:
        """Show how many histories are stored while some are missing: "120 of 606 tickers"."""
        if job.name == "prices":
            stored, names = inventory.tickers, planner.tickers(inventory)
        else:
            stored, names = inventory.series, planner.series_of(job)
        done = sum(name in stored for name in names)
        others = tuple(progress for progress in self.status.progress if progress.what != _noun(job))
        own = (BackfillProgress(_noun(job), done, len(names)),) if done < len(names) else ()
        self.status.progress = (*others, *own)

    def _show(self, inventory: ArchiveInventory) -> None:
        """Show the status of each source, and log which have become old or up to date again."""
        sources = statuses(self.sources, self.plan, self.runs, inventory, self._calendar, self._clock.now())
        for line in notices(self.status.sources, sources):
            log.warning(line)
        self.status.sources = sources
        for line in sentences.notices(self.status.doubts, inventory.doubts):
            log.warning(line)
        self.status.doubts = tuple(inventory.doubts)


def _quote_sources(plan: Sequence[Job], sources: Mapping[str, Source]) -> Iterator[tuple[str, QuoteSource]]:
    """The source of each job of prices of the running session.

    Raises TypeError for a source that gives none.
    """
    for job in plan:
        source = sources.get(job.source)
        if job.every is None or source is None:
            continue
        if not isinstance(source, QuoteSource):
            raise TypeError(
                f"the job {job.name} asks for prices of the running session, which {job.source} does not give"
            )
        yield job.name, source


def _noun(job: Job) -> str:
    return "tickers" if job.name == "prices" else f"series of {job.name}"
