"""Every session once in every channel, at the channel's own time, whatever clocks and processes do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from bot.calendar.clock import Calendar
from bot.calendar.delivery_times import AT_ONCE, DeliveryTimes, QuietHours
from bot.calendar.local_time import first_showing
from bot.database.codec import rows, session
from bot.database.connection import connect
from bot.database.places import delivery_times, destinations
from bot.database.places import summary_channels as wishes
from bot.database.places.summary_channels import SummaryChannel
from bot.domain.arrival import Arrival
from bot.domain.model import DestinationState, SummaryCadence
from bot.outbox import summary_schedule
from bot.outbox.summary_schedule import due, due_at, enqueue_due, newest_complete

CALENDAR = Calendar(date(2017, 6, 1), date(2026, 12, 31))
ZONES = ["America/New_York", "Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe"]
MINUTE = timedelta(minutes=1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def wish(zone: str, at: time, *, since: str = "2017-01-01") -> SummaryChannel:
    return SummaryChannel(1, 810, 800, DestinationState.ACTIVE, zone, at, 5, utc(since))


@pytest.fixture
def db() -> Iterator[Database]:
    database = connect(Path(":memory:"))
    yield database
    database.close()


def add(db: Database, zone: str, at: time, *, since: str, channel_id: int = 810) -> int:
    made = destinations.channel_destination(db, channel_id, 800, now=utc(since))
    return wishes.put(db, made.id, zone=zone, at=at, created_by=5, now=utc(since)).destination_id


def stored(db: Database) -> list[tuple[str, str]]:
    return [(each["key"], each["state"]) for each in rows(db, "SELECT key, state FROM outbox ORDER BY id")]


@pytest.mark.parametrize(
    ("day", "zone", "at", "expected"),
    [
        # New York goes from 01:59 EST to 03:00 EDT at 07:00 UTC on 9 March 2025, and back at 06:00 UTC on 2 November.
        ("2025-03-09", "America/New_York", time(2, 30), "2025-03-09T07:00"),
        ("2025-03-09", "America/New_York", time(3, 0), "2025-03-09T07:00"),
        ("2025-11-02", "America/New_York", time(1, 30), "2025-11-02T05:30"),
        # Berlin: 02:00 CET to 03:00 CEST at 01:00 UTC on 30 March 2025; 03:00 CEST to 02:00 CET at 01:00 UTC on 26 October.
        ("2025-03-30", "Europe/Berlin", time(2, 59), "2025-03-30T01:00"),
        ("2025-10-26", "Europe/Berlin", time(2, 30), "2025-10-26T00:30"),
        # Sao Paulo left out midnight itself on 4 November 2018 (03:00 UTC) and had 23:30 twice on 17 February 2018.
        ("2018-11-04", "America/Sao_Paulo", time(0, 0), "2018-11-04T03:00"),
        ("2018-02-17", "America/Sao_Paulo", time(23, 30), "2018-02-18T01:30"),
        # Lord Howe moves by half an hour: 02:00 to 02:30 on 5 October 2025 (15:30 UTC the day before), back on 6 April.
        ("2025-10-05", "Australia/Lord_Howe", time(2, 15), "2025-10-04T15:30"),
        ("2025-10-05", "Australia/Lord_Howe", time(2, 30), "2025-10-04T15:30"),
        ("2025-04-06", "Australia/Lord_Howe", time(1, 45), "2025-04-05T14:45"),
    ],
)
def test_left_out_times_are_the_change_itself_and_repeated_ones_the_first(
    day: str, zone: str, at: time, expected: str
) -> None:
    assert first_showing(date.fromisoformat(day), ZoneInfo(zone), at) == utc(expected)


@pytest.mark.parametrize(
    ("of", "zone", "at", "expected"),
    [
        # Tuesday 13 January 2026 closes at 21:00 UTC and is final at 21:20.
        ("2026-01-13", "Europe/Berlin", time(8, 0), "2026-01-14T07:00"),
        ("2026-01-13", "Europe/Berlin", time(22, 30), "2026-01-13T21:30"),
        ("2026-01-13", "America/New_York", time(16, 20), "2026-01-13T21:20"),
        ("2026-01-13", "America/New_York", time(16, 19), "2026-01-14T21:19"),
        # Friday is read about on Saturday morning.
        ("2026-01-16", "Europe/Berlin", time(8, 0), "2026-01-17T07:00"),
        # The day after Thanksgiving 2025 closes at 18:00 UTC.
        ("2025-11-28", "America/New_York", time(13, 30), "2025-11-28T18:30"),
        ("2025-11-28", "Europe/Berlin", time(19, 0), "2025-11-29T18:00"),
        # Between the two changes of March New York is only five hours behind Berlin.
        ("2025-03-14", "Europe/Berlin", time(21, 20), "2025-03-14T20:20"),
        # On 30 October 2025 the clocks of Cairo show 23:00 to 24:00 twice; the first time prices are not final.
        ("2025-10-30", "Africa/Cairo", time(23, 10), "2025-10-30T21:10"),
        ("2025-10-30", "Africa/Cairo", time(23, 20), "2025-10-30T20:20"),
        ("2025-10-30", "Africa/Cairo", time(22, 59), "2025-10-31T20:59"),
    ],
)
def test_a_session_is_told_at_the_first_chosen_time_once_it_is_final(
    of: str, zone: str, at: time, expected: str
) -> None:
    final = CALENDAR.final_at(date.fromisoformat(of))
    assert due_at(final, ZoneInfo(zone), at) == utc(expected)


@settings(max_examples=60)
@given(
    st.sampled_from(ZONES),
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    st.sampled_from([2018, 2025]),
)
def test_over_a_year_every_session_comes_once_in_order_and_never_before_it_is_final(
    zone: str, at: time, year: int
) -> None:
    sessions = CALENDAR.between(date(year, 1, 1), date(year, 12, 31))
    instants = [due_at(CALENDAR.final_at(each), ZoneInfo(zone), at) for each in sessions]
    assert len(instants) in (250, 251)
    for each, instant in zip(sessions, instants, strict=True):
        final = CALENDAR.final_at(each)
        assert final <= instant <= final + timedelta(hours=25)
    assert all(earlier <= later for earlier, later in pairwise(instants))


@settings(max_examples=60)
@given(st.sampled_from(ZONES), st.integers(0, 1439), st.integers(0, 2000))
def test_no_earlier_minute_shows_the_chosen_time(zone: str, minute: int, position: int) -> None:
    """Against the plainest way: look at the clock every minute from the instant at which prices are final."""
    at, place = time(*divmod(minute, 60)), ZoneInfo(zone)
    sessions = CALENDAR.sessions
    final = CALENDAR.final_at(sessions[position % len(sessions)].date())
    found = due_at(final, place, at)
    shown = next(
        instant
        for instant in (final + MINUTE * step for step in range(2 * 1440))
        if instant.astimezone(place).time() == at or passed_over(instant, place, at)
    )
    assert found == shown


def passed_over(instant: datetime, zone: ZoneInfo, at: time) -> bool:
    """Whether the clock has just jumped over `at`."""
    before, after = (instant - MINUTE).astimezone(zone), instant.astimezone(zone)
    jump = after.replace(tzinfo=None) - before.replace(tzinfo=None)
    return jump > MINUTE and before.replace(tzinfo=None) < datetime.combine(after.date(), at) < after.replace(
        tzinfo=None
    )


def test_ticks_put_a_summary_once_and_only_when_it_is_due(db: Database) -> None:
    add(db, "Europe/Berlin", time(8, 0), since="2026-01-13T12:00")
    assert enqueue_due(db, CALENDAR, now=utc("2026-01-14T06:59")) == []
    (put,) = enqueue_due(db, CALENDAR, now=utc("2026-01-14T07:00"))
    assert (put.session, put.skipped) == (date(2026, 1, 13), False)
    assert enqueue_due(db, CALENDAR, now=utc("2026-01-14T07:01")) == []
    assert stored(db) == [("summary:810:2026-01-13", "due")]


def add_letter(db: Database, *, since: str, times: DeliveryTimes = AT_ONCE) -> int:
    """A person in New York who wants a letter by DM at 17:00."""
    place = destinations.dm_destination(db, 7, now=utc(since)).id
    delivery_times.change(db, place, lambda _: times, created_by=7, now=utc(since))
    wishes.put(
        db,
        place,
        zone="America/New_York",
        at=time(17),
        created_by=7,
        now=utc(since),
        cadence=SummaryCadence.WEEKLY,
    )
    return place


def test_a_letter_comes_once_a_week_after_its_last_session(db: Database) -> None:
    """Friday, April 3, 2026 is Good Friday, so that week ends on Thursday, April 2; 17:00 in New York is 21:00 UTC."""
    place = add_letter(db, since="2026-03-23T12:00")
    found = {}
    hour = utc("2026-03-23T12:30")
    while hour < utc("2026-04-11T12:00"):
        found |= {each.session: each.at for each in enqueue_due(db, CALENDAR, now=hour)}
        hour += timedelta(hours=1)
    assert found == {
        date(2026, 3, 27): utc("2026-03-27T21:00"),
        date(2026, 4, 2): utc("2026-04-02T21:00"),
        date(2026, 4, 10): utc("2026-04-10T21:00"),
    }
    assert stored(db) == [(f"letter:dm{place}:2026-W{week}", "due") for week in (13, 14, 15)]


def test_a_letter_of_the_last_days_of_a_year_has_the_number_of_its_week(db: Database) -> None:
    """Friday, January 2, 2026 lies in the first week of 2026, which began on December 29."""
    place = add_letter(db, since="2025-12-30T12:00")
    enqueue_due(db, CALENDAR, now=utc("2026-01-02T22:00"))
    assert stored(db) == [(f"letter:dm{place}:2026-W01", "due")]


def test_a_letter_that_is_too_late_is_recorded_as_skipped(db: Database) -> None:
    place = add_letter(db, since="2026-01-12T12:00")
    enqueue_due(db, CALENDAR, now=utc("2026-01-17T04:01"))
    assert stored(db) == [(f"letter:dm{place}:2026-W03", "skipped")]


def test_what_is_due_in_quiet_hours_is_due_at_their_end(db: Database) -> None:
    """17:00 in New York is 23:00 in Berlin; the letter of Friday, January 16 comes at 07:00 on Saturday."""
    add_letter(db, since="2026-01-12T12:00", times=DeliveryTimes("Europe/Berlin", QuietHours(time(22), time(7))))
    assert enqueue_due(db, CALENDAR, now=utc("2026-01-17T05:59")) == []
    [put] = enqueue_due(db, CALENDAR, now=utc("2026-01-17T06:00"))
    assert (put.at, put.skipped) == (utc("2026-01-17T06:00"), False)


def test_whoever_changes_from_letters_to_summaries_gets_the_next_session(db: Database) -> None:
    place = add_letter(db, since="2026-01-12T12:00")
    enqueue_due(db, CALENDAR, now=utc("2026-01-16T22:30"))
    wishes.put(db, place, zone="America/New_York", at=time(17), created_by=7, now=utc("2026-01-17T12:00"))
    enqueue_due(db, CALENDAR, now=utc("2026-01-20T22:30"))
    assert stored(db) == [(f"letter:dm{place}:2026-W03", "due"), (f"summary:dm{place}:2026-01-20", "due")]
    assert wishes.remove(db, place)
    assert [state for _, state in stored(db)] == ["cancelled", "cancelled"]


def test_a_channel_does_not_get_what_was_due_before_it_asked(db: Database) -> None:
    add(db, "Europe/Berlin", time(8, 0), since="2026-01-14T07:01")
    assert enqueue_due(db, CALENDAR, now=utc("2026-01-14T07:02")) == []


@pytest.mark.parametrize(("back_at", "state"), [("2026-01-14T13:00", "due"), ("2026-01-14T13:01", "skipped")])
def test_after_downtime_it_catches_up_for_six_hours(db: Database, back_at: str, state: str) -> None:
    add(db, "Europe/Berlin", time(8, 0), since="2026-01-13T12:00")
    enqueue_due(db, CALENDAR, now=utc(back_at))
    assert stored(db) == [("summary:810:2026-01-13", state)]


ASKED = "2026-01-13T21:23"
"""The summary is due at 22:00."""


@pytest.mark.parametrize(
    ("arrival", "now", "state"),
    [
        # Asked for in time; the prices came in the middle of the night.
        (Arrival(utc(ASKED), utc("2026-01-14T09:00")), "2026-01-14T09:05", "due"),
        (Arrival(utc(ASKED), utc("2026-01-14T09:00")), "2026-01-14T15:00", "due"),
        (Arrival(utc(ASKED), utc("2026-01-14T09:00")), "2026-01-14T15:01", "skipped"),
        # Some have come, others are still awaited.
        (Arrival(utc(ASKED)), "2026-01-14T09:00", "due"),
        # They came in time, and the program was down.
        (Arrival(utc(ASKED), utc("2026-01-13T21:30")), "2026-01-14T04:01", "skipped"),
        # The program was down and asked only afterwards.
        (Arrival(utc("2026-01-14T09:00"), utc("2026-01-14T09:02")), "2026-01-14T09:03", "skipped"),
        (None, "2026-01-14T09:03", "skipped"),
    ],
)
def test_a_summary_that_waited_for_late_prices_is_not_late(
    db: Database, arrival: Arrival | None, now: str, state: str
) -> None:
    add(db, "America/New_York", time(17, 0), since="2026-01-13T12:00")
    session = date(2026, 1, 13)
    arrivals = {} if arrival is None else {session: arrival}
    enqueue_due(db, CALENDAR, now=utc(now), known=session, arrivals=arrivals)
    assert stored(db) == [("summary:810:2026-01-13", state)]


TUESDAY, WEDNESDAY = date(2026, 1, 13), date(2026, 1, 14)
STILL_AWAITED = {TUESDAY: Arrival(utc(ASKED)), WEDNESDAY: Arrival(utc("2026-01-14T21:23"))}


def test_a_day_whose_prices_are_awaited_when_the_next_ones_come_may_be_no_session(db: Database) -> None:
    """The next session's prices are being stored; only at the end they show that Tuesday was a closure."""
    add(db, "America/New_York", time(17, 0), since="2026-01-12T12:00")
    known = newest_complete(
        WEDNESDAY,
        made_at=utc("2026-01-14T21:30"),
        prices_at=utc("2026-01-12T21:30"),
        calendar=CALENDAR,
        now=utc("2026-01-14T21:30"),
        arrivals=STILL_AWAITED,
    )
    assert known == date(2026, 1, 12)
    enqueue_due(db, CALENDAR, now=utc("2026-01-14T21:30"), known=known, arrivals=STILL_AWAITED)
    assert [key for key, _ in stored(db)] == ["summary:810:2026-01-12"]


