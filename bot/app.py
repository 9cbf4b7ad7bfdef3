"""The composition root of the real bot: the only place that knows every class. One straight way up, the same way down.

Up: store, worker, sources, board, then Discord; READY does not wait for data. Down, on SIGTERM: nothing new begins, what is
under way settles, and whatever is left is taken up at the next start.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from discord.http import Route

from bot import __version__, outbox
from bot.calendar.clock import Clock, SystemClock
from bot.charts.prices import ArchivePrices
from bot.commands.context import Core, Quotas
from bot.courier import Courier
from bot.database import alerts, guilds, key_value
from bot.database.connection import Store
from bot.discord_app.client import RotationBot, build_bot
from bot.discord_app.gateway import Online
from bot.discord_app.messages import payloads
from bot.discord_app.notifier import DiscordNotifier
from bot.event_study.service import ArchiveScholar
from bot.event_study.study import Studies
from bot.ingest import enabled_sources
from bot.ingest.schedule import next_planned, timetable
from bot.ingest.service import Collector
from bot.ops import health_server
from bot.outbox import summary_schedule
from bot.readings import change_log
from bot.readings.chart_service import WorkerArtist
from bot.readings.pipeline import Pipeline
from bot.readings.service import LiveComputer
from bot.readings.state import Board
from bot.settings.config import Config
from bot.settings.paths import Home
from bot.sources.http.raw_archive import Payloads
from bot.worker.process import Worker
from signals import catalogue

log = logging.getLogger(__name__)

TICK_SECONDS = 5
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 10.0, 600.0
PATIENCE = timedelta(minutes=90)
KEPT_BACKUPS = 7


class App:
    """Everything of one running bot. Make it with `started`, then `serve` until it is told to stop."""

    def __init__(
        self, home: Home, config: Config, store: Store, *, fred_key: str | None, installation: str, clock: Clock
    ) -> None:
        self.config, self.store, self.home, self.clock = config, store, home, clock
        backfill = enabled_sources.backfill(config)
        self.desk = enabled_sources.desk(home, config, self.clock.now())
        self.calendar = self.desk.calendar
        self.board = Board(simulated=config.sources.simulated, off=enabled_sources.off(config))
        self.worker = Worker(home.cache)
        self.payloads = Payloads(home.payloads, secrets=(config.sources.contact, fred_key))
        self.plan = timetable(config.sources.live_minutes, installation=installation)
        self.collector = Collector(
            sources=enabled_sources.sources(home, config, fred_key, self.calendar, self.payloads),
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
            importing=lambda: self.collector.importing,
        )
        scholar = ArchiveScholar(self.worker, self.desk, self.calendar, clock)
        self.pipeline = Pipeline(computer, catalogue.SIGNALS, store, self.board, told=self.wake, historian=scholar)
        prices = ArchivePrices(self.worker, self.desk, self.calendar)
        self.artist = WorkerArtist(self.worker, self.board, prices)
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
            artist=self.artist,
            prices=prices,
            studies=Studies(scholar),
            historian=scholar,
        )
        self.online = Online(
            lambda: build_bot(self.core), self._courier, own_gateway=config.discord.api_base is not None
        )
        self.ticked_at = self.clock.now()
        self._tended_on = self.ticked_at.date() - timedelta(days=1)

    def _courier(self, bot: RotationBot) -> Courier:
        return Courier(self.store, DiscordNotifier(bot), payloads(self.core), self.clock, artist=self.artist)

    def wake(self) -> None:
        """There may be something to deliver."""
        self.online.wake()

    async def tick(self) -> None:
        """What a timer does: start due jobs, promise due summaries, and once a day tidy up. Cheap when nothing is due."""
        now = self.clock.now()
        self.ticked_at = now
        self.collector.tick(now)
        self.board.next_check = next_planned(self.plan, self.calendar, now)
        known = self._told_whole(now)
        if known is not None:
            await self.store.run(summary_schedule.enqueue_due, self.calendar, now=now, known=known)
            self.wake()
        if now.date() != self._tended_on:
            self._tended_on = now.date()
            await self._tend(now)

    async def beat(self) -> None:
        """`tick` for a timer: it survives whatever a tick raises, and ends in silence with the program."""
        try:
            await self.tick()
        except asyncio.CancelledError:
            return
        except Exception:
            log.exception("a tick failed; the next one comes in %d s", TICK_SECONDS)

    def _told_whole(self, now: datetime) -> date | None:
        """The newest session that a summary can describe: all prices are in, or have not come for long enough."""
        snapshot = self.board.snapshot
        if snapshot is None or not len(snapshot.history):
            return None
        session: date = snapshot.history.index[-1].date()
        final = self.calendar.final_at(session)
        fetched = self.collector.succeeded_at("prices")
        whole = now >= final + PATIENCE or (fetched is not None and snapshot.made_at >= fetched >= final)
        return session if whole else self.calendar.before(session)

    async def check_for_ever(self) -> None:
        """A check at the start and one after every change of the archive, one at a time; a failed one is repeated."""
        self.collector.changed.set()
        pause = FIRST_PAUSE_SECONDS
        with contextlib.suppress(Exception):
            await self.collector.look()
        while True:
            await self.collector.changed.wait()
            self.collector.changed.clear()
            before = self.board.snapshot
            try:
                await self.pipeline.check(self.clock.now())
                change_log.report(before, self.board.snapshot)
                pause = FIRST_PAUSE_SECONDS
            except Exception:
                log.exception("the check failed; it is repeated in %.0f s", pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
                self.collector.changed.set()

    async def pulse(self) -> health_server.Pulse:
        """How the program is, for the health pages."""
        waiting = await self.store.read(outbox.pending)
        stored = await self.store.read(alerts.count)
        return health_server.Pulse(self.clock.now(), self.ticked_at, self.online.ready, waiting.waiting, stored)

    async def _tend(self, now: datetime) -> None:
        """Once a day: a checked copy of the precious database, and nothing kept longer than promised."""
        folder = self.home.path / "backups"
        try:
            await self.store.backup(folder / f"bot-{now:%Y-%m-%d}.db")
            for old in sorted(folder.glob("bot-????-??-??.db"))[:-KEPT_BACKUPS]:
                old.unlink()
            await self.store.run(guilds.delete_expired, now=now)
            await self.store.run(outbox.clean_up, now=now)
            await asyncio.to_thread(self.payloads.purge, now.date())
        except Exception:
            log.exception("tidying up failed; it is tried again tomorrow")


@contextlib.asynccontextmanager
async def started(
    home: Home, config: Config, *, fred_key: str | None, clock: Clock | None = None
) -> AsyncIterator[App]:
    """An app with everything but Discord running; what was begun is ended in reverse."""
    async with contextlib.AsyncExitStack() as stack:
        store = await stack.enter_async_context(Store.open(home.bot))
        installation = await store.run(key_value.installation)
        app = App(home, config, store, fred_key=fred_key, installation=installation, clock=clock or SystemClock())
        stack.push_async_callback(app.worker.close)
        stack.push_async_callback(app.artist.close)
        stack.push_async_callback(app.collector.close)
        await app.collector.load()
        checks = asyncio.create_task(app.check_for_ever(), name="checks")
        stack.push_async_callback(_end, checks)
        scheduler = AsyncIOScheduler(timezone="UTC")
        scheduler.add_job(
            app.beat,
            "interval",
            seconds=TICK_SECONDS,
            next_run_time=SystemClock().now(),
            misfire_grace_time=None,
            coalesce=True,
            max_instances=1,
        )
        scheduler.start()
        stack.callback(scheduler.shutdown, wait=False)
        if config.health.port is not None:
            await stack.enter_async_context(health_server.served(config.health.port, app.board, app.pulse))
        yield app


async def serve(home: Home, config: Config, *, token: str, fred_key: str | None) -> None:
    """Run the bot until SIGTERM or SIGINT. Raises TokenRefusedError when Discord refuses the token."""
    if config.discord.api_base is not None:
        Route.BASE = config.discord.api_base
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    async with started(home.ensure(), config, fred_key=fred_key) as app:
        hold_still()

        async def release() -> None:
            # Beside the farewell to Discord: a source may take seconds to give up a request.
            await stopping.wait()
            await app.collector.close()

        releasing = asyncio.create_task(release(), name="release")
        await app.online.stay(token, stopping)
        stopping.set()
        await releasing
        log.info("stopped")


def hold_still() -> None:
    """Take what has been imported and made so far out of the collector's sight, for as long as the process lives.

    To look through all of it, as the collector does every few minutes, would hold up the event loop for a tenth of a second.
    """
    gc.collect()
    gc.freeze()


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
