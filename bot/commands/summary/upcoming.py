"""Lines for coming events: the Fed, consumer prices, payrolls, megacap earnings, holidays.

New York time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta
from types import MappingProxyType

from bot.calendar.clock import NEW_YORK, Calendar
from bot.calendar.holidays import half_days, holidays
from bot.calendar.occasions import HOURS
from bot.formatting import formats
from signals.calendar_events import AHEAD, CalendarEvent, Event

NAMES: Mapping[Event, str] = MappingProxyType(
    {
        Event.FED: "Fed decision",
        Event.CPI: "consumer prices (CPI)",
        Event.PAYROLLS: "payrolls",
        Event.PCE: "consumer spending and prices (PCE)",
    }
)
"""What is published, inside a sentence."""

_COMPANIES = {
    "AAPL": "Apple",
    "MSFT": "Microsoft",
    "GOOGL": "Alphabet",
    "AMZN": "Amazon",
    "META": "Meta",
    "NVDA": "Nvidia",
    "TSLA": "Tesla",
}
MOST = 7
"""Most lines; the Fed's next decision is always among them."""


def due_lines(
    due: Sequence[CalendarEvent], calendar: Calendar, session: date, *, until: date | None = None
) -> list[str]:
    """`Wed, Jan 28, 2:00 p.m. ET: Fed decision, in 10 sessions`, the nearest first.

    Unannounced days begin with `Expected`. A window of days that has begun is left out, and what
    begins after `until`.
    """
    due = due if until is None else [event for event in due if event.first <= until]
    # Rows are (day, hour, whether the row must stay when there are too many, line); what has no hour is last on its day.
    events = [
        (event.first, _hour(event) or time.max, event.event is Event.FED, _line(event, calendar, session))
        for event in due
        if event.first > session or event.first == event.last
    ]
    until = until or session + AHEAD
    shut = [
        (day, time.max, False, f"{_day(day)}: no trading, {name}") for day, name in holidays(calendar, session, until)
    ]
    early = [
        (day, time.max, False, f"{_day(day)}: trading ends at {_close(calendar, day)}")
        for day in half_days(calendar, session, until)
    ]
    ordered = sorted((*events, *shut, *(row for row in early if row[0] > session)), key=lambda row: row[:2])
    while len(ordered) > MOST:
        ordered.remove([row for row in ordered if not row[2]][-1])
    return [line for *_, line in ordered]


def _hour(due: CalendarEvent) -> time | None:
    """When an announced event is published; None where its day or its hour is not known."""
    return None if due.usual or due.first != due.last else HOURS.get(due.event)


def _line(due: CalendarEvent, calendar: Calendar, session: date) -> str:
    what = reports(due.tickers) if due.event is Event.EARNINGS else NAMES[due.event]
    if due.first != due.last:
        return f"Expected {_span(due.first, due.last)}: {what}"
    if due.usual:
        return f"Expected {_day(due.first)}: {what}"
    hour = _hour(due)
    at = f", {formats.clock(hour)}" if hour is not None else ""
    return f"{_day(due.first)}{at}: {what}, {_ahead(due.first, calendar, session)}"


def reports(tickers: Sequence[str], *, past: bool = False) -> str:
    """`Apple and Microsoft report` (`were due to report`), with the names of the companies."""
    companies = [_COMPANIES.get(ticker, ticker) for ticker in tickers]
    if past:
        return f"{formats.listed(companies)} {'was' if len(companies) == 1 else 'were'} due to report"
    return f"{formats.listed(companies)} report{'s' if len(companies) == 1 else ''}"


def _day(day: date) -> str:
    return formats.day(day, today=day)


def _close(calendar: Calendar, session: date) -> str:
    return formats.clock(calendar.close_at(session).astimezone(NEW_YORK).time())


def _span(first: date, last: date) -> str:
    return f"{formats.short_day(first)}–{last.day}"


def _ahead(day: date, calendar: Calendar, session: date) -> str:
    """`next session`, `in 10 sessions`; counted in days where the day lies beyond the calendar."""
    if not len(calendar.sessions) or calendar.sessions[-1].date() < day:
        return f"in {formats.counted((day - session).days, 'day')}"
    count = len(calendar.between(session + timedelta(days=1), day))
    if not count:
        return "before the next session"
    return "next session" if count == 1 else f"in {formats.counted(count, 'session')}"
