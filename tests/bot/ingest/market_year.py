"""A year of sessions with everything that goes wrong: the outside (a source, kills, time) around the real job of prices."""

from __future__ import annotations

import asyncio
import contextlib
import random
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from bot.archive import Archive
from bot.archive.location import ArchiveLocation
from bot.calendar.clock import NEW_YORK, Calendar
from bot.database.codec import rows
from bot.database.connection import Store
from bot.database.places import destinations, summary_channels
from bot.domain.fetched import Fetched, FetchRequest
from bot.domain.gap import Gap
from bot.errors import SourceError
from bot.ingest import planner, worker_tasks
from bot.ingest.checkpoints import Checkpoints
from bot.ingest.gaps import gaps
from bot.ingest.job_run import FEW_FAILURES
from bot.ingest.runner import JobRunner
from bot.ingest.schedule import timetable
from bot.ingest.service import IngestService
from bot.ingest.status import IngestStatus
from bot.outbox import summary_schedule
from bot.sources.base import BaseSource
from signals import catalogue
from signals.core.instruments import REFERENCE_TICKERS
from tests.support import ManualClock

FIRST, LAST = date(2023, 10, 2), date(2026, 3, 31)
INSTALLED = Calendar(FIRST, LAST)
CLOSES = {session.date(): float(place) for place, session in enumerate(INSTALLED.sessions)}
CHUNK = 15
SOME = tuple(name for name in (*catalogue.tickers(), *REFERENCE_TICKERS) if not name.endswith("=F"))
"""All that trades at the exchange, twins that no signal reads among them: nothing of it has a bar of a closure."""
GONE = "MAGS"
NEVER_MENDED = ("XLB", 7)
"""A ticker, and the place of a session that its source leaves out for good."""


class Killed(BaseException):
    """The process ends here; nothing after it runs."""


class Interrupted(ArchiveLocation):
    """An archive whose work stops after some steps of SQLite; the transaction is rolled back, as by a kill."""

    steps: int = 0

    @contextlib.contextmanager
    def open(self) -> Iterator[Archive]:
        with ArchiveLocation.open(self) as archive:
            archive.db.set_progress_handler(lambda: 1, self.steps)
            yield archive


@dataclass
class DyingWorker:
    """Calls functions here instead of in another process, and now and then dies before, within or after one."""

    chance: random.Random
    kills: float
    killed: Counter[str] = field(default_factory=Counter)

    async def run(self, function: Callable[..., Any], location: ArchiveLocation, *args: Any, **options: Any) -> Any:
        await asyncio.sleep(0)
        if self.chance.random() < self.kills:
            self._die(function, location, args, options)
        return function(location, *args, **options)

    def _die(self, function: Callable[..., Any], location: ArchiveLocation, args: Any, options: Any) -> None:
        when = self.chance.choice(["before", "within", "after"])
        self.killed[f"{when} {function.__name__}"] += 1
        if when == "after":
            function(location, *args, **options)
        if when == "within":
            dying = Interrupted(location.path, location.first, location.last, location.closures)
            object.__setattr__(dying, "steps", self.chance.choice([10, 100, 1000, 10_000]))
            # SQLite may have rolled back by itself already.
            with contextlib.suppress(sqlite3.OperationalError):
                function(dying, *args, **options)
        raise Killed


