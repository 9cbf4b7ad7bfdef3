"""What holds for all signals alike, on random markets with everything that can be missing."""

from __future__ import annotations

import dataclasses
import math
from functools import cache

import numpy as np
import pandas as pd
import pytest

from signals import catalogue
from signals.core.market import Market
from signals.core.model import History, Reading, Signal, State
from signals.core.units import Unit
from tests.signals import recount
from tests.signals.markets import market, random_market, sessions_from

RANGES = {Unit.FLAG: (0, 1), Unit.SEVEN: (0, 7), Unit.SHARE: (0, 1), Unit.RANK: (1, 11), Unit.COUNT: (0, math.inf)}
RANGES |= {Unit.SCORE: (-100, 100), Unit.SIDE: (-1, 1), Unit.BALANCE: (-1, 1), Unit.DAYS: (0, math.inf)}
NETS = ("earnings.tech_guidance", "filings.tech_buyers")
"""Counts of some less others."""
HOLES = (0.0, 0.004, 0.02)
CUTS = ((0, 127, 263, 328), (40, 200, 300), (25, 252, 310))


@cache
def computed(seed: int) -> tuple[Market, dict[str, History]]:
    """A random market and the histories of all signals, for reading only."""
    found = random_market(seed, holes=HOLES[seed])
    return found, catalogue.compute(found)


@pytest.mark.parametrize("seed", range(3))
def test_every_value_equals_the_slow_recount(seed: int) -> None:
    """Also where values are missing, and every withheld reading says why."""
    found, histories = computed(seed)
    slow = recount.Recount(found)
    for at in (0, 1, 25, 60, 149, 230, 262, 300, 329):
        for id in recount.own(histories):
            history = histories[id]
            want, got = slow.value(id, at), history.values.iloc[at]
            near = 0.011 if id in recount.DOLLAR_SUMS else 1e-6
            assert got == pytest.approx(math.nan if want is None else want, abs=near, nan_ok=True), (id, at)
            assert (history.why(at) is None) is (want is not None), (id, at, history.why(at))


@pytest.mark.parametrize("seed", range(3))
def test_nothing_looks_ahead(seed: int) -> None:
    """Cutting later rows off changes no value at or before the cut, and nothing that its last reading says beside it."""
    found, whole = computed(seed)
    for position in CUTS[seed]:
        day = found.days[position].date()
        market = found.until(day)
        cut = catalogue.compute(market)
        for id, history in cut.items():
            np.testing.assert_allclose(
                history.values.to_numpy(), whole[id].values.to_numpy()[: position + 1], rtol=1e-9, atol=1e-9, err_msg=id
            )
        before, after = catalogue.readings(market, cut, day), catalogue.readings(found, whole, day)
        for id, reading in before.items():
            assert _told(reading) == _told(after[id]), id


def _told(reading: Reading) -> tuple[object, ...]:
    """What a reading says beside its figures. A reason may go on to say what came later, so only its presence counts."""
    return reading.state, reading.coverage, reading.observed, reading.known_at, reading.notes, reading.reason is None


def test_the_market_is_only_read() -> None:
    found = random_market(7, holes=0.01)
    before = [found.close.copy(), found.adj_close.copy(), found.universe.copy()]
    series = {name: frame.copy() for name, frame in found.series.items()}
    catalogue.readings(found, catalogue.compute(found), found.last.date())
    for frame, copy in zip((found.close, found.adj_close, found.universe), before, strict=True):
        pd.testing.assert_frame_equal(frame, copy)
    for name, copy in series.items():
        pd.testing.assert_frame_equal(found.series[name], copy)


def test_what_one_session_computed_does_not_depend_on_which_signals_were_asked_for() -> None:
    found = random_market(8, holes=0.01)
    whole = catalogue.compute(found)
    for id in (
        "breadth.sp500.thrust_signal",
        "megacap.spread_63d",
        "rates.curve_10y2y",
        "sectors.xlk.rrg_momentum",
        "scenario.recovery",
    ):
        pd.testing.assert_series_equal(catalogue.compute(found, [id])[id].values, whole[id].values)


@pytest.mark.parametrize("seed", range(2))
def test_values_stay_within_their_unit(seed: int) -> None:
    _, histories = computed(seed)
    for id, history in histories.items():
        entry, values = catalogue.signal(id), history.values.dropna()
        assert not np.isinf(values).any(), id
        low, high = RANGES.get(entry.unit, (-math.inf, math.inf)) if id not in NETS else (-math.inf, math.inf)
        if id.startswith("breadth.") and entry.unit is Unit.PERCENT:
            low, high = (-100, 100) if id.endswith("high_low") else (0, 100)
        if id.endswith("_concordance") or id == "earnings.tech_beats":
            low, high = 0, 100
        if id in ("valuation.ai_pe", "valuation.tech_pe"):
            low, high = 3, 200
        assert values.between(low, high).all(), id
        if entry.unit.whole:
            assert (values == values.round()).all(), id


