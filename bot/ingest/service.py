"""Collector: runs what the timetable says is due, one job a source at a time, and hands what came to the worker.

Nothing here fails a check: a source that does not answer spoils its own signals only, is asked again after a pause and
shows in `/status`. How one job is worked off stands in `bot.ingest.runner`.
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
from bot.ingest.runner import JobRunner, ProgressEvent
from bot.ingest.schedule import LastRun, due, next_planned
from bot.ingest.status import BackfillProgress, IngestStatus
from bot.ingest.worker_tasks import ArchiveInventory
from bot.sources.base import QuoteSource, Source

log = logging.getLogger(__name__)

MOST_FAILURES = 3


@dataclass
class IngestService:
    """Keeps the archive up to date. `changed` is set whenever new figures are in; `quotes` are those of the running session.

    `nothing_known`: whether there is no reading yet, so that one is wanted after each chunk of the first download.
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
        """Remember when each job last succeeded, from before the restart, and show what is known of the sources."""
        self.runs |= {name: LastRun(succeeded_at=at) for name, at in (await self.checkpoints.open(self.plan)).items()}
        self._show(ArchiveInventory({}, {}, ()))

    async def look(self) -> None:
        """Show what the archive has; apart from `load` because the worker takes a second to start."""
        self._show(await self.runner.inventory())

    def tick(self, now: datetime) -> None:
        """Start every job that is due and whose source is idle; none any more after `close`."""
        self.status.next_check = next_planned(self.plan, self._calendar, now)
        for job in self.plan if not self._closed else ():
            source = self.sources.get(job.source)
            idle = job.source not in self._running or self._running[job.source].done()
            if source is not None and idle and due(job, self.runs.get(job.name, LastRun()), self._calendar, now):
                task = asyncio.create_task(self._attempt(job, source, now), name=f"job {job.name}")
                self._running[job.source] = task

    @property
    def importing(self) -> bool:
        """Whether the first download of prices is still under way; after a few failures it counts as all there is."""
        run = self.runs.get("prices", LastRun())
        return run.succeeded_at is None and run.failures < MOST_FAILURES

    def succeeded_at(self, job: str) -> datetime | None:
        """When a job last succeeded, or None."""
        return self.runs.get(job, LastRun()).succeeded_at

    async def idle(self) -> None:
        """Wait until no job runs."""
        await asyncio.gather(*self._running.values())

    async def close(self) -> None:
        """Stop whatever runs and give the sources back; a second call waits for nothing."""
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
            log.exception("job %s failed in a way nobody expected", job.name)
        self.status.progress = tuple(one for one in self.status.progress if one.what != _noun(job))
        self.changed.set()
        with contextlib.suppress(Exception):
            await self.look()

    async def _succeeded(self, job: Job) -> None:
        done = self._clock.now()
        self.runs[job.name] = self.runs.get(job.name, LastRun()).succeeded(done)
        await self.checkpoints.succeeded(job, done)
        known = await self.runner.inventory()
        if job.name == "universe" and any(member not in known.tickers for member in known.members):
            self.runs.pop("prices", None)

    async def _work(self, job: Job, source: Source, now: datetime) -> None:
        if job.every is not None:
            quote_source = self._quote_sources[job.name]
            self.quotes = await quote_source.quotes(planner.tickers(await self.runner.inventory()), now)
            return

        async def on_progress(step: ProgressEvent) -> None:
            if step.fetched is not None and self.nothing_known():
                self.changed.set()
            if step.inventory is not None:
                self._show_progress(job, step.inventory)

        await self.runner.work(job, source, now, succeeded_at=self.succeeded_at(job.name), on_progress=on_progress)

    def _show_progress(self, job: Job, known: ArchiveInventory) -> None:
        """While histories are missing, say how many are there: "120 of 606 tickers"."""
        have, names = (
            (known.tickers, planner.tickers(known)) if job.name == "prices" else (known.series, planner.series_of(job))
        )
        done = sum(name in have for name in names)
        others = tuple(one for one in self.status.progress if one.what != _noun(job))
        mine = (BackfillProgress(_noun(job), done, len(names)),) if done < len(names) else ()
        self.status.progress = (*others, *mine)

    def _show(self, known: ArchiveInventory) -> None:
        """Show a line per source, and write into the log what has become old or is not any more."""
        shown = statuses(self.sources, self.plan, self.runs, known, self._calendar, self._clock.now())
        for line in notices(self.status.sources, shown):
            log.warning(line)
        self.status.sources = shown


def _quote_sources(plan: Sequence[Job], sources: Mapping[str, Source]) -> Iterator[tuple[str, QuoteSource]]:
    """Whom each job asks for prices of the running session. Raises TypeError for a source that gives none."""
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
