"""Bootstrap intervals of a mean and a median: a stationary block bootstrap on the calendar, all draws at once."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from signals.core.rolling import Floats
from signals.event_study.episodes import Positions
from signals.event_study.intervals import Interval

Number = TypeVar("Number", np.float64, np.int64)

DRAWS = 5000
SEED = 20260113
TAIL = 0.025
"""The share of draws beyond either end of an interval."""

_NEAR_ENOUGH = 10
"""Draws by which the number at a bound may be off: the random error of the draws is as large."""

_CELLS = 65_536
"""Size of the tables from which blocks are drawn: their probabilities are right to one part in this many."""

_AT_ONCE = 60_000
"""Blocks summed at once, so that they fit into the processor's cache."""

_PART = 21
_MOST = 2**_PART - 1
"""Bits of a count, and the greatest count: more outcomes than eight thousand years have sessions."""

_NORMAL = NormalDist()


def bootstrap(outcomes: Floats, at: Positions, *, span: int, block: int) -> tuple[Interval, Interval]:
    """Mean and median of outcomes with percentile intervals of a stationary block bootstrap, 5000
    draws from a fixed seed.

    Politis and Romano 1994, "The stationary bootstrap", J. Am. Stat. Assoc. 89, on the calendar of
    the period, which is treated as a circle: blocks begin at random sessions and last a geometric
    number of sessions. Blocks without an outcome do not matter and are not drawn: a block begins
    with the first outcome at or after its beginning and contains those that follow before it ends.
    Each draw has the number of blocks that is expected for these outcomes, so about as many
    outcomes.

    A block is a difference of two running totals of the calendar, so the cost of a draw depends on
    its blocks and not on its outcomes. The bounds of the median's interval are outcomes themselves:
    the least outcome at or under which enough draws have at least half of theirs.

    Args:
        outcomes: At least one, none missing.
        at: Positions of their sessions, ascending, inside the period.
        span: Length of the period in sessions.
        block: Mean length of a block in sessions, at least the horizon, so that outcomes that
            overlap stay together.
    """
    blocks = _Blocks.drawn(at, max(span, int(at[-1] - at[0]) + 1), block)
    median, counts = _median(outcomes, blocks)
    low, high = np.percentile(blocks.totals(outcomes) / counts, (100 * TAIL, 100 * (1 - TAIL)))
    return Interval(float(np.mean(outcomes)), float(low), float(high)), median


