"""Events due after a session: the Fed's next decision, consumer prices, payrolls, PCE, reports of the Magnificent Seven.

Only what was public by the session's close + 20 minutes counts. Where no day has been announced,
the days on which the event usually falls are given instead and marked as such.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import pandas as pd

from signals.asof import fomc_meetings
from signals.asof.datasets import COUNTS_FROM, current_rows, rows
from signals.asof.late_releases import LATE_RELEASES, NEVER_RELEASED
from signals.asof.watched_names import SEVEN
from signals.core.panel import Panel

AHEAD = timedelta(days=14)
"""How far ahead events are listed; the Fed's next decision is listed however far away it is."""

STALE_ESTIMATES = timedelta(days=30)
"""The report days of older estimates are not used."""

_LONGEST_PAUSE = timedelta(days=120)
"""The Fed meets eight times a year: a plan whose next day is further away does not cover the session."""

_SATURDAY = 5
_COUNTED = 12
"""Payrolls count the week, Sunday to Saturday, of this day of a month."""
_AFTER_HOLIDAYS = 4
"""Payrolls have not come before this day of January since 2003."""
_INDEPENDENCE = ((7, 3), (7, 4))
"""Fridays on which Independence Day is observed."""
_CPI_WINDOW = (10, 15)
_LATE_KNOWN = timedelta(days=5)
"""How long before it a late release is told: the statisticians have given notice of each at least so early."""


class Event(StrEnum):
    """Kinds of events; `CPI`, `PAYROLLS` and `PCE` have the values of `release` in the dataset `releases`."""

    FED = "fed"
    CPI = "cpi"
    PAYROLLS = "payrolls"
    PCE = "pce"
    EARNINGS = "earnings"


_SERIES = {Event.CPI: "CPI", Event.PAYROLLS: "PAYEMS"}


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """Something due from `first` to `last` (New York dates, inclusive).

    One day where it is announced.

    `usual`: the day has not been announced, these are the days on which it usually falls.
    `tickers`: the companies that report, in the order of `SEVEN`.
    """

    event: Event
    first: date
    last: date
    usual: bool = False
    tickers: tuple[str, ...] = ()


def upcoming_events(panel: Panel, position: int) -> tuple[CalendarEvent, ...]:
    """Events known to be due after the session at a position, the nearest first.

    A decision of the Fed on the session itself is the first of them.
    """
    session = panel.days[position].date()
    events = (
        *_meeting(panel, position, session),
        *_releases(panel, position, session),
        *_reports(panel, position, session),
    )
    # After a shutdown the figures of two months may come on one day.
    return tuple(sorted(dict.fromkeys(events), key=lambda event: (event.first, list(Event).index(event.event))))


def _meeting(panel: Panel, position: int, session: date) -> Iterator[CalendarEvent]:
    """The decision of the Fed on the session itself and the next one, if the plan covers the session."""
    plan = next(days for since, days in reversed(fomc_meetings.plans(panel)) if since <= position)
    if session in plan:
        yield CalendarEvent(Event.FED, session, session)
    coming = next((day for day in plan if day > session), None)
    if coming is not None and coming - session <= _LONGEST_PAUSE:
        yield CalendarEvent(Event.FED, coming, coming)


def _releases(panel: Panel, position: int, session: date) -> Iterator[CalendarEvent]:
    announcements = current_rows(panel, "releases", position)
    cells = zip(
        announcements["release"], announcements["month"], announcements["date"], announcements["planned"], strict=True
    )
    announced = {
        (name, month.date()): day.date() if planned == 1 and day is not pd.NaT else None
        for name, month, day, planned in cells
    }
    for event in (Event.CPI, Event.PAYROLLS, Event.PCE):
        for month in _months(session):
            if (event.value, month) in announced:
                day = announced[event.value, month]
                window = (day, day) if day else None
            else:
                window = None if event is Event.PCE else _unannounced(event, month, session)
            if window is not None and window[1] > session and window[0] <= session + AHEAD:
                yield CalendarEvent(event, *window, usual=(event.value, month) not in announced)


def _unannounced(event: Event, month: date, session: date) -> tuple[date, date] | None:
    """The usual days of a month; after a shutdown of the government the late day, from when everybody knew it.

    None while it was not known, and for a month whose figure never came.
    """
    described = (month - timedelta(days=1)).strftime("%Y-%m")
    series = _SERIES[event]
    if described in NEVER_RELEASED.get(series, ()):
        return None
    late = LATE_RELEASES[series].get(described)
    if late is None:
        return usual(event, month)
    day = date.fromisoformat(late)
    return (day, day) if session >= day - _LATE_KNOWN else None


def _months(session: date) -> tuple[date, date, date]:
    """First days of the month of a session, of the one before, whose figure may be late, and of the next one."""
    first = session.replace(day=1)
    return (first - timedelta(days=1)).replace(day=1), first, (first + timedelta(days=31)).replace(day=1)


def usual(event: Event, month: date) -> tuple[date, date]:
    """The days of a month (its first day) between which a figure is usually published.

    Consumer prices: the 10th to the 15th. Payrolls: the third Friday after the week of the 12th of
    the month before, as the Bureau of Labor Statistics plans them. Raises ValueError for other
    events.
    """
    if event is Event.PAYROLLS:
        day = _payrolls(month)
        return day, day
    if event is Event.CPI:
        return month.replace(day=_CPI_WINDOW[0]), month.replace(day=_CPI_WINDOW[1])
    raise ValueError(f"there is no usual day for {event.value}")


def _payrolls(month: date) -> date:
    """The usual day of payrolls.

    In January it is a week later when the holidays leave too little time, in July the day before a
    Friday on which offices are closed.
    """
    counted = (month - timedelta(days=1)).replace(day=_COUNTED)
    friday = counted + timedelta(days=(_SATURDAY - counted.weekday()) % 7 - 1 + 3 * 7)
    if friday < month.replace(month=1, day=_AFTER_HOLIDAYS):
        return friday + timedelta(days=7)
    return friday - timedelta(days=1) if (friday.month, friday.day) in _INDEPENDENCE else friday


def _reports(panel: Panel, position: int, session: date) -> Iterator[CalendarEvent]:
    """Reports of the Magnificent Seven, one event a day for all companies that report on it."""
    own = panel.once("estimates of the seven", lambda: _of_the_seven(panel))
    own = own[(own[COUNTS_FROM] <= position) & (own["date"] >= pd.Timestamp(session - STALE_ESTIMATES))]
    newest = own.drop_duplicates("ticker", keep="last")
    days: dict[date, list[str]] = {}
    for ticker, day in zip(newest["ticker"], newest["next_report"], strict=True):
        if session < day.date() <= session + AHEAD:
            days.setdefault(day.date(), []).append(ticker)
    for day, tickers in days.items():
        yield CalendarEvent(Event.EARNINGS, day, day, tickers=tuple(sorted(tickers, key=SEVEN.index)))


def _of_the_seven(panel: Panel) -> pd.DataFrame:
    estimates = rows(panel, "estimates")
    return estimates[estimates["ticker"].isin(SEVEN) & estimates["next_report"].notna()]
