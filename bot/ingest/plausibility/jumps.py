"""Jumps: whether the move from one close to the next looks like a mistake of the source. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from bot.archive.ordinary_moves import DEVIATIONS, SMALL, deviation
from bot.archive.splits import explained
from bot.domain.doubt import DoubtRule

WITHOUT_BAND = 0.5
"""Moves above this size are doubted where the history is too short for a band."""

RATIOS = (2.0, 3.0, 4.0, 5.0, 7.0, 10.0, 20.0, 3 / 2, 4 / 3, 5 / 4)
RATIO_TOLERANCE = 0.005
UNITS = (100.0, 1000.0)
NO_PRICE = UNITS[0] * (1 - SMALL)
"""No price changes by such a factor from one session to the next: a unit error of 100 beside an
ordinary move."""
TENFOLD = 10.0


def move(before: float, close: float) -> float:
    """The raw return from one close to a later one, 0.01 = 1 %; of negative prices by their size."""
    return (close - before) / abs(before) if before else float("inf")


def doubt(
    before: float,
    close: float,
    earlier: Sequence[float],
    splits: Iterable[float] = (),
    off: frozenset[DoubtRule] = frozenset(),
) -> DoubtRule | None:
    """The rule that doubts the move from `before` to `close`, or None.

    Args:
        before: The last close that is believed.
        close: The close in question.
        earlier: Closes up to and including `before`, oldest first.
        splits: Factors that the source reports between both.
        off: Rules that are switched off.
    """
    size = abs(move(before, close))
    if size <= SMALL:
        return None
    if before > 0 and close > 0:
        ratio = close / before
        if explained(ratio, splits):
            return None
        if DoubtRule.UNIT not in off and is_unit_error(ratio):
            return DoubtRule.UNIT
        if DoubtRule.RATIO not in off and is_split_ratio(ratio):
            return DoubtRule.RATIO
    if DoubtRule.BAND in off:
        return None
    band = deviation(earlier)
    beyond = size > WITHOUT_BAND if band is None else size > DEVIATIONS * band
    return DoubtRule.BAND if beyond else None


def is_unit_error(ratio: float) -> bool:
    """Whether a ratio of closes is one that no market makes: about 100, 1000 or beyond, or an inverse."""
    return max(ratio, 1 / ratio) >= NO_PRICE


def is_split_ratio(ratio: float) -> bool:
    """Whether a ratio of closes, or its inverse, is within 0.5 % of that of a usual split."""
    return any(min(abs(ratio / usual - 1), abs(ratio * usual - 1)) <= RATIO_TOLERANCE for usual in RATIOS)


def is_never_believed(before: float, close: float) -> bool:
    """Whether no later session and no twin can make a move credible: factors of 100, 1000 and 10.

    Beside such a factor the day has a move of its own.
    """
    if not (before > 0 and close > 0):
        return False
    ratio = close / before
    return is_unit_error(ratio) or min(abs(ratio / TENFOLD - 1), abs(ratio * TENFOLD - 1)) <= SMALL


def trades_there(before: float, close: float, following: float, *, future: bool) -> bool:
    """Whether the close of the next session bears out the doubted `close` rather than the one before.

    It does when it lies nearer to the doubted one. For a future it is enough that the next session
    has moved the same way by more than any move that passes unasked: on 2020-04-20 oil closed at
    -37.63, and a day later at 10.01 after 18.27.
    """
    if before > 0 and close > 0 and following > 0:
        if is_unit_error(following / close):
            return False
        nearer = abs(np.log(following / close)) < abs(np.log(following / before))
    else:
        nearer = abs(following - close) < abs(following - before)
    moved = move(before, following)
    return bool(nearer) or (future and abs(moved) > SMALL and moved * move(before, close) > 0)
