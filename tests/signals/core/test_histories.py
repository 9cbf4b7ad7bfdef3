"""A history from a table of values is that of the signal: no change crosses a turn, and none is lost."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from signals import catalogue
from signals.core.histories import columns_of, history_in, history_until, spans_of
from signals.core.market import Market
from signals.core.measures import CHANGES, measure_of, measures_at
from signals.core.model import History, Measure, Restart
from tests.signals.markets import random_market

MOVE, AGE = "rotation.equal_weight.move", "rotation.equal_weight.age"
TURNING = tuple(name for name, signal in catalogue.SIGNALS.items() if signal.restarts is Restart.TURN)
DAYS = pd.bdate_range("2026-01-05", periods=8)


@cache
def computed() -> tuple[Market, dict[str, History]]:
    """A market in which yardsticks turn, with days without a price, and the signals that start anew with a turn."""
    market = random_market(2, holes=0.02)
    return market, catalogue.compute(market, TURNING)


def legs() -> pd.DataFrame:
    """A leg of three sessions, and one that is two sessions old when it is confirmed, without an age on one of them."""
    ages = [0.0, 1, 2, 2, np.nan, 4, 5, 6]
    return pd.DataFrame({MOVE: [0.0, 1, 3, 3, 5, 8, 12, 17], AGE: ages}, index=DAYS)


def test_changes_from_a_table_stay_within_the_leg() -> None:
    changes = measure_of(catalogue.signal(MOVE), history_in(legs(), catalogue.signal(MOVE)), Measure.CHANGE_1D)
    assert changes.isna().tolist() == [True, False, False, True, False, False, False, False]
    assert changes.dropna().tolist() == [1, 2, 2, 3, 4, 5]


def test_earlier_sessions_make_the_first_changes_of_a_table() -> None:
    whole, signal = legs(), catalogue.signal(MOVE)
    changes = measure_of(signal, history_in(whole.iloc[6:], signal, whole.iloc[:6]), Measure.CHANGE_1D)
    assert changes.iloc[-2:].tolist() == [4, 5]
    pd.testing.assert_series_equal(changes, measure_of(signal, history_in(whole, signal), Measure.CHANGE_1D))
    alone = measure_of(signal, history_in(whole.iloc[6:], signal, pd.DataFrame()), Measure.CHANGE_1D)
    assert alone.isna().tolist() == [True, False]


def test_a_session_without_an_age_belongs_to_the_leg_before_it() -> None:
    assert spans_of(legs()[AGE]).tolist() == [0, 0, 0, 1, 1, 1, 1, 1]
    assert spans_of(pd.Series([np.nan, np.nan, 0.0, 1.0])).tolist() == [-1, -1, 2, 2]


def test_a_table_without_ages_and_a_history_without_spans_are_refused() -> None:
    """They gave no change at all: an alert had a record of 63 cases, and the study of the same condition none."""
    signal = catalogue.signal(MOVE)
    with pytest.raises(KeyError, match=AGE):
        history_in(legs()[[MOVE]], signal)
    bare = History(legs()[MOVE])
    for which in CHANGES:
        with pytest.raises(ValueError, match="which leg"):
            measure_of(signal, bare, which)
    with pytest.raises(ValueError, match="which leg"):
        measures_at(signal, bare, 7)
    assert measure_of(signal, bare, Measure.VALUE).tolist() == legs()[MOVE].tolist()


def test_only_what_starts_anew_with_a_turn_needs_a_second_column() -> None:
    assert columns_of(catalogue.signal(MOVE)) == (MOVE, AGE)
    assert columns_of(catalogue.signal("rotation.small_caps.out_given_back"))[1] == "rotation.small_caps.age"
    assert columns_of(catalogue.signal("tech.age")) == ("tech.age",)
    assert columns_of(catalogue.signal("index.sp500.ytd")) == ("index.sp500.ytd",)
    for name in catalogue.SIGNALS:
        assert set(columns_of(catalogue.signal(name))) <= catalogue.SIGNALS.keys()


@pytest.mark.parametrize("name", TURNING)
def test_every_change_from_a_table_is_the_change_from_the_market(name: str) -> None:
    _, histories = computed()
    table = pd.DataFrame({id: history.values for id, history in histories.items()})
    signal = catalogue.signal(name)
    for which in CHANGES:
        expected = measure_of(signal, histories[name], which)
        np.testing.assert_array_equal(measure_of(signal, history_in(table, signal), which), expected)


def test_the_changes_of_legs_are_there_to_be_compared() -> None:
    _, histories = computed()
    counts = {
        name: int(measure_of(catalogue.signal(name), histories[name], Measure.CHANGE_5D).notna().sum())
        for name in TURNING
    }
    assert sum(count > 20 for count in counts.values()) > len(TURNING) // 2, counts


def test_a_history_until_a_session_is_that_of_the_market_until_then() -> None:
    market, histories = computed()
    day = market.days[200].date()
    then = catalogue.compute(market.until(day), TURNING)
    for name in TURNING:
        cut = history_until(histories[name], day)
        np.testing.assert_array_equal(cut.values, then[name].values)
        np.testing.assert_array_equal(cut.observed, then[name].observed)
        for which in CHANGES:
            signal = catalogue.signal(name)
            np.testing.assert_array_equal(measure_of(signal, cut, which), measure_of(signal, then[name], which))


def test_all_that_stands_beside_the_values_is_cut_with_them() -> None:
    ones = pd.Series(np.arange(8), index=DAYS)
    whole = History(ones.astype(float), ones, ones, ones, spans=ones, estimated=np.arange(8) % 2 == 0)
    cut = history_until(whole, DAYS[2].date())
    parts = (cut.values, cut.counted, cut.listed, cut.observed, cut.spans, cut.estimated)
    assert [None if part is None else len(part) for part in parts] == [3] * 6
    assert history_until(replace(whole, spans=None, estimated=None), DAYS[2].date()).spans is None
