"""A year of the timetable, line by line: every instant of every job on changed clocks, half days, holidays and quarter ends."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.calendar.clock import NEW_YORK, Calendar
from bot.domain.job import Job
from bot.ingest.schedule import next_planned, timetable

CALENDAR = Calendar(date(2025, 12, 1), date(2027, 1, 31))
JOBS = {job.name: job for job in timetable(30)}
YEAR = [date(2026, 1, 1) + timedelta(days=offset) for offset in range(365)]
CLOSED = {
    date.fromisoformat(f"2026-{day}")
    for day in ["01-01", "01-19", "02-16", "04-03", "05-25", "06-19", "07-03", "09-07", "11-26", "12-25"]
}  # fmt: skip
HALF = {date(2026, 11, 27), date(2026, 12, 24)}
WEEKDAYS = [day for day in YEAR if day.weekday() < 5]
SESSIONS = [day for day in WEEKDAYS if day not in CLOSED]
SUNDAYS = [day for day in YEAR if day.weekday() == 6]


def test_the_most_urgent_job_comes_first() -> None:
    assert [(job.name, job.source) for job in timetable(15)] == [
        ("universe", "universe"),
        ("prices", "yahoo"),
        ("volatility", "cboe"),
        ("rates", "fred"),
        ("projections", "fred"),
        ("releases", "fred"),
        ("yields", "treasury"),
        ("release days", "fred"),
        ("meetings", "fed"),
        ("chains", "cboe-chains"),
        ("funds of statestreet", "statestreet"),
        ("weights", "statestreet"),
        ("funds of ishares", "ishares"),
        ("funds of invesco", "invesco"),
        ("estimates", "estimates"),
        ("facts", "edgar"),
        ("guidance", "edgar"),
        ("holdings", "edgar"),
        ("quotes", "yahoo"),
    ]


def within(*spans: str) -> list[date]:
    """Weekdays of the spans `01-14 03-01`, both ends included, and all Sundays."""
    ends = [[date.fromisoformat(f"2026-{day}") for day in span.split()] for span in spans]
    return sorted({day for day in WEEKDAYS if any(first <= day <= last for first, last in ends)} | set(SUNDAYS))


# The 14th to 60th day after a quarter's end, and the 40th to 50th, counted by hand from 31 December, 31 March, ...
REPORTING = within("01-14 03-01", "04-14 05-30", "07-14 08-29", "10-14 11-29")
MANAGERS = within("02-09 02-19", "05-10 05-20", "08-09 08-19", "11-09 11-19")
HALF_HOURS = " ".join(f"{hour:02}:00 {hour:02}:30" for hour in range(7, 19)) + " 19:00"


def walked(job: Job, year: list[date]) -> list[datetime]:
    """Every planned instant of those days, in New York and without the delay of this installation, as a timer meets them."""
    now = datetime.combine(year[0], datetime.min.time(), NEW_YORK).astimezone(UTC) - timedelta(seconds=1)
    found = []
    while (at := next_planned([job], CALENDAR, now)) is not None:
        now, local = at, (at - job.delay).astimezone(NEW_YORK)
        if local.date() > year[-1]:
            break
        found.append(local.replace(tzinfo=None))
    return found


def at(days: list[date], times: str) -> list[datetime]:
    return [datetime.fromisoformat(f"{day} {time}") for day in days for time in times.split()]


@pytest.mark.parametrize(
    ("name", "days", "times"),
    [
        ("universe", SUNDAYS, "12:00"),
        ("volatility", WEEKDAYS, "08:30 20:00"),
        ("rates", WEEKDAYS, "08:00 17:00"),
        ("projections", WEEKDAYS, "08:00 17:00"),
        ("releases", WEEKDAYS, "08:35 10:05"),
        ("yields", WEEKDAYS, "18:30"),
        ("release days", SUNDAYS, "12:30"),
        ("meetings", SUNDAYS, "13:00"),
        ("funds of statestreet", SESSIONS, "09:00"),
        ("weights", SESSIONS, "09:00"),
        ("funds of ishares", SESSIONS, "09:00"),
        ("funds of invesco", SESSIONS, "09:00"),
        ("estimates", SESSIONS, "21:00"),
        ("facts", REPORTING, "20:30"),
        ("holdings", MANAGERS, "14:00"),
    ],
)
def test_a_job_runs_at_its_times_all_year_none_lost_and_none_doubled(name: str, days: list[date], times: str) -> None:
    assert walked(JOBS[name], YEAR) == at(days, times)


@pytest.mark.parametrize("month", [3, 11])
def test_filings_are_looked_for_every_half_hour_where_clocks_change(month: int) -> None:
    days = [day for day in YEAR if day.month == month]
    expected = [day for day in WEEKDAYS if day.month == month]
    assert walked(JOBS["guidance"], days) == at(expected, HALF_HOURS)


@pytest.mark.parametrize(("name", "whole", "half"), [("prices", "16:22", "13:22"), ("chains", "15:45", "12:45")])
def test_what_follows_the_close_comes_earlier_on_half_days(name: str, whole: str, half: str) -> None:
    assert len(SESSIONS) == 251
    expected = [datetime.fromisoformat(f"{day} {half if day in HALF else whole}") for day in SESSIONS]
    assert walked(JOBS[name], YEAR) == expected


def test_live_prices_come_every_half_hour_while_the_exchange_is_open() -> None:
    week = [date(2026, 11, 23) + timedelta(days=offset) for offset in range(7)]
    whole = "10:00 10:30 11:00 11:30 12:00 12:30 13:00 13:30 14:00 14:30 15:00 15:30"
    expected = at(week[:3], whole) + at([week[4]], "10:00 10:30 11:00 11:30 12:00 12:30")
    assert walked(JOBS["quotes"], week) == expected


def test_every_job_of_the_timetable_is_walked_here() -> None:
    by_source = {name: job for name, job in JOBS.items() if not name.startswith("funds of ")}
    assert {job.source for job in JOBS.values()} - {job.source for job in by_source.values()} == {
        "ishares",
        "invesco",
    }
    once = {
        "universe",
        "volatility",
        "rates",
        "projections",
        "releases",
        "yields",
        "release days",
        "meetings",
        "estimates",
        "facts",
        "weights",
    }
    assert set(by_source) == once | {"holdings", "guidance", "prices", "chains", "quotes"}
