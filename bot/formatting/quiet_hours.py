"""Quiet hours in words."""

from __future__ import annotations

from datetime import time

from bot.calendar.delivery_times import EVERY_DAY, QuietHours
from bot.formatting import formats
from bot.formatting.zone_names import zone_name

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WEEKDAYS = frozenset(range(5))


def days_words(days: frozenset[int]) -> str:
    """`every day`, `Mon–Fri`, `Sat and Sun`, `Mon, Wed and Fri`."""
    if days == EVERY_DAY:
        return "every day"
    if days == _WEEKDAYS:
        return "Mon–Fri"
    return formats.listed([_DAYS[day] for day in sorted(days)])


def quiet_words(quiet: QuietHours, zone: str | None = None) -> str:
    """`10:00 p.m. to 7:00 a.m. ET, every day`; where they begin on some days only, `..., beginning on Mon–Fri`.

    `zone`: the time zone to name, where the reader has not chosen it.
    """
    whole = quiet.start == quiet.end == time()
    hours = "all day" if whole else f"{formats.hour(quiet.start)} to {formats.hour(quiet.end)}"
    days = days_words(quiet.days)
    named = f"{hours} {zone_name(zone)}" if zone else hours
    return f"{named}, {days}" if quiet.days == EVERY_DAY or whole else f"{named}, beginning on {days}"
