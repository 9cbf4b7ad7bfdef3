"""Collector: runs what the timetable says is due, one job a source at a time, and hands what came to the worker.

Nothing here fails a check: a source that does not answer spoils its own signals only, is asked again after a pause and
shows in `/status`. A first download goes piece by piece, and each piece is kept before the next is asked for, so a kill
costs at most one piece.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from bot import tasks, wanted
from bot.board import Board, Progress, SourceStatus
from bot.clock import NEW_YORK, Calendar, Clock
from bot.errors import SourceError
from bot.jobs import Job, Run, due, newest_planned, next_run
from bot.sources.base import Fetched, HealthState, Source, Want
from bot.store import settings
from bot.store.db import Store
from bot.worker import Worker
from signals import catalogue

log = logging.getLogger(__name__)

MOST_FAILURES = 3


@dataclass
class Collector:
    """Keeps the archive up to date. `changed` is set whenever new figures are in; `quotes` are those of the running session."""

    sources: Mapping[str, Source]
    plan: Sequence[Job]
    worker: Worker
    desk: tasks.Desk
    store: Store
    board: Board
    calendar: Calendar
    clock: Clock
    backfill: timedelta
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    quotes: Fetched | None = None
    runs: dict[str, Run] = field(default_factory=dict)
    _running: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _closed: bool = False

    async def load(self) -> None:
        """Remember when each job last succeeded, from before the restart, and show what is known of the sources."""
        # What succeeded before counts only for the archive that it filled: that one may have been deleted, or be another's.
        for job in self.plan if self.desk.path.exists() else ():
            text = await self.store.read(settings.get, self._key(job))
            if text is not None:
                self.runs[job.name] = Run(succeeded_at=datetime.fromisoformat(text))
        self._show(tasks.Known({}, {}, ()))

    async def look(self) -> None:
        """Show what the archive has; apart from `load` because the worker takes a second to start."""
        self._show(await self._known())

    def tick(self, now: datetime) -> None:
        """Start every job that is due and whose source is idle; none any more after `close`."""
        for job in self.plan if not self._closed else ():
            source = self.sources.get(job.source)
            idle = job.source not in self._running or self._running[job.source].done()
            if source is not None and idle and due(job, self.runs.get(job.name, Run()), self.calendar, now):
                task = asyncio.create_task(self._attempt(job, source, now), name=f"job {job.name}")
                self._running[job.source] = task

    @property
    def importing(self) -> bool:
        """Whether the first download of prices is still under way; after a few failures it counts as all there is."""
        run = self.runs.get("prices", Run())
        return run.succeeded_at is None and run.failures < MOST_FAILURES

    def succeeded_at(self, job: str) -> datetime | None:
        """When a job last succeeded, or None."""
        return self.runs.get(job, Run()).succeeded_at

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
        run = self.runs.get(job.name, Run())
        try:
            await self._work(job, source, now)
            await self._succeeded(job)
        except SourceError as error:
            self.runs[job.name] = run.failed(self.clock.now())
            log.debug("job %s failed: %s", job.name, error)
        except Exception:
            self.runs[job.name] = run.failed(self.clock.now())
            log.exception("job %s failed in a way nobody expected", job.name)
        self.board.progress = tuple(one for one in self.board.progress if one.what != _noun(job))
        self.changed.set()
        with contextlib.suppress(Exception):
            await self.look()

    async def _succeeded(self, job: Job) -> None:
        done = self.clock.now()
        self.runs[job.name] = self.runs.get(job.name, Run()).succeeded(done)
        await self.store.run(settings.put, self._key(job), done.isoformat())
        known = await self._known()
        if job.name == "universe" and any(member not in known.tickers for member in known.members):
            self.runs.pop("prices", None)

    async def _work(self, job: Job, source: Source, now: datetime) -> None:
        """Ask for everything the job wants, piece by piece; members that become known meanwhile are asked for as well.

        A piece that fails is left out, and the job counts as failed once more than a quarter does or the source refuses.
        """
        if job.every is not None:
            self.quotes = await source.quotes(wanted.tickers(await self._known()), now)
            return
        session, done = self.calendar.last_final(now), set[str]()
        failed: list[SourceError] = []
        while pieces := self._pieces(job, source, await self._known(), session, done):
            for piece in pieces:
                done.update(piece.tickers, piece.series, piece.records, ["universe"] if piece.universe else [])
                again = await self._keep(source, piece, failed, most=len(pieces) // 4)
                for repeated in source.split(wanted.whole(again, session, backfill=self.backfill)) if again else ():
                    await self._keep(source, repeated, failed, most=len(pieces) // 4)
                await self._progress(job)
        if failed:
            raise failed[0]

    def _pieces(
        self, job: Job, source: Source, known: tasks.Known, session: date, done: Collection[str]
    ) -> Sequence[Want]:
        wants = wanted.wants(
            job,
            known,
            session,
            backfill=self.backfill,
            calendar=self.calendar,
            today=self.clock.now().astimezone(NEW_YORK).date(),
            first=self.succeeded_at(job.name) is None,
            done=done,
        )
        return [piece for want in wants for piece in source.split(want)]

    async def _keep(self, source: Source, piece: Want, failed: list[SourceError], *, most: int) -> Sequence[str]:
        """Fetch and keep one piece; returns the tickers that have to be asked for whole, or once more to be believed."""
        try:
            fetched = await source.fetch(piece, self.clock.now())
        except SourceError as error:
            failed.append(error)
            if error.rate_limited or len(failed) > most:
                raise
            return ()
        again = await self.worker.run(tasks.keep, self.desk, fetched)
        if source.health.state in (HealthState.FAILING, HealthState.RESTING):
            # It gave a part of the piece and stopped; the rest has to be asked for after a pause.
            raise SourceError(source.health.reason or f"{source.name} stopped half-way")
        if self.board.snapshot is None:
            self.changed.set()
        return again

    async def _progress(self, job: Job) -> None:
        """While histories are missing, say how many are there: "120 of 606 tickers"."""
        known = await self._known()
        have, names = (
            (known.tickers, wanted.tickers(known))
            if job.name == "prices"
            else (known.series, wanted.series_of(job.name))
        )
        done = sum(name in have for name in names)
        others = tuple(one for one in self.board.progress if one.what != _noun(job))
        mine = (Progress(_noun(job), done, len(names)),) if done < len(names) else ()
        self.board.progress = (*others, *mine)

    def _key(self, job: Job) -> str:
        return f"run:{self.desk.path.stem}:{job.name}"

    async def _known(self) -> tasks.Known:
        return await self.worker.run(tasks.known, self.desk)

    def _show(self, known: tasks.Known) -> None:
        """Put a line per source on the board: how it feels, the newest day it gave and the one it should have given."""
        prices = [known.tickers[name] for name in catalogue.tickers() if name in known.tickers]
        newest = {"yahoo": max(prices)} if prices else {}
        for job in self.plan:
            days = [known.series[name] for name in wanted.series_of(job.name) if name in known.series]
            if days:
                newest[job.source] = max(days)
        now = self.clock.now()
        planned = {job.source: newest_planned(job, self.calendar, now) for job in self.plan if job.every is None}
        self.board.sources = tuple(
            SourceStatus(
                name,
                source.health,
                newest.get(name),
                when.date() if (when := planned.get(name)) else None,
                self._next_run(name, now),
            )
            for name, source in self.sources.items()
        )

    def _next_run(self, source: str, now: datetime) -> datetime | None:
        """When a source is asked next for what its timetable plans; quotes of a running session do not count."""
        jobs = [job for job in self.plan if job.source == source and job.every is None]
        found = [next_run(job, self.runs.get(job.name, Run()), self.calendar, now) for job in jobs]
        return min((when for when in found if when is not None), default=None)


def _noun(job: Job) -> str:
    return "tickers" if job.name == "prices" else f"series of {job.name}"
