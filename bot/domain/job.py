"""Jobs: what is asked of whom and when, as a line of the timetable says it. Times are New York's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta
from enum import StrEnum

TEN_YEARS = timedelta(days=3660)


class Days(StrEnum):
    """On which dates a job's times stand."""

    SESSIONS = "sessions"
    WEEKDAYS = "weekdays"
    SUNDAYS = "sundays"
    REPORTING = "Sundays, and every weekday of the reporting season"
    MANAGERS = "Sundays, and every weekday around the last day for managers' reports"


class ExpectedDay(StrEnum):
    """The newest day that a planned run should find, as seen from its date in New York."""

    NONE = "what comes when it comes: filings, plans, lists"
    SESSION = "that session, or the one before that date"
    SESSION_BEFORE = "the session before"
    BOND_DAY_BEFORE = "the bond day before"
    SECOND_BOND_DAY_BEFORE = "the second bond day before: FRED shows the Treasury's yields a day later, or two"


@dataclass(frozen=True, slots=True)
class Job:
    """One line of the timetable: due at each of `times` on `days`, or as `after_close` or `every` say.

    Attributes:
        name: What people, logs and the database call it.
        source: Name of the source that is asked.
        days: The dates on which `times` stand.
        times: Times of day in New York.
        after_close: Due so long after a session's close; early closes count.
        every: Due so often while the exchange is open, for prices of the running session.
        delay: This installation's own, so that not every bot asks in the same second.
        rank: Its place in the timetable, the most urgent has the smallest. Of equal ones the source that is asked first
            comes first.
        series: Starts of the ids of those series of the signals that it keeps up to date.
        fills_gaps: Asks only for series that lack the bond day before the session, because another source gives them first.
        records: Datasets that it keeps up to date.
        subjects: Tickers that the rows of `records` are about, where the source has no list of its own.
        back: From how long before the last success `records` are asked for.
        first: The same for the first time, which is as much as their signals look back on.
        expected: What says that the source is old.
    """

    name: str
    source: str
    days: Days = Days.SESSIONS
    times: tuple[time, ...] = ()
    after_close: timedelta | None = None
    every: timedelta | None = None
    delay: timedelta = timedelta(0)
    rank: int = 1000
    series: tuple[str, ...] = ()
    fills_gaps: bool = False
    records: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    back: timedelta = timedelta(days=10)
    first: timedelta = timedelta(days=10)
    expected: ExpectedDay = ExpectedDay.NONE


def at(*times: str) -> tuple[time, ...]:
    """Times of day from texts such as `08:30`."""
    return tuple(map(time.fromisoformat, times))
