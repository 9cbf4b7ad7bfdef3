"""The core of all commands, put together from its parts and the config."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from bot import __version__
from bot.calendar.clock import Calendar
from bot.claims.model import ClaimJudge
from bot.claims.service import ClaimsService
from bot.commands.context import Core
from bot.commands.quotas import Quotas
from bot.commands.record.as_of_model import AsOfReader
from bot.database.connection import Store
from bot.domain.own_signal import OwnSignalState
from bot.domain.ports import ChartRenderer, Clock, ClosingPrices, TickerLookup
from bot.event_study.model import StudyRunner, TrackRecordCounter
from bot.event_study.service import PreviewCounter, StudyService, TopicPastService
from bot.ingest.status import IngestStatus
from bot.readings.state import ReadingState
from bot.settings.config import Config
from signals import catalogue


def build_core(
    store: Store,
    readings: ReadingState,
    clock: Clock,
    calendar: Calendar,
    study_runner: StudyRunner,
    *,
    track_records: TrackRecordCounter,
    prices: ClosingPrices,
    claim_judge: ClaimJudge,
    as_of: AsOfReader,
    charts: ChartRenderer | None,
    simulated: bool,
    ingest: IngestStatus | None = None,
    config: Config | None = None,
    clock_ahead: Callable[[], timedelta] = timedelta,
    own: OwnSignalState | None = None,
    tickers: TickerLookup | None = None,
    own_changed: Callable[[], None] = lambda: None,
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
        claims=ClaimsService(claim_judge, lambda: readings.known),
        as_of=as_of,
        clock_ahead=clock_ahead,
        own=own or OwnSignalState(),
        tickers=tickers,
        own_changed=own_changed,
    )
