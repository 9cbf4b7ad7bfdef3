"""Which factors are splits, and what a source's own splits explain. Pure."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

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