@pytest.mark.parametrize(
    ("now", "arrivals", "expected"),
    [
        # Wednesday's are there but for some, nothing is of Tuesday: both wait for six hours at most.
        ("2026-01-14T23:30", STILL_AWAITED, []),
        ("2026-01-15T03:20", STILL_AWAITED, []),
        ("2026-01-15T03:21", STILL_AWAITED, [("2026-01-13", "skipped"), ("2026-01-14", "due")]),
        # Then all have come.
        (
            "2026-01-14T23:30",
            {day: Arrival(each.asked_at, utc("2026-01-14T23:20")) for day, each in STILL_AWAITED.items()},
            [("2026-01-13", "due"), ("2026-01-14", "due")],
        ),
    ],
)
def test_an_awaited_session_is_summarized_before_the_next_one(
    db: Database, now: str, arrivals: dict[date, Arrival], expected: list[tuple[str, str]]
) -> None:
    add(db, "America/New_York", time(17, 0), since="2026-01-13T12:00")
    enqueue_due(db, CALENDAR, now=utc(now), known=WEDNESDAY, arrivals=arrivals)
    assert stored(db) == [(f"summary:810:{day}", state) for day, state in expected]


def test_readings_of_a_day_that_has_become_a_closure_are_those_of_the_session_before() -> None:
    closed = Calendar(date(2025, 12, 1), date(2026, 12, 31), [TUESDAY])
    instant = utc("2026-01-14T12:00")
    assert newest_complete(TUESDAY, made_at=instant, prices_at=None, calendar=closed, now=instant) == date(2026, 1, 12)


