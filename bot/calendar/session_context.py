"""The calendar context of a session: half day, next to a holiday, the last of a period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from bot.calendar.clock import Calendar
from bot.calendar.holidays import holiday, is_half_day

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
        half=is_half_day(calendar, session),
        eve_of=_holiday_between(session, following),
        after=_holiday_between(before, session),
        ends=_ends(session, following),
    )


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
