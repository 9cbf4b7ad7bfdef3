"""Jobs of the timetable: what is fetched from which source and when. Times are New York's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta
from enum import StrEnum

TEN_YEARS = timedelta(days=3660)


class Days(StrEnum):
    """The dates on which a job runs at its times."""

    SESSIONS = "sessions"
    WEEKDAYS = "weekdays"
    SUNDAYS = "sundays"
    REPORTING = "Sundays, and every weekday of the reporting season"
    MANAGERS = "Sundays, and every weekday around the last day for managers' reports"


class ExpectedDay(StrEnum):
    """The newest day that a planned run should give, relative to its date in New York."""

    NONE = "what comes when it comes: filings, plans, lists"
    SESSION = "that session, or the one before that date"
    SESSION_BEFORE = "the session before"
    BOND_DAY_BEFORE = "the bond day before"
    SECOND_BOND_DAY_BEFORE = "the second bond day before: FRED shows the Treasury's yields a day later, or two"


@dataclass(frozen=True, slots=True)
class Job:
    """One line of the timetable: due at `times` on `days`, or as `after_close` or `every` say.

    Attributes: name: Its name in logs and in the database. source: Name of the source. days: The
    dates on which it runs at `times`. times: Times of day in New York. after_close: Due so long
    after a session's close; early closes count. every: Due so often while the exchange is open, for
    prices of the running session. delay: This installation's own delay, so that not every bot sends
    its requests in the same second. rank: Its place in the timetable; the most urgent job has the
    smallest. Jobs of the same rank are in the order of their sources.
        series: Prefixes of the ids of the series that it keeps up to date. fills_gaps: Requests
        only series that lack the bond day before the session, because another source gives them
        first. records: Datasets that it keeps up to date. subjects: Tickers that the rows of
        `records` are about, where the source has no list of its own. back: From how long before the
        last success `records` are requested. first: The same for the first time: as far as their
        signals look back. expected: The day that decides whether the source is old.
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
