"""Adjusted closes against raw ones: their ratio changes on days with an action alone, by what it says. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from bot.archive.date_encoding import Floats
from bot.archive.price_merge import BarHistory

LARGEST = 0.15
"""A distribution of more than this part of the close is believed only if the price fell by it."""
ORDINARY = 0.08
"""An adjusted move up to this size is what is left when the price fell by the distribution."""
TOLERANCE = 1e-3
"""Of the change of the ratio: sources round adjusted closes."""

Dividend = tuple[int, float]
"""(ordinal day, amount a share)"""


@dataclass(frozen=True, slots=True)
class Finding:
    """A change of the ratio of adjusted to raw closes that no action explains.

    `day`: ordinal of the session on which it changes. `change`: older ratio over newer one.
    `expected`: what the actions say, 1 without one. `dividend`: one that is too large to believe.
    """

    day: int
    change: float
    expected: float
    dividend: float | None = None
    close: float = float("nan")


def finding(rows: BarHistory, dividends: Iterable[Dividend]) -> Finding | None:
    """The largest unexplained change of the ratio of adjusted to raw closes, or None.

    Rows without a positive close and adjusted close are passed over.
    """
    usable = rows.where(_positive(rows))
    if len(usable.days) < 2:
        return None
    ratios = usable.adj / usable.closes
    changes = ratios[:-1] / ratios[1:]
    expected, refused = _expected(usable, dividends)
    errors = np.abs(changes / expected - 1)
    at = int(errors.argmax())
    if errors[at] <= TOLERANCE:
        return None
    day = int(usable.days[at + 1])
    return Finding(day, float(changes[at]), float(expected[at]), refused.get(at), float(usable.closes[at]))


def remade(rows: BarHistory, dividends: Iterable[Dividend], newest_ratio: float = 1.0) -> BarHistory:
    """The rows with adjusted closes made of raw closes and credible distributions.

    `newest_ratio`: adjusted over raw close of the last row, below 1 where stored rows follow it.
    """
    expected, _ = _expected(rows, dividends)
    ratios = np.ones(len(rows.days))
    ratios[:-1] = np.cumprod(expected[::-1])[::-1]
    return BarHistory(rows.days, rows.closes, rows.closes * ratios * newest_ratio)


def _expected(rows: BarHistory, dividends: Iterable[Dividend]) -> tuple[Floats, dict[int, float]]:
    """The change before each row but the first that the actions say, and distributions not believed."""
    expected, refused = np.ones(max(len(rows.days) - 1, 0)), {}
    for day, amount in dividends:
        at = int(np.searchsorted(rows.days, day)) - 1
        if amount <= 0 or not 0 <= at < len(expected) or rows.closes[at] <= 0:
            continue
        part = amount / rows.closes[at]
        if part > LARGEST and not _fell_by(amount, rows.closes, at):
            refused[at] = amount
        else:
            expected[at] *= 1 - part
    return expected, refused


def _fell_by(amount: float, closes: Floats | Sequence[float], at: int) -> bool:
    return amount < closes[at] and bool(abs((closes[at + 1] + amount) / closes[at] - 1) <= ORDINARY)


def _positive(rows: BarHistory) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    mask: np.ndarray[tuple[int], np.dtype[np.bool_]] = (rows.closes > 0) & (rows.adj > 0)
    return mask
