"""Age and health of what is stored."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pandas as pd

from bot.archive import Archive, SeriesStatus, grouped, series_status
from bot.calendar.clock import Calendar
from bot.domain.doubt import Doubt, DoubtKind, DoubtRule
from bot.domain.fetched import Fetched
from tests.bot.archive.conftest import DAYS, answer, bars, evening, observations, prices


def test_each_line_tells_source_span_rows_age_and_health(archive: Archive, calendar: Calendar) -> None:
    archive.store(
        answer(DAYS[3], {"AAA": bars(prices(0, 1.0, 1.1, 1.2, 1.25)), "BBB": bars(prices(0, 5.0, 5.1))}), calendar
    )
    given = {
        "DGS10": observations({DAYS[1]: 4.0, DAYS[2]: 4.1}),
        "CPILFESL": observations({"2025-08-01": 330.0, "2025-09-01": 331.0}),
    }
    archive.store(Fetched("fred", evening(DAYS[3]), observations=given), calendar)
    lines = {line.name: line for line in series_status(archive, calendar, evening(DAYS[3]))}
    assert lines["AAA"] == SeriesStatus("price", "AAA", "yahoo", date(2026, 1, 2), date(2026, 1, 7), 4, 0, "fresh")
    assert (lines["BBB"].age, lines["BBB"].health) == (2, "2 sessions old")
    assert (lines["DGS10"].age, lines["DGS10"].health, lines["DGS10"].source) == (1, "fresh", "fred")
    # From 1 September 2025 to 7 January 2026 are 128 days; 106 are allowed.
    assert (lines["CPILFESL"].age, lines["CPILFESL"].health) == (128, "128 days old")


def test_what_has_stopped_or_is_doubted_says_so(archive: Archive, calendar: Calendar) -> None:
    archive.store(answer(DAYS[1], {"AAA": bars(prices(0, 1.0, 1.1)), "BBB": bars(prices(0, 5.0, 5.1))}), calendar)
    doubt = Doubt(
        DoubtKind.PRICE,
        "BBB",
        date(2026, 1, 6),
        DoubtRule.UNIT,
        510.0,
        "its close went from 5.1 to 510",
        "yahoo",
    )
    archive.store(answer(DAYS[2], {}), calendar, doubts=[doubt])
    lines = {
        line.name: line.health for line in series_status(archive, calendar, datetime(2026, 2, 27, 22, 0, tzinfo=UTC))
    }
    assert lines == {"AAA": "stopped", "BBB": "suspicious"}


def test_members_are_one_line(archive: Archive, calendar: Calendar) -> None:
    members = [("AAA", "sp500 ndx100"), ("BBB", "sp500"), ("DDD", "ndx100")]
    universe = pd.DataFrame([(ticker, "", "", "", groups) for ticker, groups in members])
    universe.columns = pd.Index(["ticker", "name", "sector", "industry", "groups"])
    given = {
        "SPY": bars(prices(0, 600.0, 601.0)),
        "AAA": bars(prices(0, 1.0, 1.1)),
        "BBB": bars(prices(1, 1.1)),
        "DDD": bars(prices(0, 9.0)),
    }
    archive.store(answer(DAYS[1], given, universe=universe), calendar)
    lines = grouped(archive, series_status(archive, calendar, evening(DAYS[1])))
    assert [(line.name, line.count, line.rows, line.health) for line in lines] == [
        ("SPY", 1, 2, "fresh"),
        ("members of sp500", 2, 3, "fresh"),
        ("members of ndx100", 1, 1, "1 session old"),
    ]
    assert lines[1].first == date(2026, 1, 2)