def test_a_closure_owes_no_summary(db: Database) -> None:
    add(db, "America/New_York", time(17, 0), since="2026-01-12T12:00")
    closed = Calendar(date(2025, 12, 1), date(2026, 12, 31), [date(2026, 1, 13)])
    enqueue_due(db, closed, now=utc("2026-01-14T23:00"))
    assert [key for key, _ in stored(db)] == ["summary:810:2026-01-12", "summary:810:2026-01-14"]


def test_a_long_absence_is_recorded_and_only_the_newest_is_told(db: Database) -> None:
    add(db, "America/New_York", time(17, 0), since="2026-01-05T12:00")
    enqueue_due(db, CALENDAR, now=utc("2026-01-09T23:00"))
    assert stored(db) == [
        ("summary:810:2026-01-05", "skipped"),
        ("summary:810:2026-01-06", "skipped"),
        ("summary:810:2026-01-07", "skipped"),
        ("summary:810:2026-01-08", "skipped"),
        ("summary:810:2026-01-09", "due"),
    ]


def test_a_summary_waits_for_the_readings_of_its_session(db: Database) -> None:
    add(db, "America/New_York", time(16, 20), since="2026-01-12T12:00")
    now = utc("2026-01-13T21:25")
    (before,) = enqueue_due(db, CALENDAR, now=now, known=date(2026, 1, 12))
    assert before.session == date(2026, 1, 12)
    (after,) = enqueue_due(db, CALENDAR, now=now + timedelta(minutes=9), known=date(2026, 1, 13))
    assert (after.session, after.skipped) == (date(2026, 1, 13), False)


