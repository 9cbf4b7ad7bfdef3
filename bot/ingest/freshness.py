"""How up to date each source is: the newest day it has given, beside the one that it should have given by now. Pure.

What a person is told to be old follows from here alone, so weekends, holidays and half days need no case of their own: nothing
is planned on them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bot.archive.dataset_status import DAILY
from bot.calendar.bond_market import bond_day_before
from bot.calendar.clock import NEW_YORK, Calendar
from bot.domain.fetched import Health, HealthState
from bot.domain.job import ExpectedDay, Job
from bot.ingest import planner
from bot.ingest.schedule import LastRun, newest_planned, next_run
from bot.ingest.status import SourceStatus
from bot.ingest.worker_tasks import ArchiveInventory
from bot.sources.base import Source
from bot.sources.simulated.market import SOURCE as SIMULATED
from signals import catalogue

GRACE = timedelta(hours=1)
"""How long after a planned instant a job may take, the slowest of them half an hour, before its figures count as missing."""


_PLANS = ("meetings", "projections", "releases")
"""Datasets about days to come: when the newest of them became known says nothing of how old they are."""


@dataclass(frozen=True, slots=True)
class _Newest:
    """The newest day of something, and what it is where it is not everything that its job brings."""

    day: date
    expected: date | None = None
    lacking: tuple[str, ...] = ()


def expected(job: Job, calendar: Calendar, now: datetime) -> date | None:
    """The newest day that a job should have brought by `now`; None for what comes when it comes."""
    planned = newest_planned(job, calendar, now - GRACE)
    if planned is None:
        return None
    day = planned.astimezone(NEW_YORK).date()
    match job.expected:
        case ExpectedDay.NONE:
            return None
        case ExpectedDay.SESSION:
            return calendar.at_or_before(day)
        case ExpectedDay.SESSION_BEFORE:
            return calendar.before(day)
        case ExpectedDay.BOND_DAY_BEFORE:
            return bond_day_before(day, calendar)
        case ExpectedDay.SECOND_BOND_DAY_BEFORE:
            return bond_day_before(bond_day_before(day, calendar), calendar)


def statuses(
    sources: Mapping[str, Source],
    plan: Sequence[Job],
    runs: Mapping[str, LastRun],
    known: ArchiveInventory,
    calendar: Calendar,
    now: datetime,
) -> tuple[SourceStatus, ...]:
    """A line for each source, in their order. Of several jobs of one source the one that is furthest behind speaks for it."""
    return tuple(
        _status(name, source, [job for job in plan if job.source == name and job.every is None], runs, known, calendar, now)
        for name, source in sources.items()
    )  # fmt: skip


def notices(before: Sequence[SourceStatus], after: Sequence[SourceStatus]) -> Iterator[str]:
    """A sentence for the operator's log about each source that has become old, and about each that is not any more."""
    was_old = {status.name for status in before if is_old(status)}
    for status in after:
        if is_old(status) and status.name not in was_old:
            what = f" ({', '.join(status.lacking)})" if status.lacking else ""
            yield f"{status.name} is old{what}: its newest day is {status.newest}, by now it should be {status.expected}"
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
    known: ArchiveInventory,
    calendar: Calendar,
    now: datetime,
) -> SourceStatus:
    # What is invented comes on days of its own and is never late.
    due = {job.name: None if source.name == SIMULATED else expected(job, calendar, now) for job in jobs}
    found = [each for job in jobs if (each := _newest(job, known, due[job.name])) is not None]
    dated = [each for each in found if each.expected is not None]
    worst = min(dated, key=lambda each: each.day) if dated else max(found, key=lambda each: each.day, default=None)
    coming = [next_run(job, runs.get(job.name, LastRun()), calendar, now) for job in jobs]
    return SourceStatus(
        name,
        _health(source, [runs.get(job.name, LastRun()) for job in jobs]),
        worst.day if worst else None,
        worst.expected if worst else None,
        min((when for when in coming if when is not None), default=None),
        worst.lacking if worst else (),
    )


def _health(source: Source, runs: Sequence[LastRun]) -> Health:
    """That of the source, unless it answered since to another of its jobs: a job that failed is told until it succeeds.

    A source's own record begins with the program; before that its jobs know when it last answered.
    """
    answered = source.health.last_success or max((run.succeeded_at for run in runs if run.succeeded_at), default=None)
    health = replace(source.health, last_success=answered)
    failed = [(run.failed_at, run.failures, run.reason) for run in runs if run.failed_at is not None]
    if health.state is not HealthState.OK or not failed:
        return health
    at, failures, reason = max(failed, key=lambda each: each[0])
    return replace(health, state=HealthState.FAILING, last_failure=at, failures=failures, reason=reason)


def _newest(job: Job, known: ArchiveInventory, due: date | None) -> _Newest | None:
    """None when the archive has nothing of what the job brings."""
    days = dict(_days(job, known))
    if not days:
        return None
    if due is None:
        return _Newest(max(days.values()))
    if job.name == "prices":
        # A ticker that has stopped is that ticker's matter and withholds its signals; a source is old when most are.
        return _Newest(sorted(days.values())[len(days) // 2], due)
    late = tuple(name for name, day in days.items() if day < due)
    return _Newest(min(days.values()), due, late if len(late) < len(days) else ())


def _days(job: Job, known: ArchiveInventory) -> Iterator[tuple[str, date]]:
    """What the job brings day by day -> its newest day; for events the day on which the newest became known."""
    if job.name == "prices":
        yield from ((name, known.tickers[name]) for name in catalogue.tickers() if name in known.tickers)
        return
    daily = planner.daily_series_of(job)
    yield from ((name, known.series[name]) for name in daily if name in known.series)
    for dataset in job.records if not daily else ():
        if dataset in _PLANS or (job.expected is not ExpectedDay.NONE and dataset not in DAILY):
            continue
        told = known.records.get(dataset, {})
        own = (
            [told[name] for name in (job.source, SIMULATED) if name in told][:1]
            if dataset == "funds"
            else told.values()
        )
        yield from ((dataset, day) for day in [max(own, default=None)] if day is not None)
