"""What a split does to closes: which factors are splits, and histories that lack them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from bot.archive.date_encoding import Days, Floats

SPLITS = (3 / 2, 2.0, 5 / 2, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 12.0, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0)
"""Usual split ratios."""

REPORTED_TOLERANCE = 0.01
SHARP_TOLERANCE = 1e-3

Split = tuple[int, float]
"""(ordinal day, factor) as a source reports it; 2.0 is 2:1."""


def clean_split(factor: float) -> bool:
    """Whether `factor` or its inverse is a split ratio within a narrow tolerance, for histories
    rescaled as a whole.
    """
    size = max(factor, 1 / factor)
    return any(abs(size / ratio - 1) <= SHARP_TOLERANCE for ratio in SPLITS)


def explained(jump: float, splits: Iterable[float]) -> bool:
    """Whether the source's own splits (2.0 = 2:1), one of them or all together, account for `jump`
    or its inverse.
    """
    factors = [factor for factor in splits if factor > 0]
    together = float(np.prod(factors)) if factors else 1.0
    return any(
        abs(jump * factor - 1) <= REPORTED_TOLERANCE or abs(jump / factor - 1) <= REPORTED_TOLERANCE
        for factor in (*factors, together)
        if factor != 1.0
    )


def back_adjusted(days: Days, closes: Floats, splits: Sequence[Split]) -> Floats:
    """Closes with the splits that the source reported but did not apply to the days before them.

    A split of s counts as not applied when the change on its day is nearer to 1/s than to 1 (on a
    logarithmic scale). Factors within 20 % of 1 are never applied, because an ordinary market move
    can look like them. Returns a new array; NaN and prices that are not positive stay as they are.
    """
    result = closes.astype(float, copy=True)
    for day, factor in sorted(splits, reverse=True):
        position = int(np.searchsorted(days, day))
        if not 0 < position < len(days) or days[position] != day or factor <= 0 or abs(np.log(factor)) < np.log(1.2):
            continue
        before, after = result[position - 1], result[position]
        if not (before > 0 and after > 0):
            continue
        change = np.log(after / before)
        if abs(change + np.log(factor)) < abs(change):
            result[:position] /= factor
    return result
