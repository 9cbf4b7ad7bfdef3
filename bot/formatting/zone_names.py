"""Time zones by the names that people have for them."""

from __future__ import annotations

from functools import cache

from babel.dates import get_timezone, get_timezone_name

LOCALE = "en_US"
"""Of all numbers, dates and names that people read."""

_SHORT = 3
_OTHER = {"Europe/London": "London time", "Etc/UTC": "UTC"}


@cache
def zone_name(zone: str) -> str:
    """What people call a time zone: `ET`, `Central European Time`, `Japan Time`, `UTC`."""
    if zone in _OTHER:
        return _OTHER[zone]
    there = get_timezone(zone)
    short = str(get_timezone_name(there, width="short", zone_variant="generic", locale=LOCALE))
    if len(short) <= _SHORT:
        return short
    name = str(get_timezone_name(there, width="long", zone_variant="generic", locale=LOCALE))
    return zone if "Unknown" in name else name
