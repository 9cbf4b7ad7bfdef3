"""What a request asks for, and which part of a series is enough for a picture."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from bot.charts.inputs import REGIME, ChartInputs, needs
from bot.charts.layout.window import condition, measured, regimes, window
from bot.domain.chart_request import ChartKind, ChartRequest
from signals import catalogue
from signals.core.model import Axis, Measure
from signals.event_study import LevelCondition
from tests.bot.charts.looking import sessions

DAY = date(2025, 12, 31)


def test_a_signal_needs_itself_and_the_state_of_rotation() -> None:
    assert needs(ChartRequest(ChartKind.SIGNAL, DAY, ("havens.gold",))).signals == {"havens.gold", REGIME}


def test_an_outcome_asks_for_every_reading_of_its_hyphens() -> None:
    assert needs(ChartRequest(ChartKind.OUTCOME, DAY, ("havens.gold", "BRK-B-SPY"))).tickers == {
        "BRK-B-SPY",
        "BRK",
        "B-SPY",
        "BRK-B",
        "SPY",
    }


def test_a_comparison_tells_signals_from_tickers() -> None:
    wanted = needs(ChartRequest(ChartKind.COMPARE, DAY, ("havens.gold", "SPY")))
    assert (wanted.signals, wanted.tickers) == ({"havens.gold"}, {"SPY"})


def test_families_need_every_signal_that_votes() -> None:
    wanted = needs(ChartRequest(ChartKind.FAMILIES, DAY)).signals
    assert all(set(catalogue.voters(axis)) <= wanted for axis in Axis)


@pytest.mark.parametrize(
    "kind", [kind for kind in ChartKind if kind not in (ChartKind.SIGNAL, ChartKind.OUTCOME, ChartKind.COMPARE)]
)
def test_every_signal_that_a_picture_needs_is_in_the_register(kind: ChartKind) -> None:
    wanted = needs(ChartRequest(kind, DAY))
    assert wanted.signals <= set(catalogue.SIGNALS)
    assert wanted.signals or wanted.tickers


def series(*values: float) -> pd.Series:
    return pd.Series(values, index=sessions(len(values)), dtype=float)


NONE = float("nan")


def test_a_window_begins_with_its_first_known_value() -> None:
    found = window(series(1, NONE, NONE, 4, 5, NONE, 7, 8, 9), 8)
    assert found is not None
    assert found.values.tolist()[:2] == [4, 5]
    assert (found.last, found.newest, found.current) == (9, 5, True)


@pytest.mark.parametrize(
    "values",
    [(1, 2, 3, 4), (1, 2, 3, 4, 5, *[NONE] * 11), (NONE,) * 20, ()],
    ids=["four", "mostly gone since", "nothing", "no session"],
)
def test_too_little_gives_no_window(values: tuple[float, ...]) -> None:
    assert window(series(*values), 126) is None


def test_a_value_that_is_gone_since_is_not_current() -> None:
    found = window(series(1, 2, 3, 4, 5, NONE), 126)
    assert found is not None
    assert (found.last, found.current) == (5, False)


def test_a_normal_range_needs_sixty_values_before_the_newest_one_and_holds_nine_of_ten() -> None:
    few, many = window(series(*range(60)), 5), window(series(*range(101), 1000, NONE), 126)
    assert few is not None
    assert few.normal_range is None
    assert many is not None
    assert many.normal_range == (5, 95)


def test_changes_of_a_legs_figures_are_drawn_within_the_leg() -> None:
    """A leg of 20 sessions, and the next one, which began five sessions before it was confirmed."""
    move, age = "rotation.equal_weight.move", "rotation.equal_weight.age"
    ages = [*range(20), *range(5, 45)]
    values = pd.DataFrame({move: np.arange(60.0), age: ages}, index=sessions(60))
    request = ChartRequest(ChartKind.SIGNAL, values.index[-1].date(), (move,), Measure.CHANGE_5D)
    assert needs(request).signals >= {move, age}
    assert needs(replace(request, kind=ChartKind.OUTCOME, names=(move, "RSP-SPY"))).signals == {move, age}
    whole = measured(ChartInputs(values, pd.DataFrame(index=values.index)), move, request.session, request.measure)
    later = ChartInputs(values.iloc[30:], pd.DataFrame(index=values.index[30:]), earlier=values.iloc[:30])
    part = measured(later, move, request.session, request.measure)
    assert whole is not None
    assert part is not None
    assert whole.isna().tolist() == [True] * 5 + [False] * 15 + [True] * 5 + [False] * 35
    assert part.tolist() == [5.0] * 30


def test_two_equal_levels_are_a_crossing() -> None:
    request = ChartRequest(ChartKind.SIGNAL, DAY, ("havens.gold",), above=90, below=90)
    assert condition(request) == LevelCondition.crosses(90)
    assert condition(ChartRequest(ChartKind.SIGNAL, DAY, ("havens.gold",), below=9)) == LevelCondition(below=9)
    assert condition(ChartRequest(ChartKind.SIGNAL, DAY, ("havens.gold",))) is None


def test_regimes_are_stretches_and_unknown_ones_are_left_out() -> None:
    values = pd.DataFrame({REGIME: [1, 1, np.nan, 0, -1, -1]}, index=sessions(6))
    found = regimes(ChartInputs(values, pd.DataFrame(index=values.index)), sessions(6))
    assert found == [(0, 1, 1), (3, 3, 0), (4, 5, -1)]
