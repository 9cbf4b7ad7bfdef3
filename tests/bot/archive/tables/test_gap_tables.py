"""The list of gaps as it is stored, and the days that the archive has of each name."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.archive import Archive
from bot.archive.tables.gap_tables import StoredDays, bar_days, gaps, observation_days, record_days, replace
from bot.calendar.clock import Calendar
from bot.domain.fetched import Fetched
from bot.domain.gap import Gap, Missing
from tests.helpers import utc

CALENDAR = Calendar(date(2025, 1, 2), date(2026, 3, 31))
NOON = utc("2026-01-13 17:00")


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.open(tmp_path / "market.db") as opened:
        yield opened


FIGURES = st.builds(
    Missing,
    st.sampled_from(["prices", "rates"]),
    st.sampled_from(["SPY", "DGS10"]),
    st.dates(date(2026, 1, 1), date(2026, 1, 4)),
)
INSTANTS = st.integers(0, 100).map(lambda hours: NOON + timedelta(hours=hours))
GAPS = st.lists(
    st.builds(Gap, FIGURES, INSTANTS, INSTANTS, st.integers(0, 9), st.integers(0, 9)),
    unique_by=lambda gap: gap.missing,
)


@given(st.lists(st.tuples(st.sampled_from([["prices"], ["rates"], ["prices", "rates"]]), GAPS), max_size=4))
def test_the_list_of_a_job_is_what_was_last_stored_of_it(steps: list[tuple[list[str], list[Gap]]]) -> None:
    with Archive.open(":memory:") as archive:
        model: dict[Missing, Gap] = {}
        for jobs, listed in steps:
            kept = [gap for gap in listed if gap.missing.job in jobs]
            model = {figure: gap for figure, gap in model.items() if figure.job not in jobs}
            model |= {gap.missing: gap for gap in kept}
            with archive.writing() as db:
                replace(db, jobs, kept)
            expected = sorted(model.values(), key=lambda gap: (gap.missing.job, gap.missing.name, gap.missing.day))
            assert gaps(archive.db) == expected
            assert gaps(archive.db, ["rates"]) == [gap for gap in expected if gap.missing.job == "rates"]


def test_it_says_first_newest_and_recent_days_of_tickers_and_series(archive: Archive) -> None:
    days = CALENDAR.between(date(2025, 12, 29), date(2026, 1, 12))
    closes = pd.DataFrame({"close": 1.0, "adj_close": 1.0}, index=pd.DatetimeIndex([*days[:2], *days[4:]]))
    values = pd.DataFrame({"value": [4.0, 4.1], "known_at": pd.NaT}, index=pd.DatetimeIndex(days[-2:]))
    values["known_at"] = pd.to_datetime(values["known_at"], utc=True)
    archive.store(Fetched("yahoo", NOON, bars={"SPY": closes}, observations={"DGS10": values}), CALENDAR)
    since = date(2026, 1, 2)
    assert bar_days(archive.db, ["SPY", "QQQ"], since) == {
        "SPY": StoredDays(date(2025, 12, 29), date(2026, 1, 12), frozenset(days[4:]))
    }
    assert observation_days(archive.db, ["DGS10", "DGS2"], since) == {
        "DGS10": StoredDays(days[-2], days[-1], frozenset(days[-2:]))
    }


def test_it_counts_the_rows_of_a_dataset_by_day_and_source(archive: Archive) -> None:
    days = [date(2026, 1, 8), date(2026, 1, 9)]
    rows = pd.DataFrame(
        {
            "date": pd.to_datetime([days[0], days[0], days[1]]),
            "ticker": ["SPY", "XLK", "SPY"],
            "nav": [1.0, 2.0, 3.0],
            "shares_outstanding": 10.0,
            "flow_usd": float("nan"),
            "known_at": pd.to_datetime([NOON] * 3, utc=True),
            "source": "",
        }
    )
    archive.store(Fetched("statestreet", NOON, records={"funds": rows}), CALENDAR)
    assert record_days(archive.db, "funds", "statestreet", days[0]) == {days[0]: 2, days[1]: 1}
    assert record_days(archive.db, "funds", None, days[1]) == {days[1]: 1}
    assert record_days(archive.db, "funds", "ishares", days[0]) == {}
