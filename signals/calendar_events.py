"""What is due after a session: the Fed's next decision, consumer prices, payrolls and the reports of the seven giants.

Only what was public by the session's close + 20 minutes counts. Where nobody has announced a day, the weeks in which it
usually falls stand in its place, marked as such.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import pandas as pd

from signals.asof import fomc_meetings
from signals.asof.datasets import COUNTS_FROM, rows, standing
from signals.asof.watched_names import SEVEN
from signals.core.panel import Panel

AHEAD = timedelta(days=14)
"""How far one looks; the Fed's next decision is told however far it is."""

STALE_ESTIMATES = timedelta(days=30)
"""Older estimates tell no day of a report any more."""

_LONGEST_PAUSE = timedelta(days=120)
"""The Fed meets eight times a year: a plan whose next day is further away does not cover the session."""

_SATURDAY = 5
_COUNTED = 12
"""Payrolls count the week, Sunday to Saturday, of this day of a month."""
_AFTER_HOLIDAYS = 4
"""Payrolls have not come before this day of January since 2003."""
_INDEPENDENCE = ((7, 3), (7, 4))
"""Fridays on which Independence Day is kept."""
_CPI_WINDOW = (10, 15)


class Event(StrEnum):
    """What is waited for; those of the statistics offices are the values of `release` in the dataset `releases`."""

    FED = "fed"
    CPI = "cpi"
    PAYROLLS = "payrolls"
    EARNINGS = "earnings"


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """Something due from `first` to `last` (New York dates, inclusive); one day where it is announced.

    `usual`: nobody has announced it, that is when it usually comes. `tickers`: who reports, in the order of the seven.
    """

    event: Event
    first: date
    last: date
    usual: bool = False
    tickers: tuple[str, ...] = ()


def upcoming_events(panel: Panel, position: int) -> tuple[CalendarEvent, ...]:
    """What was known to be due after the session at a position, the nearest first; a decision of the Fed on that very day is
    the first of them."""
    session = panel.days[position].date()
    found = (
        *_meeting(panel, position, session),
        *_releases(panel, position, session),
        *_reports(panel, position, session),
    )
    return tuple(sorted(found, key=lambda due: (due.first, list(Event).index(due.event))))


def _meeting(panel: Panel, position: int, session: date) -> Iterator[CalendarEvent]:
    """The next decision of the Fed, and that of the session itself; none where no plan reaches back as far as the session."""
    plan = next(days for since, days in reversed(fomc_meetings.plans(panel)) if since <= position)
    if session in plan:
        yield CalendarEvent(Event.FED, session, session)
    coming = next((day for day in plan if day > session), None)
    if coming is not None and coming - session <= _LONGEST_PAUSE:
        yield CalendarEvent(Event.FED, coming, coming)


def _releases(panel: Panel, position: int, session: date) -> Iterator[CalendarEvent]:
    known = standing(panel, "releases", position)
    cells = zip(known["release"], known["month"], known["date"], known["planned"], strict=True)
    told = {
        (name, month.date()): day.date() if planned == 1 and day is not pd.NaT else None
        for name, month, day, planned in cells
    }
    for event in (Event.CPI, Event.PAYROLLS):
        for month in _months(session):
            if (event.value, month) in told:
                day = told[event.value, month]
                window = (day, day) if day else None
            else:
                window = usual(event, month)
            if window is not None and window[1] > session and window[0] <= session + AHEAD:
                yield CalendarEvent(event, *window, usual=(event.value, month) not in told)


def _months(session: date) -> tuple[date, date]:
    """First days of the month of a session and of the next one."""
    first = session.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1)


def usual(event: Event, month: date) -> tuple[date, date]:
    """The days of a month (its first day) between which a figure usually comes: consumer prices 10th to 15th, payrolls on
    the third Friday after the week of the 12th of the month before, as the Bureau of Labor Statistics plans them.

    Raises ValueError for other events.
    """
    if event is Event.PAYROLLS:
        day = _payrolls(month)
        return day, day
    if event is Event.CPI:
        return month.replace(day=_CPI_WINDOW[0]), month.replace(day=_CPI_WINDOW[1])
    raise ValueError(f"there is no usual day for {event.value}")


def _payrolls(month: date) -> date:
    """In January a week later when the holidays leave too little time, in July the day before a Friday without offices."""
    counted = (month - timedelta(days=1)).replace(day=_COUNTED)
    friday = counted + timedelta(days=(_SATURDAY - counted.weekday()) % 7 - 1 + 3 * 7)
    if friday < month.replace(month=1, day=_AFTER_HOLIDAYS):
        return friday + timedelta(days=7)
    return friday - timedelta(days=1) if (friday.month, friday.day) in _INDEPENDENCE else friday


def _reports(panel: Panel, position: int, session: date) -> Iterator[CalendarEvent]:
    """Days on which giants report, those of one day together."""
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
    known = rows(panel, "estimates")
    return known[known["ticker"].isin(SEVEN) & known["next_report"].notna()]
