"""What the calendar announces, with the hours at which it is published."""

from __future__ import annotations

from datetime import UTC, date, datetime

from bot.calendar.clock import Calendar
from bot.calendar.occasions import occasions
from bot.domain.occasion import Occasion, OccasionKind
from signals.calendar_events import CalendarEvent, Event
from tests.support import sample_readings


def on(event: Event, day: date, **others: object) -> CalendarEvent:
    return CalendarEvent(event, day, day, **others)  # type: ignore[arg-type]


def found(*events: CalendarEvent, first: date, last: date) -> list[tuple[str, date, str]]:
    made = occasions(events, sample_readings.calendar(), first, last)
    return [(each.kind.value, each.day, f"{each.at:%H:%M}" if each.at else "") for each in made]


def test_each_event_has_its_hour_in_summer_and_in_winter() -> None:
    winter = [on(Event.CPI, date(2026, 1, 13)), on(Event.FED, date(2026, 1, 28))]
    assert found(*winter, first=date(2026, 1, 12), last=date(2026, 1, 14)) == [
        ("cpi", date(2026, 1, 13), "13:30"),
        ("fed", date(2026, 1, 28), "19:00"),  # the Fed is told however far it is
    ]
    summer = [on(Event.PAYROLLS, date(2026, 7, 2)), on(Event.PCE, date(2026, 6, 26))]
    assert found(*summer, first=date(2026, 6, 25), last=date(2026, 7, 2)) == [
        ("pce", date(2026, 6, 26), "12:30"),
        ("payrolls", date(2026, 7, 2), "12:30"),
    ]


def test_what_nobody_has_announced_is_left_out_and_so_is_what_is_over() -> None:
    events = [
        on(Event.PAYROLLS, date(2025, 9, 5), usual=True),
        CalendarEvent(Event.CPI, date(2025, 9, 10), date(2025, 9, 15), usual=True),
        on(Event.FED, date(2025, 8, 30)),
    ]
    assert found(*events, first=date(2025, 9, 2), last=date(2025, 9, 12)) == []


def test_companies_report_at_the_close_of_their_session_even_of_a_short_one() -> None:
    events = [on(Event.EARNINGS, date(2026, 1, 28), tickers=("MSFT",)), on(Event.EARNINGS, date(2025, 11, 28))]
    assert found(events[0], first=date(2026, 1, 27), last=date(2026, 1, 28)) == [
        ("earnings", date(2026, 1, 28), "21:00")
    ]
    assert found(events[1], first=date(2025, 11, 27), last=date(2025, 11, 28)) == [
        ("holiday", date(2025, 11, 27), ""),
        ("earnings", date(2025, 11, 28), "18:00"),
        ("half day", date(2025, 11, 28), "18:00"),
    ]


def test_options_expire_on_the_third_friday_or_before_it_where_that_is_a_holiday() -> None:
    def expiries(first: date, last: date) -> list[date]:
        return [day for kind, day, _ in found(first=first, last=last) if kind == "expiry"]

    assert expiries(date(2026, 1, 1), date(2026, 3, 31)) == [
        date(2026, 1, 16),
        date(2026, 2, 20),
        date(2026, 3, 20),
    ]
    # Good Friday of 2025 and Juneteenth of 2026 are third Fridays.
    assert expiries(date(2025, 4, 10), date(2025, 4, 17)) == [date(2025, 4, 17)]
    assert expiries(date(2026, 6, 10), date(2026, 6, 30)) == [date(2026, 6, 18)]


def test_where_the_calendar_ends_its_own_days_are_left_out() -> None:
    short = Calendar(date(2025, 1, 2), date(2025, 2, 28))
    fed = on(Event.FED, date(2025, 3, 19))
    assert occasions([fed], short, date(2025, 2, 20), date(2025, 3, 21)) == [
        Occasion(OccasionKind.FED, date(2025, 3, 19), datetime(2025, 3, 19, 18, tzinfo=UTC))
    ]
