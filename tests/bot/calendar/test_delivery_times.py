"""Quiet hours, digests and snoozes: values by hand, and a model that walks through time in quarters of an hour."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.calendar.delivery_times import (
    EVERY_DAY,
    DeliveryTimes,
    QuietHours,
    held_until,
    is_open,
    next_digest,
    open_from,
)
from tests.helpers import utc

QUARTER = timedelta(minutes=15)
NIGHT = QuietHours(time(22), time(7))
BERLIN = DeliveryTimes("Europe/Berlin", NIGHT)


@pytest.mark.parametrize(
    ("times", "instant", "expected"),
    [
        # Berlin is an hour ahead of UTC in winter.
        (BERLIN, "2026-01-13 20:59", "2026-01-13 20:59"),
        (BERLIN, "2026-01-13 21:00", "2026-01-14 06:00"),
        (BERLIN, "2026-01-14 05:59", "2026-01-14 06:00"),
        (BERLIN, "2026-01-14 06:00", "2026-01-14 06:00"),
        # The night to March 29 has an hour less, that to October 25 an hour more.
        (BERLIN, "2026-03-28 21:00", "2026-03-29 05:00"),
        (BERLIN, "2026-10-24 20:00", "2026-10-25 06:00"),
        # 02:30 is left out on March 29: quiet hours until then end with the change, at 01:00 UTC.
        (DeliveryTimes("Europe/Berlin", QuietHours(time(1), time(2, 30))), "2026-03-29 00:30", "2026-03-29 01:00"),
        # February 29 is a day like any other.
        (DeliveryTimes("UTC", NIGHT), "2028-02-29 23:00", "2028-03-01 07:00"),
        # Friday night only (January 16, 2026): Saturday night is not quiet.
        (DeliveryTimes("UTC", QuietHours(time(22), time(7), frozenset({4}))), "2026-01-16 23:00", "2026-01-17 07:00"),
        (DeliveryTimes("UTC", QuietHours(time(22), time(7), frozenset({4}))), "2026-01-17 23:00", "2026-01-17 23:00"),
        # Two whole days in a row end together, on Monday.
        (DeliveryTimes("UTC", QuietHours(time(0), time(0), frozenset({5, 6}))), "2026-01-17 12:00", "2026-01-19 00:00"),
        # What never ends holds nothing back.
        (DeliveryTimes("UTC", QuietHours(time(9), time(9))), "2026-01-17 12:00", "2026-01-17 12:00"),
    ],
)
def test_quiet_hours_end_when_the_clock_of_the_place_says_so(times: DeliveryTimes, instant: str, expected: str) -> None:
    assert open_from(times, utc(instant)) == utc(expected)


@pytest.mark.parametrize(
    ("digest", "quiet", "instant", "expected"),
    [
        (time(18), None, "2026-01-13 16:59", "2026-01-13 17:00"),
        (time(18), None, "2026-01-13 17:00", "2026-01-13 17:00"),
        (time(18), None, "2026-01-13 17:01", "2026-01-14 17:00"),
        (time(2, 30), None, "2026-03-28 12:00", "2026-03-29 01:00"),
        (time(2, 30), None, "2026-10-24 12:00", "2026-10-25 00:30"),
        # On Saturday and Sunday 18:00 is quiet, so Monday's digest has it all.
        (time(18), QuietHours(time(0), time(0), frozenset({5, 6})), "2026-01-16 17:01", "2026-01-19 17:00"),
        # Always quiet: the end of the night.
        (time(6), NIGHT, "2026-01-13 12:00", "2026-01-13 12:00"),
        (time(6), NIGHT, "2026-01-13 23:00", "2026-01-14 06:00"),
    ],
)
def test_a_digest_comes_at_its_time_on_the_next_day_that_is_not_quiet(
    digest: time, quiet: QuietHours | None, instant: str, expected: str
) -> None:
    assert next_digest(DeliveryTimes("Europe/Berlin", quiet, digest), utc(instant)) == utc(expected)


def test_what_was_due_before_the_quiet_hours_and_could_not_be_sent_waits_for_their_end() -> None:
    """Enqueued at 21:00 Berlin, not delivered before 22:00."""
    assert held_until(BERLIN, utc("2026-01-13 20:00"), utc("2026-01-13 20:01")) is None
    assert held_until(BERLIN, utc("2026-01-13 20:00"), utc("2026-01-13 21:30")) == utc("2026-01-14 06:00")


def test_what_could_not_be_sent_at_the_end_of_its_wait_stays_a_message_about_what_waited() -> None:
    assert held_until(BERLIN, utc("2026-01-13 22:00"), utc("2026-01-14 09:00")) == utc("2026-01-14 06:00")


def test_a_snooze_that_ends_in_the_night_ends_in_the_morning() -> None:
    snoozed = DeliveryTimes("Europe/Berlin", NIGHT, snoozed_until=utc("2026-01-15 23:00"))
    assert held_until(snoozed, utc("2026-01-13 12:00"), utc("2026-01-13 12:00")) == utc("2026-01-16 06:00")


ZONES = ["UTC", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/Sao_Paulo", "Pacific/Apia"]
# Days around changes of the clock in one of the zones, a leap day, the day that Samoa left out, and any day.
DAYS = [
    date(2018, 11, 3), date(2018, 2, 17), date(2011, 12, 29), date(2028, 2, 28), date(2026, 3, 7), date(2026, 3, 28),
    date(2026, 10, 24), date(2026, 10, 31), date(2026, 4, 4), date(2025, 10, 4), date(2026, 6, 10),
]  # fmt: skip
clock_times = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
quiet_hours = st.builds(QuietHours, clock_times, clock_times, st.frozensets(st.integers(0, 6), min_size=1)).filter(
    lambda quiet: not quiet.never_end
)
instants = st.builds(
    lambda day, quarters: datetime.combine(day, time(), UTC) + quarters * QUARTER,
    st.sampled_from(DAYS),
    st.integers(0, 4 * 24 * 4),
)


@cache
def reached(day: date, zone: str, at: time) -> datetime:
    """The first quarter of an hour at which a clock in the zone has come to a time of a day."""
    instant = datetime.combine(day, time(), UTC) - timedelta(hours=16)
    while instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None) < datetime.combine(day, at):
        instant += QUARTER
    return instant


def model_is_quiet(times: DeliveryTimes, instant: datetime) -> bool:
    assert times.zone is not None
    if times.quiet is None:
        return False
    for ahead in range(-3, 3):
        day = instant.date() + timedelta(days=ahead)
        last = day if times.quiet.start < times.quiet.end else day + timedelta(days=1)
        begin, end = reached(day, times.zone, times.quiet.start), reached(last, times.zone, times.quiet.end)
        if day.weekday() in times.quiet.days and begin <= instant < end:
            return True
    return False


def model_is_digest(times: DeliveryTimes, instant: datetime) -> bool:
    assert times.zone is not None
    assert times.digest is not None
    return any(
        reached(instant.date() + timedelta(days=ahead), times.zone, times.digest) == instant for ahead in range(-2, 3)
    )


def model_held_until(times: DeliveryTimes, since: datetime, now: datetime) -> datetime | None:
    """Go on in quarters of an hour until it may be sent; a digest that never may be is sent when the night ends."""
    begin = max(since, times.snoozed_until or since)

    def first(start: datetime, *, digest: bool) -> datetime | None:
        for quarters in range(13 * 96):
            instant = start + quarters * QUARTER
            if not model_is_quiet(times, instant) and (not digest or model_is_digest(times, instant)):
                return instant
        return None

    at = first(begin, digest=times.digest is not None) or first(begin, digest=False)
    assert at is not None
    if at <= now and model_is_quiet(times, now):
        at = first(now, digest=False)
        assert at is not None
    return at if at > since else None


@settings(max_examples=40, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    quiet=st.none() | quiet_hours,
    digest=st.none() | clock_times,
    since=instants,
    later=st.integers(0, 96),
    snoozed=st.none() | st.integers(0, 200),
)
@example("Europe/Berlin", QuietHours(time(2, 15), time(2, 45)), time(2, 30), utc("2026-03-28 12:00"), 0, None)
@example("America/New_York", QuietHours(time(1, 30), time(1, 15)), time(1, 15), utc("2026-10-31 12:00"), 50, None)
def test_the_rules_say_what_walking_through_time_finds(
    zone: str, quiet: QuietHours | None, digest: time | None, since: datetime, later: int, snoozed: int | None
) -> None:
    until = None if snoozed is None else since + snoozed * QUARTER
    times, now = DeliveryTimes(zone, quiet, digest, until), since + later * QUARTER
    assert is_open(times, now) is not model_is_quiet(times, now)
    assert held_until(times, since, now) == model_held_until(times, since, now)


def test_only_quiet_hours_of_all_days_can_be_without_an_end() -> None:
    assert QuietHours(time(9), time(9)).never_end
    assert not QuietHours(time(9), time(9), EVERY_DAY - {2}).never_end
    assert not QuietHours(time(9), time(8, 59)).never_end
