"""The composition root of the real bot: the only place that knows every class. One straight way up, the same way down.

Up: store, worker, sources, board, then Discord; READY does not wait for data. Down, on SIGTERM: nothing new begins, what is
under way settles, and whatever is left is taken up at the next start.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from typing import get_args

import aiohttp
import discord
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from discord.http import Route

from bot import __version__, health, summaries, tasks
from bot.board import Board
from bot.chat.client import RotationBot, build_bot
from bot.chat.notifier import DiscordNotifier
from bot.chat.render import payloads
from bot.clock import NEW_YORK, Calendar, SystemClock
from bot.collect import Collector
from bot.commands.core import Core, Quotas
from bot.config import Config, SourceName
from bot.courier import Courier
from bot.errors import TokenRefusedError
from bot.home import Home
from bot.jobs import next_planned, timetable
from bot.live import LiveComputer
from bot.pipeline import Pipeline
from bot.sources import live
from bot.sources.base import Source
from bot.sources.simulated import SimulatedSource
from bot.store import alerts, guilds, outbox, settings
from bot.store.db import Store
from bot.worker import Worker
from signals import catalogue

log = logging.getLogger(__name__)

TICK_SECONDS = 5
STOP_SECONDS = 5.0
FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS = 2.0, 300.0
PATIENCE = timedelta(minutes=90)
CALENDAR_AHEAD = timedelta(days=370)
KEPT_BACKUPS = 7

Retriable = (discord.HTTPException, discord.GatewayNotFound, discord.ConnectionClosed, aiohttp.ClientError, OSError)


class App:
    """Everything of one running bot. Make it with `started`, then `serve` until it is told to stop."""

    def __init__(self, home: Home, config: Config, store: Store, *, fred_key: str | None, installation: str) -> None:
        self.config, self.store, self.home = config, store, home
        self.clock = SystemClock()
        today = self.clock.now().astimezone(NEW_YORK).date()
        backfill = timedelta(days=365 * config.sources.backfill_years + 30)
        archive = home.simulated_market if config.sources.simulated else home.market
        self.desk = tasks.Desk(archive, today - backfill - timedelta(days=400), today + CALENDAR_AHEAD)
        self.calendar = self.desk.calendar
        self.board = Board(simulated=config.sources.simulated)
        self.worker = Worker()
        self.plan = timetable(config.sources.live_minutes, installation=installation)
        self.collector = Collector(
            sources=_sources(home, config, fred_key, self.calendar),
            plan=self.plan,
            worker=self.worker,
            desk=self.desk,
            store=store,
            board=self.board,
            calendar=self.calendar,
            clock=self.clock,
            backfill=backfill,
        )
        computer = LiveComputer(
            self.worker,
            self.desk,
            self.calendar,
            catalogue.SIGNALS,
            quotes=lambda: self.collector.quotes,
            prices_at=lambda: self.collector.succeeded_at("prices"),
        )
        self.pipeline = Pipeline(computer, catalogue.SIGNALS, store, self.board, told=self.wake)
        self.core = Core(
            store=store,
            board=self.board,
            clock=self.clock,
            calendar=self.calendar,
            signals=catalogue.SIGNALS,
            quotas=Quotas(**config.limits.model_dump()),
            version=__version__,
            summary_zone=config.summary.zone,
            summary_time=config.summary.time,
        )
        self.courier: Courier | None = None
        self.ticked_at = self.clock.now()
        self._tended_on = self.ticked_at.date() - timedelta(days=1)
        self.stopping = asyncio.Event()

    def wake(self) -> None:
        """There may be something to deliver."""
        if self.courier is not None:
            self.courier.wake()

    async def tick(self) -> None:
        """What a timer does: start due jobs, promise due summaries, and once a day tidy up. Cheap when nothing is due."""
        now = self.clock.now()
        self.ticked_at = now
        self.collector.tick(now)
        self.board.next_check = next_planned(self.plan, self.calendar, now)
        known = self._told_whole(now)
        if known is not None:
            await self.store.run(summaries.enqueue_due, self.calendar, now=now, known=known)
            self.wake()
        if now.date() != self._tended_on:
            self._tended_on = now.date()
            await self._tend(now)

    def _told_whole(self, now: datetime) -> date | None:
        """The newest session that a summary can describe: all prices are in, or have not come for long enough."""
        snapshot = self.board.snapshot
        if snapshot is None or not len(snapshot.history):
            return None
        session: date = snapshot.history.index[-1].date()
        final = self.calendar.final_at(session)
        fetched = self.collector.succeeded_at("prices")
        whole = now >= final + PATIENCE or (fetched is not None and fetched >= final)
        return session if whole else self.calendar.before(session)

    async def check_for_ever(self) -> None:
        """A check at the start and one after every change of the archive, one at a time; a failure never ends it."""
        self.collector.changed.set()
        while True:
            await self.collector.changed.wait()
            self.collector.changed.clear()
            try:
                await self.pipeline.check(self.clock.now())
            except Exception:
                log.exception("the check failed; the next change brings another")

    async def pulse(self) -> health.Pulse:
        """How the program is, for the health pages."""
        waiting = await self.store.read(outbox.pending)
        stored = await self.store.read(alerts.count)
        return health.Pulse(self.clock.now(), self.ticked_at, self.courier is not None, waiting.waiting, stored)

    async def connect(self, token: str) -> None:
        """Be on Discord until told to stop; a first connection that fails is tried again, ever more slowly.

        Raises TokenRefusedError when Discord refuses the token.
        """
        pause = FIRST_RETRY_SECONDS
        while not self.stopping.is_set():
            try:
                await self._connected(token)
            except Retriable as error:
                log.warning("no connection to Discord (%s); trying again in %.0f s", error, pause)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.stopping.wait(), pause)
                pause = min(pause * 2, LONGEST_RETRY_SECONDS)

    async def _connected(self, token: str) -> None:
        bot = build_bot(self.core)
        self.courier = Courier(self.store, DiscordNotifier(bot), payloads(self.core), self.clock)
        async with bot:
            try:
                await bot.login(token)
            except discord.LoginFailure as error:
                raise TokenRefusedError(f"Discord refused the token: {error}") from error
            gateway = asyncio.create_task(bot.connect(), name="gateway")
            delivery = asyncio.create_task(self._deliver(bot, self.courier), name="courier")
            stop = asyncio.create_task(self.stopping.wait(), name="stop")
            try:
                await asyncio.wait({gateway, delivery, stop}, return_when=asyncio.FIRST_COMPLETED)
                await self.courier.stop(within_seconds=STOP_SECONDS)
            finally:
                self.courier = None
                await bot.close()
                stop.cancel()
                delivery.cancel() if not delivery.done() else None
                results = await asyncio.gather(gateway, delivery, return_exceptions=True)
            for result in results:
                if isinstance(result, Exception):
                    raise result

    async def _deliver(self, bot: RotationBot, courier: Courier) -> None:
        await bot.wait_until_ready()
        log.info("connected to Discord as %s in %d servers", bot.user, len(bot.guilds))
        await bot.reconcile_guilds()
        await courier.run()

    async def _tend(self, now: datetime) -> None:
        """Once a day: a checked copy of the precious database, and nothing kept longer than promised."""
        folder = self.home.path / "backups"
        try:
            await self.store.backup(folder / f"bot-{now:%Y-%m-%d}.db")
            for old in sorted(folder.glob("bot-????-??-??.db"))[:-KEPT_BACKUPS]:
                old.unlink()
            await self.store.run(guilds.delete_expired, now=now)
            await self.store.run(outbox.clean_up, now=now)
        except Exception:
            log.exception("tidying up failed; it is tried again tomorrow")


@contextlib.asynccontextmanager
async def started(home: Home, config: Config, *, fred_key: str | None) -> AsyncIterator[App]:
    """An app with everything but Discord running; what was begun is ended in reverse."""
    async with contextlib.AsyncExitStack() as stack:
        store = await stack.enter_async_context(Store.open(home.bot))
        installation = await store.run(settings.installation)
        app = App(home, config, store, fred_key=fred_key, installation=installation)
        stack.push_async_callback(app.worker.close)
        stack.push_async_callback(app.collector.close)
        await app.collector.load()
        checks = asyncio.create_task(app.check_for_ever(), name="checks")
        stack.push_async_callback(_end, checks)
        scheduler = AsyncIOScheduler(timezone="UTC")
        scheduler.add_job(
            app.tick, "interval", seconds=TICK_SECONDS, misfire_grace_time=None, coalesce=True, max_instances=1
        )
        scheduler.start()
        stack.callback(scheduler.shutdown, wait=False)
        if config.health.port is not None:
            await stack.enter_async_context(health.served(config.health.port, app.board, app.pulse))
        yield app


async def serve(home: Home, config: Config, *, token: str, fred_key: str | None) -> None:
    """Run the bot until SIGTERM or SIGINT. Raises TokenRefusedError when Discord refuses the token."""
    if config.discord.api_base is not None:
        Route.BASE = config.discord.api_base
    async with started(home.ensure(), config, fred_key=fred_key) as app:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, app.stopping.set)
        await app.connect(token)
        log.info("stopped")


def _sources(home: Home, config: Config, fred_key: str | None, calendar: Calendar) -> dict[str, Source]:
    if config.sources.simulated:
        return dict.fromkeys(get_args(SourceName), SimulatedSource(calendar))
    built = live.build(
        contact=config.sources.contact,
        fred_key=fred_key,
        base_urls=config.sources.base_urls,
        cache_dir=home.cache,
        calendar=calendar,
    )
    return {source.name: source for source in built if source.name in config.sources.enabled}


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
