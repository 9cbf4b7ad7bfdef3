"""The evening of a session: from the answer of the source with its bars to the first message in Discord.

Everything between them is the program's own: the job's runner, the worker process, the check, the
engine, the outbox and the courier, on a warm archive and a warm worker, as after weeks of running.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

import discord
from discord.http import Route

from benchmarks.figures import calendar, market_of
from benchmarks.market import fetched
from benchmarks.row import Row, within
from benchmarks.stand_in import StandIn, stand_in
from bot import outbox
from bot.alerts.rules import new_triggers
from bot.archive import Archive
from bot.archive.location import ArchiveLocation
from bot.calendar.discord_clock import DiscordClock
from bot.charts.prices import ArchivePrices
from bot.commands.context import Core
from bot.courier import Courier
from bot.database import Database
from bot.database import readings as stored_readings
from bot.database.alerts import alerts
from bot.database.connection import Store
from bot.database.places import destinations, guilds
from bot.discord_app.delivery.messages import payloads
from bot.discord_app.delivery.notifier import DiscordNotifier
from bot.domain.fetched import Fetched, FetchRequest
from bot.domain.model import AlertSpec, Condition, Direction, ItemKind, OutboxItem
from bot.event_study.service import ArchiveStudyRunner
from bot.ingest import worker_tasks as ingest_tasks
from bot.ingest.checkpoints import Checkpoints
from bot.ingest.runner import JobRunner, ProgressEvent
from bot.ingest.schedule import timetable
from bot.readings import worker_tasks as reading_tasks
from bot.readings.chart_service import ChartService
from bot.readings.pipeline import CheckLoop, Pipeline
from bot.readings.service import ReadingService
from bot.readings.state import ReadingState
from bot.sources.base import BaseSource
from bot.worker.process import Worker
from signals import catalogue
from signals.core.market import Market
from signals.core.model import Measure
from tests.support.clock import ManualClock

SESSIONS = 2500
ROUNDS = 5
OVERLAP = timedelta(days=10)
"""Days of bars that an update asks for again."""
SIGNAL = "weighting.rsp_spy.spread_1d"
SOURCE = "yahoo"


def bars_to_message() -> Row:
    """One new session of all tickers, and an alert that it fires, against its parts alone."""
    market = _of_the_update(market_of(SESSIONS))
    with stand_in() as server, tempfile.TemporaryDirectory() as folder:
        rounds = asyncio.run(_rounds(server, Path(folder), market))
    figure = median(each.whole for each in rounds)
    store, compute, post = (median(getattr(each, part) for each in rounds) for part in ("store", "compute", "post"))
    note = (
        f"floor: store {store * 1e3:.0f} + compute {compute * 1e3:.0f} + one post {post * 1e3:.0f} ms, each alone; "
        f"{len(market.close.columns)} tickers"
    )
    work = "bars in to message out, one session"
    return within(work, figure * 1e3, (store + compute + post) * 1e3, times=1.5, note=note)


def _of_the_update(market: Market) -> Market:
    """With the tickers that the evening's update asks for: indices, funds and members."""
    asked = {*catalogue.tickers(), *market.members("sp500"), *market.members("ndx100")}
    names = [ticker for ticker in market.close.columns if ticker in asked]
    return replace(market, close=market.close[names], adj_close=market.adj_close[names])


@dataclass(frozen=True, slots=True)
class _Round:
    """Seconds of one evening: the whole way, and its parts alone."""

    whole: float
    store: float
    compute: float
    post: float


class _Answering(BaseSource):
    """A source that has its answer ready, and notes when it gave it."""

    name = SOURCE

    def __init__(self, answer: Fetched) -> None:
        super().__init__()
        self._answer = answer
        self.answered_at = 0.0

    def split(self, request: FetchRequest) -> Sequence[FetchRequest]:
        """One chunk, so that the way is measured and not the number of its steps."""
        return [request] if request.tickers else []

    async def fetch(self, request: FetchRequest, now: datetime) -> Fetched:
        """The answer."""
        self.answered_at = perf_counter()
        return self._answer


async def _rounds(server: StandIn, folder: Path, market: Market) -> list[_Round]:
    base, Route.BASE = Route.BASE, server.first["api_base"]
    before, last = (day.date() for day in market.days[-2:])
    with Archive.open(folder / "before.db") as archive:
        archive.store(fetched(market.until(before)), calendar(), live=False)
    worker = Worker()
    try:
        async with discord.Client(intents=discord.Intents.none()) as client:
            await client.login(server.first["token"])
            evening = _Evening(server, folder, market, before, last, worker, client)
            # The first warms the worker up and does not count.
            return [await evening.round(number) for number in range(ROUNDS + 1)][1:]
    finally:
        await worker.close()
        Route.BASE = base


