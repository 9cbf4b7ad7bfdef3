"""How far a close moves from one session to the next in the ordinary course of trading. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

WINDOW, FEWEST = 252, 60
"""Sessions whose returns make the band of a ticker, and the fewest of them that make one."""

DEVIATIONS = 12.0
SMALL = 0.08
"""A move up to this size is ordinary, whatever the band."""


def deviation(earlier: Sequence[float]) -> float | None:
    """The standard deviation of the returns of the newest 252 sessions, None with fewer than 60."""
    closes = np.asarray(earlier[-WINDOW - 1 :], dtype=float)
    if len(closes) <= FEWEST:
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        returns = np.diff(closes) / np.abs(closes[:-1])
    returns = returns[np.isfinite(returns)]
    return float(returns.std(ddof=1)) if len(returns) >= FEWEST else None


def is_ordinary(move: float, earlier: Sequence[float]) -> bool:
    """Whether a move (0.01 = 1 %) is small or within twelve standard deviations of the closes before it, oldest first."""
    if abs(move) <= SMALL:
        return True
    band = deviation(earlier)
    return band is not None and abs(move) <= DEVIATIONS * band
