"""Days on which yields are published: sessions without two holidays of the bond market.

On some Good Fridays yields are published although the exchange is closed; those days are left out
here.
"""

from __future__ import annotations

from datetime import date, timedelta

from bot.calendar.clock import Calendar


def is_bond_day(day: date, calendar: Calendar) -> bool:
    """Whether the Treasury publishes yields for that date."""
    return calendar.is_session(day) and day not in (_columbus_day(day.year), _veterans_day(day.year))


def bond_day_before(day: date, calendar: Calendar) -> date:
    """The newest bond day before `day`. Raises ValueError at the beginning of the calendar."""
    before = calendar.before(day)
    return before if is_bond_day(before, calendar) else bond_day_before(before, calendar)


def _columbus_day(year: int) -> date:
    """The second Monday of October."""
    eighth = date(year, 10, 8)
    return eighth + timedelta(days=-eighth.weekday() % 7)


def _veterans_day(year: int) -> date:
    """November 11, the Monday after it when it is a Sunday.

    On a Saturday bonds trade the day before.
    """
    day = date(year, 11, 11)
    return day + timedelta(days=1) if day.weekday() == 6 else day