@dataclass(frozen=True)
class _Blocks:
    """Drawn blocks, draws x blocks, on a circle of sessions laid out twice.

    Attributes:
        at: Sessions of the outcomes, the first at 0.
        circle: Number of sessions on the circle.
        begins: Sessions at which the blocks begin.
        ends: Sessions before which the blocks end.
    """

    at: Positions
    circle: int
    begins: NDArray[np.int32]
    ends: NDArray[np.int32]

    @classmethod
    def drawn(cls, at: Positions, circle: int, block: int) -> _Blocks:
        """Draw the blocks of all draws.

        A block that begins in the gap of g sessions before an outcome lasts until that outcome with
        probabilities that sum to 1 - (1 - 1/b)^g over the gap. That sum is the mean number of
        blocks whose first outcome it is. The remaining length of such a block is geometric again.
        """
        stay = 1.0 - 1.0 / block
        sessions = at - at[0]
        fresh = 1.0 - stay ** np.diff(sessions, append=circle)
        weights = np.cumsum(np.roll(fresh, 1))
        middles = (np.arange(_CELLS) + 0.5) / _CELLS
        first = sessions[np.searchsorted(weights, middles * weights[-1]).clip(max=len(at) - 1)].astype(np.int32)
        lasting = np.floor(np.log(middles) / np.log(stay)) + 1 if block > 1 else np.ones(_CELLS)
        length = np.minimum(lasting, circle).astype(np.int32)
        dice = np.random.Generator(np.random.PCG64(SEED))
        shape = (DRAWS, max(1, round(float(fresh.sum()))))
        begins = first[dice.integers(0, _CELLS, size=shape, dtype=np.uint16)]
        ends = length[dice.integers(0, _CELLS, size=shape, dtype=np.uint16)]
        ends += begins
        return cls(sessions, circle, begins, ends)

    def totals(self, values: NDArray[Number]) -> NDArray[Number]:
        """For each draw the sum of the values, one an outcome, over all outcomes in its blocks."""
        running = np.zeros(2 * self.circle + 1, dtype=values.dtype)
        running[self.at + 1] = running[self.at + self.circle + 1] = values
        running = np.cumsum(running, dtype=values.dtype)
        sums = np.empty(DRAWS, dtype=values.dtype)
        at_once = max(1, _AT_ONCE // self.begins.shape[1])
        for begin in range(0, DRAWS, at_once):
            rows = slice(begin, begin + at_once)
            sums[rows] = running.take(self.ends[rows]).sum(axis=1) - running.take(self.begins[rows]).sum(axis=1)
        return sums


def _median(outcomes: Floats, blocks: _Blocks) -> tuple[Interval, Positions]:
    """The median with its interval, and the number of outcomes in each draw.

    The median of a draw is at or under an outcome when half of its outcomes are, so both bounds are
    found by rank, by counting. The counts for both bounds and of all outcomes are packed into three
    parts of one integer, so that one pass counts all three.
    """
    order = np.argsort(outcomes, kind="stable")
    rank = np.argsort(order)
    low, high = _MedianBound(len(outcomes), DRAWS * TAIL), _MedianBound(len(outcomes), DRAWS * (1 - TAIL))
    while True:
        counted = blocks.totals((rank < low.place) + ((rank < high.place).astype(np.int64) << _PART) + (1 << 2 * _PART))
        counts = counted >> 2 * _PART
        low.record(int((2 * (counted & _MOST) >= counts).sum()))
        high.record(int((2 * (counted >> _PART & _MOST) > counts).sum()))
        if low.done and high.done:
            break
    at_low, at_high = (float(outcomes[order[bound.place - 1]]) for bound in (low, high))
    return Interval(float(np.median(outcomes)), at_low, at_high), counts


class _MedianBound:
    """Search for the least number of lowest outcomes that contain the medians of `target` draws.

    Medians are nearly normally distributed, so each count shows how far the next step must go.
    `left` is known to be too few and `right` to be enough, so the search converges.
    """

    def __init__(self, count: int, target: float) -> None:
        self.target = target
        self.left, self.right = 0, count
        self._spread = 0.6 * math.sqrt(count)
        self._last: tuple[int, float] | None = None
        self.place = self._inside(count / 2 + self._spread * _NORMAL.inv_cdf(target / DRAWS))

    @property
    def done(self) -> bool:
        """Whether `place` is the result."""
        return self.right - self.left == 1

    def record(self, draws: int) -> None:
        """Note the number of draws whose median is among the `place` lowest outcomes, and move `place`."""
        if self.done:
            return
        if abs(draws - self.target) <= _NEAR_ENOUGH:
            self.left, self.right = self.place - 1, self.place
            return
        if draws >= self.target:
            self.right = self.place
        else:
            self.left = self.place
        self.place = self._inside(self.place + self._step(draws))

    def _step(self, draws: int) -> float:
        z = _NORMAL.inv_cdf(min(max(draws, 1), DRAWS - 1) / DRAWS)
        if 0 < draws < DRAWS:
            if self._last is not None and abs(z - self._last[1]) > 0.05:
                self._spread = (self.place - self._last[0]) / (z - self._last[1])
            self._last = self.place, z
        return self._spread * (_NORMAL.inv_cdf(self.target / DRAWS) - z)

    def _inside(self, place: float) -> int:
        """The nearest place between `left` and `right`; `right` once no other is left."""
        return max(min(round(place), self.right - 1), self.left + 1)
