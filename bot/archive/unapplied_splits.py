"""Puts fetched bars on one scale: splits that the source reports but has not applied to the days before them. Pure.

The archive is on a split's new scale from the first bar of its day on, and on the old one before. So
what is stored says of most fetched bars whether their source has applied the split; the move of its
day alone says little, because a split of 5 for 4 and a fall of a fifth look the same.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bot.archive.bar_history import EMPTY, BarHistory
from bot.archive.date_encoding import Floats
from bot.archive.ordinary_moves import SMALL, WINDOW, is_ordinary
from bot.archive.splits import REPORTED_TOLERANCE, Split

SMALLEST = 1.2
"""Splits nearer to 1 are never applied: the source's closes are taken as they are."""
SMALLEST_ALONE = 1.5
"""The same where nothing stored can say: a price falls by a fifth in a day now and then, hardly ever by a third."""


def on_one_scale(fetched: BarHistory, splits: Sequence[Split], stored: BarHistory = EMPTY) -> BarHistory:
    """Fetched bars with the splits that their source did not apply, without those whose day has not come.

    A split counts as not applied when the older bars say so beside the stored ones of the same days,
    and the move that it leaves on its day is ordinary and smaller than the one that it explains.
    Where no stored bar can say, the move of its day must be out of the ordinary and the one that it
    leaves small. Adjusted closes go with their closes. The arguments are not changed; NaN stays.
    """
    if not splits or not len(fetched.days):
        return fetched
    rows = BarHistory(fetched.days, fetched.closes.astype(float, copy=True), fetched.adj.astype(float, copy=True))
    newest_stored = int(stored.days[-1]) if len(stored.days) else 0
    newest = max(newest_stored, int(rows.days[-1]))
    # The product of the splits after the one in question that the rows have and the stored bars lack.
    ahead = 1.0
    for day, factor in sorted(splits, reverse=True):
        first = max((other for other, _ in splits if other < day), default=0)
        beside_stored = ahead * _beside_stored(rows, stored, first, day)
        if day > newest:
            if _is(beside_stored, 1 / factor):
                _multiply(rows, len(rows.days), factor)
            continue
        position = int(np.searchsorted(rows.days, day))
        if position and abs(np.log(factor)) >= np.log(SMALLEST):
            before, after = float(rows.closes[position - 1]), float(rows.closes[position])
            if before > 0 and after > 0 and _is_unapplied(rows, position, (day, factor), stored, beside_stored):
                _multiply(rows, position, 1 / factor)
        if day > newest_stored:
            ahead *= factor
    return rows


def _beside_stored(rows: BarHistory, stored: BarHistory, first: int, day: int) -> float:
    """The middle ratio of the closes from `first` until before `day` to the stored ones; NaN where none is stored."""
    _, ours, theirs = np.intersect1d(rows.days, stored.days, assume_unique=True, return_indices=True)
    between = (rows.days[ours] >= first) & (rows.days[ours] < day)
    new, old = rows.closes[ours[between]], stored.closes[theirs[between]]
    positive = (new > 0) & (old > 0)
    return float(np.median(new[positive] / old[positive])) if positive.any() else float("nan")


def _is_unapplied(rows: BarHistory, position: int, split: Split, stored: BarHistory, beside_stored: float) -> bool:
    """Whether the rows before `position` lack a split: `beside_stored` is their ratio to the stored ones of their days,
    which are on the old scale unless a bar of the split's day or later is stored.
    """
    day, factor = split
    on_new_scale = bool(len(stored.days)) and int(stored.days[-1]) >= day
    change = float(rows.closes[position] / rows.closes[position - 1])
    left = change * factor
    earlier = _closes_before(rows, position, stored)
    if _is(beside_stored, factor) and on_new_scale:
        # No price doubles on the day of its 2:1: stored closes that do are on a wrong scale, and say nothing.
        wrong = abs(np.log(factor)) >= np.log(SMALLEST_ALONE) and is_ordinary(change - 1, earlier)
        return is_ordinary(left - 1, earlier) or (_is(left, _stored_change(stored, day)) and not wrong)
    if _is(beside_stored, 1.0) and not on_new_scale:
        return is_ordinary(left - 1, earlier) and abs(np.log(left)) < abs(np.log(change))
    alone = bool(np.isnan(beside_stored)) and abs(np.log(factor)) >= np.log(SMALLEST_ALONE)
    return alone and abs(left - 1) <= SMALL and not is_ordinary(change - 1, earlier)


def _closes_before(rows: BarHistory, position: int, stored: BarHistory) -> list[float]:
    """The closes before a row, of whichever of both has more of them."""
    before = stored.closes[: int(np.searchsorted(stored.days, rows.days[position]))]
    closes: Floats = before if len(before) >= position else rows.closes[:position]
    return [float(close) for close in closes[-WINDOW - 1 :]]


def _stored_change(stored: BarHistory, day: int) -> float:
    position = int(np.searchsorted(stored.days, day))
    return float(stored.closes[position] / stored.closes[position - 1]) if position else float("nan")


def _is(ratio: float, expected: float) -> bool:
    """Whether a ratio is the expected one; NaN is none."""
    return abs(ratio / expected - 1) <= REPORTED_TOLERANCE


def _multiply(rows: BarHistory, position: int, factor: float) -> None:
    """Multiply the closes before a position, and the adjusted ones that are on their scale."""
    applied = False
    if position < len(rows.days):
        step = (rows.adj[position] / rows.adj[position - 1]) / (rows.closes[position] / rows.closes[position - 1])
        applied = bool(step > 0) and abs(np.log(step * factor)) < abs(np.log(step))
    rows.closes[:position] *= factor
    if not applied:
        rows.adj[:position] *= factor
