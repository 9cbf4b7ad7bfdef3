"""Freshness of each source: its newest day, and the newest day it should have. Pure functions.

Only this module decides what is shown as old. Weekends, holidays and half days need no case of
their own, because nothing is planned on them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bot.archive.dataset_status import DAILY
from bot.archive.tables.observed_closures import is_future
from bot.calendar.clock import Calendar
from bot.domain.fetched import Health, HealthState
from bot.domain.gap import Gap
from bot.domain.job import ExpectedDay, Job
from bot.ingest import planner
from bot.ingest.gaps.inventory import newest_expected
from bot.ingest.schedule import LastRun, asked_all, next_planned, next_run, paused_until
from bot.ingest.status import GapSummary, SourceStatus
from bot.ingest.worker_tasks import ArchiveInventory
from bot.sources.base import Source
from bot.sources.simulated.market_frames import SOURCE as SIMULATED
from signals import catalogue

GRACE = timedelta(hours=1)
"""How long after a planned instant a job may take before its figures count as missing. The slowest
takes half an hour."""


_PLANS = ("meetings", "projections", "releases")
"""Datasets about days to come: the day on which the newest of them became known says nothing about
their age."""


@dataclass(frozen=True, slots=True)
class _Newest:
    """The newest day of a job's figures, the expected one, and what of them is late."""

    day: date
    expected: date | None = None
    lacking: tuple[str, ...] = ()


def expected(job: Job, calendar: Calendar, now: datetime) -> date | None:
    """The newest day that a job should have brought by `now`; None where no day can be expected."""
    return newest_expected(job, calendar, now - GRACE)


def statuses(
    sources: Mapping[str, Source],
    plan: Sequence[Job],
    runs: Mapping[str, LastRun],
    inventory: ArchiveInventory,
    calendar: Calendar,
    now: datetime,
    gaps: Sequence[Gap] = (),
) -> tuple[SourceStatus, ...]:
    """The status of each source, in their order.

    Of several jobs of a source the one that is furthest behind counts.
    """
    regular = [job for job in plan if job.every is None]
    shown = [gap for gap in gaps if calendar.is_session(gap.missing.day)]
    return tuple(
        _status(name, source, [job for job in regular if job.source == name], runs, inventory, calendar, now, shown)
        for name, source in sources.items()
    )


def notices(before: Sequence[SourceStatus], after: Sequence[SourceStatus]) -> Iterator[str]:
    """A log line about each source that has become old, and about each that is up to date again."""
    was_old = {status.name for status in before if is_old(status)}
    for status in after:
        if is_old(status) and status.name not in was_old:
            lacking = f" ({', '.join(status.lacking)})" if status.lacking else ""
            yield f"{status.name} is old{lacking}: its newest day is {status.newest}, by now it should be {status.expected}"
        elif not is_old(status) and status.name in was_old:
            yield f"{status.name} is up to date again, to {status.newest}"


def is_old(status: SourceStatus) -> bool:
    """Whether a source lacks a day that it should have given by now."""
    return status.newest is not None and status.expected is not None and status.newest < status.expected


def _status(
    name: str,
    source: Source,
    jobs: Sequence[Job],
    runs: Mapping[str, LastRun],
    inventory: ArchiveInventory,
    calendar: Calendar,
    now: datetime,
    gaps: Sequence[Gap],
) -> SourceStatus:
    # Simulated figures have days of their own and are never late.
    due = {job.name: None if source.name == SIMULATED else expected(job, calendar, now) for job in jobs}
    newest = [days for job in jobs if (days := _newest(job, inventory, due[job.name])) is not None]
    dated = [days for days in newest if days.expected is not None]
    worst = min(dated, key=lambda days: days.day) if dated else max(newest, key=lambda days: days.day, default=None)
    pauses = {job.name: paused_until(job, runs.get(job.name, LastRun()), calendar, now) for job in jobs}
    next_runs = [_next_run(job, runs.get(job.name, LastRun()), calendar, now) for job in jobs]
    return SourceStatus(
        name,
        _health(source, [runs.get(job.name, LastRun()) for job in jobs]),
        worst.day if worst else None,
        worst.expected if worst else None,
        min((instant for instant in next_runs if instant is not None), default=None),
        worst.lacking if worst else (),
        _summary([gap for gap in gaps if gap.missing.job in {job.name for job in jobs}], pauses),
    )


def _next_run(job: Job, run: LastRun, calendar: Calendar, now: datetime) -> datetime | None:
    """When everything of a job is requested next; what is left of the newest run is a matter of its gaps."""
    if asked_all(job, run, calendar, now):
        return next_planned((job,), calendar, now)
    return next_run(job, run, calendar, now)


def _summary(gaps: Sequence[Gap], pauses: Mapping[str, datetime | None]) -> GapSummary:
    """The gaps of a source. `pauses`: until when a job is not run at all, because its source fails."""
    return GapSummary(
        len(gaps),
        tuple(sorted({gap.missing.name for gap in gaps})),
        min((gap.missing.day for gap in gaps), default=None),
        min((max(gap.next_try, pauses[gap.missing.job] or gap.next_try) for gap in gaps), default=None),
    )


def _health(source: Source, runs: Sequence[LastRun]) -> Health:
    """The health of the source: FAILING while one of its jobs fails, even if another succeeds.

    The source's own record begins with the process; the last success before that comes from its
    jobs.
    """
    last_success = source.health.last_success or max(
        (run.succeeded_at for run in runs if run.succeeded_at), default=None
    )
    health = replace(source.health, last_success=last_success)
    failed = [(run.failed_at, run.failures, run.reason) for run in runs if run.failed_at is not None]
    if health.state is not HealthState.OK or not failed:
        return health
    at, failures, reason = max(failed, key=lambda failure: failure[0])
    return replace(health, state=HealthState.FAILING, last_failure=at, failures=failures, reason=reason)


def _newest(job: Job, inventory: ArchiveInventory, due: date | None) -> _Newest | None:
    """None when the archive has nothing of what the job brings."""
    days = dict(_days(job, inventory))
    if not days:
        return None
    if due is None:
        return _Newest(max(days.values()))
    if job.name == "prices":
        # A single ticker that has stopped only withholds its signals; the source is old when most
        # tickers are.
        return _Newest(sorted(days.values())[len(days) // 2], due)
    late = tuple(name for name, day in days.items() if day < due)
    return _Newest(min(days.values()), due, late if len(late) < len(days) else ())


def _days(job: Job, inventory: ArchiveInventory) -> Iterator[tuple[str, date]]:
    """The newest day of each thing that the job brings every day.

    Of events the day on which the newest became known.
    """
    if job.name == "prices":
        # Futures trade on days on which the exchange is closed.
        shares = (name for name in catalogue.tickers() if not is_future(name))
        yield from ((name, inventory.tickers[name]) for name in shares if name in inventory.tickers)
        return
    daily = planner.daily_series_of(job)
    yield from ((name, inventory.series[name]) for name in daily if name in inventory.series)
    for dataset in job.records if not daily else ():
        if dataset in _PLANS or (job.expected is not ExpectedDay.NONE and dataset not in DAILY):
            continue
        by_source = inventory.records.get(dataset, {})
        # Each fund issuer gives only its own funds; every other dataset is one whatever source gave
        # its rows.
        days = (
            [by_source[name] for name in (job.source, SIMULATED) if name in by_source][:1]
            if dataset == "funds"
            else by_source.values()
        )
        yield from ((dataset, day) for day in [max(days, default=None)] if day is not None)
