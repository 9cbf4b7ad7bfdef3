"""Measures of a snapshot are computed over everything that is loaded before they are cut to what is shown."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from bot.charts.inputs import ChartInputs
from bot.charts.layout.window import measured
from bot.readings.state import Snapshot
from signals import catalogue
from signals.core.measures import measure_of
from signals.core.model import History, Measure
from signals.core.rolling import YEAR
from tests.helpers import utc

SPREAD = "weighting.rsp_spy.spread_1d"
NOW = utc("2026-01-13 22:00")


def snapshot(values: pd.Series, *, shown: int) -> Snapshot:
    frame = pd.DataFrame({SPREAD: values})
    return Snapshot(values.index[-1].date(), {}, frame.iloc[-shown:], NOW, earlier=frame.iloc[:-shown].iloc[-YEAR:])


def walk(count: int) -> pd.Series:
    steps = np.round(np.random.default_rng(5).normal(size=count), 2)
    return pd.Series(steps, index=pd.bdate_range(end="2026-01-13", periods=count))


def test_the_first_sessions_that_are_shown_have_their_percentile_and_their_z() -> None:
    whole = walk(900)
    shown = snapshot(whole, shown=400)
    signal = catalogue.signal(SPREAD)
    for which in signal.watchable:
        series = shown.series(SPREAD, which)
        assert len(series) == 400
        assert series.notna().all(), which
        later = measure_of(signal, History(whole), which) if which is not Measure.VALUE else whole
        pd.testing.assert_series_equal(series, later.iloc[-400:], check_names=False)


def test_so_have_those_of_a_chart() -> None:
    shown = snapshot(walk(900), shown=400)
    inputs = ChartInputs(shown.history, pd.DataFrame(), earlier=shown.earlier)
    series = measured(inputs, SPREAD, date(2026, 1, 13), Measure.PERCENTILE_1Y)
    assert series is not None
    assert series.tolist() == shown.series(SPREAD, Measure.PERCENTILE_1Y).tolist()
    alone = measured(ChartInputs(shown.history, pd.DataFrame()), SPREAD, date(2026, 1, 13), Measure.PERCENTILE_1Y)
    assert alone is not None
    assert int(alone.isna().sum()) == 199


def test_a_signal_that_starts_anew_has_no_percentile_in_a_preview() -> None:
    days = pd.bdate_range(end="2026-01-13", periods=400)
    frame = pd.DataFrame({"index.sp500.ytd": np.arange(400.0)}, index=days)
    shown = Snapshot(date(2026, 1, 13), {}, frame, NOW)
    assert shown.series("index.sp500.ytd", Measure.PERCENTILE_1Y).isna().all()
    changes = shown.series("index.sp500.ytd", Measure.CHANGE_1D)
    # The weekdays of 31 December, 1, 2, 5 and 6 January.
    assert changes.loc["2025-12-31":"2026-01-06"].isna().tolist() == [False, True, False, False, False]
