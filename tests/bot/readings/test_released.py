"""Figures of today's releases before the session is over: what the line after a release is made of."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd

from bot.archive import Archive
from bot.calendar.clock import Calendar
from bot.domain.fetched import Fetched
from bot.readings import released

CALENDAR = Calendar(date(2024, 12, 1), date(2026, 12, 31))
EVE, DAY = date(2026, 1, 8), date(2026, 1, 9)


def utc(hour: int, minute: int, day: int = 9) -> datetime:
    return datetime(2026, 1, day, hour, minute, tzinfo=UTC)


def test_todays_session_is_ahead_from_midnight_in_new_york_until_it_is_final() -> None:
    assert released.session_ahead(CALENDAR, utc(4, 59)) is None
    assert released.session_ahead(CALENDAR, utc(5, 0)) == DAY
    assert released.session_ahead(CALENDAR, utc(21, 19)) == DAY
    assert released.session_ahead(CALENDAR, utc(21, 20)) is None
    assert released.session_ahead(CALENDAR, utc(15, 0, day=10)) is None  # a Saturday


def test_a_figure_that_is_fetched_before_the_open_counts_for_today(tmp_path: Path) -> None:
    days = CALENDAR.sessions[CALENDAR.sessions <= pd.Timestamp(EVE)]
    bars = {"SPY": pd.DataFrame({"close": 100.0, "adj_close": 100.0}, index=days)}
    months = pd.date_range("2025-01-01", "2025-12-01", freq="MS")
    known = [*(month + pd.Timedelta(days=38, hours=13, minutes=30) for month in months[:-1])]

    def unemployment(count: int, last_known: datetime) -> Fetched:
        public = pd.DatetimeIndex([*known, pd.Timestamp(last_known).tz_localize(None)])[:count].tz_localize("UTC")
        frame = pd.DataFrame({"value": [4.4] * 11 + [4.3]}, index=months).iloc[:count]
        return Fetched("fred", last_known, observations={"UNRATE": frame.assign(known_at=public)})

    with Archive.open(tmp_path / "market.db") as archive:
        archive.store(Fetched("yahoo", utc(21, 30, day=8), bars=bars), CALENDAR, live=False)
        archive.store(unemployment(11, utc(21, 30, day=8)), CALENDAR, live=False)
        before = released.today(archive, CALENDAR, utc(13, 29))["macro.unemployment"]
        archive.store(unemployment(12, utc(13, 30)), CALENDAR, live=False)
        now = released.today(archive, CALENDAR, utc(13, 36))["macro.unemployment"]
        assert (before.value, before.observed) == (4.4, date(2025, 11, 1))
        assert (now.value, now.observed, now.session) == (4.3, date(2025, 12, 1), DAY)
        assert released.today(archive, CALENDAR, utc(21, 20)) == {}
        assert archive.market(CALENDAR).last.date() == EVE  # nothing else has moved on
