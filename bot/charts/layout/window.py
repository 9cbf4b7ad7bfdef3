"""Window: the part of a series that a picture shows, and whether it is enough for an honest one. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from bot.charts.inputs import REGIME, ChartInputs
from bot.charts.layout.axis_scale import Floats, runs
from bot.domain.chart_request import ChartRequest
from signals.core.measures import measure
from signals.core.model import Measure
from signals.event_study import LevelCondition

FEWEST = 5
"""Known values under which nothing is drawn."""

SHARE = 1 / 3
"""Part of the sessions shown that must have a value: below, a picture would be mostly empty."""

USUAL = (5.0, 95.0)
ENOUGH = 60
FIVE_YEARS = 1260


@dataclass(frozen=True, slots=True)
class Window:
    """`shown`: values of the sessions in the picture, the first of them known. `past`: everything up to the same session."""

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
    def usual(self) -> tuple[float, float] | None:
        """Between which nine of ten values of the five years before the newest one lay, as the words beside a picture say it;
        None with too few."""
        before = self.past.iloc[-FIVE_YEARS : self.newest - len(self.shown)]
        known = numbers(before.dropna())
        if len(known) < ENOUGH:
            return None
        low, high = np.percentile(known, USUAL)
        return float(low), float(high)


def numbers(series: pd.Series) -> Floats:
    """A series as an array; infinities are missing."""
    found: Floats = np.array(series, dtype=np.float64)
    found[~np.isfinite(found)] = np.nan
    return found


def until(frame: pd.DataFrame, session: date) -> pd.DataFrame:
    """Rows up to a session."""
    return frame.loc[: pd.Timestamp(session)]


def column(frame: pd.DataFrame, name: str, session: date) -> pd.Series | None:
    """A column up to a session without infinities; None where it is missing or empty."""
    if name not in frame:
        return None
    past = until(frame, session)[name]
    found = pd.Series(numbers(past), index=past.index, name=name)
    return found if found.notna().any() else None


def window(past: pd.Series | None, span: int) -> Window | None:
    """The last `span` values from the first known one on; None when too few of them are known."""
    if past is None or span < 1:
        return None
    shown = past.iloc[-span:]
    first = shown.first_valid_index()
    if first is None:
        return None
    shown = shown.loc[first:]
    known = int(shown.notna().sum())
    if known < max(FEWEST, SHARE * len(shown)):
        return None
    return Window(shown, past)


def of_signal(
    inputs: ChartInputs, request: ChartRequest, name: str, *, which: Measure = Measure.VALUE
) -> Window | None:
    """The window of a measure of a signal."""
    past = column(inputs.values, name, request.session)
    if past is None:
        return None
    return window(measure(past, which) if which is not Measure.VALUE else past, request.span)


def condition(request: ChartRequest) -> LevelCondition | None:
    """The condition of a request; two equal levels are a crossing; None without a level."""
    if request.above is None and request.below is None:
        return None
    if request.above is not None and request.above == request.below:
        return LevelCondition.crosses(request.above)
    return LevelCondition(above=request.above, below=request.below)


def regimes(inputs: ChartInputs, index: pd.DatetimeIndex) -> Sequence[tuple[int, int, int]]:
    """Stretches of the named state of rotation: first and last position and the state (-1, 0, 1); unknown ones left out."""
    if REGIME not in inputs.values:
        return ()
    states = numbers(inputs.values[REGIME].reindex(index))
    marks = np.where(np.isnan(states), 9, states).astype(np.int64)
    return [(first, last, int(marks[first])) for first, last in runs(marks) if marks[first] in (-1, 0, 1)]
