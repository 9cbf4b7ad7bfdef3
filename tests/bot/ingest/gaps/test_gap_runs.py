"""What a job requests now: everything as planned, only its gaps, or nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.calendar.clock import NEW_YORK, Calendar
from bot.domain.gap import Gap, Missing
from bot.domain.job import Job
from bot.ingest.gaps.gap_runs import RunKind, kind, members_awaited
from bot.ingest.schedule import LastRun, due, paused_until
from bot.ingest.worker_tasks import ArchiveInventory, ArchiveState

CALENDAR = Calendar(date(2025, 1, 2), date(2026, 12, 31))
PRICES = Job("prices", "yahoo", after_close=timedelta(minutes=22))
TUESDAY = date(2026, 1, 13)


def new_york(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).astimezone(UTC)


NOW = new_york("2026-01-13 16:40")
DONE = LastRun(succeeded_at=NOW - timedelta(minutes=10))
BEFORE = LastRun(succeeded_at=new_york("2026-01-12 16:30"))
MINUTE = timedelta(minutes=1)


def gap(job: str = "prices", at: datetime = NOW) -> Gap:
    return Gap(Missing(job, "SPY", TUESDAY), NOW, at)


@pytest.mark.parametrize(
    ("run", "gaps", "gap_run_at", "expected"),
    [
        (DONE, [], None, RunKind.NONE),
        (DONE, [gap()], None, RunKind.GAPS),
        (DONE, [gap(at=NOW + MINUTE)], None, RunKind.NONE),
        (DONE, [gap("rates")], None, RunKind.NONE),
        (DONE, [gap()], NOW - 4 * MINUTE, RunKind.NONE),
        (DONE, [gap()], NOW - 5 * MINUTE, RunKind.GAPS),
        (DONE, [gap()], NOW + 400 * 24 * 60 * MINUTE, RunKind.GAPS),  # a clock that was ahead
        (BEFORE, [gap()], None, RunKind.PLANNED),
        (BEFORE.failed(NOW - MINUTE), [gap()], None, RunKind.NONE),
        (BEFORE.failed(NOW - 2 * MINUTE), [gap()], None, RunKind.PLANNED),
        # Everything was requested and answered: no pause, only gaps.
        (BEFORE.failed(NOW - MINUTE, asked_all=True), [gap()], None, RunKind.GAPS),
        (BEFORE.failed(NOW - 9 * MINUTE, asked_all=True), [], None, RunKind.NONE),
        # Then the source failed.
        (BEFORE.failed(NOW - 9 * MINUTE, asked_all=True).failed(NOW - MINUTE), [gap()], None, RunKind.NONE),
        (BEFORE.failed(NOW - 9 * MINUTE, asked_all=True).failed(NOW - 4 * MINUTE), [gap()], None, RunKind.GAPS),
    ],
)
def test_everything_goes_before_gaps_and_pauses_hold_for_both(
    run: LastRun, gaps: list[Gap], gap_run_at: datetime | None, expected: RunKind
) -> None:
    assert kind(PRICES, run, gaps, gap_run_at, CALENDAR, NOW) is expected


def test_the_next_planned_instant_ends_the_pause_of_the_day_before() -> None:
    """A closure that nobody knows of fails every hour, and must not hold up the next day's prices."""
    failing = LastRun(new_york("2026-01-11 16:30"))
    for hour in range(24):
        failing = failing.failed(new_york("2026-01-12 16:30") + timedelta(hours=hour) - MINUTE)
    assert failing.failed_at == new_york("2026-01-13 15:29")
    failing = failing.failed(new_york("2026-01-13 16:10"))
    assert paused_until(PRICES, failing, CALENDAR, new_york("2026-01-13 16:21")) == new_york("2026-01-13 17:10")
    assert not due(PRICES, failing, CALENDAR, new_york("2026-01-13 16:21"))
    assert due(PRICES, failing, CALENDAR, new_york("2026-01-13 16:22"))
    assert kind(PRICES, failing, [], None, CALENDAR, new_york("2026-01-13 16:22")) is RunKind.PLANNED


def test_quotes_keep_their_pause_over_their_next_planned_instants() -> None:
    quotes = Job("quotes", "yahoo", every=timedelta(minutes=15))
    failing = LastRun(failed_at=new_york("2026-01-13 10:00"), failures=9)
    assert not due(quotes, failing, CALENDAR, new_york("2026-01-13 10:59"))
    assert due(quotes, failing, CALENDAR, new_york("2026-01-13 11:00"))


@pytest.mark.parametrize(
    ("listed", "expected"), [(gap(), True), (gap("rates"), False), (replace(gap(), tries=6), False), (None, False)]
)
def test_members_are_awaited_while_a_close_of_one_is_requested_again_within_minutes(
    listed: Gap | None, expected: bool
) -> None:
    found = [listed] if listed else []
    assert members_awaited(ArchiveState(ArchiveInventory({}, {}, ("SPY",)), found), TUESDAY, NOW) is expected
    assert not members_awaited(ArchiveState(ArchiveInventory({}, {}, ("QQQ",)), found), TUESDAY, NOW)
