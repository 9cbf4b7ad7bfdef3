"""When conditions held together in the past, by hand."""

from __future__ import annotations

import math

import pandas as pd

from bot.alerts.holding import held, together
from bot.domain.model import AlertSpec, Condition
from signals.core.model import Measure

ABOVE_5 = AlertSpec("a.one", Measure.VALUE, Condition.ABOVE, 5.0, band=1.0)
DAYS = pd.bdate_range("2026-01-05", periods=8)


def series(*values: float) -> pd.Series:
    return pd.Series(values, index=DAYS[: len(values)], dtype=float)


def test_a_condition_holds_from_its_firing_until_the_value_is_back() -> None:
    found = held(series(3, 6, 4.5, math.nan, 4, 6), ABOVE_5)
    assert found.holding.tolist() == [False, True, True, True, False, True]
    assert found.fired.tolist() == [False, True, False, False, False, True]


def test_what_is_past_its_level_from_the_start_holds_without_having_fired() -> None:
    found = held(series(6, 7, 3), ABOVE_5)
    assert (found.holding.tolist(), found.fired.any()) == ([True, True, False], False)


def test_outside_holds_on_either_side() -> None:
    outside = AlertSpec("a.one", Measure.VALUE, Condition.OUTSIDE, 2.0, 5.0)
    assert held(series(3, 6, 3, 1, 3), outside).holding.tolist() == [False, True, False, True, False]


def test_enough_members_at_the_same_time_are_an_edge() -> None:
    one = [held(series(3, 6, 6, 3, 3, 6, 6, 6), ABOVE_5)]
    two = [held(series(3, 3, 6, 6, 3, 3, 6, 6), ABOVE_5)]
    both = together([one, two], 2, 1)
    assert both.fired == [DAYS[2].date(), DAYS[6].date()]
    assert both.readings == 8
    assert together([one, two], 1, 1).fired == [DAYS[1].date(), DAYS[5].date()]


def test_a_window_lets_a_member_count_after_it_has_gone_back() -> None:
    one = [held(series(3, 6, 3, 3, 3, 3), ABOVE_5)]
    two = [held(series(3, 3, 3, 6, 3, 3), ABOVE_5)]
    assert together([one, two], 2, 2).fired == []
    assert together([one, two], 2, 3).fired == [DAYS[3].date()]


def test_members_without_readings_never_hold() -> None:
    assert together([[], []], 1, 1).readings == 0
    assert together([[], [held(series(3, 6), ABOVE_5)]], 2, 1).fired == []
