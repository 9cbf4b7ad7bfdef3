"""Rounds binary floats back to the decimals that sources publish.

Prices, yields and counts are decimals; differences and quotients of their binary floats miss them by
some units of the last place, so that 2.10 - 2.00 lies above 0.1 and equal readings are no ties.
Finished values and measures are rounded once, to `PLACES`; nothing is rounded on the way there,
except both sides of a comparison inside a formula, to `COMPARED_PLACES`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

PLACES = 8
"""Decimal places of finished values and measures."""

CENT_PLACES = 2
"""Decimal places of sums of dollars, and of their changes."""

COMPARED_PLACES = 10
"""Decimal places of both sides of a comparison inside a formula."""

_EXACT = 2.0**53
"""Beyond it a float has no place behind the point."""


def finished(values: NDArray[np.float64], places: int = PLACES) -> NDArray[np.float64]:
    """Values as the floats nearest to their decimals of `places` places.

    Two results of the same decimal are the same float, and the one that `float` reads from the
    decimal as people type it. Numbers too large to have such places are left as they are.
    """
    scaled = values * 10.0**places
    rounded: NDArray[np.float64] = np.rint(scaled) / 10.0**places
    large = np.abs(scaled) >= _EXACT
    if large.any():
        rounded[large] = values[large]
    return rounded


def finished_one(value: float, places: int = PLACES) -> float:
    """`finished` of one number."""
    scaled = value * 10.0**places
    # False for NaN, which is handed back.
    return round(scaled) / 10.0**places if abs(scaled) < _EXACT else value


def comparable(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """One side of a comparison: a price, a mean, a return as a fraction, a ratio."""
    return finished(values, COMPARED_PLACES)
