"""The composition root of the bot, the demo and `market update`: connects all classes.

The bot starts in this order and stops in the reverse one: store, worker, sources, readings,
Discord. READY does not wait for data. On SIGTERM nothing new begins, messages and jobs under way
are given a moment to end, and the others are left to the next start.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta

from bot import __version__
from bot.calendar.clock import Calendar, SystemClock
from bot.calendar.discord_clock import DiscordClock
from bot.charts.prices import ArchivePrices
from bot.commands.context import Core, Quotas
from bot.commands.market import occasions_due
from bot.commands.server import board
from bot.commands.summary.due import enqueue_due
from bot.courier import Courier, OnDelivered
from bot.database import alerts, key_value
from bot.database.connection import Store
from bot.discord_app.client import RotationBot, build_bot
from bot.discord_app.date_header import listening
from bot.discord_app.gateway import GatewayConnection, use_api_base
from bot.discord_app.messages import payloads
from bot.discord_app.notifier import DiscordNotifier
from bot.domain.ports import ChartRenderer, Clock, ClosingPrices, DeliveryClock
from bot.event_study.model import StudyRunner, TrackRecordCounter
from bot.event_study.service import ArchiveStudyRunner, PreviewCounter, StudyService, TopicPastService
from bot.ingest.assembly import build_ingest
from bot.ingest.schedule import timetable
from bot.ingest.service import IngestService
from bot.ingest.status import IngestStatus
from bot.ops import health_server, systemd_notify
from bot.ops.clock_watch import ClockWatch
from bot.ops.maintenance import Maintenance
from bot.ops.memory import freeze_objects
from bot.ops.steady_scheduler import repeated
from bot.ops.stop_signals import StopSignals
from bot.outbox import pending, summary_schedule
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


def build_core(
    store: Store,
    readings: ReadingState,
    clock: Clock,
    calendar: Calendar,
    study_runner: StudyRunner,
    *,
    track_records: TrackRecordCounter,
    prices: ClosingPrices,
    charts: ChartRenderer | None,
    simulated: bool,
    ingest: IngestStatus | None = None,
    config: Config | None = None,
    clock_ahead: Callable[[], timedelta] = timedelta,
) -> Core:
    """The core of all commands; without `ingest` it has no sources, without `charts` no pictures."""
    settings = config or Config()
    return Core(
        store=store,
        readings=readings,
        clock=clock,
        calendar=calendar,
        signals=catalogue.SIGNALS,
        ingest=ingest or IngestStatus(),
        simulated=simulated,
        quotas=Quotas(**settings.limits.model_dump()),
        version=__version__,
        summary_zone=settings.summary.zone,
        summary_time=settings.summary.time,
        charts=charts,
        prices=prices,
        studies=StudyService(study_runner, lambda: readings.known),
        topic_pasts=TopicPastService(study_runner),
        track_records=PreviewCounter(track_records),
        clock_ahead=clock_ahead,
    )


def build_courier(
    core: Core,
    bot: RotationBot,
    clock: DeliveryClock,
    *,
    charts: ChartRenderer | None,
    on_delivered: OnDelivered | None = None,
) -> Courier:
    """The courier of a connection to Discord. `on_delivered` is called after each message."""
    return Courier(core.store, DiscordNotifier(bot), payloads(core), clock, charts=charts, on_delivered=on_delivered)


class App:
    """All parts of one running bot. Made by `started`."""

    def __init__(
        self, home: Home, config: Config, store: Store, *, fred_key: str | None, installation: str, clock: Clock
    ) -> None:
        self.store, self.clock, self.discord_clock = store, clock, DiscordClock(clock)
        self.worker = Worker(home.cache)
        ingest = build_ingest(home, config, store, self.worker, clock, fred_key=fred_key)
        self.parser = ingest.parser
        location, self.calendar = ingest.location, ingest.runner.calendar
        self.readings, self.ingest_status = ReadingState(), IngestStatus(off=ingest.off)
        self.ingest = IngestService(
            sources=ingest.sources,
            plan=timetable(config.sources.live_minutes, installation=installation),
            checkpoints=ingest.checkpoints,
            runner=ingest.runner,
            status=self.ingest_status,
            nothing_known=lambda: self.readings.snapshot is None,
        )
        study_runner = ArchiveStudyRunner(self.worker, location, self.calendar, clock)
        self.charts = ChartService(self.worker, self.readings, ArchivePrices(self.worker, location, self.calendar))
        self.people = PeopleServices.build(home.cache, location, self.calendar, clock, charts=self.charts)
        self.core = build_core(
            store,
            self.readings,
            clock,
            self.calendar,
            self.people.studies,
            track_records=study_runner,
            prices=self.people.prices,
            charts=self.people.charts,
            simulated=config.sources.simulated,
            ingest=self.ingest_status,
            config=config,
            clock_ahead=self.discord_clock.disagreement,
        )
        self.discord = GatewayConnection(
            lambda: build_bot(self.core, http_trace=listening(self.discord_clock)),
            lambda bot: build_courier(self.core, bot, self.discord_clock, charts=self.charts),
            own_gateway=config.discord.api_base is not None,
        )
        computer = ReadingService(
            self.worker,
            location,
            self.calendar,
            catalogue.SIGNALS,
            quotes=lambda: self.ingest.quotes,
            prices_at=lambda: self.ingest.succeeded_at("prices"),
            importing=lambda: self.ingest.importing,
        )
        pipeline = Pipeline(
            computer,
            catalogue.SIGNALS,
            store,
            self.readings,
            on_checked=self.discord.wake,
            track_records=study_runner,
        )
        self.checks = CheckLoop(pipeline, clock, self.ingest.changed, may_judge=self.discord_clock.agrees)
        self.ticked_at, self.clock_watch = clock.now(), ClockWatch(self.discord_clock)
        self.maintenance = Maintenance(
            store, ingest.raw_archive, home.path / "backups", done_on=self.ticked_at.date() - timedelta(days=1)
        )

    async def tick(self) -> None:
        """Start due jobs, enqueue due summaries, run the daily maintenance; cheap without any.

        Nothing of it while the machine's clock and Discord's disagree: what is recorded as done or skipped by a wrong
        clock stays so when it is right again.
        """
        now = self.clock.now()
        self.ticked_at = now
        systemd_notify.notify(systemd_notify.ALIVE)
        if not self.clock_watch.agrees():
            return
        self.ingest.tick(now)
        await self._enqueue_summaries(now)
        await self.maintenance.tick(now)

    async def _enqueue_summaries(self, now: datetime) -> None:
        snapshot, arrivals = self.readings.snapshot, self.ingest.arrivals
        if snapshot is None or (newest := snapshot.newest_final) is None:
            return
        made_at, prices_at = snapshot.made_at, self.ingest.succeeded_at("prices")
        session = summary_schedule.newest_complete(
            newest, made_at=made_at, prices_at=prices_at, calendar=self.calendar, now=now, arrivals=arrivals
        )
        await enqueue_due(self.core, now=now, known=session, arrivals=arrivals)
        await occasions_due.enqueue_due(self.core, complete=session)
        await board.enqueue(self.core)
        self.discord.wake()

    async def safe_tick(self) -> None:
        """`tick` for the scheduler: logs what a tick raises, and returns when it is cancelled."""
        try:
            await self.tick()
        except asyncio.CancelledError:
            return
        except Exception:
            log.exception("a tick failed; the next one comes in %d s", TICK_SECONDS)

    async def run_checks(self) -> None:
        """Show what the archive has, then run a check at once and after every change of it."""
        with contextlib.suppress(Exception):
            await self.ingest.look()
        await self.checks.run()

    async def health(self) -> health_server.HealthSnapshot:
        """The state of the program, for the health pages."""
        waiting = await self.store.read(pending)
        stored = await self.store.read(alerts.count)
        return health_server.HealthSnapshot(
            self.clock.now(), self.ticked_at, self.discord.ready, waiting.waiting, stored
        )


@contextlib.asynccontextmanager
async def started(
    home: Home, config: Config, *, fred_key: str | None, clock: Clock | None = None, new: bool = False
) -> AsyncIterator[App]:
    """An app with everything running except Discord; all parts are stopped in reverse order."""
    async with contextlib.AsyncExitStack() as stack:
        store = await stack.enter_async_context(Store.open(home.bot, new=new))
        installation = await store.run(key_value.installation)
        app = App(home, config, store, fred_key=fred_key, installation=installation, clock=clock or SystemClock())
        stack.push_async_callback(app.worker.close)
        stack.push_async_callback(app.parser.close)
        stack.push_async_callback(app.charts.close)
        stack.push_async_callback(app.people.close)
        stack.push_async_callback(app.ingest.close)
        await app.ingest.load()
        checks = asyncio.create_task(app.run_checks(), name="checks")
        stack.push_async_callback(_end, checks)
        stack.enter_context(repeated(app.safe_tick, TICK_SECONDS))
        if config.health.port is not None:
            await stack.enter_async_context(
                health_server.served(config.health.port, app.readings, app.ingest_status, app.health)
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
            # While the connection to Discord closes, because a source may take seconds to cancel a
            # request.
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
