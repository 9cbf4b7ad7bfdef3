"""What is due after a session, as it was known then."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from signals.calendar_events import CalendarEvent, Event, upcoming_events, usual
from signals.core.market import Market
from signals.core.panel import Panel
from tests.signals.markets import market


def told(name: str, columns: list[str], *rows: tuple[object, ...]) -> dict[str, pd.DataFrame]:
    frame = pd.DataFrame(rows, columns=[*columns, "known_at"])
    for column in ("month", "date", "next_report"):
        if column in frame:
            frame[column] = pd.to_datetime(frame[column])
    frame["known_at"] = pd.to_datetime(frame["known_at"], utc=True)
    return {name: frame.assign(source="test")}


def releases(*rows: tuple[object, ...]) -> dict[str, pd.DataFrame]:
    return told("releases", ["month", "release", "date", "planned"], *rows)


def estimates(*rows: tuple[object, ...]) -> dict[str, pd.DataFrame]:
    return told("estimates", ["date", "ticker", "next_report"], *rows)


def made(first: str = "2025-01-02", count: int = 5, **records: pd.DataFrame) -> Market:
    return market(first, count=count, close={"SPY": [1.0] * count}, records=records)


def due(found: Market, day: str) -> tuple[CalendarEvent, ...]:
    panel = Panel(found)
    return upcoming_events(panel, int(panel.days.get_loc(pd.Timestamp(day))))


def of(event: Event, found: Market, day: str) -> list[CalendarEvent]:
    return [each for each in due(found, day) if each.event is event]


def test_the_next_decision_of_the_fed_is_told_however_far_it_is_and_that_of_the_day_itself() -> None:
    assert of(Event.FED, made("2025-01-30"), "2025-01-30") == [
        CalendarEvent(Event.FED, date(2025, 3, 19), date(2025, 3, 19))
    ]
    assert [each.first for each in of(Event.FED, made("2025-01-29"), "2025-01-29")] == [
        date(2025, 1, 29),
        date(2025, 3, 19),
    ]


def test_before_the_checked_in_plan_begins_no_meeting_is_told() -> None:
    assert of(Event.FED, made("2008-10-15"), "2008-10-15") == []


def test_a_meeting_that_was_cancelled_is_told_until_one_knows() -> None:
    gone = told("meetings", ["date", "planned"], ("2025-01-29", 0.0, "2025-01-06 15:00"))
    found = made(**gone)
    assert of(Event.FED, found, "2025-01-03")[0].first == date(2025, 1, 29)
    assert of(Event.FED, found, "2025-01-06")[0].first == date(2025, 3, 19)


def test_where_nobody_has_announced_a_day_it_is_the_usual_one_and_says_so() -> None:
    assert due(made(), "2025-01-02")[:2] == (
        CalendarEvent(Event.CPI, date(2025, 1, 10), date(2025, 1, 15), usual=True),
        CalendarEvent(Event.PAYROLLS, date(2025, 1, 10), date(2025, 1, 10), usual=True),
    )


@pytest.mark.parametrize(
    ("month", "day"),
    [
        (date(2026, 2, 1), date(2026, 2, 6)),
        (date(2024, 3, 1), date(2024, 3, 8)),
        (date(2026, 5, 1), date(2026, 5, 8)),
        (date(2019, 11, 1), date(2019, 11, 1)),
        (date(2019, 1, 1), date(2019, 1, 4)),
        (date(2020, 1, 1), date(2020, 1, 10)),
        (date(2016, 1, 1), date(2016, 1, 8)),
        (date(2026, 7, 1), date(2026, 7, 2)),
        (date(2014, 7, 1), date(2014, 7, 3)),
    ],
)
def test_the_usual_day_of_payrolls_is_the_one_on_which_they_came(month: date, day: date) -> None:
    assert usual(Event.PAYROLLS, month) == (day, day)


def test_an_announced_day_takes_the_place_of_the_usual_one_from_when_it_is_known() -> None:
    found = made(**releases(("2025-01-01", "payrolls", "2025-01-09", 1.0, "2025-01-03 12:00")))
    assert of(Event.PAYROLLS, found, "2025-01-02") == [
        CalendarEvent(Event.PAYROLLS, date(2025, 1, 10), date(2025, 1, 10), usual=True)
    ]
    assert of(Event.PAYROLLS, found, "2025-01-03") == [
        CalendarEvent(Event.PAYROLLS, date(2025, 1, 9), date(2025, 1, 9))
    ]


def expected(event: Event, day: str) -> date | None:
    """The day on which a figure is expected, as it was said after a session of a shutdown."""
    found = of(event, made("2025-10-30", count=45), day)
    return found[0].first if found else None


def test_after_a_shutdown_nothing_is_expected_on_the_usual_day_and_the_late_day_is_told_once_known() -> None:
    """In December 2025 summaries expected payrolls on the 5th and prices from the 10th; they came on the 16th and 18th."""
    assert expected(Event.PAYROLLS, "2025-12-01") is None
    assert expected(Event.PAYROLLS, "2025-12-11") == date(2025, 12, 16)
    assert expected(Event.CPI, "2025-12-09") is None
    assert len(of(Event.PAYROLLS, made("2025-10-30", count=45), "2025-12-11")) == 1, (
        "October's and November's, on one day"
    )
    assert expected(Event.CPI, "2025-12-15") == date(2025, 12, 18)
    assert expected(Event.PAYROLLS, "2025-11-17") == date(2025, 11, 20), "the figure of September"
    assert expected(Event.CPI, "2025-11-05") is None, "the figure of October never came"
    assert expected(Event.PAYROLLS, "2025-12-29") == date(2026, 1, 9)


def test_a_month_without_its_figure_has_none() -> None:
    found = made(**releases(("2025-01-01", "cpi", None, 0.0, "2025-01-01 12:00")))
    assert of(Event.CPI, found, "2025-01-02") == []


def test_a_window_of_the_next_month_is_told_two_weeks_ahead() -> None:
    assert of(Event.PAYROLLS, made("2025-01-27"), "2025-01-27") == [
        CalendarEvent(Event.PAYROLLS, date(2025, 2, 7), date(2025, 2, 7), usual=True)
    ]
    assert of(Event.CPI, made("2025-01-24"), "2025-01-24") == []


def test_giants_that_report_on_one_day_stand_together_and_moved_days_count_once_known() -> None:
    rows = [
        ("2025-01-02", "AAPL", "2025-01-09", "2025-01-03 01:00"),
        ("2025-01-02", "MSFT", "2025-01-09", "2025-01-03 01:00"),
        ("2025-01-02", "NVDA", "2025-02-26", "2025-01-03 01:00"),
        ("2025-01-02", "XOM", "2025-01-09", "2025-01-03 01:00"),
        ("2025-01-02", "TSLA", None, "2025-01-03 01:00"),
        ("2025-01-06", "AAPL", "2025-01-14", "2025-01-07 01:00"),
    ]
    found = made(**estimates(*rows))
    assert of(Event.EARNINGS, found, "2025-01-02") == []
    both = CalendarEvent(Event.EARNINGS, date(2025, 1, 9), date(2025, 1, 9), tickers=("AAPL", "MSFT"))
    assert of(Event.EARNINGS, found, "2025-01-03") == of(Event.EARNINGS, found, "2025-01-06") == [both]
    assert [(each.first.day, each.tickers) for each in of(Event.EARNINGS, found, "2025-01-07")] == [
        (9, ("MSFT",)),
        (14, ("AAPL",)),
    ]


def test_a_day_told_by_old_estimates_is_not_told_any_more() -> None:
    found = made("2025-02-14", **estimates(("2025-01-02", "AAPL", "2025-02-20", "2025-01-03 01:00")))
    assert of(Event.EARNINGS, found, "2025-02-14") == []


def test_what_becomes_known_later_changes_nothing_before() -> None:
    known = releases(("2025-01-01", "cpi", "2025-01-14", 1.0, "2025-01-07 12:00"))
    with_it, without = made(count=8, **known), made(count=8)
    for day in with_it.days[:3]:
        assert due(with_it, str(day.date())) == due(without, str(day.date()))
    assert due(with_it, "2025-01-07") != due(without, "2025-01-07")


def test_only_figures_of_the_offices_have_a_usual_day() -> None:
    assert usual(Event.CPI, date(2026, 5, 1)) == (date(2026, 5, 10), date(2026, 5, 15))
    with pytest.raises(ValueError, match="no usual day for fed"):
        usual(Event.FED, date(2026, 5, 1))
