"""Days as people type them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.day_text import WEEKDAYS, parse_day

TUESDAY = date(2026, 1, 13)
DAYS = st.dates(date(2000, 1, 1), date(2060, 12, 31))


@pytest.mark.parametrize(
    "typed",
    [
        "2025-12-31",
        "20251231",
        "Dec 31, 2025",
        "december 31 2025",
        "31 Dec. 2025",
        "31.12.2025",
        "12/31/2025",
        "Dec 31",
    ],
)
def test_a_date_is_read_in_the_forms_in_which_people_write_it(typed: str) -> None:
    assert parse_day(typed, TUESDAY, ahead=False) == date(2025, 12, 31)


@pytest.mark.parametrize(
    ("typed", "past", "future"),
    [
        ("Friday", date(2026, 1, 9), date(2026, 1, 16)),
        ("tue", date(2026, 1, 6), date(2026, 1, 20)),
        ("2w", date(2025, 12, 30), date(2026, 1, 27)),
        ("3 months", date(2025, 10, 13), date(2026, 4, 13)),
        ("1 year", date(2025, 1, 13), date(2027, 1, 13)),
        ("Jan 13", date(2025, 1, 13), date(2027, 1, 13)),
        ("Feb 29", date(2024, 2, 29), date(2028, 2, 29)),
    ],
)
def test_what_has_no_year_lies_before_today_or_after_it(typed: str, past: date, future: date) -> None:
    assert parse_day(typed, TUESDAY, ahead=False) == past
    assert parse_day(typed, TUESDAY, ahead=True) == future


def test_days_beside_today_have_names() -> None:
    assert [parse_day(word, TUESDAY, ahead=False) for word in ("yesterday", "today", "last Friday")] == [
        date(2026, 1, 12),
        TUESDAY,
        date(2026, 1, 9),
    ]
    assert parse_day("next Friday", TUESDAY, ahead=True) == date(2026, 1, 16)


def test_a_month_before_its_31st_ends_with_the_month() -> None:
    assert parse_day("1m", date(2026, 3, 31), ahead=False) == date(2026, 2, 28)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "soon",
        "2026-02-29",
        "Feb 30",
        "31.13.2026",
        "13/13/2026",
        "0d0",
        "-2d",
        "9999y",
        "٣d",
        "2025",
        "0001-01-01",
        "Fr",
        "a",
        "🎂",
        "9" * 6000,
    ],
)
def test_what_names_no_day_is_none(typed: str) -> None:
    assert parse_day(typed, TUESDAY, ahead=False) is None


def test_a_date_that_is_two_days_in_two_parts_of_the_world_is_none() -> None:
    assert parse_day("01/02/2026", TUESDAY, ahead=False) is None
    assert parse_day("02/02/2026", TUESDAY, ahead=True) == date(2026, 2, 2)


@given(DAYS, DAYS, st.sampled_from(["%Y-%m-%d", "%b %d, %Y", "%d %B %Y", "%d.%m.%Y"]))
def test_a_written_day_is_read_back_whatever_today_is(day: date, today: date, form: str) -> None:
    assert {parse_day(day.strftime(form), today, ahead=ahead) for ahead in (False, True)} == {day}


@given(DAYS, st.sampled_from(WEEKDAYS))
def test_a_weekday_is_within_a_week_and_never_today(today: date, name: str) -> None:
    past, future = (parse_day(name, today, ahead=ahead) for ahead in (False, True))
    assert past is not None
    assert future is not None
    assert 1 <= (today - past).days <= 7
    assert 1 <= (future - today).days <= 7
    assert past.strftime("%A").casefold() == name == future.strftime("%A").casefold()


@given(st.text(max_size=40), DAYS, st.booleans())
def test_anything_typed_is_a_day_or_none(typed: str, today: date, ahead: bool) -> None:
    assert parse_day(typed, today, ahead=ahead) is None or isinstance(parse_day(typed, today, ahead=ahead), date)
