"""What is due next, as people read it."""

from __future__ import annotations

from datetime import date

import pytest

from bot.calendar.clock import Calendar
from bot.calendar.holidays import holidays
from bot.calendar.session_context import Period, session_context
from bot.commands.summary.upcoming import MOST, due_lines
from signals.calendar_events import CalendarEvent, Event
from tests.support import sample_readings


def lines(session: date, *due: CalendarEvent) -> list[str]:
    return due_lines(due, sample_readings.calendar(), session)


def on(event: Event, day: date, **others: object) -> CalendarEvent:
    return CalendarEvent(event, day, day, **others)  # type: ignore[arg-type]


def test_each_line_has_its_day_its_hour_and_how_far_it_is() -> None:
    assert lines(
        date(2025, 11, 20),
        on(Event.FED, date(2025, 12, 10)),
        on(Event.CPI, date(2025, 11, 21)),
        on(Event.EARNINGS, date(2025, 12, 2), tickers=("AAPL", "MSFT", "NVDA")),
        on(Event.EARNINGS, date(2025, 12, 3), tickers=("TSLA",)),
    ) == [
        "Fri, Nov 21, 8:30 a.m. ET: consumer prices (CPI), next session",
        "Thu, Nov 27: no trading, Thanksgiving",
        "Fri, Nov 28: trading ends at 1:00 p.m. ET",
        "Tue, Dec 2: Apple, Microsoft and Nvidia report, in 7 sessions",
        "Wed, Dec 3: Tesla reports, in 8 sessions",
        "Wed, Dec 10, 2:00 p.m. ET: Fed decision, in 13 sessions",
    ]


def test_what_is_due_on_one_day_stands_in_the_order_of_its_hours() -> None:
    day = date(2025, 12, 10)
    events = (on(Event.FED, day), on(Event.EARNINGS, day, tickers=("NVDA",)), on(Event.CPI, day))
    assert lines(date(2025, 12, 8), *events) == [
        "Wed, Dec 10, 8:30 a.m. ET: consumer prices (CPI), in 2 sessions",
        "Wed, Dec 10, 2:00 p.m. ET: Fed decision, in 2 sessions",
        "Wed, Dec 10: Nvidia reports, in 2 sessions",
    ]


def test_what_nobody_has_announced_is_called_usual_and_has_no_hour() -> None:
    told = lines(
        date(2025, 8, 29),
        on(Event.PAYROLLS, date(2025, 9, 5), usual=True),
        CalendarEvent(Event.CPI, date(2025, 9, 10), date(2025, 9, 15), usual=True),
    )
    assert told == [
        "Mon, Sep 1: no trading, Labor Day",
        "Expected Fri, Sep 5: payrolls",
        "Expected Sep 10–15: consumer prices (CPI)",
    ]


def test_payrolls_on_a_day_without_trading_come_before_the_next_session() -> None:
    assert lines(date(2026, 4, 2), on(Event.PAYROLLS, date(2026, 4, 3)))[0] == (
        "Fri, Apr 3, 8:30 a.m. ET: payrolls, before the next session"
    )


def test_beyond_the_calendar_days_are_counted() -> None:
    short = Calendar(date(2025, 1, 2), date(2025, 2, 28))
    told = due_lines((on(Event.FED, date(2025, 3, 19)),), short, date(2025, 2, 25))
    assert told == ["Wed, Mar 19, 2:00 p.m. ET: Fed decision, in 22 days"]


def test_holidays_are_listed_up_to_the_end_of_the_calendar() -> None:
    """At the end of a pack the calendar ended within the two weeks, and New Year's Day was not listed at all."""
    short = Calendar(date(2025, 1, 2), date(2025, 2, 20))
    assert due_lines((), short, date(2025, 2, 12)) == ["Mon, Feb 17: no trading, Presidents' Day"]


def test_however_much_is_due_the_fed_stays() -> None:
    days = [date(2025, 10, day) for day in (21, 22, 23, 24, 27, 28, 29, 30)]
    many = [on(Event.EARNINGS, day, tickers=("META",)) for day in days]
    told = lines(date(2025, 10, 20), *many, on(Event.FED, date(2025, 12, 10)))
    assert len(told) == MOST
    assert told[0].startswith("Tue, Oct 21")
    assert told[-1].startswith("Wed, Dec 10, 2:00 p.m. ET: Fed decision")


def test_every_holiday_of_six_years_has_a_name() -> None:
    named = holidays(sample_readings.calendar(), date(2020, 1, 1), date(2026, 12, 31))
    assert {name for _, name in named} == {
        *("New Year's Day", "Martin Luther King Day", "Presidents' Day", "Good Friday", "Memorial Day", "Juneteenth"),
        *("Independence Day", "Labor Day", "Thanksgiving", "Christmas", "a day without trading"),
    }
    # The day of mourning for President Carter is none of the exchange's holidays.
    assert [day for day, name in named if name == "a day without trading"] == [date(2025, 1, 9)]


@pytest.mark.parametrize(
    ("day", "ends"),
    [
        (date(2025, 12, 31), Period.YEAR),
        (date(2025, 9, 30), Period.QUARTER),
        (date(2025, 10, 31), Period.MONTH),
        (date(2025, 4, 17), Period.WEEK),
        (date(2025, 4, 16), None),
    ],
)
def test_a_session_ends_the_longest_period_that_it_is_the_last_of(day: date, ends: Period | None) -> None:
    assert session_context(sample_readings.calendar(), day).ends is ends


def test_a_day_that_the_calendar_does_not_hold_is_an_ordinary_one() -> None:
    assert session_context(Calendar(date(2025, 1, 2), date(2025, 2, 28)), date(2025, 2, 28)).ends is None
    assert not session_context(sample_readings.calendar(), date(2025, 7, 4)).half


def test_a_window_of_days_that_has_begun_is_not_coming_up() -> None:
    window = CalendarEvent(Event.CPI, date(2025, 9, 10), date(2025, 9, 15), usual=True)
    assert any("CPI" in line for line in lines(date(2025, 9, 9), window))
    assert not any("CPI" in line for line in lines(date(2025, 9, 10), window))
