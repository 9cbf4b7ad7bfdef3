"""The calendar of the next weeks: what is announced, with the hours at which it is published.

No source of ours says hours. They are those that the publishers keep to:

| what | New York time | said by |
| --- | --- | --- |
| consumer prices, payrolls | 8:30 | Bureau of Labor Statistics, release schedule |
| personal consumption expenditures (PCE) | 8:30 | Bureau of Economic Analysis, release schedule |
| decision of the Fed | 14:00, the second day of a meeting | Federal Reserve, statement |
| reports of the Magnificent Seven | the close: all seven report after it | their own announcements |
| option expiry | the close of the third Friday, of Thursday where Friday is a holiday | Options Clearing Corporation |
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType

from bot.calendar.clock import NEW_YORK, Calendar
from bot.calendar.holidays import half_days, holidays
from bot.domain.occasion import Occasion, OccasionKind
from signals.calendar_events import CalendarEvent, Event

HOURS: Mapping[Event, time] = MappingProxyType(
    {Event.FED: time(14), Event.CPI: time(8, 30), Event.PAYROLLS: time(8, 30), Event.PCE: time(8, 30)}
)
"""New York time of what is published at a fixed hour."""

_FRIDAY = 4
_THIRD_WEEK = range(15, 22)


def occasions(events: Iterable[CalendarEvent], calendar: Calendar, first: date, last: date) -> list[Occasion]:
    """What is announced from `first` to `last`, the nearest first; a decision of the Fed also later.

    Events whose day nobody has announced are left out. Days without trading, short days and option expiries are those
    of `calendar`, none where it ends.
    """
    announced = (event for event in events if not event.usual and event.first == event.last and event.first >= first)
    dated = [
        *(_of_event(event, calendar) for event in announced if event.first <= last or event.event is Event.FED),
        *(Occasion(OccasionKind.HOLIDAY, day, name=name) for day, name in holidays(calendar, first, last)),
        *(Occasion(OccasionKind.HALF_DAY, day, calendar.close_at(day)) for day in half_days(calendar, first, last)),
        *(Occasion(OccasionKind.EXPIRY, day, calendar.close_at(day)) for day in _expiries(calendar, first, last)),
    ]
    return sorted(
        dated, key=lambda occasion: (occasion.day, occasion.at or datetime.min.replace(tzinfo=UTC), occasion.kind)
    )


def _of_event(event: CalendarEvent, calendar: Calendar) -> Occasion:
    kind, day = OccasionKind(event.event.value), event.first
    if event.event is Event.EARNINGS:
        at = calendar.close_at(day) if calendar.is_session(day) else None
    else:
        at = datetime.combine(day, HOURS[event.event], NEW_YORK).astimezone(UTC)
    return Occasion(kind, day, at, tickers=event.tickers)


def _expiries(calendar: Calendar, first: date, last: date) -> Iterator[date]:
    """The sessions from `first` to `last` on which monthly options expire."""
    if not len(calendar.sessions) or calendar.sessions[-1].date() < last:
        return
    # The third Friday may be a holiday; its expiry is then the session before.
    for offset in range((last - first).days + 2):
        day = first + timedelta(days=offset)
        if day.weekday() == _FRIDAY and day.day in _THIRD_WEEK:
            session = calendar.at_or_before(day)
            if first <= session <= last:
                yield session
