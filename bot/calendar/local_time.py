"""When a clock in a time zone shows a time of day, on the nights on which clocks change as well."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def first_showing(day: date, zone: ZoneInfo, at: time) -> datetime:
    """The instant at which a clock in `zone` shows `at` on `day`.

    The first of two where the clock shows it twice, the instant of the change where it is left out.
    """
    wall = datetime.combine(day, at)
    instant = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall:
        return instant
    # Before the change a clock is behind: read with the later offset, the missing time lies before
    # the change itself.
    after = wall.replace(tzinfo=zone, fold=1)
    offset, instant = after.utcoffset(), after.astimezone(UTC).replace(second=0)
    while instant.astimezone(zone).utcoffset() != offset:
        instant += timedelta(minutes=1)
    return instant


def second_showing(day: date, zone: ZoneInfo, at: time) -> datetime:
    """As `first_showing`, but the second of two where the clock shows it twice."""
    later = datetime.combine(day, at).replace(tzinfo=zone, fold=1).astimezone(UTC)
    return max(later, first_showing(day, zone, at))
