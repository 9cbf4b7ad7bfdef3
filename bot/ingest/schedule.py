"""What is fetched when: a table, and the pure rule that says what is due.

A timer only ticks; whether something is due follows from the table, the calendar and the last success. So a night of
changing clocks, a stall or a day without power never loses a job. Times are New York's.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from bot.calendar.clock import NEW_YORK, Calendar

FIRST_PAUSE = timedelta(minutes=2)
MOST_PAUSE = timedelta(hours=1)
MOST_DELAY = timedelta(minutes=3)


class Days(StrEnum):
    """On which dates a job's times stand."""

    SESSIONS = "sessions"
    WEEKDAYS = "weekdays"
    SUNDAYS = "sundays"
    REPORTING = "Sundays, and every weekday of the reporting season"
    MANAGERS = "Sundays, and every weekday around the last day for managers' reports"


class Gives(StrEnum):
    """The newest day that a planned run should find, as seen from its date in New York."""

    EVENTS = "what comes when it comes: filings, plans, lists"
    SESSION = "that session, or the one before that date"
    SESSION_BEFORE = "the session before"
    BOND_DAY_BEFORE = "the bond day before"
    SECOND_BOND_DAY_BEFORE = "the second bond day before: FRED shows the Treasury's yields a day later, or two"


REPORTING_SEASON = range(14, 61)
"""Days after the end of a calendar quarter in which companies report: from the first banks to the SEC's last day for a year."""

MANAGERS_SEASON = range(40, 51)
"""Days after the end of a quarter around the 45th, on which the SEC wants managers' holdings."""


@dataclass(frozen=True, slots=True)
class Job:
    """One line of the timetable.

    It is due at each of `times` on `days`, at `after_close` past a session's close (early closes count), or `every` so
    often while the exchange is open. `source` is who is asked. `delay` is this installation's own, so that not every
    bot asks in the same second. `records` are the datasets that it keeps up to date, from `back` days before; the first time
    from `first` days before, which is as much as their signals look back on. `gives` says what is old.
    """

    name: str
    source: str
    days: Days = Days.SESSIONS
    times: tuple[time, ...] = ()
    after_close: timedelta | None = None
    every: timedelta | None = None
    delay: timedelta = timedelta(0)
    records: tuple[str, ...] = ()
    back: timedelta = timedelta(days=10)
    first: timedelta = timedelta(days=10)
    gives: Gives = Gives.EVENTS


def timetable(live_minutes: int, *, installation: str = "") -> tuple[Job, ...]:
    """Every job of the program, most urgent first; `live_minutes` 0 leaves out provisional prices.

    Prices of the morning and of noon are those of `quotes`. Of one source one job runs at a time, so that its pace is kept.
    """
    jobs = (
        Job("universe", "universe", Days.SUNDAYS, _at("12:00")),
        Job("prices", "yahoo", after_close=timedelta(minutes=22), gives=Gives.SESSION),
        # The file of an index may lack the newest session until the next morning.
        Job("volatility", "cboe", Days.WEEKDAYS, _at("08:30", "20:00"), gives=Gives.SESSION_BEFORE),
        Job("rates", "fred", Days.WEEKDAYS, _at("08:00", "17:00"), gives=Gives.SECOND_BOND_DAY_BEFORE),
        # Apart from the rates, because without a key another host is asked, whose failure says nothing of them.
        Job("projections", "fred", Days.WEEKDAYS, _at("08:00", "17:00"), records=("projections",), back=_days(120),
            first=TEN_YEARS),
        # Every weekday, because orders and capacity utilisation have no list of release days; it is one request.
        Job("releases", "fred", Days.WEEKDAYS, _at("08:35", "10:05")),
        Job("yields", "treasury", Days.WEEKDAYS, _at("18:30"), gives=Gives.BOND_DAY_BEFORE),
        Job("release days", "fred", Days.SUNDAYS, _at("12:30"), records=("releases",)),
        Job("meetings", "fed", Days.SUNDAYS, _at("13:00"), records=("meetings",)),
        Job("chains", "cboe-chains", after_close=-timedelta(minutes=15), records=("options",), back=_days(0), first=_days(0),
            gives=Gives.SESSION),
        *(
            Job(f"funds of {name}", name, times=_at("09:00"), records=("funds",), first=TEN_YEARS, gives=Gives.SESSION_BEFORE)
            for name in ("statestreet", "ishares", "invesco")
        ),
        Job("estimates", "estimates", times=_at("21:00"), records=("estimates", "surprises"), back=_days(0), first=_days(0),
            gives=Gives.SESSION),
        Job("facts", "edgar", Days.REPORTING, _at("20:30"), records=("facts",), first=TEN_YEARS),
        Job("guidance", "edgar", Days.WEEKDAYS, HALF_HOURS, records=("guidance",), back=_days(3), first=_days(60)),
        Job("holdings", "edgar", Days.MANAGERS, _at("14:00"), records=("holdings",), back=_days(15), first=_days(800)),
    )  # fmt: skip
    delayed = tuple(replace(job, delay=_delay(installation, job.name)) for job in jobs)
    if not live_minutes:
        return delayed
    return (*delayed, Job("quotes", "yahoo", every=timedelta(minutes=live_minutes)))


