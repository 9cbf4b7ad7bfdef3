"""What is derived from a signal's readings: changes, one-year percentile, one-year z (register, "Measures").

`measure` gives a whole history, `measures_at` one session; both follow the same arithmetic.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from signals.reading import Measure, Measures
from signals.rolling import Floats, back, rolling_percentile, rolling_z

YEAR = 252
"""Sessions in the windows of `percentile_1y` and `z_1y`, today included."""

ENOUGH = 200
"""Readings that such a window must hold."""

CHANGES = {Measure.CHANGE_1D: 1, Measure.CHANGE_5D: 5, Measure.CHANGE_21D: 21}
"""Sessions between the two readings of a change."""


def measure(values: pd.Series[float], which: Measure) -> pd.Series[float]:
    """A measure of every reading, on the same index.

    `values`: one reading a session, oldest first, NaN where withheld. Changes are value minus the value k sessions earlier,
    in the unit of the values; the percentile is 0-100; z is in standard deviations (n - 1). NaN where the reading of the
    day (or of k sessions earlier) is withheld, where the last 252 sessions hold fewer than 200 readings, or, for z, where all are equal.
    """
    numbers = values.to_numpy(dtype=np.float64)
    return pd.Series(_derived(numbers, which), index=values.index, name=values.name)


def measures_at(values: Floats, position: int) -> Measures:
    """All five measures of the reading at `position`, None where there is none."""
    window = values[max(0, position - YEAR + 1) : position + 1]
    found = {which.value: _last(_derived_last(window, which)) for which in Measure if which is not Measure.VALUE}
    return Measures(**found)


def _derived(values: Floats, which: Measure) -> Floats:
    if which is Measure.VALUE:
        return values.copy()
    if which is Measure.PERCENTILE_1Y:
        return rolling_percentile(values, window=YEAR, need=ENOUGH)
    if which is Measure.Z_1Y:
        return rolling_z(values, window=YEAR, need=ENOUGH)
    return values - back(values, CHANGES[which])


def _derived_last(window: Floats, which: Measure) -> Floats:
    """The measure of the last value of at most one year of readings."""
    if which in CHANGES:
        return _derived(window, which)
    short = len(window) < ENOUGH
    size = max(len(window), 1)
    rank = rolling_percentile if which is Measure.PERCENTILE_1Y else rolling_z
    return np.full(1, np.nan) if short else rank(window, window=size, need=ENOUGH)[-1:]


def _last(values: Floats) -> float | None:
    if not len(values) or np.isnan(values[-1]):
        return None
    return float(values[-1])
