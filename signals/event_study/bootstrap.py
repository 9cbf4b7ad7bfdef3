"""How sure a mean or a median can be: a stationary block bootstrap on the calendar, all of its draws at once."""

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
"""A share of draws that is right to so many of them: by chance alone it is off by as many."""

_CELLS = 65_536
"""Places of the tables from which blocks are drawn: their chances are right to one part in this many."""

_AT_ONCE = 60_000
"""Blocks added up at once, so that they stay in the processor's own memory."""

_PART = 21
_MOST = 2**_PART - 1
"""Bits of a count, and the greatest: more outcomes than eight thousand years have sessions."""

_NORMAL = NormalDist()


def bootstrap(outcomes: Floats, at: Positions, *, span: int, block: int) -> tuple[Interval, Interval]:
    """Mean and median of outcomes with percentile intervals of a stationary block bootstrap, 5000 draws from a fixed seed.

    `outcomes`: at least one, none missing. `at`: positions of their sessions, ascending, inside a period of `span` sessions.
    `block`: mean length of a block in sessions, at least the horizon, so that outcomes that overlap stay together.

    Politis and Romano 1994, "The stationary bootstrap", J. Am. Stat. Assoc. 89, on the calendar of the period taken as a circle:
    blocks begin at random sessions and last a geometric number of them. Blocks without an outcome say nothing and are not
    drawn: a block begins with the first outcome at or after its beginning and holds those that follow before it ends. Each draw
    has as many blocks as the outcomes themselves would make, so about as many outcomes.

    A block is two places in the running totals of the calendar, so a draw costs by its blocks and not by its outcomes. The
    ends of the median's interval are outcomes themselves: the least one that enough draws have at least half of theirs at or
    under.
    """
    blocks = _Blocks.drawn(at, max(span, int(at[-1] - at[0]) + 1), block)
    median, counts = _median(outcomes, blocks)
    low, high = np.percentile(blocks.totals(outcomes) / counts, (100 * TAIL, 100 * (1 - TAIL)))
    return Interval(float(np.mean(outcomes)), float(low), float(high)), median


@dataclass(frozen=True)
class _Blocks:
    """Drawn blocks, draws x blocks: sessions at which they begin and before which they end, on a circle of sessions laid out
    twice. `at`: sessions of the outcomes, the first at 0."""

    at: Positions
    circle: int
    begins: NDArray[np.int32]
    ends: NDArray[np.int32]

    @classmethod
    def drawn(cls, at: Positions, circle: int, block: int) -> _Blocks:
        """A block that begins in a gap of g sessions before an outcome reaches it with a chance that sums to 1 - (1 - 1/b)^g; so
        many blocks on average begin before each outcome, and what is left of one that reaches it is geometric again."""
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
        line = np.zeros(2 * self.circle + 1, dtype=values.dtype)
        line[self.at + 1] = line[self.at + self.circle + 1] = values
        line = np.cumsum(line, dtype=values.dtype)
        found = np.empty(DRAWS, dtype=values.dtype)
        room = max(1, _AT_ONCE // self.begins.shape[1])
        for begin in range(0, DRAWS, room):
            rows = slice(begin, begin + room)
            found[rows] = line.take(self.ends[rows]).sum(axis=1) - line.take(self.begins[rows]).sum(axis=1)
        return found


def _median(outcomes: Floats, blocks: _Blocks) -> tuple[Interval, Positions]:
    """The median with its interval, and how many outcomes each draw has.

    The median of a draw is at or under an outcome when half of what is drawn is: counting that finds the ends by rank. What is
    counted at once stands in three parts of one number, a third of the work.
    """
    order = np.argsort(outcomes, kind="stable")
    rank = np.argsort(order)
    low, high = _End(len(outcomes), DRAWS * TAIL), _End(len(outcomes), DRAWS * (1 - TAIL))
    while True:
        counted = blocks.totals((rank < low.place) + ((rank < high.place).astype(np.int64) << _PART) + (1 << 2 * _PART))
        counts = counted >> 2 * _PART
        low.told(int((2 * (counted & _MOST) >= counts).sum()))
        high.told(int((2 * (counted >> _PART & _MOST) > counts).sum()))
        if low.found and high.found:
            break
    at_low, at_high = (float(outcomes[order[each.place - 1]]) for each in (low, high))
    return Interval(float(np.median(outcomes)), at_low, at_high), counts


class _End:
    """Looks for the least number of lowest outcomes that hold the medians of `wanted` draws.

    Medians are spread nearly as a normal distribution, so each answer shows how far to go; `left` is too few for sure and
    `right` enough, and between them the search cannot get lost.
    """

    def __init__(self, count: int, wanted: float) -> None:
        self.wanted = wanted
        self.left, self.right = 0, count
        self._spread = 0.6 * math.sqrt(count)
        self._seen: tuple[int, float] | None = None
        self.place = self._inside(count / 2 + self._spread * _NORMAL.inv_cdf(wanted / DRAWS))

    @property
    def found(self) -> bool:
        """Whether `place` is what was looked for."""
        return self.right - self.left == 1

    def told(self, draws: int) -> None:
        """So many draws have their median among the `place` lowest outcomes."""
        if self.found:
            return
        if abs(draws - self.wanted) <= _NEAR_ENOUGH:
            self.left, self.right = self.place - 1, self.place
            return
        if draws >= self.wanted:
            self.right = self.place
        else:
            self.left = self.place
        self.place = self._inside(self.place + self._step(draws))

    def _step(self, draws: int) -> float:
        z = _NORMAL.inv_cdf(min(max(draws, 1), DRAWS - 1) / DRAWS)
        if 0 < draws < DRAWS:
            if self._seen is not None and abs(z - self._seen[1]) > 0.05:
                self._spread = (self.place - self._seen[0]) / (z - self._seen[1])
            self._seen = self.place, z
        return self._spread * (_NORMAL.inv_cdf(self.wanted / DRAWS) - z)

    def _inside(self, place: float) -> int:
        """The nearest place that is not known yet; `right` once it is the only one left."""
        return max(min(round(place), self.right - 1), self.left + 1)
