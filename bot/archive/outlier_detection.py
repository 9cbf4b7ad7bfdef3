"""Detects jumps of a price that look like a mistake of the source rather than a market move. Pure.

A jump is suspicious when it has the size of a split (a source that did not adjust) or of a unit
error (pence for pounds). The archive holds such a bar back until the source's own splits or a
second, later fetch confirm it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Days = npt.NDArray[np.int64]

SPLITS = (3 / 2, 2.0, 5 / 2, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 12.0, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0)
"""Usual split ratios. 5:4 and 4:3 are left out: a fall by a fifth or a quarter happens on bad
earnings days.
"""

UNITS = (100.0, 1000.0, 10000.0)
"""Factors of unit errors; the second and third are 100 applied to a tenth or twice, as seen in
recorded answers.
"""

TOLERANCE = 0.01
WIDE_TOLERANCE = 0.1
WIDE_FROM = 4.0
"""From a factor of 4 on no market move of an index member is this large, so the tolerance is wider."""

REPORTED_TOLERANCE = 0.01
SHARP_TOLERANCE = 1e-3


def ratio_of(jump: float) -> float | None:
    """The split ratio or unit factor (> 1) that a jump or its inverse comes close to, or None.

    `jump` is new/old, > 0.
    """
    size = max(jump, 1 / jump)
    for ratio in (*SPLITS, *UNITS):
        if abs(size / ratio - 1) <= (WIDE_TOLERANCE if ratio >= WIDE_FROM else TOLERANCE):
            return ratio
    return None


def clean_split(factor: float) -> bool:
    """Whether `factor` or its inverse is a split ratio within a narrow tolerance, for histories
    rescaled as a whole.

    Unit factors are not splits.
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


def suspicious(previous: Sequence[float] | Floats, close: float, splits: Iterable[float] = ()) -> str | None:
    """The sentence why a new close is held back, or None.

    Prices that are not positive (futures may be) and an empty past are never suspicious.

    Args:
        previous: Closes before it, oldest first, NaN allowed; the last one counts.
        close: The new close.
        splits: Factors that the source reports around the new bar.
    """
    closes = [value for value in map(float, previous) if value == value]
    if not closes or closes[-1] <= 0 or not close > 0:
        return None
    jump = close / closes[-1]
    ratio = ratio_of(jump)
    if ratio is None or explained(jump, splits):
        return None
    kind = "a unit error" if ratio in UNITS else "a split"
    return (
        f"its price went from {closes[-1]:.6g} to {close:.6g}, which looks like {kind} of {ratio:g} "
        "and is not confirmed by a second fetch yet"
    )


def back_adjusted(days: Days, closes: Floats, splits: Sequence[tuple[int, float]]) -> Floats:
    """Closes with the splits that the source reported but did not apply to the days before them.

    `splits`: (ordinal day, factor). A split of s counts as not applied when the change on its day
    is nearer to 1/s than to 1 (on a logarithmic scale). Factors within 20 % of 1 are never applied,
    because an ordinary market move can look like them. Returns a new array; NaN and prices that are
    not positive stay as they are.
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
