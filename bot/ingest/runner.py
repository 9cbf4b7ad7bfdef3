"""Job runner: fetches one job chunk by chunk, stores each before the next, and reviews what is there.

A kill costs at most one chunk: the chunks that are left are stored (`bot.ingest.checkpoints`), and
what the archive has is not requested again. A job succeeds by what it stored: at the end the
archive is compared with the job's expected inventory (`bot.ingest.review`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.archive.location import ArchiveLocation
from bot.calendar.clock import Calendar, new_york_date
from bot.domain.fetched import Fetched, FetchRequest, HealthState
from bot.domain.gap import Missing
from bot.domain.job import ExpectedDay, Job
from bot.domain.ports import Clock
from bot.errors import SourceError
from bot.ingest import planner, worker_tasks
from bot.ingest.checkpoints import Checkpoints, Unfinished, lasting, merged
from bot.ingest.gaps import gaps
from bot.ingest.gaps.gaps import Requested
from bot.ingest.job_run import FEW_FAILURES, JobRun
from bot.ingest.planner import Scope
from bot.ingest.review import Review, review
from bot.ingest.run_outcome import IncompleteError, OnProgress, ProgressEvent, names_of, reason_of
from bot.ingest.schedule import newest_planned
from bot.ingest.worker_tasks import ArchiveInventory, ArchiveState
from bot.sources.base import Source
from bot.sources.simulated.market_frames import SOURCE as SIMULATED
from bot.worker import memory
from bot.worker.process import Worker

log = logging.getLogger(__name__)

OnReview = Callable[[Review], None]


def _ignore(_: Review) -> None:
    pass


@dataclass(frozen=True)
class JobRunner:
    """Fetches the requests of jobs and stores the results in the worker process.

    `backfill`: how far back the first prices and series reach. `rules_off`: rules of plausibility
    that are switched off. `own`: gives the tickers of own signals.
    """

    worker: Worker
    location: ArchiveLocation
    checkpoints: Checkpoints
    calendar: Calendar
    clock: Clock
    backfill: timedelta
    rules_off: tuple[str, ...] = ()
    own: Callable[[], Sequence[str]] = tuple

    async def work(
        self,
        job: Job,
        source: Source,
        now: datetime,
        *,
        succeeded_at: datetime | None,
        on_progress: OnProgress,
        planned: bool = True,
        on_review: OnReview = _ignore,
    ) -> None:
        """Fetch everything that the job is about, or (not `planned`) only the gaps that are due.

        Members that become known meanwhile are fetched as well.

        A chunk that fails, or of which only a part came, is requested again the next time; what
        came is stored. `on_review` is called with what the archive has afterwards, also before an
        error is raised.

        Raises:
            SourceError: When a chunk failed: at the end, or at once when more than two and more
                than a quarter of the chunks fail or the source refuses.
            IncompleteError: When the source answered, and too little of the newest expected day is
                in the archive.
        """
        job_run = JobRun(now, self.calendar.last_final(now), new_york_date(now), on_progress)
        reviewed = source.name != SIMULATED and job.expected is not ExpectedDay.NONE
        if reviewed:
            job_run.scope = await self._scope(job, job_run, planned=planned)
        try:
            await self._chunk_by_chunk(job, source, job_run, succeeded_at)
        except SourceError as error:
            job_run.errors.append(error)
        after = await self._review(job, job_run, on_review) if reviewed else None
        if job_run.errors:
            raise job_run.errors[0]
        verdict = None if after is None else after.verdicts[job.name]
        if verdict is not None and not verdict.complete:
            raise IncompleteError(
                reason_of(source.name, job, verdict, job_run.came), asked_all=planned and not job_run.stopped
            )

    async def check_all(self, jobs: Sequence[Job], now: datetime) -> Review:
        """Compare the archive with the whole inventory of these jobs; nothing is requested."""
        jobs = [job for job in jobs if job.expected is not ExpectedDay.NONE]
        return self._applied(
            await self.worker.run(
                review, self.location, jobs, now, requested=Requested(), full=True, own=tuple(self.own())
            )
        )

    async def state(self) -> ArchiveState:
        """What the archive has, its gaps and closures; the calendar follows the closures."""
        state = await self.worker.run(worker_tasks.state, self.location, tuple(self.own()))
        self.calendar.close(self.location.closures | state.closures)
        return state

    async def _chunk_by_chunk(self, job: Job, source: Source, job_run: JobRun, succeeded_at: datetime | None) -> None:
        before = await self.checkpoints.unfinished(job) if job_run.scope.planned else None
        newest = before.begun if before is not None else succeeded_at
        since = None if newest is None or newest > job_run.begun else new_york_date(newest)
        if before is not None and self._still_planned(job, before, job_run.begun):
            chunks: Sequence[FetchRequest] = before.chunks
            job_run.requested.update(planner.series_of(job), job.records)
        else:
            # A source that shows only the present (`back` 0) cannot give an earlier day's chunks
            # any more.
            left_chunks = before.chunks if before is not None and job.back else ()
            chunks = merged(left_chunks, await self._chunks(job, source, job_run, since))
        while chunks and not job_run.stopped:
            await self._batch(job, source, chunks, job_run)
            chunks = await self._chunks(job, source, job_run, since)

    async def _scope(self, job: Job, job_run: JobRun, *, planned: bool) -> Scope:
        """What of the job is requested now."""
        state = await self.state()
        job_run.session = self.calendar.last_final(job_run.begun)
        job_gaps = [gap for gap in state.gaps if gap.missing.job == job.name]
        due = gaps.due(job_gaps, job_run.begun)
        oldest = gaps.oldest_days(due)
        job_run.covered = gaps.covered(job_gaps, oldest)
        job_run.came.expect(gap.missing for gap in job_run.covered)
        newest = {**state.inventory.series, **state.inventory.tickers}
        return Scope(
            planned,
            gaps=oldest,
            waiting=gaps.waiting(job_gaps, newest, job_run.session, job_run.begun) if planned else (),
            tries={gap.missing.name: gap.tries for gap in job_gaps if gap.missing.day == job_run.session},
        )

    async def _review(self, job: Job, job_run: JobRun, on_review: OnReview) -> Review:
        requested = job_run.came.requested()
        after = self._applied(
            await self.worker.run(
                review, self.location, [job], self.clock.now(), requested=requested, own=tuple(self.own())
            )
        )
        on_review(after)
        return after

    def _applied(self, after: Review) -> Review:
        """The same; the calendar follows the closures, and the log tells those that are new."""
        self.calendar.close(self.location.closures | after.state.closures)
        for day in after.change.learned:
            log.warning("%s was no session: no index and nearly no ticker has a close of it, a later session has", day)
        for day in after.change.withdrawn:
            log.warning("%s was a session after all: closes of it have come", day)
        return after

    async def inventory(self) -> ArchiveInventory:
        """What the archive has."""
        return await self.worker.run(worker_tasks.inventory, self.location, tuple(self.own()))

    async def judged(self, quotes: Fetched) -> Fetched:
        """Prices of the running session, with the doubts about them."""
        return await self.worker.run(worker_tasks.judge_quotes, self.location, quotes, self.rules_off)

    def _still_planned(self, job: Job, before: Unfinished, now: datetime) -> bool:
        """Whether the same would be planned now as then, so that the left chunks are enough."""
        planned = newest_planned(job, self.calendar, now)
        same_day = new_york_date(before.begun) == new_york_date(now)
        same_session = self.calendar.last_final(before.begun) == self.calendar.last_final(now)
        return same_day and same_session and (planned is None or planned <= before.begun)

    async def _chunks(self, job: Job, source: Source, job_run: JobRun, since: date | None) -> Sequence[FetchRequest]:
        requests = planner.requests(
            job,
            await self.inventory(),
            job_run.session,
            backfill=self.backfill,
            calendar=self.calendar,
            today=job_run.today,
            since=since,
            done=job_run.requested,
            scope=job_run.scope,
        )
        for request in requests:
            job_run.requested.update(
                request.tickers, request.series, request.records, ["universe"] if request.universe else []
            )
        return [chunk for request in requests for chunk in source.split(request)]

    async def _batch(self, job: Job, source: Source, chunks: Sequence[FetchRequest], job_run: JobRun) -> None:
        most = max(FEW_FAILURES, len(chunks) // 4)
        job_run.total += len(chunks)
        job_run.left += lasting(chunks) if job_run.scope.planned else ()
        if job_run.left:
            await self.checkpoints.leave(job, Unfinished(job_run.begun, tuple(job_run.left)))
        for position, chunk in enumerate(chunks, 1):
            refetch = await self._request(job, source, chunk, job_run, most)
            for repeated in self._refetches(source, refetch, job_run):
                job_run.total += 1
                await self._fetch(source, repeated, job_run, most=most)
            if chunk in job_run.left and refetch is not None:
                job_run.left.remove(chunk)
                await self.checkpoints.leave(job, Unfinished(job_run.begun, tuple(job_run.left)))
            # Years of a chunk were here as frames and twice as pickled bytes.
            memory.give_back()
            if position < len(chunks) and job_run.in_vain(chunk):
                job_run.stopped = True
                return

    async def _request(
        self, job: Job, source: Source, chunk: FetchRequest, job_run: JobRun, most: int
    ) -> Sequence[str] | None:
        """As `_fetch`; a try of each gap in it is counted before, so that a kill repeats none of them."""
        requested = {gap.missing for gap in job_run.covered if gap.missing.name in names_of(chunk)}
        await self._note_tries(job, requested, answered=True)
        failure = refetch = None
        try:
            refetch = await self._fetch(source, chunk, job_run, most=most)
        except SourceError as error:
            failure = error
        await self._note_tries(job, {gap for gap in requested if gap.name not in job_run.came.names}, answered=False)
        if failure:
            raise failure
        return refetch

    async def _note_tries(self, job: Job, requested: Collection[Missing], *, answered: bool) -> None:
        if requested:
            now = self.clock.now()
            await self.worker.run(worker_tasks.note_tries, self.location, job.name, requested, now, answered=answered)

    def _refetches(self, source: Source, tickers: Sequence[str] | None, job_run: JobRun) -> Sequence[FetchRequest]:
        if not tickers:
            return ()
        return source.split(planner.whole_histories(tickers, job_run.session, backfill=self.backfill))

    async def _fetch(self, source: Source, chunk: FetchRequest, job_run: JobRun, *, most: int) -> Sequence[str] | None:
        """Fetch and store one chunk.

        Returns the tickers whose whole history has to be fetched, and None when the chunk failed or
        came only in part.
        """
        job_run.done += 1
        try:
            fetched = await source.fetch(chunk, self.clock.now())
        except SourceError as error:
            await job_run.on_progress(ProgressEvent(chunk, None, error, job_run.done, job_run.total))
            job_run.record_failure(error, refused=error.rate_limited, most=most)
            return None
        stored = await self.worker.run(worker_tasks.store, self.location, fetched, self.rules_off)
        state = source.health.state
        stopped_midway = state in (HealthState.FAILING, HealthState.RESTING)
        job_run.came.add(chunk, fetched, whole=not stopped_midway, withheld=stored.withheld)
        await job_run.on_progress(ProgressEvent(chunk, fetched, None, job_run.done, job_run.total, stored.inventory))
        if stopped_midway:
            # It gave a part of the chunk; the other part has to be requested after a pause.
            stopped = SourceError(source.health.reason or f"{source.name} stopped half-way")
            job_run.record_failure(stopped, refused=state is HealthState.RESTING, most=most)
            return None
        return stored.refetch
