"""Hours, days and ends of snoozes, as people type them."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.calendar.delivery_times import EVERY_DAY, QuietHours
from bot.calendar.local_time import first_showing
from bot.commands.day_text import parse_day, weekday_of
from bot.commands.server.setup import parse_time
from bot.errors import UserError
from bot.formatting.quoting import quoted

LONGEST_SNOOZE = timedelta(days=365)
NO_ZONE = "Set your time zone first: /me with zone, such as Europe/Berlin."

_WEEKDAYS, _WEEKENDS = frozenset(range(5)), frozenset((5, 6))
_NAMED_DAYS = {
    **dict.fromkeys(("every day", "all days", "all", "daily"), EVERY_DAY),
    **dict.fromkeys(("weekdays", "workdays"), _WEEKDAYS),
    **dict.fromkeys(("weekends", "weekend"), _WEEKENDS),
}
_SPAN = re.compile(r"\s*(?:-|–|—|\bto\b|\buntil\b)\s*")
_FOR = re.compile(r"(\d{1,4})\s*(m|min|minutes?|h|hours?|d|days?|w|weeks?)")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def parse_quiet(typed: str, days: str | None) -> QuietHours:
    """Quiet hours from `22:00-07:00` and the days on which they begin. Raises UserError for anything else."""
    parts = _SPAN.split(typed.strip().casefold())
    if len(parts) != 2:
        raise UserError(f"{quoted(typed)} is not a span of hours. Type one such as 22:00-07:00.")
    quiet = QuietHours(parse_time(parts[0]), parse_time(parts[1]), parse_days(days) if days else EVERY_DAY)
    return ends(quiet)


def ends(quiet: QuietHours) -> QuietHours:
    """The same quiet hours. Raises UserError where they would never end."""
    if quiet.never_end:
        raise UserError("Those quiet hours would never end. To stop alerts, remove them or use /alert snooze.")
    return quiet


def parse_days(typed: str) -> frozenset[int]:
    """Weekdays from `weekdays`, `weekends`, `every day`, `Mon-Fri` or `Sat, Sun`. Raises UserError for anything else."""
    text = " ".join(typed.casefold().split())
    if text in _NAMED_DAYS:
        return _NAMED_DAYS[text]
    weekdays: set[int] = set()
    for part in re.split(r"[,;/ ]+", re.sub(r"\s*[-–—]\s*", "-", text)):
        first, span, last = part.partition("-")
        begin, end = weekday_of(first), weekday_of(last if span else first)
        if begin is None or end is None:
            raise UserError(f"{quoted(typed)} is not a day of the week. Type weekdays, weekends, Mon-Fri or Sat, Sun.")
        weekdays |= {(begin + ahead) % 7 for ahead in range((end - begin) % 7 + 1)}
    return frozenset(weekdays)


def parse_digest(typed: str) -> time | None:
    """The time of a daily digest from `18:00` or `digest at 18:00`; None for `each`. Raises UserError for anything else."""
    text = typed.strip().casefold()
    if text == "each":
        return None
    try:
        return parse_time(text.removeprefix("digest").strip().removeprefix("at").strip() or typed)
    except UserError:
        raise UserError(
            f"{quoted(typed)} is not a time of day. Type a time such as 18:00, or each to get every alert at once."
        ) from None


def parse_until(typed: str, zone: str | None, now: datetime) -> datetime:
    """The end of a snooze: `3h`, `2 days`, `1w`, or the next `18:00`, `Mon` or `2026-02-02` on the clock of a zone.

    A day without a time ends at its beginning. Raises UserError for anything else, for what has passed, for more than a
    year, and for a time of day where no zone is known.
    """
    text = typed.strip().casefold()
    if (length := _FOR.fullmatch(text)) is not None:
        end = now + int(length[1]) * _UNITS[length[2][0]]
    else:
        end = _named_end(typed, text, zone, now)
    if end <= now:
        raise UserError(f"{quoted(typed)} has already passed. Type a later time, such as 3h, 18:00 or Mon.")
    if end - now > LONGEST_SNOOZE:
        raise UserError("A snooze lasts a year at most. To stop an alert for good, remove it.")
    return end


def _named_end(typed: str, text: str, zone: str | None, now: datetime) -> datetime:
    local = ZoneInfo(zone or "UTC")
    today = now.astimezone(local).date()
    day = parse_day(text, today, ahead=True)
    if day is None and not re.fullmatch(r"\d{1,2}[:.h]?\d{0,2}|\d{1,2}(?:[:.]\d{2})? ?[ap]\.?m\.?", text):
        raise UserError(
            f"{quoted(typed)} is neither a length of time nor a date. Type 3h, 2d, 1w, 18:00, Mon or 2026-02-02."
        )
    if zone is None:
        raise UserError(NO_ZONE)
    if day is not None:
        return first_showing(day, local, time())
    at = parse_time(text)
    end = first_showing(today, local, at)
    return end if end > now else first_showing(today + timedelta(days=1), local, at)
