"""The calendar context of a session: half day, next to a holiday, the last of a period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from bot.calendar.clock import NEW_YORK, Calendar

_FULL_CLOSE = 16
_FRIDAY = 4


class Period(StrEnum):
    """The longest period that a session ends."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class SessionContext:
    """`half`: trading ended early.

    `eve_of`, `after`: the holiday on the weekdays between this session and its neighbour.

    `ends`: the longest period that it is the last session of.
    """

    half: bool = False
    eve_of: str = ""
    after: str = ""
    ends: Period | None = None


def session_context(calendar: Calendar, session: date) -> SessionContext:
    """What the calendar says of a session.

    An ordinary day for what is none, or where the calendar ends.
    """
    try:
        following, before = calendar.after(session), calendar.before(session)
    except ValueError:
        return SessionContext()
    if not calendar.is_session(session):
        return SessionContext()
    return SessionContext(
        half=calendar.close_at(session).astimezone(NEW_YORK).hour < _FULL_CLOSE,
        eve_of=_holiday_between(session, following),
        after=_holiday_between(before, session),
        ends=_ends(session, following),
    )


def holidays(calendar: Calendar, first: date, last: date) -> list[tuple[date, str]]:
    """Weekdays without a session from `first` to `last`, with the name of the holiday; none beyond the calendar's end."""
    if not len(calendar.sessions):
        return []
    last = min(last, calendar.sessions[-1].date())
    days = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
    return [(day, holiday(day)) for day in days if day.weekday() <= _FRIDAY and not calendar.is_session(day)]


def half_days(calendar: Calendar, first: date, last: date) -> list[date]:
    """Sessions from `first` to `last` that end early."""
    days = calendar.between(first, last)
    return [day for day in days if calendar.close_at(day).astimezone(NEW_YORK).hour < _FULL_CLOSE]


def _holiday_between(session: date, following: date) -> str:
    """The holiday on a weekday between two neighbouring sessions.

    Empty where only a weekend lies.
    """
    day = session + timedelta(days=1)
    while day < following:
        if day.weekday() <= _FRIDAY:
            return holiday(day)
        day += timedelta(days=1)
    return ""


def _ends(session: date, following: date) -> Period | None:
    if following.year != session.year:
        return Period.YEAR
    if following.month != session.month:
        return Period.QUARTER if session.month % 3 == 0 else Period.MONTH
    return Period.WEEK if following.isocalendar()[1] != session.isocalendar()[1] else None


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
