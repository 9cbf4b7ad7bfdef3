"""When a condition on a signal's readings holds, when it turns on, and which firings are one episode.

Readings are one a session, oldest first, NaN where withheld. A withheld reading turns a condition
neither on nor off, as with alerts. The first reading only sets the side, because it is unknown how
long the condition has held already.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from signals.core.rolling import Bools, Floats

Positions = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class LevelCondition:
    """Levels that readings are compared with, strictly, in the unit of the readings.

    `above` alone: value > above. `below` alone: value < below. Both: outside, value > above or
    value < below. With `crossing` (both levels equal) only a change from one side to the other
    counts. At least one level is given.
    """

    above: float | None = None
    below: float | None = None
    crossing: bool = False

    def __post_init__(self) -> None:
        if self.above is None and self.below is None:
            raise ValueError("a condition needs a level")

    @classmethod
    def crosses(cls, level: float) -> LevelCondition:
        """The value goes from at or under `level` to above it, or from at or over it to below it."""
        return cls(above=level, below=level, crossing=True)

    @classmethod
    def outside(cls, low: float, high: float) -> LevelCondition:
        """The value is under `low` or over `high`. Raises ValueError unless low < high."""
        if not low < high:
            raise ValueError("outside needs a lower and a higher level")
        return cls(above=high, below=low)

    def sides(self, values: Floats) -> tuple[Bools, ...]:
        """For each level the sessions on which the value is beyond it; a missing value never is."""
        beyond: list[Bools] = []
        if self.above is not None:
            beyond.append(values > self.above)
        if self.below is not None:
            beyond.append(values < self.below)
        return tuple(beyond)


def firings(values: Floats, condition: LevelCondition) -> Bools:
    """The sessions on which the condition turns on: it holds, and with the reading before it did not.

    Each level of `outside` and of a crossing turns on by itself, so a jump from one side to the
    other is a firing too.
    """
    with_reading = np.flatnonzero(~np.isnan(values))
    result = np.zeros(len(values), dtype=np.bool_)
    for side in condition.sides(values):
        on = side[with_reading]
        result[with_reading[1:][on[1:] & ~on[:-1]]] = True
    return result


def days(values: Floats, condition: LevelCondition) -> Bools:
    """Every session on which the condition holds; of a crossing only the sessions that cross.

    Newspapers count days this way.
    """
    if condition.crossing:
        return firings(values, condition)
    result: Bools = np.logical_or.reduce(condition.sides(values))
    return result


def episode_starts(fired: Positions, horizon: int) -> Positions:
    """The first firing of each episode, from the ascending positions of all firings.

    A firing less than `horizon` sessions after the beginning of an episode belongs to it. Two
    episodes begin at least `horizon` sessions apart, so their outcomes over that horizon do not
    overlap. Whether a firing begins an episode depends on earlier firings alone. With a horizon of
    one session every firing is an episode. The distance is counted from the beginning of the
    episode, not from its newest firing, so that a signal that fires often does not become one
    endless episode.
    """
    positions, chosen = fired.tolist(), []
    place = 0
    while place < len(positions):
        chosen.append(positions[place])
        place = bisect_left(positions, positions[place] + horizon, lo=place + 1)
    return np.array(chosen, dtype=np.int64)
