"""Crossings of a summary are the firings of the topics' own alerts."""

from __future__ import annotations

from datetime import date

import pandas as pd

from bot.commands.summary.crossings import Crossing, crossing_words, crossings_since
from bot.domain.model import AlertSpec, Condition
from signals.catalogue import SIGNALS
from signals.core.model import Measure

SILVER, STREAK = "havens.silver", "index.all_down_streak"
DAYS = pd.bdate_range("2026-01-05", periods=8)
ABOVE_80 = AlertSpec(SILVER, Measure.VALUE, Condition.ABOVE, 80.0)


def sessions(signal: str, values: list[float], spec: AlertSpec, first: date = date(2026, 1, 5)) -> list[int]:
    """The positions of the sessions on which a level is listed."""
    past = pd.DataFrame({signal: values}, index=DAYS[: len(values)])
    return [DAYS.get_loc(pd.Timestamp(day)) for day, _ in crossings_since(SIGNALS, past, {"t": (spec,)}, first)]


def test_a_value_that_dances_on_its_level_is_listed_once_as_it_is_alerted_once() -> None:
    """Day to day silver moves by 2 in the median: the alert re-arms at 78, where it first comes on the sixth session."""
    assert sessions(SILVER, [76, 81, 79, 81, 83, 78, 81, 79], ABOVE_80) == [1, 6]


def test_what_falls_into_a_cooldown_is_not_listed_because_no_alert_came() -> None:
    spec = AlertSpec(STREAK, Measure.VALUE, Condition.ABOVE, 1.0, cooldown_days=7)
    assert sessions(STREAK, [0, 2, 0, 2, 0, 0, 2, 0], spec) == [1, 6]


def test_only_sessions_from_the_first_one_asked_for_are_listed() -> None:
    assert sessions(SILVER, [76, 81, 79, 81, 83, 78, 81, 79], ABOVE_80, date(2026, 1, 7)) == [6]


def test_changes_of_a_legs_figures_are_crossings_within_the_leg() -> None:
    """The third session belongs to another leg: its change against the day before is none."""
    move, age = "rotation.equal_weight.move", "rotation.equal_weight.age"
    past = pd.DataFrame({move: [1.0, 1, 9, 9, 14, 14], age: [7.0, 8, 2, 3, 4, 5]}, index=DAYS[:6])
    spec = AlertSpec(move, Measure.CHANGE_1D, Condition.ABOVE, 2.0)
    [(day, crossing)] = crossings_since(SIGNALS, past, {"t": (spec,)}, date(2026, 1, 5))
    assert (day, crossing.value, crossing.signal_value) == (DAYS[4].date(), 5.0, 14.0)


def test_a_crossing_says_which_of_two_levels_and_never_that_a_figure_equals_its_level() -> None:
    outside = AlertSpec("sectors.igv_smh.spread_21d", Measure.VALUE, Condition.OUTSIDE, -10.0, 10.0)
    gap = SIGNALS[outside.signal]
    assert crossing_words(Crossing("t", gap, outside, 10.51, 10.51)) == (
        "Software vs. semiconductors, 21 days: +10.51 points, above +10 points"
    )
    assert crossing_words(Crossing("t", gap, outside, -10.004, -10.004)) == (
        "Software vs. semiconductors, 21 days: -10.004 points, below -10 points"
    )
    high = AlertSpec("rates.real_10y", Measure.PERCENTILE_1Y, Condition.ABOVE, 95.0)
    assert crossing_words(Crossing("t", SIGNALS[high.signal], high, 95.04, 2.1)) == (
        "10-year real yield (1-year percentile): 95.04th, above the 95th"
    )
