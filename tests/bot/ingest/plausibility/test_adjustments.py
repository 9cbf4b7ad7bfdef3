"""Adjusted closes follow from raw ones and the source's actions."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.archive.bar_history import BarHistory
from bot.archive.location import ArchiveLocation
from bot.domain.fetched import Fetched
from bot.ingest import worker_tasks
from bot.ingest.plausibility.adjustments import finding, remade


def bars(closes: list[float], adj: list[float]) -> BarHistory:
    return BarHistory(np.arange(1, len(closes) + 1, dtype=np.int64), np.array(closes), np.array(adj))


def test_a_ratio_that_never_changes_is_right_whatever_it_is() -> None:
    assert finding(bars([100, 102, 101], [50, 51, 50.5]), []) is None


def test_a_distribution_changes_the_older_ratio_by_its_part_of_the_close_before() -> None:
    # 2 of 100: what is older counts 98 %.
    rows = bars([90, 100, 99, 101], [88.2, 98, 99, 101])
    assert finding(rows, [(3, 2.0)]) is None
    found = finding(rows, [])
    assert found is not None
    assert (found.day, found.expected) == (3, 1.0)
    assert found.change == pytest.approx(0.98)


def test_a_distribution_on_another_day_explains_nothing() -> None:
    assert finding(bars([100, 100, 99, 101], [98, 98, 99, 101]), [(4, 2.0)]) is not None


def test_two_distributions_between_two_rows_count_together() -> None:
    rows = BarHistory(np.array([1, 5]), np.array([100.0, 98.0]), np.array([98.01, 98.0]))
    assert finding(rows, [(3, 1.0), (5, 1.0)]) is None


def test_a_distribution_of_more_than_15_percent_is_believed_when_the_price_fell_by_it() -> None:
    assert finding(bars([100, 72], [72, 72]), [(2, 28.0)]) is None
    found = finding(bars([100, 101], [72, 101]), [(2, 28.0)])
    assert found is not None
    assert (found.dividend, found.close) == (28.0, 100.0)


def test_rounding_is_no_change() -> None:
    assert finding(bars([3.17, 3.21], [3.169, 3.21]), []) is None
    assert finding(bars([3.17, 3.21], [3.16, 3.21]), []) is not None


def test_what_is_made_anew_has_a_ratio_of_one_at_its_end() -> None:
    rows = bars([90, 100, 99, 101], [1, 2, 3, 4])
    assert remade(rows, [(3, 2.0)]).adj.tolist() == pytest.approx([88.2, 98, 99, 101])
    assert remade(rows, [(3, 2.0)], newest_ratio=0.5).adj.tolist() == pytest.approx([44.1, 49, 49.5, 50.5])
    # 190 of 100 is more than the price: it is left out.
    assert remade(rows, [(3, 190.0)]).adj.tolist() == [90, 100, 99, 101]


@given(
    st.lists(st.floats(0.9, 1.1), min_size=2, max_size=30),
    st.lists(st.tuples(st.integers(1, 30), st.floats(0.01, 5)), max_size=4),
)
def test_what_is_made_anew_is_never_doubted(steps: list[float], paid: list[tuple[int, float]]) -> None:
    closes = (100 * np.cumprod(steps)).tolist()
    rows = bars(closes, closes)
    assert finding(remade(rows, paid), paid) is None


def test_what_is_said_of_a_day_of_years_ago_is_told_once_however_often_the_whole_history_comes(tmp_path: Path) -> None:
    location = ArchiveLocation(tmp_path / "market.db", date(2024, 1, 2), date(2026, 12, 31))
    sessions = location.calendar.between(date(2025, 1, 2), date(2026, 1, 30))
    closes = pd.Series(100 + np.arange(len(sessions)) % 7 * 0.3, index=pd.DatetimeIndex(sessions))
    adjusted = closes.where(closes.index >= "2025-06-02", closes * 0.97)

    def answer(first: str, last: str) -> None:
        frame = pd.DataFrame({"close": closes, "adj_close": adjusted}).loc[first:last]
        now = location.calendar.final_at(frame.index[-1].date()) + timedelta(minutes=10)
        paid = {"XLE": pd.Series(dtype=float)}
        worker_tasks.store(location, Fetched("yahoo", now, bars={"XLE": frame}, dividends=paid))

    def open_doubts() -> list[str]:
        with location.open() as archive:
            return [own.doubt.sentence for own in archive.doubts()]

    answer("2025-01-02", "2026-01-27")
    assert len(open_doubts()) == 1
    answer("2026-01-16", "2026-01-28")
    assert open_doubts() == []
    answer("2025-01-02", "2026-01-29")
    assert open_doubts() == []
    with location.open() as archive:
        rows = archive.tail("XLE", 400)
    assert (rows.adj == rows.closes).all()