def empty() -> Market:
    """Sessions, but not a single frame with a column or a row in it."""
    sessions = sessions_from("2024-01-02", 3)
    return dataclasses.replace(
        market(count=3), close=pd.DataFrame(), adj_close=pd.DataFrame(), universe=market().universe, sessions=sessions
    )


def all_nan() -> Market:
    found = random_market(1, count=300)
    nothing = found.close * np.nan
    series = {name: frame.iloc[:0] for name, frame in found.series.items()}
    records = {name: frame.iloc[:0] for name, frame in found.records.items()}
    return dataclasses.replace(found, close=nothing, adj_close=nothing, series=series, records=records)


def one_row() -> Market:
    found = random_market(1, count=60)
    return found.until(found.days[0].date())


@pytest.mark.parametrize("make", [empty, all_nan])
def test_a_market_without_figures_gives_withheld_readings_with_reasons(make) -> None:
    found = make()
    readings = catalogue.readings(found, catalogue.compute(found), found.last.date())
    assert list(readings) == list(catalogue.SIGNALS)
    for reading in readings.values():
        assert reading.value is None
        assert reading.state is State.WITHHELD
        assert reading.reason
        assert "cannot be computed" not in reading.reason


def test_one_row_is_enough_for_levels_and_for_nothing_else() -> None:
    found = one_row()
    readings = catalogue.readings(found, catalogue.compute(found), found.last.date())
    known = {id for id, reading in readings.items() if reading.value is not None}
    told = {id for id, entry in catalogue.SIGNALS.items() if not _records(entry) & LATER}
    # A yardstick of which there is a price has not turned yet, which is a value too.
    levels = {id for id in told if catalogue.signal(id).lookback == 1 or id.endswith(".direction")}
    assert known == levels
    assert all(reading.reason for id, reading in readings.items() if id not in known)


LATER = {"estimates", "funds", "holdings", "weights"}
"""Datasets of which nothing is known on the evening of a random market's first session, or not enough."""


def _records(entry: Signal) -> set[str]:
    """The datasets that a signal is made of."""
    return {name.removeprefix("records:") for name in entry.inputs if name.startswith("records:")}


def test_a_market_without_a_single_session_computes_empty_histories() -> None:
    nothing = pd.DatetimeIndex([])
    found = dataclasses.replace(
        market(count=1),
        sessions=nothing,
        ends=nothing.tz_localize("UTC"),
        last=pd.NaT,
        close=pd.DataFrame(),
        adj_close=pd.DataFrame(),
    )
    assert all(history.values.empty for history in catalogue.compute(found).values())


QUARTERS_INSIDE = 170
"""Sessions of two quarters and the 45 days in which the second is reported."""


@pytest.mark.slow
def test_the_tail_gives_the_readings_and_measures_of_the_whole_history() -> None:
    found = random_market(11, count=1300, holes=0.0005, first="2020-01-02")
    tail = slice(-catalogue.TAIL, None)
    short = dataclasses.replace(
        found,
        sessions=found.sessions[-catalogue.TAIL - 1 :],
        ends=found.ends[-catalogue.TAIL - 1 :],
        close=found.close.iloc[tail],
        adj_close=found.adj_close.iloc[tail],
        first_close={ticker: found.close[ticker].first_valid_index().date() for ticker in found.close},
    )
    longer, shorter = catalogue.compute(found), catalogue.compute(short)
    for id in ("filings.tech_net_change", "filings.tech_buyers"):
        # Closes before the tail are needed until two quarters and their reports lie inside it.
        want, got = longer[id].values.iloc[tail].to_numpy(), shorter[id].values.to_numpy()
        np.testing.assert_array_equal(got[QUARTERS_INSIDE:], want[QUARTERS_INSIDE:])
    whole = catalogue.readings(found, longer, found.last.date())
    cut = catalogue.readings(short, shorter, short.last.date())
    for id, reading in whole.items():
        for name in ("change_1d", "change_5d", "change_21d", "percentile_1y", "z_1y"):
            want, got = getattr(reading.measures, name), getattr(cut[id].measures, name)
            assert got == (None if want is None else pytest.approx(want, abs=1e-6)), (id, name)
        assert cut[id].value == (None if reading.value is None else pytest.approx(reading.value, abs=1e-6)), id
        assert cut[id].coverage == reading.coverage
        assert cut[id].notes == reading.notes
