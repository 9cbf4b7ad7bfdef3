"""One job's work: ask its source piece by piece and keep each before the next, for the running bot and for `market update`.

A kill costs at most one piece: what is left is remembered (`bot.ingest.checkpoints`), what is kept is not asked for again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from bot.calendar.clock import NEW_YORK, Calendar, Clock
from bot.errors import SourceError
from bot.ingest import planner
from bot.ingest.checkpoints import Book, Unfinished, joined, lasting
from bot.ingest.schedule import Job, newest_planned
from bot.readings import worker_tasks
from bot.sources.base import Fetched, HealthState, Source, Want
from bot.worker.process import Worker

FEW_FAILURES = 2
"""So many pieces may fail in any job: one series that cannot be read must not keep the others from being asked for."""


@dataclass(frozen=True, slots=True)
class Step:
    """After one piece: what it gave or why it gave nothing, and how many pieces of how many are behind."""

    piece: Want
    fetched: Fetched | None
    error: SourceError | None
    done: int
    total: int


Told = Callable[[Step], Awaitable[None]]


@dataclass
class _Trip:
    """What has happened since a job was begun."""

    begun: datetime
    session: date
    today: date
    told: Told
    asked: set[str] = field(default_factory=set)
    left: list[Want] = field(default_factory=list)
    failed: list[SourceError] = field(default_factory=list)
    done: int = 0
    total: int = 0


@dataclass(frozen=True)
class Fetcher:
    """Fetches what jobs want and hands it to the worker. `backfill`: how far the first prices and series reach back."""

    worker: Worker
    desk: worker_tasks.Desk
    book: Book
    calendar: Calendar
    clock: Clock
    backfill: timedelta

    async def work(self, job: Job, source: Source, now: datetime, *, succeeded_at: datetime | None, told: Told) -> None:
        """Ask for everything the job wants; members that become known meanwhile are asked for as well.

        A piece that fails, or of which only a part came, is asked for again the next time; what came is kept. Raises SourceError
        when one did: at the end, or at once when more than two and more than a quarter do or the source refuses.
        """
        trip = _Trip(now, self.calendar.last_final(now), _day(now), told)
        before = await self.book.unfinished(job)
        newest = before.begun if before is not None else succeeded_at
        since = None if newest is None or newest > now else _day(newest)
        if before is not None and self._still_planned(job, before, now):
            pieces: Sequence[Want] = before.pieces
            trip.asked.update(planner.series_of(job.name), job.records)
        else:
            # Yesterday's snapshot cannot be had any more.
            left = before.pieces if before is not None and job.back else ()
            pieces = joined(left, await self._pieces(job, source, trip, since))
        while pieces:
            await self._batch(job, source, pieces, trip)
            pieces = await self._pieces(job, source, trip, since)
        if trip.failed:
            raise trip.failed[0]

    async def known(self) -> worker_tasks.Known:
        """What the archive has."""
        return await self.worker.run(worker_tasks.known, self.desk)

    def _still_planned(self, job: Job, before: Unfinished, now: datetime) -> bool:
        """Whether what was planned then would be planned the same now, so that only what is left has to be asked for."""
        planned = newest_planned(job, self.calendar, now)
        same_day = _day(before.begun) == _day(now)
        same_session = self.calendar.last_final(before.begun) == self.calendar.last_final(now)
        return same_day and same_session and (planned is None or planned <= before.begun)

    async def _pieces(self, job: Job, source: Source, trip: _Trip, since: date | None) -> Sequence[Want]:
        wants = planner.wants(
            job,
            await self.known(),
            trip.session,
            backfill=self.backfill,
            calendar=self.calendar,
            today=trip.today,
            since=since,
            done=trip.asked,
        )
        for want in wants:
            trip.asked.update(want.tickers, want.series, want.records, ["universe"] if want.universe else [])
        return [piece for want in wants for piece in source.split(want)]

    async def _batch(self, job: Job, source: Source, pieces: Sequence[Want], trip: _Trip) -> None:
        most = max(FEW_FAILURES, len(pieces) // 4)
        trip.total += len(pieces)
        trip.left += lasting(pieces)
        if trip.left:
            await self.book.leave(job, Unfinished(trip.begun, tuple(trip.left)))
        for piece in pieces:
            again = await self._keep(source, piece, trip, most=most)
            for repeated in self._repeated(source, again, trip):
                trip.total += 1
                await self._keep(source, repeated, trip, most=most)
            if piece in trip.left and again is not None:
                trip.left.remove(piece)
                await self.book.leave(job, Unfinished(trip.begun, tuple(trip.left)))

    def _repeated(self, source: Source, again: Sequence[str] | None, trip: _Trip) -> Sequence[Want]:
        return source.split(planner.whole(again, trip.session, backfill=self.backfill)) if again else ()

    async def _keep(self, source: Source, piece: Want, trip: _Trip, *, most: int) -> Sequence[str] | None:
        """Fetch and keep one piece; returns the tickers that have to be asked for whole, or once more to be believed, and None
        when there was no answer."""
        trip.done += 1
        try:
            fetched = await source.fetch(piece, self.clock.now())
        except SourceError as error:
            await trip.told(Step(piece, None, error, trip.done, trip.total))
            _missed(trip, error, error.rate_limited, most)
            return None
        again = await self.worker.run(worker_tasks.keep, self.desk, fetched)
        await trip.told(Step(piece, fetched, None, trip.done, trip.total))
        state = source.health.state
        if state in (HealthState.FAILING, HealthState.RESTING):
            # It gave a part of the piece; the rest has to be asked for after a pause.
            stopped = SourceError(source.health.reason or f"{source.name} stopped half-way")
            _missed(trip, stopped, state is HealthState.RESTING, most)
            return None
        return again


def _missed(trip: _Trip, error: SourceError, refused: bool, most: int) -> None:
    """Write down that a piece has to be asked for again. Raises `error` when the rest need not be tried now."""
    trip.failed.append(error)
    if refused or len(trip.failed) > most:
        raise error


def _day(instant: datetime) -> date:
    return instant.astimezone(NEW_YORK).date()
