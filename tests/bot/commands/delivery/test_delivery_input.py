"""Hours, days and ends of snoozes as people type them."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from bot.calendar.delivery_times import EVERY_DAY, DeliveryTimes, QuietHours
from bot.commands.delivery import delivery_input
from bot.commands.delivery.me import MeRequest, changed
from bot.errors import UserError
from bot.formatting.quiet_hours import days_words, quiet_words
from tests.helpers import utc

NOW = utc("2026-01-13 20:00")
"""A Tuesday, 21:00 in Berlin."""

NIGHT = QuietHours(time(22), time(7))


@pytest.mark.parametrize("typed", ["22:00-07:00", "22-7", " 22:00 – 7:00 ", "22:00 to 07:00", "2200 until 0700"])
def test_hours_are_read_in_the_forms_in_which_people_type_them(typed: str) -> None:
    assert delivery_input.parse_quiet(typed, None) == NIGHT


@pytest.mark.parametrize("typed", ["22:00", "22:00-07:00-09:00", "night", "", "25-7"])
def test_what_is_no_span_of_hours_is_refused(typed: str) -> None:
    with pytest.raises(UserError, match=r"not a (span|time)"):
        delivery_input.parse_quiet(typed, None)


def test_what_was_typed_is_quoted_once() -> None:
    with pytest.raises(UserError, match=r"^“night” is not a span of hours\."):
        delivery_input.parse_quiet("night", None)
    with pytest.raises(UserError, match=r"^“31\.13\.2026” is neither a length of time nor a date\."):
        delivery_input.parse_until("31.13.2026", None, NOW)
    with pytest.raises(UserError, match=r"^“tomorrow” is not a day of the week\."):
        delivery_input.parse_days("tomorrow")
    with pytest.raises(UserError, match=r"^“2025-12-31” has already passed\."):
        delivery_input.parse_until("2025-12-31", "Europe/Berlin", NOW)


def test_an_end_of_the_digest_that_is_not_read_is_told_the_word_for_it() -> None:
    assert delivery_input.parse_digest("each") is None
    with pytest.raises(UserError, match=r"^“off” is not a time of day\. .*, or each to get every alert at once\.$"):
        delivery_input.parse_digest("off")


@pytest.mark.parametrize(
    ("typed", "days", "words"),
    [
        ("every day", range(7), "every day"),
        ("Weekdays", range(5), "Mon–Fri"),
        ("mon-fri", range(5), "Mon–Fri"),
        ("weekends", (5, 6), "Sat and Sun"),
        ("Sat, Sun", (5, 6), "Sat and Sun"),
        ("Friday - Monday", (4, 5, 6, 0), "Mon, Fri, Sat and Sun"),
        ("wed", (2,), "Wed"),
    ],
)
def test_days_are_read_and_said(typed: str, days: tuple[int, ...], words: str) -> None:
    assert delivery_input.parse_days(typed) == frozenset(days)
    assert days_words(frozenset(days)) == words


@pytest.mark.parametrize("typed", ["moon", "Mon-", "-", "m", "Mon-Xyz", "1"])
def test_what_is_no_day_is_refused(typed: str) -> None:
    with pytest.raises(UserError, match="is not a day of the week"):
        delivery_input.parse_days(typed)


@pytest.mark.parametrize(
    ("typed", "end"),
    [
        ("3h", "2026-01-13 23:00"),
        ("2 days", "2026-01-15 20:00"),
        ("1w", "2026-01-20 20:00"),
        ("45 min", "2026-01-13 20:45"),
        # The next time that a clock in Berlin shows it, an hour ahead of UTC.
        ("22:00", "2026-01-13 21:00"),
        ("20:00", "2026-01-14 19:00"),
        ("Wed", "2026-01-13 23:00"),
        ("tuesday", "2026-01-19 23:00"),
        ("2026-02-02", "2026-02-01 23:00"),
    ],
)
def test_a_snooze_ends_after_a_while_or_when_a_clock_shows_a_time(typed: str, end: str) -> None:
    assert delivery_input.parse_until(typed, "Europe/Berlin", NOW) == utc(end)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("0h", "has already passed"),
        ("2026-01-13", "has already passed"),
        ("400d", "a year at most"),
        ("9999-12-31", "a year at most"),
        ("soon", "neither a length of time nor a date"),
        ("29:00", "not a time of day"),
    ],
)
def test_an_end_that_makes_no_sense_is_refused(typed: str, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        delivery_input.parse_until(typed, "Europe/Berlin", NOW)


def test_a_time_of_day_asks_for_the_zone_once_and_a_length_does_not() -> None:
    with pytest.raises(UserError, match="Set your time zone first"):
        delivery_input.parse_until("18:00", None, NOW)
    assert delivery_input.parse_until("1d", None, NOW) == NOW + timedelta(days=1)


def test_settings_ask_for_the_zone_once_and_keep_it() -> None:
    with pytest.raises(UserError, match="Set your time zone first"):
        changed(DeliveryTimes(), MeRequest(quiet="22-7"))
    zoned = changed(DeliveryTimes(), MeRequest(zone="Europe/Berlin"))
    quiet = changed(zoned, MeRequest(quiet="22-7"))
    assert quiet == DeliveryTimes("Europe/Berlin", NIGHT)
    digest = changed(quiet, MeRequest(delivery="digest at 18:00", days="Mon-Fri"))
    assert digest == DeliveryTimes("Europe/Berlin", QuietHours(time(22), time(7), frozenset(range(5))), time(18))
    assert changed(digest, MeRequest(quiet="off", delivery="each")) == zoned


@pytest.mark.parametrize(
    ("quiet", "at", "always"),
    [
        (NIGHT, time(6, 59), True),
        (NIGHT, time(7), False),
        (NIGHT, time(22), True),
        (QuietHours(time(22), time(7), EVERY_DAY - {3}), time(6), False),
        (QuietHours(time(9), time(17)), time(12), True),
        (QuietHours(time(9), time(17)), time(17), False),
        (QuietHours(time(0), time(0), frozenset({5})), time(12), False),
    ],
)
def test_a_digest_that_would_always_be_quiet_is_refused(quiet: QuietHours, at: time, always: bool) -> None:
    assert quiet.always_cover(at) is always
    times = DeliveryTimes("UTC", quiet)
    if always:
        with pytest.raises(UserError, match="always fall into"):
            changed(times, MeRequest(delivery=f"{at:%H:%M}"))
    else:
        assert changed(times, MeRequest(delivery=f"{at:%H:%M}")).digest == at


@pytest.mark.parametrize(
    ("quiet", "words"),
    [
        (NIGHT, "10:00 p.m. to 7:00 a.m., every day"),
        (QuietHours(time(22), time(7), frozenset({4, 5})), "10:00 p.m. to 7:00 a.m., beginning on Fri and Sat"),
        (QuietHours(time(0), time(0), frozenset({5, 6})), "all day, Sat and Sun"),
        (QuietHours(time(9), time(9), frozenset({5})), "9:00 a.m. to 9:00 a.m., beginning on Sat"),
    ],
)
def test_quiet_hours_are_said_in_words(quiet: QuietHours, words: str) -> None:
    assert quiet_words(quiet) == words
