"""Collector: runs what the timetable says is due, one job a source at a time, and hands what came to the worker.

Nothing here fails a check: a source that does not answer spoils its own signals only, is asked again after a pause and
shows in `/status`. A first download goes piece by piece, and each piece is kept before the next is asked for, so a kill
costs at most one piece.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from bot import tasks
from bot.board import Board, Progress, SourceStatus
from bot.clock import Calendar, Clock
from bot.errors import SourceError
from bot.jobs import Job, Run, due, newest_planned
from bot.sources.base import Fetched, Source, Want
from bot.store import settings
from bot.store.db import Store
from bot.worker import Worker
from signals import catalogue

log = logging.getLogger(__name__)

OVERLAP = timedelta(days=10)
"""Days fetched again with every update, so that a split or a corrected close is seen."""

VOLATILITY = ("VIX", "VIX9D", "VIX3M", "VXN", "SKEW")
PUT_CALL_PREFIX = "CBOE_"


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

    async def load(self) -> None:
        """Remember when each job last succeeded, from before the restart, and show what is known of the sources."""
        for job in self.plan:
            text = await self.store.read(settings.get, f"run:{job.name}")
            if text is not None:
                self.runs[job.name] = Run(succeeded_at=datetime.fromisoformat(json.loads(text)))
        await self._show(await self.worker.run(tasks.known, self.desk))

    def tick(self, now: datetime) -> None:
        """Start every job that is due and whose source is idle."""
        for job in self.plan:
            source = self.sources.get(job.source)
            idle = job.source not in self._running or self._running[job.source].done()
            if source is not None and idle and due(job, self.runs.get(job.name, Run()), self.calendar, now):
                task = asyncio.create_task(self._attempt(job, source, now), name=f"job {job.name}")
                self._running[job.source] = task

    def succeeded_at(self, job: str) -> datetime | None:
        """When a job last succeeded, or None."""
        return self.runs.get(job, Run()).succeeded_at

    async def idle(self) -> None:
        """Wait until no job runs."""
        await asyncio.gather(*self._running.values())

    async def close(self) -> None:
        """Stop whatever runs and give the sources back."""
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
        except SourceError as error:
            self.runs[job.name] = run.failed(self.clock.now())
            log.debug("job %s failed: %s", job.name, error)
        except Exception:
            self.runs[job.name] = run.failed(self.clock.now())
            log.exception("job %s failed in a way nobody expected", job.name)
        else:
            done = self.clock.now()
            self.runs[job.name] = run.succeeded(done)
            await self.store.run(settings.put, f"run:{job.name}", json.dumps(done.isoformat()))
        finally:
            self.board.progress = tuple(one for one in self.board.progress if one.what != job.name)
            self.changed.set()
        await self._show(await self.worker.run(tasks.known, self.desk))

    async def _work(self, job: Job, source: Source, now: datetime) -> None:
        known = await self.worker.run(tasks.known, self.desk)
        if job.every is not None:
            self.quotes = await source.quotes(_tickers(known), now)
            return
        wants = self._wants(job, known, now)
        pieces = [piece for want in wants for piece in source.split(want)]
        failed: list[SourceError] = []
        for done, piece in enumerate(pieces):
            self._progress(job, pieces, done)
            try:
                fetched = await source.fetch(piece, self.clock.now())
            except SourceError as error:
                failed.append(error)
                if error.rate_limited or len(failed) > len(pieces) // 4:
                    raise
                continue
            await self.worker.run(tasks.keep, self.desk, fetched)
            if done == 0:
                self.changed.set()
        if failed:
            raise failed[0]

    def _wants(self, job: Job, known: tasks.Known, now: datetime) -> list[Want]:
        today = self.calendar.last_final(now)
        match job.name:
            case "universe":
                return [Want(today, today, universe=True)]
            case "prices":
                return self._by_start(_tickers(known), known.tickers, today, _tickers_since)
            case "volatility":
                ids = [
                    name for name in catalogue.series_ids() if name in VOLATILITY or name.startswith(PUT_CALL_PREFIX)
                ]
            case "rates":
                ids = [
                    name
                    for name in catalogue.series_ids()
                    if name not in VOLATILITY and not name.startswith(PUT_CALL_PREFIX)
                ]
            case "yields":
                ids = [name for name in ("DFII10", "DGS10", "DGS2") if self._late(known.series.get(name), today)]
            case name:
                raise ValueError(f"no job is called {name!r}")
        return self._by_start(ids, known.series, today, _series_since)

    def _by_start(
        self,
        names: Iterable[str],
        newest: Mapping[str, date],
        today: date,
        want: Callable[[date, date, tuple[str, ...]], Want],
    ) -> list[Want]:
        """Wants for names with the same first missing day, in the order of the names: what is missing most comes first."""
        groups: dict[date, list[str]] = {}
        for name in names:
            have = newest.get(name)
            start = today - self.backfill if have is None else min(have, today) - OVERLAP
            groups.setdefault(start, []).append(name)
        return [want(start, today, tuple(group)) for start, group in sorted(groups.items())]

    def _late(self, newest: date | None, today: date) -> bool:
        """Whether FRED has left out the last bond day, so that the Treasury's own page is worth asking."""
        return newest is None or newest < self.calendar.before(today)

    def _progress(self, job: Job, pieces: Sequence[Want], done: int) -> None:
        sizes = [len(piece.tickers) + len(piece.series) + piece.universe for piece in pieces]
        line = Progress(job.name, sum(sizes[:done]), sum(sizes))
        self.board.progress = (*(one for one in self.board.progress if one.what != job.name), line)

    async def _show(self, known: tasks.Known) -> None:
        """Put a line per source on the board: how it feels, the newest day it gave and the one it should have given."""
        newest: dict[str, date] = {}
        prices = [known.tickers[name] for name in catalogue.tickers() if name in known.tickers]
        if prices:
            newest["yahoo"] = max(prices)
        for job in self.plan:
            days = [known.series[name] for name in _series_of(job.name) if name in known.series]
            if days:
                newest[job.source] = max(days)
        now = self.clock.now()
        planned = {job.source: newest_planned(job, self.calendar, now) for job in self.plan if job.every is None}
        self.board.sources = tuple(
            SourceStatus(name, source.health, newest.get(name), when.date() if (when := planned.get(name)) else None)
            for name, source in self.sources.items()
        )


def _series_of(job: str) -> Sequence[str]:
    match job:
        case "volatility":
            return VOLATILITY
        case "rates" | "yields":
            return ("DFII10", "DGS10", "DGS2")
    return ()


def _tickers(known: tasks.Known) -> list[str]:
    """Indices and funds of the register first, then the members, without repeats."""
    return list(dict.fromkeys((*catalogue.tickers(), *known.members)))


def _tickers_since(start: date, end: date, names: tuple[str, ...]) -> Want:
    return Want(start, end, tickers=names)


def _series_since(start: date, end: date, names: tuple[str, ...]) -> Want:
    return Want(start, end, series=names)
