"""What a job requests: as planned, for its gaps, and without those that were tried a moment ago."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from bot.calendar.clock import Calendar
from bot.domain.fetched import FetchRequest
from bot.domain.job import Job
from bot.ingest import planner
from bot.ingest.planner import Scope
from bot.ingest.schedule import timetable
from bot.ingest.worker_tasks import ArchiveInventory

CALENDAR = Calendar(date(2025, 1, 2), date(2026, 3, 31))
MONDAY, TUESDAY = date(2026, 1, 12), date(2026, 1, 13)
JOBS = {job.name: job for job in timetable(0)}
NAMES = planner.tickers(ArchiveInventory({}, {}, ()), TUESDAY)
FULL = ArchiveInventory(dict.fromkeys(NAMES, TUESDAY), dict.fromkeys(planner.series_of(JOBS["rates"]), MONDAY), (), {})


def requests(job: str, scope: Scope, known: ArchiveInventory = FULL, **more: date) -> list[FetchRequest]:
    return planner.requests(
        JOBS[job], known, TUESDAY, backfill=timedelta(days=3650), calendar=CALENDAR, today=TUESDAY, scope=scope, **more
    )


def test_a_ticker_with_a_gap_is_requested_from_before_it_although_it_has_the_session() -> None:
    (asked,) = requests("prices", Scope(gaps={"SPY": date(2025, 12, 1)}))
    assert asked == FetchRequest(date(2025, 11, 20), TUESDAY, tickers=("SPY",))


def test_for_gaps_alone_nothing_else_is_requested() -> None:
    behind = replace(FULL, tickers={**FULL.tickers, "QQQ": MONDAY})
    assert requests("prices", Scope(planned=False), behind) == []
    (asked,) = requests("prices", Scope(planned=False, gaps={"SPY": MONDAY}), behind)
    assert asked.tickers == ("SPY",)
    (series,) = requests("rates", Scope(planned=False, gaps={"DGS10": date(2025, 12, 1)}))
    assert (series.series, series.start) == (("DGS10",), date(2025, 11, 30) - planner.SERIES_OVERLAP)
    assert requests("universe", Scope(planned=False)) == []


def test_who_was_tried_a_moment_ago_waits_and_the_least_tried_come_first() -> None:
    behind = replace(FULL, tickers={**FULL.tickers, "SPY": MONDAY, "QQQ": MONDAY, "IWM": MONDAY})
    (asked,) = requests("prices", Scope(waiting={"QQQ"}, tries={"SPY": 2, "IWM": 1}), behind)
    assert asked.tickers == ("IWM", "SPY")


def test_records_with_a_gap_are_requested_from_its_day_where_a_source_can_give_it() -> None:
    funds, chains = JOBS["funds of statestreet"], JOBS["chains"]
    assert (funds.back, chains.back) == (timedelta(days=10), timedelta(0))
    gap = Scope(planned=False, gaps={"funds": date(2026, 1, 2), "options": date(2026, 1, 2)})
    (asked,) = requests("funds of statestreet", gap, since=TUESDAY)
    assert (asked.records, asked.start, asked.end) == (("funds",), date(2026, 1, 2), TUESDAY)
    (asked,) = requests("chains", gap, since=TUESDAY)
    assert (asked.records, asked.start) == (("options",), TUESDAY)
    assert requests("guidance", gap) == []


def test_without_a_scope_a_job_requests_everything() -> None:
    behind = replace(FULL, tickers=dict.fromkeys(NAMES, MONDAY))
    updates, whole = requests("prices", Scope(), behind)
    assert (*updates.tickers, *whole.tickers) == tuple(sorted(NAMES, key=lambda name: planner.has_turn(name, TUESDAY)))
    assert updates.start > whole.start
    assert isinstance(JOBS["rates"], Job)
    assert set(requests("rates", Scope())[0].series) == set(planner.series_of(JOBS["rates"]))
