"""The part of a series that a chart shows, and whether its values suffice for one.

Pure functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from bot.charts.inputs import REGIME, ChartInputs
from bot.charts.layout.axis_scale import Floats, runs
from bot.domain.chart_request import ChartRequest
from signals import catalogue
from signals.core.histories import history_in
from signals.core.measures import measure_of
from signals.core.model import Measure
from signals.core.normal_range import normal_range
from signals.event_study import LevelCondition

MIN_VALUES = 5
"""Known values below which nothing is drawn."""

MIN_SHARE = 1 / 3
"""Least share of the sessions shown with a value; a chart with fewer would be mostly empty."""

FIVE_YEARS = 1260


@dataclass(frozen=True, slots=True)
class Window:
    """The values of one line of a chart.

    `shown`: values of the sessions in the chart, the first of them known. `past`: all values up to
    the same session.
    """

    shown: pd.Series
    past: pd.Series

    @property
    def index(self) -> pd.DatetimeIndex:
        """The sessions shown."""
        return pd.DatetimeIndex(self.shown.index)

    @property
    def values(self) -> Floats:
        """Values of the sessions shown."""
        return numbers(self.shown)

    @property
    def newest(self) -> int:
        """Position of the newest known value."""
        return int(np.flatnonzero(~np.isnan(self.values))[-1])

    @property
    def last(self) -> float:
        """The newest known value."""
        return float(self.values[self.newest])

    @property
    def current(self) -> bool:
        """Whether the newest session shown has a value."""
        return self.newest == len(self.shown) - 1

    @property
    def normal_range(self) -> tuple[float, float] | None:
        """The normal range of the five years before the newest value; None where too few values are known."""
        return normal_range(numbers(self.past.iloc[-FIVE_YEARS : self.newest - len(self.shown)]))


def numbers(series: pd.Series) -> Floats:
    """A series as an array of floats, with NaN for infinities."""
    values: Floats = np.array(series, dtype=np.float64)
    values[~np.isfinite(values)] = np.nan
    return values


def until(frame: pd.DataFrame, session: date) -> pd.DataFrame:
    """The rows up to a session."""
    return frame.loc[: pd.Timestamp(session)]


def column(frame: pd.DataFrame, name: str, session: date) -> pd.Series | None:
    """A column up to a session, with NaN for infinities.

    None where it is missing or has no value.
    """
    if name not in frame:
        return None
    past = until(frame, session)[name]
    values = pd.Series(numbers(past), index=past.index, name=name)
    return values if values.notna().any() else None


def window(past: pd.Series | None, span: int) -> Window | None:
    """The last `span` values from the first known one on; None where too few of them are known."""
    if past is None or span < 1:
        return None
    shown = past.iloc[-span:]
    first = shown.first_valid_index()
    if first is None:
        return None
    shown = shown.loc[first:]
    value_count = int(shown.notna().sum())
    if value_count < max(MIN_VALUES, MIN_SHARE * len(shown)):
        return None
    return Window(shown, past)


def of_signal(
    inputs: ChartInputs, request: ChartRequest, name: str, *, which: Measure = Measure.VALUE
) -> Window | None:
    """The window of a measure of a signal; None where too few of its values are known."""
    return window(measured(inputs, name, request.session, which), request.span)


def measured(inputs: ChartInputs, name: str, session: date, which: Measure) -> pd.Series | None:
    """A measure of a signal up to a session; None where the signal has no value.

    It is computed from the rows before the first one too.
    """
    past = column(inputs.values, name, session)
    if past is None or which is Measure.VALUE:
        return past
    signal = catalogue.signal(name)
    history = history_in(until(inputs.values, session), signal, inputs.earlier)
    finite = replace(history, values=pd.Series(numbers(history.values), index=history.values.index, name=name))
    return measure_of(signal, finite, which).iloc[-len(past) :]


def condition(request: ChartRequest) -> LevelCondition | None:
    """The condition of a request, None without a level; two equal levels are a crossing."""
    if request.above is None and request.below is None:
        return None
    if request.above is not None and request.above == request.below:
        return LevelCondition.crosses(request.above)
    return LevelCondition(above=request.above, below=request.below)


def regimes(inputs: ChartInputs, index: pd.DatetimeIndex) -> Sequence[tuple[int, int, int]]:
    """Stretches of the named state of rotation: first position, last position, state (-1, 0, 1).

    Stretches with an unknown state are left out.
    """
    if REGIME not in inputs.values:
        return ()
    states = numbers(inputs.values[REGIME].reindex(index))
    marks = np.where(np.isnan(states), 9, states).astype(np.int64)
    return [(first, last, int(marks[first])) for first, last in runs(marks) if marks[first] in (-1, 0, 1)]
