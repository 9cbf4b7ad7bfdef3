"""When a place wants its alerts: quiet hours, a daily digest, a snooze of everything. Pure rules.

Times of day are those of a clock in the place's zone. A time that the clock shows twice is the first of the two, one
that it leaves out is the instant of the change, so a night with a change is an hour longer or shorter.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.calendar.local_time import first_showing

EVERY_DAY = frozenset(range(7))
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` to the next `end` that is not earlier in the day, on the weekdays on which they begin (Monday 0).

    Where both times are the same they last a whole day.
    """

    start: time
    end: time
    days: frozenset[int] = EVERY_DAY

    @property
    def never_end(self) -> bool:
        """Whether one day's quiet hours run into those of the next all week long."""
        return self.start == self.end and self.days == EVERY_DAY

    def always_cover(self, at: time) -> bool:
        """Whether a time of day lies in the quiet hours on all seven days."""
        overnight = self.end <= self.start
        if not overnight:
            return self.days == EVERY_DAY and self.start <= at < self.end
        covered = set(self.days) if at >= self.start else set()
        if at < self.end:
            covered |= {(day + 1) % 7 for day in self.days}
        return covered == EVERY_DAY


@dataclass(frozen=True, slots=True)
class DeliveryTimes:
    """What somebody has set for a place.

    `zone`: the IANA zone, None before it was asked for; neither quiet hours nor a digest are without one.
    `digest`: alerts come once a day at that time, None where each comes at once. `snoozed_until`: no alert comes before.
    """

    zone: str | None = None
    quiet: QuietHours | None = None
    digest: time | None = None
    snoozed_until: datetime | None = None


AT_ONCE = DeliveryTimes()
"""Nothing is set."""


def open_from(times: DeliveryTimes, instant: datetime) -> datetime:
    """The first instant from `instant` on that lies outside the quiet hours.

    Quiet hours that never end hold nothing back.
    """
    while (end := _quiet_until(times, instant)) is not None:
        instant = end
    return instant


def is_open(times: DeliveryTimes, instant: datetime) -> bool:
    """Whether an instant lies outside the quiet hours."""
    return _quiet_until(times, instant) is None


def next_digest(times: DeliveryTimes, instant: datetime) -> datetime:
    """The first digest from `instant` on: at its time of day, on the first day on which that is outside the quiet hours.

    Where it never is, the end of the quiet hours.
    """
    if times.digest is None:
        return open_from(times, instant)
    zone = _zone(times)
    today = instant.astimezone(zone).date()
    # Two weeks: a change of the clock may move one digest into the quiet hours, or before `instant`.
    for ahead in range(-1, 15):
        at = first_showing(today + ahead * _DAY, zone, times.digest)
        if at >= instant and is_open(times, at):
            return at
    return open_from(times, instant)


def held_until(times: DeliveryTimes, since: datetime, now: datetime) -> datetime | None:
    """Until when a message is held back that waits since an instant; None where it is sent as it comes.

    An instant that has passed: it was held back until then and is sent with whatever waits.

    Args:
        times: The settings of its place.
        since: When it was enqueued.
        now: The present.
    """
    begin = max(since, times.snoozed_until) if times.snoozed_until is not None else since
    at = next_digest(times, begin)
    if at <= now and not is_open(times, now):
        at = open_from(times, now)
    return at if at > since else None


def _quiet_until(times: DeliveryTimes, instant: datetime) -> datetime | None:
    """The end of the quiet hours that `instant` lies in; None outside them."""
    quiet = times.quiet
    if quiet is None or quiet.never_end:
        return None
    zone = _zone(times)
    today = instant.astimezone(zone).date()
    # A change of the clock may show an instant on the day before or after the one on which its quiet hours count.
    for ahead in (-2, -1, 0, 1):
        day = today + ahead * _DAY
        if day.weekday() in quiet.days:
            begin, end = _of_day(quiet, day, zone)
            if begin <= instant < end:
                return end
    return None


def _of_day(quiet: QuietHours, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    last = day if quiet.end > quiet.start else day + _DAY
    return first_showing(day, zone, quiet.start), first_showing(last, zone, quiet.end)


def _zone(times: DeliveryTimes) -> ZoneInfo:
    return ZoneInfo(times.zone or "UTC")