def test_a_new_time_neither_repeats_nor_brings_back_a_session(db: Database) -> None:
    place = add(db, "Europe/Berlin", time(8, 0), since="2026-01-13T12:00")
    enqueue_due(db, CALENDAR, now=utc("2026-01-14T07:00"))
    wishes.put(db, place, zone="Europe/Berlin", at=time(9, 0), created_by=5, now=utc("2026-01-14T07:30"))
    assert enqueue_due(db, CALENDAR, now=utc("2026-01-14T08:30")) == []
    (put,) = enqueue_due(db, CALENDAR, now=utc("2026-01-15T08:00"))
    assert put.session == date(2026, 1, 14)


def test_taking_it_back_and_asking_again_does_not_repeat_a_session(db: Database) -> None:
    place = add(db, "Europe/Berlin", time(8, 0), since="2026-01-13T12:00")
    enqueue_due(db, CALENDAR, now=utc("2026-01-14T07:00"))
    wishes.remove(db, place)
    add(db, "Europe/Berlin", time(9, 0), since="2026-01-14T07:05")
    assert enqueue_due(db, CALENDAR, now=utc("2026-01-14T08:00")) == []
    assert len(stored(db)) == 1


def test_a_parked_channel_gets_none(db: Database) -> None:
    place = add(db, "Europe/Berlin", time(8, 0), since="2026-01-13T12:00")
    destinations.park(db, place, "Missing Access", now=utc("2026-01-13T13:00"))
    assert enqueue_due(db, CALENDAR, now=utc("2026-01-14T07:00")) == []