@dataclass(frozen=True)
class _Evening:
    server: StandIn
    folder: Path
    market: Market
    before: date
    last: date
    worker: Worker
    client: discord.Client

    async def round(self, number: int) -> _Round:
        """One evening in a home of its own, then its parts alone on a copy of the archive."""
        home = self.folder / str(number)
        home.mkdir()
        location, copy = (self._archive(home / name) for name in ("market.db", "copy.db"))
        answer = self._answer()
        async with Store.open(home / "bot.db") as store:
            clock = ManualClock(calendar().final_at(self.before) + timedelta(minutes=25))
            whole, core, charts = await self._whole(store, location, clock, answer)
            try:
                began = perf_counter()
                await self.worker.run(ingest_tasks.store, copy, answer)
                stored = perf_counter()
                since = dict.fromkeys(catalogue.SIGNALS, self.before)
                await self.worker.run(
                    reading_tasks.compute_archive, copy, as_of=self.last, since=since, quotes=None, now=clock.now()
                )
                computed = perf_counter()
                return _Round(whole, stored - began, computed - stored, await self._post(core, charts))
            finally:
                await charts.close()

    def _archive(self, path: Path) -> ArchiveLocation:
        shutil.copyfile(self.folder / "before.db", path)
        return ArchiveLocation(path, calendar().sessions[0].date(), calendar().sessions[-1].date())

    def _answer(self) -> Fetched:
        """The bars of the new session with the days before it that every update asks for again."""
        every = fetched(self.market)
        since = str(self.last - OVERLAP)
        return Fetched(
            SOURCE,
            calendar().final_at(self.last) + timedelta(minutes=24),
            bars={ticker: frame.loc[since:] for ticker, frame in every.bars.items()},
        )

    async def _whole(
        self, store: Store, location: ArchiveLocation, clock: ManualClock, answer: Fetched
    ) -> tuple[float, Core, ChartService]:
        """The seconds from the answer to the message, and what it was sent with."""
        readings, source = ReadingState(), _Answering(answer)
        prices_at: list[datetime] = [clock.now()]
        studies = ArchiveStudyRunner(self.worker, location, calendar(), clock)
        charts = ChartService(self.worker, readings, ArchivePrices(self.worker, location, calendar()))
        core = Core(store, readings, clock, calendar(), catalogue.SIGNALS, charts=charts)
        computer = ReadingService(
            self.worker, location, calendar(), catalogue.SIGNALS, lambda: None, lambda: prices_at[-1]
        )
        delivered, changed = asyncio.Event(), asyncio.Event()
        courier = self._courier(core, charts, delivered)
        pipeline = Pipeline(
            computer, catalogue.SIGNALS, store, readings, on_checked=courier.wake, track_records=studies
        )
        await pipeline.check(clock.now())
        await store.run(self._watch, clock.now())
        checkpoints = Checkpoints(store, location.path)
        runner = JobRunner(self.worker, location, checkpoints, calendar(), clock, timedelta(days=3650))
        job = next(job for job in timetable(15) if job.name == "prices")
        tasks = [asyncio.create_task(courier.run()), asyncio.create_task(_checks(pipeline, clock, changed))]
        clock.set(answer.fetched_at)
        await runner.work(job, source, clock.now(), succeeded_at=prices_at[-1], on_progress=_unseen)
        prices_at.append(clock.now())
        await checkpoints.succeeded(job, clock.now())
        changed.set()
        async with asyncio.timeout(60):
            await delivered.wait()
        whole = perf_counter() - source.answered_at
        await courier.stop()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return whole, core, charts

    def _courier(self, core: Core, charts: ChartService, delivered: asyncio.Event) -> Courier:
        return Courier(
            core.store,
            DiscordNotifier(self.client),
            payloads(core),
            DiscordClock(core.clock),
            charts=charts,
            on_delivered=lambda claimed, payload: delivered.set(),
        )

    def _watch(self, db: Database, now: datetime) -> None:
        """An alert in a channel that the new session fires."""
        before, last = (self._spread(day) for day in (self.before, self.last))
        condition = Condition.ABOVE if last > before else Condition.BELOW
        spec = AlertSpec(SIGNAL, Measure.VALUE, condition, (before + last) / 2)
        guilds.joined(db, self.server.first["guild_id"], "Somewhere", now=now)
        channel = destinations.channel_destination(
            db, self.server.first["channel_ids"][0], self.server.first["guild_id"], now=now
        )
        triggers = new_triggers(spec, before, self.before)
        alerts.add(
            db, spec, triggers, owner_id=7, guild_id=self.server.first["guild_id"], destination_id=channel.id, now=now
        )

    def _spread(self, day: date) -> float:
        return float(catalogue.compute(self.market, [SIGNAL])[SIGNAL].values.loc[str(day)])

    async def _post(self, core: Core, charts: ChartService) -> float:
        """Seconds of one more message of the same kind, with its picture, by the courier alone."""
        fresh = replace(core, charts=ChartService(self.worker, core.readings, charts.prices))
        await core.store.run(self._enqueue, core)
        courier = self._courier(fresh, fresh.charts, asyncio.Event())  # type: ignore[arg-type]
        began = perf_counter()
        await courier.flush()
        return perf_counter() - began

    def _enqueue(self, db: Database, core: Core) -> None:
        snapshot = core.readings.snapshot
        assert snapshot is not None
        reading = snapshot.readings[SIGNAL]
        now = core.now()
        channel = destinations.channel_destination(
            db, self.server.first["channel_ids"][1], self.server.first["guild_id"], now=now
        )
        stored_readings.keep(db, reading, now=now)
        item = OutboxItem(0, "bench", ItemKind.ALERT, channel.id, self.last, now)
        alert = {"signal": SIGNAL, "measure": Measure.VALUE, "direction": Direction.ABOVE, "level": 0.0}
        assert outbox.put(db, replace(item, value=reading.value, **alert))


async def _checks(pipeline: Pipeline, clock: ManualClock, changed: asyncio.Event) -> None:
    """The check loop without its first check, which has been done."""
    await changed.wait()
    await CheckLoop(pipeline, clock, changed).run()


async def _unseen(event: ProgressEvent) -> None:
    """Nobody looks at the progress."""


ROWS = (bars_to_message,)
