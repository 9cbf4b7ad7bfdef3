"""Market and Panel: groups, cutting, and frames that do not hold every session."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from signals.core.panel import Panel
from tests.signals.markets import market


def test_members_come_in_the_order_of_the_universe_and_cells_may_be_empty() -> None:
    found = market(universe=[("B", "Energy", "sp500 ndx100"), ("A", "Information Technology", "sp500")])
    found.universe.loc[2] = ["C", "C", "", "", np.nan]
    assert found.members("sp500") == ["B", "A"]
    assert found.members("ndx100") == ["B"]
    assert found.members("tech") == ["A"]


def test_an_unknown_group_is_refused_with_the_known_ones() -> None:
    with pytest.raises(KeyError, match=r"no group 'dow30'; known are sp500, ndx100, tech"):
        market().members("dow30")


def test_cutting_keeps_the_session_beyond_and_drops_what_was_not_known() -> None:
    series = {"VIX": [("2024-01-02", 13.0), ("2024-01-02", 13.5, "2024-01-04 12:00"), ("2024-01-04", 14.0)]}
    found = market(close={"SPY": [1, 2, 3]}, series=series, suspicious={"SPY": "odd"}, provisional=True)
    cut = found.until(date(2024, 1, 3))
    assert [str(day.date()) for day in cut.sessions] == ["2024-01-02", "2024-01-03", "2024-01-04"]
    assert cut.close["SPY"].tolist() == [1, 2]
    assert cut.series["VIX"]["value"].tolist() == [13.0]
    assert (cut.suspicious, cut.provisional) == ({}, False)
    assert found.until(found.last.date()).suspicious == {"SPY": "odd"}


def test_cutting_on_a_day_without_a_session_takes_the_one_before() -> None:
    found = market("2024-01-04", close={"SPY": [1, 2, 3]})
    assert str(found.until(date(2024, 1, 7)).last.date()) == "2024-01-05"
    with pytest.raises(ValueError, match="2024-01-03 is before the first session 2024-01-04"):
        found.until(date(2024, 1, 3))


def test_sessions_that_a_frame_does_not_hold_have_no_price() -> None:
    found = market(close={"SPY": [1.0, 2.0, 3.0]})
    holey = replace(found, close=found.close.drop(found.days[1]))
    np.testing.assert_array_equal(Panel(holey).prices("SPY", adjusted=False), [1.0, np.nan, 3.0])


def test_a_price_that_is_not_finite_is_no_price() -> None:
    assert np.isnan(Panel(market(close={"SPY": [np.inf]})).prices("SPY", adjusted=False)[0])


def test_weeks_and_months_end_at_their_last_session() -> None:
    # 28 March 2024 is the Thursday before Good Friday: the end of a week and of the month.
    panel = Panel(market("2024-03-20", count=7))
    assert [str(day) for day in panel.dates[panel.week_ends]] == ["2024-03-22", "2024-03-28"]
    assert [str(day) for day in panel.dates[panel.month_ends]] == ["2024-03-28"]


def test_without_a_session_beyond_the_last_week_is_not_known_to_be_over() -> None:
    found = market("2024-03-20", count=7)
    panel = Panel(replace(found, sessions=found.sessions[:7], ends=found.ends[:7]))
    assert [str(day) for day in panel.dates[panel.week_ends]] == ["2024-03-22"]


def test_the_base_of_a_year_is_the_last_session_of_the_year_before() -> None:
    panel = Panel(market("2023-12-28", count=4))
    assert panel.year_base.tolist() == [-1, -1, 1, 1]


def test_bulky_results_are_made_again_after_release_and_small_ones_are_kept() -> None:
    panel, made = Panel(market()), []
    for _ in range(2):
        panel.once("small", lambda: made.append("small"))
        panel.once("bulky", lambda: made.append("bulky"), bulk=True)
        panel.release()
    assert made == ["small", "bulky", "bulky"]


def test_frames_with_another_resolution_of_dates_are_understood() -> None:
    found = market(close={"SPY": [1.0, 2.0]})
    index = pd.DatetimeIndex(found.days.to_numpy().astype("datetime64[ns]"))
    np.testing.assert_array_equal(
        Panel(replace(found, close=found.close.set_axis(index))).prices("SPY", adjusted=False), [1.0, 2.0]
    )
