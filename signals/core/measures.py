"""Measures of a signal's readings: changes, one-year percentile, one-year z (docs/signals.md, "Measures").

`measure` computes a whole history, `measures_at` one session; both use the same arithmetic.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from signals.core.model import Measure, Measures
from signals.core.rolling import Floats, back, percentile_of, rolling_percentile, rolling_z, z_of

YEAR = 252
"""Sessions in the windows of `percentile_1y` and `z_1y`, today included."""

ENOUGH = 200
"""Readings that such a window must contain."""

CHANGES = {Measure.CHANGE_1D: 1, Measure.CHANGE_5D: 5, Measure.CHANGE_21D: 21}
"""Sessions between the two readings of a change."""


def measure(values: pd.Series[float], which: Measure) -> pd.Series[float]:
    """A measure of every reading, on the same index.

    Args:
        values: One reading a session, oldest first, NaN where withheld.
        which: The measure.

    Returns:
        Changes: the value minus the value k sessions earlier, in the unit of the values.
        Percentile: 0-100. z: standard deviations (n - 1). NaN where the reading of the day (or of
        k sessions earlier) is withheld, where the last 252 sessions have fewer than 200 readings,
        or, for z, where all of them are equal.
    """
    numbers: Floats = np.array(values, dtype=np.float64)
    if which is Measure.PERCENTILE_1Y:
        numbers = rolling_percentile(numbers, window=YEAR, need=ENOUGH)
    elif which is Measure.Z_1Y:
        numbers = rolling_z(numbers, window=YEAR, need=ENOUGH)
    elif which is not Measure.VALUE:
        numbers = numbers - back(numbers, CHANGES[which])
    return pd.Series(numbers, index=values.index, name=values.name)


def measures_at(values: Floats, position: int) -> Measures:
    """All five measures of the reading at `position` of a history, None where there is none."""
    window = values[max(0, position - YEAR + 1) : position + 1]
    return Measures(
        change_1d=_change(window, CHANGES[Measure.CHANGE_1D]),
        change_5d=_change(window, CHANGES[Measure.CHANGE_5D]),
        change_21d=_change(window, CHANGES[Measure.CHANGE_21D]),
        percentile_1y=_known(percentile_of(window[None, :], need=ENOUGH)[0]),
        z_1y=_known(z_of(window[None, :], need=ENOUGH)[0]),
    )


def _change(window: Floats, sessions: int) -> float | None:
    return _known(window[-1] - window[-1 - sessions]) if len(window) > sessions else None


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
