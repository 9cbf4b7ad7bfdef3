"""Keeping the archive up to date: the first download, a kill in the middle, a source that fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from bot.archive.location import ArchiveLocation
from bot.calendar.clock import Calendar
from bot.database.connection import Store
from bot.domain.fetched import Fetched, FetchRequest, HealthState
from bot.domain.job import Job
from bot.errors import SourceError
from bot.ingest import worker_tasks
from bot.ingest.checkpoints import Checkpoints
from bot.ingest.runner import JobRunner
from bot.ingest.schedule import LastRun, timetable
from bot.ingest.service import IngestService
from bot.ingest.status import IngestStatus
from bot.readings.service import ReadingService
from bot.sources.http.http_client import Http
from bot.sources.simulated import SimulatedSource
from bot.sources.treasury import Treasury
from bot.worker.process import Worker
from signals import catalogue
from tests.helpers import utc
from tests.support import ManualClock

FIRST, LAST = date(2023, 1, 3), date(2026, 3, 31)
CALENDAR = Calendar(FIRST, LAST)
EVENING = utc("2025-08-06 22:00")
SOURCES = ("universe", "yahoo", "fred", "treasury", "cboe")

pytestmark = pytest.mark.slow


@dataclass
class Watched(SimulatedSource):
    """The simulated source with a memory of what was asked, and a number of answers after which it fails."""

    calendar: Calendar
    asked: list[FetchRequest] = field(default_factory=list)
    fails_after: int | None = None

    def __post_init__(self) -> None:
        super().__init__(self.calendar)

    async def fetch(self, request: FetchRequest, now: datetime) -> Fetched:
        if self.fails_after is not None and len(self.asked) >= self.fails_after:
            raise SourceError("the stand-in refuses", rate_limited=True)
        self.asked.append(request)
        return await super().fetch(request, now)


@dataclass
class Parts:
    source: Watched
    worker: Worker
    store: Store
    location: ArchiveLocation
    clock: ManualClock

    def ingest(self, plan: tuple[Job, ...] | None = None) -> IngestService:
        """A new service over the same databases, as after a restart."""
        checkpoints = Checkpoints(self.store, self.location.path)
        return IngestService(
            sources=dict.fromkeys(SOURCES, self.source),
            plan=timetable(0) if plan is None else plan,
            checkpoints=checkpoints,
            runner=JobRunner(self.worker, self.location, checkpoints, CALENDAR, self.clock, timedelta(days=600)),
            status=IngestStatus(),
            nothing_known=lambda: True,
        )


@pytest.fixture
async def parts(tmp_path: Path, worker: Worker) -> AsyncIterator[Parts]:
    async with Store.open(tmp_path / "bot.db") as store:
        location = ArchiveLocation(tmp_path / "market.db", FIRST, LAST)
        yield Parts(Watched(CALENDAR), worker, store, location, ManualClock(EVENING))


async def test_the_first_start_fills_the_archive_indices_first_and_computes(parts: Parts) -> None:
    ingest = parts.ingest()
    await ingest.load()
    ingest.tick(EVENING)
    await ingest.idle()
    asked = [request.tickers for request in parts.source.asked if request.tickers]
    assert "SPY" in asked[0]
    known = await parts.worker.run(worker_tasks.inventory, parts.location)
    assert len(known.members) > 490
    assert {known.tickers[name] for name in ("SPY", "^GSPC", "AAPL")} == {date(2025, 8, 6)}
    assert ingest.status.progress == ()
    awaited: set[date] = set()
    computer = ReadingService(
        parts.worker,
        parts.location,
        CALENDAR,
        catalogue.SIGNALS,
        quotes=lambda: None,
        prices_at=lambda: ingest.succeeded_at("prices"),
        members_awaited=lambda session, now: session in awaited,
    )
    computed = await computer.compute(None, EVENING)
    assert computed is not None
    assert computed.snapshot.session == date(2025, 8, 6)
    assert computed.snapshot.readings["breadth.sp500.above_50dma"].value is not None
    judged = dict(computed.finals)[date(2025, 8, 6)]
    assert {"breadth.sp500.above_50dma", "havens.gold"} <= judged.keys()
    awaited.add(date(2025, 8, 6))
    computed = await computer.compute(None, EVENING)
    assert computed is not None
    judged = dict(computed.finals)[date(2025, 8, 6)]
    assert "havens.gold" in judged
    assert "breadth.sp500.above_50dma" not in judged


async def test_a_download_that_was_cut_off_goes_on_where_it_stopped(parts: Parts) -> None:
    prices = tuple(job for job in timetable(0) if job.name == "prices")
    universe = tuple(job for job in timetable(0) if job.name == "universe")
    first = parts.ingest(universe)
    first.tick(EVENING)
    await first.idle()
    parts.source.fails_after = len(parts.source.asked) + 2
    cut_off = parts.ingest(prices)
    cut_off.tick(EVENING)
    await cut_off.idle()
    assert cut_off.succeeded_at("prices") is None
    before = set((await parts.worker.run(worker_tasks.inventory, parts.location)).tickers)
    parts.source.fails_after = None
    parts.source.asked.clear()
    again = parts.ingest(prices)
    again.tick(EVENING)
    await again.idle()
    asked = {name for request in parts.source.asked for name in request.tickers}
    assert len(before) > 100
    assert not before & asked
    assert len(before | asked) > 500
    assert again.succeeded_at("prices") == EVENING


@dataclass
class Backward(Watched):
    """Tells series year by year from the newest back, as the Treasury and Cboe do."""

    def split(self, request: FetchRequest) -> Sequence[FetchRequest]:
        years = range(request.end.year, request.start.year - 1, -1)
        starts = (max(request.start, date(year, 1, 1)) for year in years)
        ends = (min(request.end, date(year, 12, 31)) for year in years)
        return [replace(request, start=start, end=end) for start, end in zip(starts, ends, strict=True)]


async def test_a_history_that_comes_newest_first_goes_on_backwards_after_a_cut_and_nothing_is_asked_twice(
    parts: Parts,
) -> None:
    parts.source = Backward(CALENDAR)
    plan = tuple(job for job in timetable(0) if job.name == "yields")
    parts.source.fails_after = 1
    await run(parts.ingest(plan), EVENING)
    cut_off, later = list(parts.source.asked), EVENING + timedelta(minutes=3)
    assert [request.start.year for request in cut_off] == [2025]
    parts.source.fails_after = None
    parts.clock.set(later)
    again = await run(parts.ingest(plan), later)
    assert [request.start.year for request in parts.source.asked] == [2025, 2024, 2023]
    assert again.succeeded_at("yields") == later


async def test_a_cut_that_is_taken_up_on_a_later_day_brings_the_days_between_as_well(parts: Parts) -> None:
    parts.source = Backward(CALENDAR)
    plan = tuple(job for job in timetable(0) if job.name == "yields")
    parts.source.fails_after = 1
    await run(parts.ingest(plan), EVENING)
    parts.source.fails_after = None
    parts.source.asked.clear()
    later = EVENING + timedelta(days=5)
    parts.clock.set(later)
    await run(parts.ingest(plan), later)
    newest, *older = [
        (request.start, request.end) for request in sorted(parts.source.asked, key=lambda request: request.end)
    ][::-1]
    assert newest[0] <= date(2025, 8, 6)
    assert newest[1] == date(2025, 8, 11)
    assert older[-1][0] < date(2024, 1, 1)
    days = await parts.worker.run(worker_tasks.inventory, parts.location)
    assert days.series["DGS10"] >= date(2025, 8, 8)


async def run(ingest: IngestService, now: datetime) -> IngestService:
    """One tick of a bot that has just started, and the jobs that it begins."""
    await ingest.load()
    ingest.tick(now)
    await ingest.idle()
    return ingest


@dataclass
class Grouped(Watched):
    """Tells series one by one, as FRED does with a key, and cannot read one of them."""

    broken: str = ""

    def split(self, request: FetchRequest) -> Sequence[FetchRequest]:
        return [replace(request, series=(name,)) for name in request.series]

    async def fetch(self, request: FetchRequest, now: datetime) -> Fetched:
        if self.broken in request.series:
            self.asked.append(request)
            raise SourceError(f"the answer for {self.broken} has changed its format")
        return await super().fetch(request, now)


async def test_one_series_that_cannot_be_read_keeps_no_other_from_being_asked_for_and_is_named(parts: Parts) -> None:
    parts.source = Grouped(CALENDAR, broken="DGS2")
    ingest = parts.ingest(tuple(job for job in timetable(0) if job.name == "yields"))
    ingest.tick(EVENING)
    await ingest.idle()

    assert [request.series for request in parts.source.asked] == [("DFII10",), ("DGS10",), ("DGS2",)]
    assert set((await parts.worker.run(worker_tasks.inventory, parts.location)).series) == {"DFII10", "DGS10"}
    assert ingest.succeeded_at("yields") is None
    (shown,) = (source for source in ingest.status.sources if source.name == "treasury")
    assert shown.health.state is HealthState.FAILING
    assert shown.health.reason == "the answer for DGS2 has changed its format"

    parts.source.asked.clear()
    parts.source.broken = ""
    parts.clock.advance(minutes=3)
    ingest.tick(parts.clock.now())
    await ingest.idle()

    assert [request.series for request in parts.source.asked] == [("DGS2",)]
    assert ingest.succeeded_at("yields") == parts.clock.now()


async def test_a_refusing_source_is_left_alone_until_its_pause_is_over(parts: Parts) -> None:
    rates = tuple(job for job in timetable(0) if job.name == "rates")
    parts.source.fails_after = 0
    ingest = parts.ingest(rates)
    ingest.tick(EVENING)
    await ingest.idle()
    shown = {each.name: each.next_run for each in ingest.status.sources}
    assert shown["fred"] == EVENING + timedelta(minutes=2)
    assert shown["cboe"] is None
    parts.source.fails_after = None
    ingest.tick(EVENING + timedelta(minutes=1))
    await ingest.idle()
    assert parts.source.asked == []
    ingest.tick(EVENING + timedelta(minutes=2))
    await ingest.idle()
    assert [request.series for request in parts.source.asked]


async def test_a_job_that_succeeded_is_not_repeated_after_a_restart(parts: Parts) -> None:
    rates = tuple(job for job in timetable(0) if job.name == "rates")
    ingest = parts.ingest(rates)
    ingest.tick(EVENING)
    await ingest.idle()
    asked = len(parts.source.asked)
    restarted = parts.ingest(rates)
    await restarted.load()
    restarted.tick(EVENING + timedelta(hours=1))
    await restarted.idle()
    assert len(parts.source.asked) == asked > 0


async def test_prices_of_the_running_session_are_asked_for_at_once_after_a_restart(parts: Parts) -> None:
    quotes = tuple(job for job in timetable(15) if job.name == "quotes")
    noon = utc("2025-08-06 16:01")
    for started in (noon, noon + timedelta(minutes=2)):
        parts.clock.set(started)
        ingest = parts.ingest(quotes)
        await ingest.load()
        ingest.tick(started)
        await ingest.idle()
        assert ingest.quotes is not None
    ingest.quotes = None
    ingest.tick(utc("2025-08-06 20:30"))
    await ingest.idle()
    assert ingest.quotes is None


@pytest.mark.parametrize(("every", "minutes"), [(15, 45), (60, 135)])
def test_prices_of_the_running_session_are_prices_of_now_for_two_requests_and_a_spare_quarter_of_an_hour(
    parts: Parts, every: int, minutes: int
) -> None:
    # No source answers, so that no newer ones come.
    ingest = replace(parts.ingest(tuple(job for job in timetable(every) if job.name == "quotes")), sources={})
    noon = utc("2025-08-06 16:00")
    ingest.quotes = Fetched("yahoo", noon, partial_day=date(2025, 8, 6))

    ingest.tick(noon + timedelta(minutes=minutes))
    assert ingest.quotes is not None
    assert not ingest.changed.is_set()

    ingest.tick(noon + timedelta(minutes=minutes, seconds=5))
    assert ingest.quotes is None
    assert ingest.changed.is_set()


def test_prices_of_a_session_that_is_over_lapse_without_another_check(parts: Parts) -> None:
    ingest = replace(parts.ingest(tuple(job for job in timetable(15) if job.name == "quotes")), sources={})
    ingest.quotes = Fetched("yahoo", utc("2025-08-06 19:45"), partial_day=date(2025, 8, 6))

    ingest.tick(utc("2025-08-06 20:31"))

    assert ingest.quotes is None
    assert not ingest.changed.is_set()


def test_a_plan_that_asks_a_source_without_quotes_for_them_is_refused_at_once(parts: Parts) -> None:
    service = parts.ingest(())
    quotes = Job("quotes", "treasury", every=timedelta(minutes=15))
    with pytest.raises(TypeError, match="which treasury does not give"):
        replace(service, sources={"treasury": Treasury(Http())}, plan=(quotes,))
    assert replace(service, sources={}, plan=(quotes,)).runs == {}


async def test_closing_in_the_middle_of_a_download_takes_no_time(parts: Parts) -> None:
    ingest = parts.ingest()
    ingest.tick(EVENING)
    await asyncio.sleep(0)
    await asyncio.wait_for(ingest.close(), timeout=5)


async def test_records_are_asked_for_from_far_back_once_and_then_from_some_days_before_the_last_success(
    parts: Parts,
) -> None:
    funds = tuple(job for job in timetable(0) if job.records == ("funds",))[:1]
    ingest = parts.ingest(funds)
    ingest.sources = {funds[0].source: parts.source}
    for evening in (EVENING, EVENING + timedelta(hours=1), EVENING + timedelta(days=1)):
        parts.clock.set(evening)
        ingest.tick(evening)
        await ingest.idle()
    assert [request.records for request in parts.source.asked] == [("funds",), ("funds",)]
    assert [(request.end - request.start).days for request in parts.source.asked] == [3660, 11]


async def test_a_success_that_a_wrong_clock_dated_ahead_does_not_move_the_days_asked_for(parts: Parts) -> None:
    funds = tuple(job for job in timetable(0) if job.records == ("funds",))[:1]
    ingest = parts.ingest(funds)
    ingest.sources = {funds[0].source: parts.source}
    ingest.runs[funds[0].name] = LastRun(succeeded_at=EVENING + timedelta(days=400))
    ingest.tick(EVENING)
    await ingest.idle()
    assert [(request.end, (request.end - request.start).days) for request in parts.source.asked] == [
        (date(2025, 8, 6), 3660)
    ]
    assert ingest.succeeded_at(funds[0].name) == EVENING
