"""The normal range of a measure: where nine of ten of its past readings lay."""

from __future__ import annotations

import numpy as np

from signals.core.rolling import Floats

PERCENTILES = (5.0, 95.0)

FEWEST = 60
"""Readings below which a past is too short to say what is normal in it."""


def normal_range(past: Floats) -> tuple[float, float] | None:
    """5th and 95th percentile of past readings, NaN and infinities left out; None where too few are known."""
    known = past[np.isfinite(past)]
    if len(known) < FEWEST:
        return None
    low, high = np.percentile(known, PERCENTILES)
    return float(low), float(high)
