"""Holidays of the exchange and short days.

On which days they fall the installed calendar says; what it does not know is a closure (`bot/calendar/closures.py`). Only
the names are ours.
"""

from __future__ import annotations

from datetime import date, timedelta

from bot.calendar.clock import NEW_YORK, Calendar

_FULL_CLOSE = 16
_FRIDAY = 4

_HOLIDAYS = (
    (1, 1, 3, "New Year's Day"),
    (1, 15, 21, "Martin Luther King Day"),
    (2, 15, 21, "Presidents' Day"),
    (3, 20, 31, "Good Friday"),
    (4, 1, 23, "Good Friday"),
    (5, 25, 31, "Memorial Day"),
    (6, 18, 20, "Juneteenth"),
    (7, 3, 5, "Independence Day"),
    (9, 1, 7, "Labor Day"),
    (11, 22, 28, "Thanksgiving"),
    (12, 24, 26, "Christmas"),
    (12, 31, 31, "New Year's Day"),
)
"""Month, first and last day between which a holiday of the exchange falls, and its name."""


def holiday(day: date) -> str:
    """The name of a weekday without trading; `a day without trading` when it is no holiday."""
    names = (name for month, first, last, name in _HOLIDAYS if day.month == month and first <= day.day <= last)
    return next(names, "a day without trading")


def holidays(calendar: Calendar, first: date, last: date) -> list[tuple[date, str]]:
    """Weekdays without a session from `first` to `last`, with the name of the holiday; none beyond the calendar's end."""
    if not len(calendar.sessions):
        return []
    last = min(last, calendar.sessions[-1].date())
    days = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
    return [(day, holiday(day)) for day in days if day.weekday() <= _FRIDAY and not calendar.is_session(day)]


def half_days(calendar: Calendar, first: date, last: date) -> list[date]:
    """Sessions from `first` to `last` that end early."""
    return [day for day in calendar.between(first, last) if is_half_day(calendar, day)]


def is_half_day(calendar: Calendar, session: date) -> bool:
    """Whether trading on a session ends early."""
    return calendar.close_at(session).astimezone(NEW_YORK).hour < _FULL_CLOSE
