"""How sure a share or a mean can be: closed formulas for shares, a stationary block bootstrap for means and medians."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from signals.rolling import Floats
from signals.study.events import Positions

Z = 1.959963984540054
"""The 97.5 % point of the normal distribution: every interval here is one of 95 %."""

DRAWS = 5000
SEED = 20260113
_AT_ONCE = 1_000_000
_CELLS = 65_536
"""Places of the table that blocks begin from: their weights are right to one part in this many."""


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate and its 95 % interval."""

    value: float
    low: float
    high: float


def wilson(hits: float, n: float) -> Interval:
    """A share with Wilson's score interval, 0-1. Raises ValueError without trials.

    ((p + z^2/2n) +- z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n): Wilson 1927, "Probable inference, the law of succession, and
    statistical inference", J. Am. Stat. Assoc. 22. 7 of 10 gives 40 % to 89 %, 0 of 5 gives 0 % to 43 %.
    """
    if n <= 0:
        raise ValueError("a share needs at least one trial")
    share = hits / n
    middle = share + Z * Z / (2 * n)
    reach = Z * math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    scale = 1 + Z * Z / n
    return Interval(share, max(0.0, (middle - reach) / scale), min(1.0, (middle + reach) / scale))


def newcombe(one: Interval, other: Interval) -> Interval:
    """The difference of two independent shares, first minus second, from their Wilson intervals.

    d - sqrt((p1 - l1)^2 + (u2 - p2)^2) to d + sqrt((u1 - p1)^2 + (p2 - l2)^2): Newcombe 1998, "Interval estimation for the
    difference between independent proportions", Statistics in Medicine 17, method 10. 56 of 70 less 48 of 80: 0.0524 to 0.3339.
    """
    gap = one.value - other.value
    down = math.hypot(one.value - one.low, other.high - other.value)
    up = math.hypot(one.high - one.value, other.value - other.low)
    return Interval(gap, gap - down, gap + up)


def bootstrap(outcomes: Floats, at: Positions, *, span: int, block: int) -> tuple[Interval, Interval]:
    """Mean and median of outcomes with percentile intervals of a stationary block bootstrap, 5000 draws from a fixed seed.

    `outcomes`: at least one, none missing. `at`: positions of their sessions, ascending, inside a period of `span` sessions.
    `block`: mean length of a block in sessions, at least the horizon, so that outcomes that overlap stay together.

    Politis and Romano 1994, "The stationary bootstrap", J. Am. Stat. Assoc. 89, on the calendar of the period taken as a circle:
    blocks begin at random sessions and last a geometric number of them. Only sessions with an outcome are drawn, so a block
    begins with the first outcome at or after its beginning and holds those that follow before it ends. Each draw has as many
    outcomes as there are.
    """
    dice = np.random.Generator(np.random.PCG64(SEED))
    ascending = np.sort(outcomes)
    ranks = np.argsort(np.argsort(outcomes, kind="stable")).astype(np.int32)
    blocks = _Blocks(at, max(span, int(at[-1] - at[0]) + 1), block)
    means, medians = np.empty(DRAWS), np.empty(DRAWS)
    room = max(1, _AT_ONCE // len(outcomes))
    for begin in range(0, DRAWS, room):
        rows = slice(begin, min(begin + room, DRAWS))
        drawn = ranks[blocks.draw(rows.stop - rows.start, dice)]
        means[rows] = ascending[drawn].mean(axis=1)
        medians[rows] = _medians(drawn, ascending)
    return _percentiles(float(np.mean(outcomes)), means), _percentiles(float(np.median(outcomes)), medians)


class _Blocks:
    """Draws blocks of outcomes from a circle of sessions; made once for a bootstrap, so that a draw only looks things up."""

    def __init__(self, at: Positions, circle: int, block: int) -> None:
        self.count, self.block = len(at), block
        self.at = at.astype(np.int32)
        gaps = np.diff(at, append=at[0] + circle)
        # A block that begins in a gap of g sessions before an outcome lives to reach it with a chance that sums to this weight;
        # blocks that reach none are not drawn in the first place.
        self.fresh = 1.0 - (1.0 - 1.0 / block) ** gaps
        weights = np.cumsum(np.roll(self.fresh, 1))
        cells = (np.arange(_CELLS) + 0.5) / _CELLS * weights[-1]
        self.starts = np.searchsorted(weights, cells, side="right").clip(max=self.count - 1).astype(np.int32)
        twice = np.concatenate([at, at + circle])
        self.first_from = np.searchsorted(twice, np.arange(int(at[-1]) + circle + 1)).astype(np.int32)

    def draw(self, draws: int, dice: np.random.Generator) -> NDArray[np.int32]:
        """Places in the list of outcomes, draws x outcomes: blocks one after the other, the last one cut."""
        if self.block == 1:
            return dice.integers(0, self.count, size=(draws, self.count), dtype=np.int32)
        blocks = min(self.count, int(1.2 * self.fresh.sum()) + 10)
        starts, filled = self._filled(draws, blocks, dice)
        while filled[:, -1].min() < self.count:
            blocks = min(self.count, 2 * blocks)
            starts, filled = self._filled(draws, blocks, dice)
        lengths = np.diff(filled, axis=1, prepend=0)
        shift = starts - (filled - lengths)
        places = np.repeat(shift.ravel(), lengths.ravel()).reshape(draws, self.count)
        places += np.arange(self.count, dtype=np.int32)
        places[places >= self.count] -= self.count
        return places

    def _filled(
        self, draws: int, blocks: int, dice: np.random.Generator
    ) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """First outcome of each block, and how many outcomes there are up to its end, at most all."""
        starts = self.starts[dice.integers(0, _CELLS, size=(draws, blocks), dtype=np.uint16)]
        lives = dice.standard_exponential(size=starts.shape) * (-1.0 / math.log1p(-1.0 / self.block))
        last = len(self.first_from) - 1
        ends = self.first_from[np.minimum(self.at[starts] + 1 + lives, last).astype(np.int32)]
        filled = np.cumsum(np.minimum(ends - starts, self.count), axis=1, dtype=np.int32)
        return starts, np.minimum(filled, np.int32(self.count))


def _medians(ranks: NDArray[np.int32], ascending: Floats) -> Floats:
    """Median of each row of ranks, as values; rearranges the rows."""
    count = ranks.shape[1]
    upper, lower = count // 2, (count - 1) // 2
    ranks.partition((lower, upper) if lower < upper else upper, axis=1)
    found: Floats = (ascending[ranks[:, lower]] + ascending[ranks[:, upper]]) / 2
    return found


def _percentiles(value: float, found: Floats) -> Interval:
    low, high = np.percentile(found, (2.5, 97.5))
    return Interval(value, float(low), float(high))