def _at(*times: str) -> tuple[time, ...]:
    return tuple(map(time.fromisoformat, times))


def _days(count: int) -> timedelta:
    return timedelta(days=count)


TEN_YEARS = _days(3660)
HALF_HOURS = _at(*(f"{minutes // 60:02}:{minutes % 60:02}" for minutes in range(7 * 60, 19 * 60 + 1, 30)))


@dataclass(frozen=True, slots=True)
class LastRun:
    """How a job last went; `failures` counts those since the last success, and `reason` is that of the newest."""

    succeeded_at: datetime | None = None
    failed_at: datetime | None = None
    failures: int = 0
    reason: str | None = None

    def succeeded(self, now: datetime) -> LastRun:
        """After a success."""
        return LastRun(succeeded_at=now)

    def failed(self, now: datetime, reason: str | None = None) -> LastRun:
        """After one more failure."""
        return LastRun(self.succeeded_at, now, self.failures + 1, reason)


def due(job: Job, run: LastRun, calendar: Calendar, now: datetime) -> bool:
    """Whether a job has to run at `now`: no success since its newest planned instant, and no pause after a failure lasts.

    A job that has never succeeded is due at once. One that runs only while the exchange is open lapses when it closes.
    What lies ahead of `now` was noted by a clock that was wrong and keeps nothing from running.
    """
    if run.failed_at is not None and run.failed_at <= now < run.failed_at + _pause(run.failures):
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


def newest_planned(job: Job, calendar: Calendar, now: datetime) -> datetime | None:
    """The newest instant at or before `now` at which the job should have run, or None within the last nine days."""
    plan = _plan(job, calendar, _day(now) - timedelta(days=9), _day(now))
    return max((instant for instant in plan if instant <= now), default=None)


def next_planned(jobs: Sequence[Job], calendar: Calendar, now: datetime) -> datetime | None:
    """The next instant after `now` at which one of `jobs` is planned, or None within nine days."""
    plans = (_plan(job, calendar, _day(now), _day(now) + timedelta(days=9)) for job in jobs)
    return min((instant for plan in plans for instant in plan if instant > now), default=None)


def next_run(job: Job, run: LastRun, calendar: Calendar, now: datetime) -> datetime | None:
    """When a job will run: now if it is due, after the pause of a failure, else at its next planned instant."""
    if due(job, run, calendar, now):
        return now
    again = None if run.failed_at is None else run.failed_at + _pause(run.failures)
    if again is not None and again > now and due(job, run, calendar, again):
        return again
    return next_planned((job,), calendar, now)


def _plan(job: Job, calendar: Calendar, first: date, last: date) -> Iterator[datetime]:
    """Every planned instant on the dates from `first` to `last`, UTC."""
    for session in calendar.between(first, last) if job.days is Days.SESSIONS else ():
        opened, closed = calendar.open_at(session), calendar.close_at(session)
        if job.after_close is not None:
            yield closed + job.after_close + job.delay
        if job.every is not None:
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


def _pause(failures: int) -> timedelta:
    doublings = max(0, min(failures - 1, 10))
    return min(FIRST_PAUSE * (1 << doublings), MOST_PAUSE)


def _delay(installation: str, name: str) -> timedelta:
    digest = hashlib.sha256(f"{installation}:{name}".encode()).digest()
    return MOST_DELAY * (digest[0] / 256)


def _day(now: datetime) -> date:
    return now.astimezone(NEW_YORK).date()
