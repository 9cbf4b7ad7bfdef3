"""One job's work: ask its source chunk by chunk and keep each before the next, for the running bot and for `market update`.

A kill costs at most one chunk: what is left is remembered (`bot.ingest.checkpoints`), what is kept is not asked for again.
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
from bot.ingest.checkpoints import Checkpoints, Unfinished, merged, lasting
from bot.ingest.schedule import newest_planned
from bot.ingest.worker_tasks import ArchiveInventory
from bot.sources.base import Source
from bot.worker.process import Worker

FEW_FAILURES = 2
"""So many chunks may fail in any job: one series that cannot be read must not keep the others from being asked for."""


@dataclass(frozen=True, slots=True)
class ProgressEvent:
    """After one chunk: what it gave or why it gave nothing, how many chunks of how many are behind, and what the archive has."""

    chunk: FetchRequest
    fetched: Fetched | None
    error: SourceError | None
    done: int
    total: int
    inventory: ArchiveInventory | None = None


OnProgress = Callable[[ProgressEvent], Awaitable[None]]


@dataclass
class _JobRun:
    """What has happened since a job was begun."""

    begun: datetime
    session: date
    today: date
    on_progress: OnProgress
    asked: set[str] = field(default_factory=set)
    left: list[FetchRequest] = field(default_factory=list)
    failed: list[SourceError] = field(default_factory=list)
    done: int = 0
    total: int = 0


@dataclass(frozen=True)
class JobRunner:
    """Fetches what jobs ask for and hands it to the worker. `backfill`: how far the first prices and series reach back."""

    worker: Worker
    location: ArchiveLocation
    checkpoints: Checkpoints
    calendar: Calendar
    clock: Clock
    backfill: timedelta

    async def work(
        self, job: Job, source: Source, now: datetime, *, succeeded_at: datetime | None, on_progress: OnProgress
    ) -> None:
        """Ask for everything the job is about; members that become known meanwhile are asked for as well.

        A chunk that fails, or of which only a part came, is asked for again the next time; what came is kept. Raises SourceError
        when one did: at the end, or at once when more than two and more than a quarter do or the source refuses.
        """
        job_run = _JobRun(now, self.calendar.last_final(now), _day(now), on_progress)
        before = await self.checkpoints.unfinished(job)
        newest = before.begun if before is not None else succeeded_at
        since = None if newest is None or newest > now else _day(newest)
        if before is not None and self._still_planned(job, before, now):
            chunks: Sequence[FetchRequest] = before.chunks
            job_run.asked.update(planner.series_of(job), job.records)
        else:
            # Yesterday's snapshot cannot be had any more.
            left = before.chunks if before is not None and job.back else ()
            chunks = merged(left, await self._chunks(job, source, job_run, since))
        while chunks:
            await self._batch(job, source, chunks, job_run)
            chunks = await self._chunks(job, source, job_run, since)
        if job_run.failed:
            raise job_run.failed[0]

    async def inventory(self) -> ArchiveInventory:
        """What the archive has."""
        return await self.worker.run(worker_tasks.inventory, self.location)

    def _still_planned(self, job: Job, before: Unfinished, now: datetime) -> bool:
        """Whether what was planned then would be planned the same now, so that only what is left has to be asked for."""
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
            done=job_run.asked,
        )
        for request in requests:
            job_run.asked.update(
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
            again = await self._keep(source, chunk, job_run, most=most)
            for repeated in self._repeated(source, again, job_run):
                job_run.total += 1
                await self._keep(source, repeated, job_run, most=most)
            if chunk in job_run.left and again is not None:
                job_run.left.remove(chunk)
                await self.checkpoints.leave(job, Unfinished(job_run.begun, tuple(job_run.left)))

    def _repeated(self, source: Source, again: Sequence[str] | None, job_run: _JobRun) -> Sequence[FetchRequest]:
        return source.split(planner.whole_histories(again, job_run.session, backfill=self.backfill)) if again else ()

    async def _keep(self, source: Source, chunk: FetchRequest, job_run: _JobRun, *, most: int) -> Sequence[str] | None:
        """Fetch and keep one chunk; returns the tickers that have to be asked for whole, or once more to be believed, and None
        when there was no answer."""
        job_run.done += 1
        try:
            fetched = await source.fetch(chunk, self.clock.now())
        except SourceError as error:
            await job_run.on_progress(ProgressEvent(chunk, None, error, job_run.done, job_run.total))
            _missed(job_run, error, error.rate_limited, most)
            return None
        stored = await self.worker.run(worker_tasks.store, self.location, fetched)
        await job_run.on_progress(ProgressEvent(chunk, fetched, None, job_run.done, job_run.total, stored.inventory))
        state = source.health.state
        if state in (HealthState.FAILING, HealthState.RESTING):
            # It gave a part of the chunk; the rest has to be asked for after a pause.
            stopped = SourceError(source.health.reason or f"{source.name} stopped half-way")
            _missed(job_run, stopped, state is HealthState.RESTING, most)
            return None
        return stored.refetch


def _missed(job_run: _JobRun, error: SourceError, refused: bool, most: int) -> None:
    """Write down that a chunk has to be asked for again. Raises `error` when the rest need not be tried now."""
    job_run.failed.append(error)
    if refused or len(job_run.failed) > most:
        raise error


def _day(instant: datetime) -> date:
    return instant.astimezone(NEW_YORK).date()
