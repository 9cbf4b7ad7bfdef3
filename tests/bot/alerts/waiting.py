"""A model of what has to wait: it looks at the clock on the wall every quarter of an hour.

It shares no code with `bot.calendar.delivery_times`; all instants and settings are whole quarters of an hour.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

QUARTER = timedelta(minutes=15)
DAY = timedelta(days=1)
LONG_AGO = datetime.fromtimestamp(0, UTC)
TRIES = (timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))


@dataclass(frozen=True)
class Wanted:
    """What is set for a place. Quiet hours: from, to, and the weekdays on which they begin."""

    zone: str = "UTC"
    quiet: tuple[time, time, frozenset[int]] | None = None
    digest: time | None = None


@cache
def reached(zone: str, day: date, at: time) -> datetime:
    """The first instant at which the clock of a zone has come to that time of that day."""
    instant = datetime.combine(day, time(), UTC) - timedelta(hours=14)
    while instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None) < datetime.combine(day, at):
        instant += QUARTER
    return instant


@cache
def is_quiet(wanted: Wanted, instant: datetime) -> bool:
    if wanted.quiet is None:
        return False
    start, end, days = wanted.quiet
    if start == end and len(days) == 7:
        return False  # quiet hours that never end hold nothing back
    today = instant.astimezone(ZoneInfo(wanted.zone)).date()
    nights = [today + ahead * DAY for ahead in (-2, -1, 0, 1)]
    return any(
        reached(wanted.zone, day, start) <= instant < reached(wanted.zone, day if start < end else day + DAY, end)
        for day in nights
        if day.weekday() in days
    )


def first_open(wanted: Wanted, instant: datetime) -> datetime:
    """The first quarter of an hour that is not quiet."""
    while is_quiet(wanted, instant):
        instant += QUARTER
    return instant


def first_chance(wanted: Wanted, instant: datetime) -> datetime:
    """When something that may be told from an instant on is told: at once, at the end of the quiet hours, or in a digest."""
    if wanted.digest is not None:
        today = instant.astimezone(ZoneInfo(wanted.zone)).date()
        digests = (reached(wanted.zone, today + ahead * DAY, wanted.digest) for ahead in range(-1, 15))
        fitting = [at for at in digests if at >= instant and not is_quiet(wanted, at)]
        if fitting:
            return fitting[0]
    return first_open(wanted, instant)


@dataclass
class ModelPlace:
    """Where messages go: what is set for it, what is snoozed in it, and since when it refuses what comes."""

    wanted: Wanted = Wanted()
    snoozed: dict[int, datetime] = field(default_factory=dict)
    all_snoozed: datetime = LONG_AGO
    refuses_since: datetime | None = None
    next_try: datetime | None = None

    def leaves(self, alert_id: int, since: datetime, now: datetime) -> tuple[datetime, bool]:
        """When a message that is owed since an instant may leave, and whether it had to wait until then."""
        begin = max(since, self.all_snoozed, self.snoozed.get(alert_id, LONG_AGO))
        at = first_chance(self.wanted, begin)
        later = first_open(self.wanted, now) if at <= now else at
        return later, at > since or later > now

    def refused(self, now: datetime) -> None:
        """It is tried again after ten minutes, an hour and six from the first refusal on, then every day."""
        self.refuses_since = self.refuses_since or now
        tries = [self.refuses_since + wait for wait in (*TRIES, *(count * DAY for count in range(1, 30)))]
        self.next_try = next(at for at in tries if at > now)

    def accepted(self) -> None:
        self.refuses_since = self.next_try = None
