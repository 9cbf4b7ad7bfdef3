"""The composition root of the bot, the demo and `market update`: connects all classes.

The bot starts in this order and stops in the reverse one: store, worker, sources, readings, Discord. READY does not
wait for data. On SIGTERM nothing new begins, what is under way has a moment to end, the rest is left to the next start.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta

from bot import __version__
from bot.archive.location import ArchiveLocation
from bot.calendar.clock import SystemClock
from bot.calendar.discord_clock import DiscordClock
from bot.charts.prices import ArchivePrices
from bot.commands import due_messages
from bot.commands.context import Core
from bot.commands.core_assembly import build_core
from bot.commands.own import watch
from bot.commands.record.as_of_task import ArchiveAsOf
from bot.courier import DeliveryCounts
from bot.database import key_value
from bot.database.alerts import alerts
from bot.database.connection import Store
from bot.discord_app.client import build_bot
from bot.discord_app.date_header import date_trace
from bot.discord_app.delivery.courier_assembly import build_courier
from bot.discord_app.gateway import GatewayConnection, use_api_base
from bot.domain.own_signal import OwnSignalState
from bot.domain.ports import Clock
from bot.event_study.record_judge import ArchiveRecordJudge
from bot.event_study.service import ArchiveStudyRunner
from bot.ingest.assembly import Ingest, build_ingest
from bot.ingest.gaps import gap_runs
from bot.ingest.schedule import timetable
from bot.ingest.service import IngestService
from bot.ingest.status import IngestStatus
from bot.ingest.ticker_lookup import SourceLookup
from bot.ops import health_server, systemd_notify
from bot.ops.clock_watch import ClockWatch
from bot.ops.dead_man_switch import DeadManSwitch
from bot.ops.duties import Duties
from bot.ops.garbage import freeze_objects
from bot.ops.maintenance import Maintenance
from bot.ops.metrics import HealthSnapshot, TickLag
from bot.ops.operator_watch import OperatorWatch
from bot.ops.steady_scheduler import repeated
from bot.ops.stop_signals import StopSignals
from bot.outbox import pending
from bot.readings.chart_service import ChartService
from bot.readings.for_people import PeopleServices
from bot.readings.pipeline import CheckLoop, Pipeline
from bot.readings.service import ReadingService
from bot.readings.state import ReadingState
from bot.settings.config import Config
from bot.settings.paths import Home
from bot.worker.process import Worker
from signals import catalogue

log = logging.getLogger(__name__)

TICK_SECONDS = 5

CONNECTING_SECONDS = 1.0
"""How long the first tick leaves the event loop to the connection to Discord: making the calendar blocks it for 0.2 s."""


class App:
    """All parts of one running bot. Made by `started`."""

    def __init__(
        self,
        home: Home,
        config: Config,
        store: Store,
        worker: Worker,
        *,
        fred_key: str | None,
        installation: str,
        clock: Clock,
    ) -> None:
        self.store, self.clock, self.discord_clock = store, clock, DiscordClock(clock)
        self.worker = worker
        ingest = build_ingest(home, config, store, self.worker, clock, fred_key=fred_key)
        self.close_readers = ingest.close
        location, self.calendar = ingest.location, ingest.runner.calendar
        self.own = OwnSignalState()
        self.readings, self.ingest_status = ReadingState(), IngestStatus(off=ingest.off)
        self.ingest = IngestService(
            sources=ingest.sources,
            plan=timetable(config.sources.live_minutes, installation=installation),
            checkpoints=ingest.checkpoints,
            runner=replace(ingest.runner, own=lambda: self.own.current.symbols),
            status=self.ingest_status,
            nothing_known=lambda: self.readings.snapshot is None,
        )
        track_records = ArchiveStudyRunner(self.worker, location, self.calendar, clock)
        self.charts = ChartService(self.worker, self.readings, ArchivePrices(self.worker, location, self.calendar))
        self.people = PeopleServices.build(home.cache, location, self.calendar, clock, charts=self.charts)
        self.core = self._build_core(config, location, track_records)
        self.counts, self.lag = DeliveryCounts(), TickLag(TICK_SECONDS, self.discord_clock.elapsed)
        self.discord = GatewayConnection(
            lambda: build_bot(self.core, http_trace=date_trace(self.discord_clock)),
            lambda bot: build_courier(self.core, bot, self.discord_clock, charts=self.charts, counts=self.counts),
            own_gateway=config.discord.api_base is not None,
        )
        pipeline = self._build_pipeline(ingest, track_records)
        self.checks = CheckLoop(pipeline, clock, self.ingest.changed, may_judge=self.discord_clock.agrees)
        self.switch = DeadManSwitch(config.operator.ping_url)
        self.ticked_at, self.clock_watch = clock.now(), ClockWatch(self.discord_clock)
        self.duties, yesterday = Duties(), self.ticked_at.date() - timedelta(days=1)
        backups, known = home.path / "backups", self.discord_clock.is_known
        self.maintenance = Maintenance(store, ingest.raw_archive, backups, yesterday, self.duties, known)
        self.operator = OperatorWatch(
            self.core,
            config.operator,
            home.path,
            discord=self.discord,
            backup_failure=lambda: self.maintenance.failure,
            importing=lambda: self.ingest.importing,
            unfinished_check=lambda: self.checks.unfinished,
            failing_duties=self.duties.failing.values,
        )

    def _build_core(self, config: Config, location: ArchiveLocation, track_records: ArchiveStudyRunner) -> Core:
        return build_core(
            self.store,
            self.readings,
            self.clock,
            self.calendar,
            self.people.studies,
            track_records=track_records,
            prices=self.people.prices,
            claim_judge=self.people.claims,
            as_of=ArchiveAsOf(self.people.worker, location, self.clock),
            charts=self.people.charts,
            simulated=config.sources.simulated,
            ingest=self.ingest_status,
            config=config,
            clock_ahead=self.discord_clock.disagreement,
            own=self.own,
            tickers=SourceLookup(self.ingest.sources, self.ingest.plan, self.clock),
            own_changed=self.ingest.look_for_own_tickers,
        )

    def _build_pipeline(self, ingest: Ingest, track_records: ArchiveStudyRunner) -> Pipeline:
        computer = ReadingService(
            self.worker,
            ingest.location,
            self.calendar,
            catalogue.SIGNALS,
            quotes=lambda: self.ingest.quotes,
            prices_at=lambda: self.ingest.succeeded_at("prices"),
            importing=lambda: self.ingest.importing,
            own=self.own,
            alone=ingest.without_readers,
            members_awaited=lambda session, now: gap_runs.members_awaited(self.ingest.state, session, now),
        )
        return Pipeline(
            computer,
            catalogue.SIGNALS,
            self.store,
            self.readings,
            on_checked=self._checked,
            track_records=track_records,
            record_judge=ArchiveRecordJudge(self.people.worker, ingest.location),
        )

    def _checked(self) -> None:
        self.discord.wake()
        self.switch.held()

    async def tick(self) -> None:
        """Start due jobs, enqueue due messages, run the daily maintenance; cheap without any.

        Each is done whether or not another fails. Nothing of it while the machine's clock and Discord's disagree: what is
        recorded as done or skipped by a wrong clock stays so when it is right again.
        """
        now = self.clock.now()
        self.ticked_at = now
        self.lag.ticked()
        systemd_notify.notify(systemd_notify.ALIVE)
        attempt = self.duties.attempt
        if self.clock_watch.agrees():
            await attempt("fetch figures", lambda: self._fetch(now), now)
            await attempt("find out what is due", lambda: self._enqueue_due(now), now)
            await attempt("do the daily maintenance", lambda: self._maintain(now), now)
            await attempt("tell of withdrawn tickers", lambda: watch.report_gone(self.core, self.ingest.gone), now)
        await attempt("watch over the installation", lambda: self.operator.tick(now), now)

    async def _fetch(self, now: datetime) -> None:
        self.ingest.tick(now)

    async def _enqueue_due(self, now: datetime) -> None:
        arrivals, prices_at = self.ingest.arrivals, self.ingest.succeeded_at("prices")
        complete = due_messages.newest_complete(self.core, now=now, prices_at=prices_at, arrivals=arrivals)
        if complete is None:
            return
        for name, work in due_messages.duties(self.core, now=now, complete=complete, arrivals=arrivals).items():
            await self.duties.attempt(name, work, now)
        self.discord.wake()

    async def _maintain(self, now: datetime) -> None:
        done_on = self.maintenance.done_on
        await self.maintenance.tick(now)
        if self.maintenance.done_on != done_on:
            await watch.refresh(self.core)

    async def safe_tick(self) -> None:
        """`tick` for the scheduler; returns when it is cancelled."""
        with contextlib.suppress(asyncio.CancelledError):
            await self.tick()

    async def run_checks(self) -> None:
        """Show what the archive has, then run a check at once and after every change of it."""
        with contextlib.suppress(Exception):
            await self.ingest.look()
        await self.checks.run()

    async def health(self) -> HealthSnapshot:
        """The state of the program, for the health pages."""
        waiting = await self.store.read(pending)
        return HealthSnapshot(
            self.clock.now(),
            self.ticked_at,
            self.discord.ready,
            waiting.waiting,
            await self.store.read(alerts.count),
            dead=waiting.dead,
            counts=self.counts,
            check_seconds=self.checks.pipeline.seconds,
            lag_seconds=self.lag.seconds,
        )


@contextlib.asynccontextmanager
async def started(
    home: Home, config: Config, *, fred_key: str | None, clock: Clock | None = None, new: bool = False
) -> AsyncIterator[App]:
    """An app with everything running except Discord; all parts are stopped in reverse order."""
    async with contextlib.AsyncExitStack() as stack:
        store = await stack.enter_async_context(Store.open(home.bot, new=new))
        log.info("rotation-bot %s starts on %s", __version__, home.path)
        installation = await store.run(key_value.installation)
        worker = Worker(home.cache)
        app = App(
            home, config, store, worker, fred_key=fred_key, installation=installation, clock=clock or SystemClock()
        )
        stack.push_async_callback(worker.close)
        stack.push_async_callback(app.close_readers)
        for close in (app.charts.close, app.people.close, app.switch.close, app.ingest.close):
            stack.push_async_callback(close)
        await watch.refresh(app.core)
        await app.ingest.load()
        if app.ingest.importing:
            log.info("fetching the history: up to a quarter of an hour the first time; /status says how far it is")
        checks = asyncio.create_task(app.run_checks(), name="checks")
        stack.push_async_callback(_end, checks)
        stack.enter_context(repeated(app.safe_tick, TICK_SECONDS, first_after=CONNECTING_SECONDS))
        if config.health.port is not None:
            await stack.enter_async_context(
                health_server.served(
                    config.health.host, config.health.port, app.readings, app.ingest_status, app.health
                )
            )
        yield app


async def serve(
    home: Home, config: Config, signals: StopSignals, *, token: str, fred_key: str | None, new: bool = False
) -> None:
    """Run the bot until SIGTERM or SIGINT; `new` as for `Store.open`. Raises TokenRefusedError."""
    if config.discord.api_base is not None:
        use_api_base(config.discord.api_base)
    stopping = asyncio.Event()
    signals.listen(stopping)
    async with started(home.ensure(), config, fred_key=fred_key, new=new) as app:
        freeze_objects()
        systemd_notify.notify(systemd_notify.READY)

        async def release() -> None:
            # While the connection to Discord closes, because a source may take seconds to cancel a request.
            await stopping.wait()
            await app.ingest.close()

        releasing = asyncio.create_task(release(), name="release")
        await app.discord.run(token, stopping)
        stopping.set()
        await releasing
        log.info("stopped")


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
