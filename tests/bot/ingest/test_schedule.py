"""The timetable: what is due follows from the calendar and the last success, never from having seen a tick."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calendar.clock import NEW_YORK, Calendar
from bot.domain.job import Days, Job
from bot.ingest.schedule import LastRun, due, newest_planned, next_planned, next_run, timetable

CALENDAR = Calendar(date(2025, 1, 1), date(2026, 12, 31))
PRICES = Job("prices", "yahoo", after_close=timedelta(minutes=22))
RATES = Job("rates", "fred", Days.WEEKDAYS, times=(time(8, 0), time(17, 0)))
QUOTES = Job("quotes", "yahoo", every=timedelta(minutes=15))


def new_york(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).astimezone(UTC)


@pytest.mark.parametrize(
    ("job", "now", "planned"),
    [
        (PRICES, "2026-01-13 16:21", "2026-01-12 16:22"),
        (PRICES, "2026-01-13 16:22", "2026-01-13 16:22"),
        (PRICES, "2025-11-28 13:22", "2025-11-28 13:22"),  # the Friday after Thanksgiving closes at 13:00
        (PRICES, "2026-01-19 23:00", "2026-01-16 16:22"),  # Martin Luther King day
        (RATES, "2026-01-19 23:00", "2026-01-19 17:00"),
        (RATES, "2026-01-18 12:00", "2026-01-16 17:00"),  # a Sunday
        (RATES, "2026-03-09 08:00", "2026-03-09 08:00"),  # the Monday after the clocks went forward
        (QUOTES, "2026-01-13 09:44", "2026-01-12 15:45"),
        (QUOTES, "2026-01-13 09:45", "2026-01-13 09:45"),
    ],
)
def test_the_newest_planned_instant_follows_new_york(job: Job, now: str, planned: str) -> None:
    assert newest_planned(job, CALENDAR, new_york(now)) == new_york(planned)


def test_a_job_runs_once_per_planned_instant() -> None:
    now = new_york("2026-01-13 16:30")
    assert due(PRICES, LastRun(), CALENDAR, now)
    assert not due(PRICES, LastRun(succeeded_at=now), CALENDAR, now + timedelta(hours=12))
    assert due(PRICES, LastRun(succeeded_at=now), CALENDAR, now + timedelta(days=1))


def test_after_days_without_power_the_job_runs_at_once() -> None:
    assert due(PRICES, LastRun(succeeded_at=new_york("2026-01-02 16:30")), CALENDAR, new_york("2026-01-13 03:00"))


def test_what_a_clock_noted_that_was_years_ahead_keeps_no_job_from_running() -> None:
    now, ahead = new_york("2026-01-13 16:30"), new_york("2031-01-13 16:30")
    assert due(PRICES, LastRun(succeeded_at=ahead), CALENDAR, now)
    assert due(PRICES, LastRun(succeeded_at=new_york("2026-01-12 16:30")).failed(ahead), CALENDAR, now)
    assert next_run(PRICES, LastRun(failed_at=ahead, failures=50), CALENDAR, now) == now


def test_a_failure_pauses_two_minutes_then_twice_as_long_and_at_most_an_hour() -> None:
    now = new_york("2026-01-13 16:30")
    once = LastRun().failed(now)
    assert not due(PRICES, once, CALENDAR, now + timedelta(seconds=119))
    assert due(PRICES, once, CALENDAR, now + timedelta(minutes=2))
    twice = once.failed(now)
    assert not due(PRICES, twice, CALENDAR, now + timedelta(seconds=239))
    many = LastRun(failed_at=now, failures=50)
    assert not due(PRICES, many, CALENDAR, now + timedelta(minutes=59))
    assert due(PRICES, many, CALENDAR, now + timedelta(hours=1))


def test_the_next_run_is_now_after_a_pause_or_at_the_next_planned_instant() -> None:
    now = new_york("2026-01-13 16:30")
    assert next_run(PRICES, LastRun(), CALENDAR, now) == now
    done = LastRun(succeeded_at=now)
    assert next_run(PRICES, done, CALENDAR, now) == new_york("2026-01-14 16:22")
    failed = LastRun(succeeded_at=new_york("2026-01-12 16:30")).failed(now)
    assert next_run(PRICES, failed, CALENDAR, now + timedelta(seconds=30)) == now + timedelta(minutes=2)
    assert next_run(PRICES, failed, CALENDAR, now + timedelta(minutes=3)) == now + timedelta(minutes=3)
    early = done.failed(new_york("2026-01-14 10:00"))
    assert next_run(PRICES, early, CALENDAR, new_york("2026-01-14 10:01")) == new_york("2026-01-14 16:22")


def test_quotes_lapse_when_the_exchange_closes() -> None:
    morning = LastRun(succeeded_at=new_york("2026-01-13 10:00"))
    assert due(QUOTES, morning, CALENDAR, new_york("2026-01-13 15:59"))
    assert not due(QUOTES, morning, CALENDAR, new_york("2026-01-13 16:00"))
    assert not due(QUOTES, LastRun(), CALENDAR, new_york("2026-01-17 12:00"))


def test_a_weekly_job_that_never_ran_is_due_at_once() -> None:
    universe = timetable(0)[0]
    assert due(universe, LastRun(), CALENDAR, new_york("2026-01-14 03:00"))


def test_installations_differ_by_up_to_three_minutes_and_each_keeps_its_own() -> None:
    delays = {timetable(0, installation=str(seed))[1].delay for seed in range(50)}
    assert len(delays) > 30
    assert all(timedelta(0) <= delay < timedelta(minutes=3) for delay in delays)
    assert timetable(0, installation="a") == timetable(0, installation="a")


def test_without_live_prices_nobody_asks_in_the_session() -> None:
    assert "quotes" not in {job.name for job in timetable(0)}
    assert "quotes" in {job.name for job in timetable(15)}


@given(st.datetimes(datetime(2025, 2, 1), datetime(2026, 11, 1)))  # noqa: DTZ001 - made aware below
def test_the_next_planned_instant_lies_ahead_and_becomes_the_newest(moment: datetime) -> None:
    now = moment.replace(tzinfo=UTC)
    for job in timetable(15):
        ahead = next_planned([job], CALENDAR, now)
        behind = newest_planned(job, CALENDAR, now)
        assert ahead is not None
        assert ahead > now
        assert behind is None or behind <= now
        assert newest_planned(job, CALENDAR, ahead) == ahead
        assert newest_planned(job, CALENDAR, ahead - timedelta(seconds=1)) == behind
