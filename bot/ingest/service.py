"""Ingest service: runs due jobs, one at a time for each source, and stores the results.

No failure here fails a check: a source that does not answer only affects its own signals, is tried
again after a pause and is shown in `/status`. `bot.ingest.runner` runs one job, as planned or for
its gaps that are due (`bot.ingest.gaps.gaps`).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from bot.archive.damaged import ArchiveDamagedError
from bot.archive.tables.observed_closures import ClosureChange
from bot.calendar.clock import Calendar
from bot.database.full_disk import FULL, is_full
from bot.domain import arrival
from bot.domain.arrival import Arrival
from bot.domain.fetched import Fetched
from bot.domain.job import Job
from bot.domain.ports import Clock
from bot.errors import SourceError
from bot.ingest import planner, progress
from bot.ingest.archive_watch import GONE, ArchiveWatch
from bot.ingest.checkpoints import Checkpoints
from bot.ingest.freshness import notices, statuses
from bot.ingest.gaps import gap_runs, gaps
from bot.ingest.gaps.gap_runs import RunKind
from bot.ingest.gaps.gaps import BETWEEN_CHECKS, BETWEEN_RUNS
from bot.ingest.gaps.inventory import PRICES
from bot.ingest.plausibility import sentences
from bot.ingest.quote_sources import quote_sources, recent
from bot.ingest.review import Review
from bot.ingest.run_outcome import IncompleteError, ProgressEvent
from bot.ingest.runner import JobRunner
from bot.ingest.schedule import LastRun, asked_all, next_planned
from bot.ingest.status import IngestStatus
from bot.ingest.worker_tasks import ArchiveInventory, ArchiveState
from bot.sources.base import Source
from bot.sources.simulated.market_frames import SOURCE as SIMULATED

log = logging.getLogger(__name__)

MOST_FAILURES = 3

_CHECK, _LOOK = "check of all gaps", "look at a new archive"


@dataclass
class IngestService:
    """Keeps the archive up to date. `changed` is set whenever there are new figures; `quotes` are those of the running session;
    `gone` are the tickers that their source has no more; `state` is what the archive had at the newest look.

    `nothing_known`: whether there is no reading yet, so that each chunk of the first download sets `changed`.
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
    arrivals: dict[date, Arrival] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()
    state: ArchiveState = field(default_factory=lambda: ArchiveState(ArchiveInventory({}, {}, ())))
    _gap_runs: dict[str, datetime] = field(default_factory=dict)
    _checked_at: datetime | None = None
    _running: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _closed: bool = False

    def __post_init__(self) -> None:
        self._quote_sources = dict(quote_sources(self.plan, self.sources))
        self._watch = ArchiveWatch(self.runner.location.path)

    @property
    def _calendar(self) -> Calendar:
        return self.runner.calendar

    @property
    def _clock(self) -> Clock:
        return self.runner.clock

    async def load(self) -> None:
        """Load when each job last succeeded before the restart, and show the sources' status."""
        self.runs |= {name: LastRun(succeeded_at=at) for name, at in (await self.checkpoints.open(self.plan)).items()}
        self.arrivals |= await self.checkpoints.arrivals()
        self._checked_at = await self.checkpoints.checked_at()
        self._show(self.state)

    async def look(self) -> None:
        """Show what the archive has; begin anew when it is gone or damaged. The worker takes a second to start."""
        try:
            state = await self.runner.state()
        except ArchiveDamagedError as error:
            await self._begin_anew(str(error))
            state = await self.runner.state()
        if self.succeeded_at(PRICES) is not None and not state.inventory.tickers:
            await self._begin_anew(GONE)
        self._watch.remember()
        self._show(state)

    async def _begin_anew(self, reason: str) -> None:
        """Fetch everything again, as after the first start."""
        log.error("%s", reason)
        self.status.archive, self._checked_at = reason, None
        self.runs.clear()
        self.arrivals.clear()
        await self.checkpoints.forget(self.plan)

    def tick(self, now: datetime) -> None:
        """Start every job that is due and whose source is idle; none after `close`."""
        self.status.next_check = next_planned(self.plan, self._calendar, now)
        self._drop_old_quotes(now)
        for job in self.plan if not self._closed else ():
            source = self.sources.get(job.source)
            if source is None or not self._idle(job.source):
                continue
            run, gap_run_at = self._run(job), self._gap_runs.get(job.name)
            kind = gap_runs.kind(job, run, self.state.gaps, gap_run_at, self._calendar, now)
            if kind is RunKind.NONE:
                continue
            if kind is RunKind.GAPS:
                self._gap_runs[job.name] = now
            attempt = self._attempt(job, source, now, planned=kind is RunKind.PLANNED)
            self._running[job.source] = asyncio.create_task(attempt, name=f"job {job.name}")
        if self._watch.replaced() and self._idle(_LOOK) and not self._closed:
            self._running[_LOOK] = asyncio.create_task(self.look(), name=_LOOK)
        if self._check_is_due(now):
            self._running[_CHECK] = asyncio.create_task(self._check_all(now), name=_CHECK)

    def _drop_old_quotes(self, now: datetime) -> None:
        before, self.quotes = self.quotes, recent(self.quotes, self.plan, now)
        if before is not None and self.quotes is None and before.partial_day == self._calendar.running(now):
            log.warning("prices of the running session are not shown any more: the newest are of %s", before.fetched_at)
            self.changed.set()

    @property
    def importing(self) -> bool:
        """Whether the first download of prices is still under way; after a few failures it counts as complete."""
        run = self.runs.get(PRICES, LastRun())
        return run.succeeded_at is None and run.failures < MOST_FAILURES

    def succeeded_at(self, job: str) -> datetime | None:
        """When a job last succeeded, or None."""
        return self.runs.get(job, LastRun()).succeeded_at

    def _run(self, job: Job) -> LastRun:
        return self.runs.get(job.name, LastRun())

    def _idle(self, source: str) -> bool:
        return source not in self._running or self._running[source].done()

    def look_for_own_tickers(self) -> None:
        """Compare the archive with the whole inventory at the next tick: what it lacks is fetched at once."""
        self._checked_at = None
        if any(source.name == SIMULATED for source in self.sources.values()):  # which has no gaps
            self.runs.pop(PRICES, None)
        self.changed.set()

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

    async def _attempt(self, job: Job, source: Source, now: datetime, *, planned: bool) -> None:
        run = self._run(job)
        try:
            await self._note_request(job, now)
            await self._work(job, source, now, planned=planned)
            if planned or asked_all(job, run, self._calendar, now):
                await self._succeeded(job)
            else:
                self.runs[job.name] = LastRun(succeeded_at=run.succeeded_at)
        except SourceError as error:
            requested_all = asked_all(job, run, self._calendar, now)
            everything = isinstance(error, IncompleteError) and (error.asked_all or requested_all)
            self.runs[job.name] = run.failed(self._clock.now(), str(error), asked_all=everything)
            log.debug("job %s failed: %s", job.name, error)
        except ArchiveDamagedError as error:
            await self._begin_anew(str(error))
        except Exception as error:
            self.checkpoints.notice(error)
            why = FULL if is_full(error) else "it failed in a way nobody expected, as the log says"
            self.runs[job.name] = run.failed(self._clock.now(), why)
            log.exception("job %s failed unexpectedly", job.name)
        self.status.progress = tuple(part for part in self.status.progress if part.what != progress.noun(job))
        self.changed.set()
        with contextlib.suppress(Exception):
            await self.look()

    async def _note_request(self, job: Job, now: datetime) -> None:
        """Record that the prices of the newest session are requested for the first time."""
        session = self._calendar.last_final(now)
        if job.name == PRICES and session not in self.arrivals:
            self.arrivals = arrival.requested(self.arrivals, session, now)
            await self.checkpoints.put_arrivals(self.arrivals)

    async def _succeeded(self, job: Job) -> None:
        done = self._clock.now()
        if job.name == PRICES:
            if self.importing:
                log.info("the history is there; signals that need other sources follow as those answer")
            self.status.archive = None
            self.arrivals = arrival.complete(self.arrivals, done)
            await self.checkpoints.put_arrivals(self.arrivals)
        self.runs[job.name] = self._run(job).succeeded(done)
        await self.checkpoints.succeeded(job, done)
        inventory = await self.runner.inventory()
        # The prices of new members are fetched now, not at the next planned instant.
        if job.name == "universe" and any(member not in inventory.tickers for member in inventory.members):
            self.runs.pop(PRICES, None)

    def _check_is_due(self, now: datetime) -> bool:
        """Whether the whole inventory is compared with the archive; not during the first download."""
        if self._closed or self.importing or not self._idle(_CHECK):
            return False
        checked = self._checked_at
        return checked is None or not checked <= now < checked + BETWEEN_CHECKS

    async def _check_all(self, now: datetime) -> None:
        live = [job for job in self.plan if job.source in self.sources and self.sources[job.source].name != SIMULATED]
        self._checked_at = now
        try:
            if live:
                self._take(await self.runner.check_all(live, now))
            await self.checkpoints.checked(now)
        except ArchiveDamagedError as error:
            await self._begin_anew(str(error))
        except Exception:
            # Whoever holds the archive, a copy say, lets go of it soon.
            self._checked_at = now - BETWEEN_CHECKS + BETWEEN_RUNS
            log.exception("the archive could not be compared with what is expected of it")

    def _take(self, review: Review) -> None:
        """Show what a review has found; a closure more or less changes readings."""
        self._show(review.state)
        if review.change != ClosureChange():
            self.changed.set()

    async def _work(self, job: Job, source: Source, now: datetime, *, planned: bool) -> None:
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

        await self.runner.work(
            job,
            source,
            now,
            succeeded_at=self.succeeded_at(job.name),
            on_progress=on_progress,
            planned=planned,
            on_review=self._take,
        )

    def _show_progress(self, job: Job, inventory: ArchiveInventory) -> None:
        """Show how many histories are stored while some are missing."""
        current = progress.of_job(job, inventory)
        others = tuple(part for part in self.status.progress if part.what != current.what)
        self.status.progress = (*others, *((current,) if current.done < current.total else ()))

    def _show(self, state: ArchiveState) -> None:
        """Show the status of each source, and log which have become old or up to date again."""
        self.state = state
        self.gone = gaps.gone_names((gap for gap in state.gaps if gap.missing.job == PRICES), state.inventory.tickers)
        self.status.closures = tuple(sorted(state.closures))
        now = self._clock.now()
        sources = statuses(self.sources, self.plan, self.runs, state.inventory, self._calendar, now, state.gaps)
        for line in notices(self.status.sources, sources):
            log.warning(line)
        self.status.sources = sources
        for line in sentences.notices(self.status.doubts, state.inventory.doubts):
            log.warning(line)
        self.status.doubts = tuple(state.inventory.doubts)