@dataclass
class Faults:
    """What goes wrong with the source, drawn once from a seed.

    `from_when`: (ticker, session) -> when its bar is there, None for never; what is left out is there after the close.
    `silent`, `refusing`, `halting`: spans in which every ticker has an error inside a 200, the source refuses, or it stops
    half-way.
    """

    from_when: dict[tuple[str, date], datetime | None] = field(default_factory=dict)
    silent: list[tuple[datetime, datetime]] = field(default_factory=list)
    refusing: list[tuple[datetime, datetime]] = field(default_factory=list)
    halting: list[tuple[datetime, datetime]] = field(default_factory=list)
    closed: date = date.max
    gone_since: date = date.max

    @classmethod
    def drawn(cls, chance: random.Random, sessions: Sequence[date]) -> Faults:
        """Something on most days, and each kind at least once; the last eight sessions are quiet but for what lasts."""
        faults = cls(closed=sessions[len(sessions) // 3], gone_since=sessions[len(sessions) // 2])
        troubled = sessions[2:-8]
        kinds = [faults._late, faults._some_late, faults._hole, faults._silence, faults._refusal, faults._halt]
        for position, session in enumerate(troubled):
            if position < len(kinds):
                kinds[position](chance, session)
            elif chance.random() < 0.5:
                chance.choice(kinds)(chance, session)
        faults.from_when[NEVER_MENDED[0], sessions[NEVER_MENDED[1]]] = None
        for ticker in SOME:
            faults.from_when[ticker, faults.closed] = None
        return faults

    def there(self, ticker: str, session: date, now: datetime) -> bool:
        if ticker == GONE and session >= self.gone_since:
            return False
        since = self.from_when.get((ticker, session), now)
        return since is not None and since <= now

    def answers(self, now: datetime) -> bool:
        """Whether the source neither refuses nor stops half-way."""
        return not _within(self.refusing, now) and not _within(self.halting, now)

    def _late(self, chance: random.Random, session: date) -> None:
        self._all_late(SOME, session, timedelta(minutes=chance.choice([35, 40, 90, 300, 700])))

    def _some_late(self, chance: random.Random, session: date) -> None:
        self._all_late(chance.sample(SOME, 12), session, timedelta(minutes=chance.choice([40, 120, 900])))

    def _hole(self, chance: random.Random, session: date) -> None:
        self._all_late(chance.sample(SOME, 2), session, timedelta(days=chance.choice([1, 3, 6])))

    def _all_late(self, tickers: Sequence[str], session: date, late: timedelta) -> None:
        self.from_when |= {(ticker, session): INSTALLED.close_at(session) + late for ticker in tickers}

    def _silence(self, chance: random.Random, session: date) -> None:
        self.silent.append(self._span(chance, session))

    def _refusal(self, chance: random.Random, session: date) -> None:
        self.refusing.append(self._span(chance, session))

    def _halt(self, chance: random.Random, session: date) -> None:
        self.halting.append(self._span(chance, session))

    def _span(self, chance: random.Random, session: date) -> tuple[datetime, datetime]:
        begin = INSTALLED.close_at(session)
        return begin, begin + timedelta(minutes=chance.choice([30, 60, 240, 1000]))


@dataclass
class FaultySource(BaseSource):
    """Yahoo as it should not be; it remembers when it was asked for what."""

    name = "yahoo"

    faults: Faults
    asked: list[tuple[datetime, tuple[str, ...]]] = field(default_factory=list)
    planned: int = 0

    def __post_init__(self) -> None:
        super().__init__()

    def split(self, request: FetchRequest) -> Sequence[FetchRequest]:
        tickers = request.tickers
        return [replace(request, tickers=tickers[at : at + CHUNK]) for at in range(0, len(tickers), CHUNK)]

    async def fetch(self, request: FetchRequest, now: datetime) -> Fetched:
        self.asked.append((now, request.tickers))
        if _within(self.faults.refusing, now):
            raise SourceError("it does not answer")
        if _within(self.faults.silent, now):
            self._record.succeeded(now)
            return Fetched(self.name, now, missing=dict.fromkeys(request.tickers, "internal error"))
        asked = request.tickers
        self._record.succeeded(now)
        if _within(self.faults.halting, now):
            asked = asked[: len(asked) // 2]
            self._record.failed(SourceError("it stopped half-way"), now)
        sessions = INSTALLED.between(request.start, min(request.end, INSTALLED.last_final(now)))
        bars = {ticker: frame for ticker in asked if len(frame := self._bars(ticker, sessions, now))}
        missing = {ticker: "it may be delisted" for ticker in request.tickers if ticker not in bars}
        return Fetched(self.name, now, bars=bars, missing=missing)

    def _bars(self, ticker: str, sessions: Sequence[date], now: datetime) -> pd.DataFrame:
        if ticker == GONE and sessions and self.faults.gone_since <= sessions[-1]:
            return pd.DataFrame()
        days = [day for day in sessions if self.faults.there(ticker, day, now)]
        closes = [100.0 + CLOSES[day] for day in days]
        return pd.DataFrame({"close": closes, "adj_close": closes}, index=pd.DatetimeIndex(days))


def _within(spans: Sequence[tuple[datetime, datetime]], now: datetime) -> bool:
    return any(begin <= now < end for begin, end in spans)


@dataclass
class YearReport:
    """What there is at the end."""

    faults: Faults
    sessions: Sequence[date]
    bars: Mapping[str, set[date]]
    gaps: Sequence[Gap]
    closures: frozenset[date]
    summaries: Mapping[date, str]
    asked: Sequence[tuple[datetime, tuple[str, ...]]]
    restarts: Sequence[datetime]
    killed: Counter[str]
    names: Sequence[str]


@dataclass
class MarketYear:
    """The job of prices over many sessions, restarted at each kill."""

    folder: Path
    seed: int
    sessions: Sequence[date]
    kills: float = 0.01

    async def play(self) -> YearReport:
        chance = random.Random(self.seed)
        source = FaultySource(Faults.drawn(chance, self.sessions))
        worker = DyingWorker(chance, 0.0)
        clock = ManualClock(INSTALLED.final_at(self.sessions[0]) + timedelta(minutes=5))
        end = INSTALLED.close_at(self.sessions[-1]) + timedelta(hours=20)
        restarts: list[datetime] = []
        async with Store.open(self.folder / "bot.db") as store:
            place = await store.run(destinations.channel_destination, 810, 800, now=clock.now())
            await store.run(
                summary_channels.put, place.id, zone="America/New_York", at=time(17), created_by=5, now=clock.now()
            )
            ingest = await self._started(store, worker, source, clock)
            while clock.now() < end:
                try:
                    ingest.tick(clock.now())
                    await ingest.idle()
                except Killed:
                    restarts.append(clock.now())
                    ingest = await self._started(store, worker, source, clock)
                await self._summaries(store, ingest, clock.now())
                worker.kills = self.kills
                clock.set(self._next(ingest, clock.now()))
            worker.kills = 0.0
            state = worker_tasks.state(self._location)
            summaries = await store.read(rows, "SELECT session, state FROM outbox WHERE kind = 'summary'")
        return YearReport(
            source.faults,
            self.sessions,
            self._bars(),
            state.gaps,
            state.closures,
            {date.fromordinal(row["session"]): row["state"] for row in summaries},
            source.asked,
            restarts,
            worker.killed,
            planner.tickers(state.inventory, self.sessions[-1]),
        )

    @property
    def _location(self) -> ArchiveLocation:
        return ArchiveLocation(self.folder / "market.db", FIRST, LAST)

    async def _started(
        self, store: Store, worker: DyingWorker, source: FaultySource, clock: ManualClock
    ) -> IngestService:
        """The program after a start; a kill while it looks at the archive starts it again."""
        checkpoints = Checkpoints(store, self._location.path)
        calendar = self._location.calendar
        runner = JobRunner(worker, self._location, checkpoints, calendar, clock, timedelta(days=30))  # type: ignore[arg-type]
        ingest = IngestService(
            sources={"yahoo": source},
            plan=tuple(job for job in timetable(0) if job.name == "prices"),
            checkpoints=checkpoints,
            runner=runner,
            status=IngestStatus(),
        )
        await ingest.load()
        while True:
            try:
                await ingest.look()
                return ingest
            except Killed:
                continue

    async def _summaries(self, store: Store, ingest: IngestService, now: datetime) -> None:
        """As the app does it after each check: the newest session that most indices have is the newest with readings."""
        calendar = ingest.runner.calendar
        (shown,) = ingest.status.sources
        if shown.newest is None:
            return
        known = summary_schedule.newest_complete(
            min(shown.newest, calendar.last_final(now)),
            made_at=now,
            prices_at=ingest.succeeded_at("prices"),
            calendar=calendar,
            now=now,
            arrivals=ingest.arrivals,
        )
        await store.run(summary_schedule.enqueue_due, calendar, now=now, known=known, arrivals=ingest.arrivals)

    def _next(self, ingest: IngestService, now: datetime) -> datetime:
        """The next instant at which something may happen, as far as the program says; else hours later."""
        (shown,) = ingest.status.sources
        local = now.astimezone(NEW_YORK)
        summary = datetime.combine(local.date(), time(17, 1), NEW_YORK).astimezone(now.tzinfo)
        known = [instant for instant in (shown.next_run, shown.gaps.next_try) if instant is not None]
        ahead = [*known, now + timedelta(hours=5), *([summary] if summary > now else [])]
        return max(min(ahead), now + timedelta(minutes=2))

    def _bars(self) -> dict[str, set[date]]:
        with Archive.open(self._location.path) as archive:
            sql = "SELECT symbol, day FROM bar JOIN ticker ON ticker.id = ticker_id"
            bars: dict[str, set[date]] = {}
            for symbol, day in archive.db.execute(sql):
                bars.setdefault(symbol, set()).add(date.fromordinal(day))
        return bars


def busiest_hours(report: YearReport) -> tuple[int, int]:
    """The most requests of one hour, and the most of one ticker, less what restarts within the hour explain."""
    begin, total, names = 0, 0, Counter[str]()
    most, most_of_one = 0, 0
    for now, tickers in report.asked:
        since = now - timedelta(hours=1)
        total += len(tickers)
        names.update(tickers)
        while report.asked[begin][0] <= since:
            total -= len(report.asked[begin][1])
            names.subtract(report.asked[begin][1])
            begin += 1
        restarts = [at for at in report.restarts if since <= at <= now]
        most = max(most, total)
        most_of_one = max(most_of_one, max(names[ticker] for ticker in tickers) - RUNS_AFTER_A_RESTART * len(restarts))
    return most, most_of_one


RUNS_AFTER_A_RESTART = 5
"""A start begins the pauses after failures anew: a run at once, and 2, 4, 8 and 16 minutes later."""

PLANNED_RUNS_AN_HOUR = 6
"""One as planned, and those after failures: 2, 4, 8, 16 and 32 minutes later at the earliest."""


def most_allowed(names: int, chunk: int) -> int:
    """What the plan allows in an hour: each name once, chunks that fail or are in vain at each planned run, and gaps in vain."""
    runs = timedelta(hours=1) // gaps.BETWEEN_RUNS
    return names + PLANNED_RUNS_AN_HOUR * (FEW_FAILURES + 1) * chunk + runs * (gaps.MOST_IN_VAIN + chunk)
