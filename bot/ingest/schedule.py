"""The schedule of ingest: the timetable of all jobs, and the pure rule that says which are due.

A timer only ticks; whether a job is due follows from the timetable, the calendar and the last
success. So a change of clocks, a stall or a day without power never loses a job. Times are New
York's.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from bot.calendar.clock import NEW_YORK, Calendar, new_york_date
from bot.domain.backoff import Backoff
from bot.domain.job import Days, Job
from bot.sources.factory import SPECS

RETRIES = Backoff(first=timedelta(minutes=2), most=timedelta(hours=1))
"""Pauses of a job after failures."""

MOST_DELAY = timedelta(minutes=3)


REPORTING_SEASON = range(14, 61)
"""Days after the end of a calendar quarter in which companies report: from the first banks to the
SEC's deadline for annual reports."""

MANAGERS_SEASON = range(40, 51)
"""Days after the end of a quarter around the 45th, the SEC's deadline for managers' holdings."""


def timetable(live_minutes: int, *, installation: str = "") -> tuple[Job, ...]:
    """Every job of the program, most urgent first; `live_minutes` 0 leaves out provisional prices.

    Prices before the close come from the job `quotes`. Jobs of one source never run at the same
    time, so that its rate limit holds. `installation` spreads the times of different bots.
    """
    jobs = sorted((job for spec in SPECS for job in spec.jobs), key=lambda job: job.rank)
    delayed = tuple(replace(job, delay=_delay(installation, job.name)) for job in jobs)
    if not live_minutes:
        return delayed
    live = timedelta(minutes=live_minutes)
    return (*delayed, *(Job("quotes", spec.name, every=live) for spec in SPECS if spec.gives_quotes))


@dataclass(frozen=True, slots=True)
class LastRun:
    """The last run of a job.

    `failures` counts those since the last success, `reason` is that of the newest failure.
    `asked_at`: when everything was requested and too little came, so that only gaps are left.
    """

    succeeded_at: datetime | None = None
    failed_at: datetime | None = None
    failures: int = 0
    reason: str | None = None
    asked_at: datetime | None = None

    def succeeded(self, now: datetime) -> LastRun:
        """The state after a success."""
        return LastRun(succeeded_at=now)

    def failed(self, now: datetime, reason: str | None = None, *, asked_all: bool = False) -> LastRun:
        """The state after one more failure. `asked_all`: everything was requested in it."""
        return LastRun(self.succeeded_at, now, self.failures + 1, reason, now if asked_all else self.asked_at)


def due(job: Job, run: LastRun, calendar: Calendar, now: datetime) -> bool:
    """Whether a job has to run at `now`.

    It has to when it has not succeeded since its newest planned instant and no pause after a
    failure since then lasts. A job that has never succeeded is due at once. A job that runs only
    while the exchange is open is not due after the close. Instants after `now` were recorded while
    the clock was wrong and are ignored.
    """
    if paused(job, run, calendar, now):
        return False
    succeeded_at = run.succeeded_at if run.succeeded_at is not None and run.succeeded_at <= now else None
    if job.every is not None and (
        calendar.running(now) is None or now >= calendar.close_at(calendar.at_or_before(_day(now)))
    ):
        return False
    planned = newest_planned(job, calendar, now)
    if planned is None:
        return job.every is None and succeeded_at is None
    return succeeded_at is None or succeeded_at < planned


def asked_all(job: Job, run: LastRun, calendar: Calendar, now: datetime) -> bool:
    """Whether everything has been requested since the newest planned instant, though too little came."""
    planned = newest_planned(job, calendar, now)
    return run.asked_at is not None and run.asked_at <= now and (planned is None or run.asked_at >= planned)


def paused(job: Job, run: LastRun, calendar: Calendar, now: datetime) -> bool:
    """Whether the pause after a failure lasts (`paused_until`)."""
    return paused_until(job, run, calendar, now) is not None


def paused_until(job: Job, run: LastRun, calendar: Calendar, now: datetime) -> datetime | None:
    """When the pause after a failure ends; None while there is none.

    There is none once everything was requested and answered, and the next planned instant ends it,
    except for prices of the running session, which are planned more often than the longest pause.
    """
    if run.failed_at is None or not run.failed_at <= now < run.failed_at + RETRIES.after(run.failures):
        return None
    if asked_all(job, run, calendar, now) and run.asked_at == run.failed_at:
        return None
    planned = newest_planned(job, calendar, now) if job.every is None else None
    return run.failed_at + RETRIES.after(run.failures) if planned is None or planned <= run.failed_at else None


def newest_planned(job: Job, calendar: Calendar, now: datetime) -> datetime | None:
    """The newest instant up to `now` at which the job should have run; None in nine days."""
    plan = _plan(job, calendar, _day(now) - timedelta(days=9), _day(now))
    return max((instant for instant in plan if instant <= now), default=None)


def next_planned(jobs: Sequence[Job], calendar: Calendar, now: datetime) -> datetime | None:
    """The next instant after `now` at which one of `jobs` is planned, or None within nine days."""
    plans = (_plan(job, calendar, _day(now), _day(now) + timedelta(days=9)) for job in jobs)
    return min((instant for plan in plans for instant in plan if instant > now), default=None)


def next_run(job: Job, run: LastRun, calendar: Calendar, now: datetime) -> datetime | None:
    """When a job will run: now if due, after the pause of a failure, else when planned next."""
    if due(job, run, calendar, now):
        return now
    retry_at = None if run.failed_at is None else run.failed_at + RETRIES.after(run.failures)
    if retry_at is not None and retry_at > now and due(job, run, calendar, retry_at):
        return retry_at
    return next_planned((job,), calendar, now)


def _plan(job: Job, calendar: Calendar, first: date, last: date) -> Iterator[datetime]:
    """Every planned instant on the dates from `first` to `last`, UTC."""
    by_session = job.after_close is not None or job.every is not None
    for session in calendar.between(first, last) if by_session and job.days is Days.SESSIONS else ():
        closed = calendar.close_at(session)
        if job.after_close is not None:
            yield closed + job.after_close + job.delay
        if job.every is not None:
            opened = calendar.open_at(session)
            yield from (opened + step * job.every for step in range(1, math.ceil((closed - opened) / job.every)))
    for offset in range((last - first).days + 1) if job.times else ():
        day = first + timedelta(days=offset)
        if _counts(job.days, day, calendar):
            yield from (datetime.combine(day, at, NEW_YORK).astimezone(UTC) + job.delay for at in job.times)


def _counts(days: Days, day: date, calendar: Calendar) -> bool:
    match days:
        case Days.SESSIONS:
            return calendar.is_session(day)
        case Days.WEEKDAYS:
            return day.weekday() < 5
        case Days.SUNDAYS:
            return day.weekday() == 6
        case Days.REPORTING:
            return day.weekday() == 6 or (day.weekday() < 5 and _after_quarter(day) in REPORTING_SEASON)
        case Days.MANAGERS:
            return day.weekday() == 6 or (day.weekday() < 5 and _after_quarter(day) in MANAGERS_SEASON)


def _after_quarter(day: date) -> int:
    """Days since the end of the newest calendar quarter before `day`: 1 on 1 January."""
    first = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    return (day - first).days + 1


def _delay(installation: str, name: str) -> timedelta:
    digest = hashlib.sha256(f"{installation}:{name}".encode()).digest()
    return MOST_DELAY * (digest[0] / 256)


def _day(now: datetime) -> date:
    return new_york_date(now)