def test_a_person_whose_dm_is_refused_gets_it_by_the_mention_that_stands_in(db: Database) -> None:
    dm = destinations.dm_destination(db, 7, channel_id=70, now=utc("2026-01-12T12:00")).id
    wishes.put(db, dm, zone="UTC", at=time(22), created_by=7, now=utc("2026-01-12T12:00"))
    destinations.park(db, dm, "closed", now=utc("2026-01-12T12:00"))
    assert enqueue_due(db, CALENDAR, now=utc("2026-01-12T22:00")) == []
    destinations.set_fallback(db, 7, 71, 8, now=utc("2026-01-12T12:00"))
    (summary,) = enqueue_due(db, CALENDAR, now=utc("2026-01-12T22:00"))
    assert (summary.session, summary.skipped) == (date(2026, 1, 12), False)


def test_a_short_day_can_bring_two_sessions_at_once() -> None:
    """Wednesday is final at 16:20, the Friday after Thanksgiving at 13:20: a channel at 14:00 hears of both on Friday."""
    found = due(
        [wish("America/New_York", time(14, 0))], CALENDAR, now=utc("2025-11-28T19:00"), done={1: date(2025, 11, 25)}
    )
    assert [(each.session, each.at) for each in found] == [
        (date(2025, 11, 26), utc("2025-11-27T19:00")),
        (date(2025, 11, 28), utc("2025-11-28T19:00")),
    ]


@pytest.mark.slow
def test_a_year_of_ticks_gives_every_channel_every_session_once(db: Database) -> None:
    since = "2025-01-01T00:00"
    times = {811: time(2, 30), 812: time(2, 15), 813: time(0, 0), 814: time(1, 45)}
    places = {
        add(db, zone, times[key], since=since, channel_id=key): key for zone, key in zip(ZONES, times, strict=True)
    }
    now = utc(since)
    while now < utc("2026-01-01T00:00"):
        now += timedelta(hours=4, minutes=7)
        enqueue_due(db, CALENDAR, now=now)
    told = rows(db, "SELECT destination_id, session, state FROM outbox")
    assert {each["state"] for each in told} == {"due"}
    # In each of them the last session of a year is due after the year's end.
    expected = CALENDAR.between(date(2024, 12, 31), date(2025, 12, 30))
    for place in places:
        sessions = [session(each["session"]) for each in told if each["destination_id"] == place]
        assert [each for each in sessions if each <= date(2025, 12, 30)] == expected


def test_the_unique_key_decides_even_without_the_mark_of_progress(db: Database) -> None:
    add(db, "Europe/Berlin", time(8, 0), since="2026-01-13T12:00")
    summary_schedule.enqueue_due(db, CALENDAR, now=utc("2026-01-14T07:00"))
    db.execute("UPDATE summary_channel SET done_session = 0")
    assert summary_schedule.enqueue_due(db, CALENDAR, now=utc("2026-01-14T07:05")) == []
