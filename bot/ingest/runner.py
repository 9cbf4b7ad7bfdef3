"""Job runner: fetches one job chunk by chunk and stores each before the next.

A kill costs at most one chunk: the chunks that are left are stored (`bot.ingest.checkpoints`), and
what the archive has is not requested again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from bot.archive.location import ArchiveLocation
from bot.calendar.clock import NEW_YORK, Calendar
from bot.domain.fetched import Fetched, FetchRequest, HealthState
from bot.domain.job import Job
from bot.domain.ports import Clock
from bot.errors import SourceError
from bot.ingest import planner, worker_tasks
from bot.ingest.checkpoints import Checkpoints, Unfinished, lasting, merged
from bot.ingest.schedule import newest_planned
from bot.ingest.worker_tasks import ArchiveInventory
from bot.sources.base import Source
from bot.worker.process import Worker

FEW_FAILURES = 2
"""How many chunks may fail in any job: one series that cannot be read must not keep the others from
being fetched."""


@dataclass(frozen=True, slots=True)
class ProgressEvent:
    """The state after one chunk: its figures or error, the counts of chunks, and the archive."""

    chunk: FetchRequest
    fetched: Fetched | None
    error: SourceError | None
    done: int
    total: int
    inventory: ArchiveInventory | None = None


OnProgress = Callable[[ProgressEvent], Awaitable[None]]


@dataclass
class _JobRun:
    """The state of one run of a job."""

    begun: datetime
    session: date
    today: date
    on_progress: OnProgress
    requested: set[str] = field(default_factory=set)
    left: list[FetchRequest] = field(default_factory=list)
    errors: list[SourceError] = field(default_factory=list)
    done: int = 0
    total: int = 0


@dataclass(frozen=True)
class JobRunner:
    """Fetches the requests of jobs and stores the results in the worker process.

    `backfill`: how far back the first prices and series reach. `rules_off`: rules of plausibility
    that are switched off.
    """

    worker: Worker
    location: ArchiveLocation
    checkpoints: Checkpoints
    calendar: Calendar
    clock: Clock
    backfill: timedelta
    rules_off: tuple[str, ...] = ()

    async def work(
        self, job: Job, source: Source, now: datetime, *, succeeded_at: datetime | None, on_progress: OnProgress
    ) -> None:
        """Fetch everything that the job is about.

        Members that become known meanwhile are fetched as well.

        A chunk that fails, or of which only a part came, is requested again the next time; what
        came is stored.

        Raises:
            SourceError: When a chunk failed: at the end, or at once when more than two and more
                than a quarter of the chunks fail or the source refuses.
        """
        job_run = _JobRun(now, self.calendar.last_final(now), _day(now), on_progress)
        before = await self.checkpoints.unfinished(job)
        newest = before.begun if before is not None else succeeded_at
        since = None if newest is None or newest > now else _day(newest)
        if before is not None and self._still_planned(job, before, now):
            chunks: Sequence[FetchRequest] = before.chunks
            job_run.requested.update(planner.series_of(job), job.records)
        else:
            # A source that shows only the present (`back` 0) cannot give an earlier day's chunks
            # any more.
            left = before.chunks if before is not None and job.back else ()
            chunks = merged(left, await self._chunks(job, source, job_run, since))
        while chunks:
            await self._batch(job, source, chunks, job_run)
            chunks = await self._chunks(job, source, job_run, since)
        if job_run.errors:
            raise job_run.errors[0]

    async def inventory(self) -> ArchiveInventory:
        """What the archive has."""
        return await self.worker.run(worker_tasks.inventory, self.location)

    async def judged(self, quotes: Fetched) -> Fetched:
        """Prices of the running session, with the doubts about them."""
        return await self.worker.run(worker_tasks.judge_quotes, self.location, quotes, self.rules_off)

    def _still_planned(self, job: Job, before: Unfinished, now: datetime) -> bool:
        """Whether the same would be planned now as then, so that the left chunks are enough."""
        planned = newest_planned(job, self.calendar, now)
        same_day = _day(before.begun) == _day(now)
        same_session = self.calendar.last_final(before.begun) == self.calendar.last_final(now)
        return same_day and same_session and (planned is None or planned <= before.begun)

    async def _chunks(self, job: Job, source: Source, job_run: _JobRun, since: date | None) -> Sequence[FetchRequest]:
        requests = planner.requests(
            job,
            await self.inventory(),
            job_run.session,
            backfill=self.backfill,
            calendar=self.calendar,
            today=job_run.today,
            since=since,
            done=job_run.requested,
        )
        for request in requests:
            job_run.requested.update(
                request.tickers, request.series, request.records, ["universe"] if request.universe else []
            )
        return [chunk for request in requests for chunk in source.split(request)]

    async def _batch(self, job: Job, source: Source, chunks: Sequence[FetchRequest], job_run: _JobRun) -> None:
        most = max(FEW_FAILURES, len(chunks) // 4)
        job_run.total += len(chunks)
        job_run.left += lasting(chunks)
        if job_run.left:
            await self.checkpoints.leave(job, Unfinished(job_run.begun, tuple(job_run.left)))
        for chunk in chunks:
            refetch = await self._fetch(source, chunk, job_run, most=most)
            for repeated in self._refetches(source, refetch, job_run):
                job_run.total += 1
                await self._fetch(source, repeated, job_run, most=most)
            if chunk in job_run.left and refetch is not None:
                job_run.left.remove(chunk)
                await self.checkpoints.leave(job, Unfinished(job_run.begun, tuple(job_run.left)))

    def _refetches(self, source: Source, tickers: Sequence[str] | None, job_run: _JobRun) -> Sequence[FetchRequest]:
        if not tickers:
            return ()
        return source.split(planner.whole_histories(tickers, job_run.session, backfill=self.backfill))

    async def _fetch(self, source: Source, chunk: FetchRequest, job_run: _JobRun, *, most: int) -> Sequence[str] | None:
        """Fetch and store one chunk.

        Returns the tickers whose whole history has to be fetched, and None when the chunk failed or
        came only in part.
        """
        job_run.done += 1
        try:
            fetched = await source.fetch(chunk, self.clock.now())
        except SourceError as error:
            await job_run.on_progress(ProgressEvent(chunk, None, error, job_run.done, job_run.total))
            _record_failure(job_run, error, error.rate_limited, most)
            return None
        stored = await self.worker.run(worker_tasks.store, self.location, fetched, self.rules_off)
        await job_run.on_progress(ProgressEvent(chunk, fetched, None, job_run.done, job_run.total, stored.inventory))
        state = source.health.state
        if state in (HealthState.FAILING, HealthState.RESTING):
            # It gave a part of the chunk; the other part has to be requested after a pause.
            stopped = SourceError(source.health.reason or f"{source.name} stopped half-way")
            _record_failure(job_run, stopped, state is HealthState.RESTING, most)
            return None
        return stored.refetch


def _record_failure(job_run: _JobRun, error: SourceError, refused: bool, most: int) -> None:
    """Record that a chunk has to be requested again.

    Raises `error` when the other chunks need not be tried now.
    """
    job_run.errors.append(error)
    if refused or len(job_run.errors) > most:
        raise error


def _day(instant: datetime) -> date:
    return instant.astimezone(NEW_YORK).date()
