"""A clock: the state that its yardsticks name together, held until the other side has two thirds.

The state is 1 when at least two thirds of the yardsticks with a direction point up, -1 when at
least two thirds point down, and in between what it was. A yardstick whose pair does not exist yet is
left out, as is one whose prices have stopped. Nothing is named before two thirds have been reached for the first
time, and the state is withheld while too few yardsticks have a direction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from signals.core.rolling import Floats
from signals.rotation.directional_change import DirectionalChanges


@dataclass(frozen=True, slots=True)
class RotationClock:
    """The clock on every session.

    Attributes:
        up: Yardsticks that point up.
        known: Yardsticks with a direction.
        state: 1 or -1; NaN before the first naming and while fewer than the quorum have a direction.
        turning: 1 while the state is only held, because its side has fewer than two thirds of those
            with a direction; else 0; NaN without a state.
        since: Position of the state's last change, the first naming included; -1 before it. It goes on while the
            state is withheld.
    """

    up: NDArray[np.int64]
    known: NDArray[np.int64]
    state: Floats
    turning: Floats
    since: NDArray[np.int64]

    @property
    def age(self) -> Floats:
        """Sessions since the state's last change, which is 0; NaN without a state."""
        return np.where(np.isnan(self.state), np.nan, np.arange(len(self.since)) - self.since)

    @property
    def turns(self) -> tuple[int, ...]:
        """Positions at which the state changed, the first naming included, oldest first."""
        return tuple(int(position) for position in np.unique(self.since[self.since >= 0]))


def clock(yardsticks: Sequence[DirectionalChanges], *, quorum: int) -> RotationClock:
    """The clock of several yardsticks of one length.

    Args:
        yardsticks: Their legs.
        quorum: How many must have a direction before a state is named.
    """
    directions = np.stack([changes.direction for changes in yardsticks])
    up, known = (directions > 0).sum(axis=0), (directions != 0).sum(axis=0)
    side = named_side(up, known, quorum=quorum)
    places = np.arange(len(side))
    last = np.maximum.accumulate(np.where(side != 0, places, -1)) if len(side) else places
    held = np.where(last >= 0, side[last], 0)
    changed = held != np.concatenate([[0], held[:-1]])
    since = np.maximum.accumulate(np.where(changed, places, -1)) if len(side) else places
    named = (held != 0) & (known >= quorum)
    state = np.where(named, held, np.nan)
    turning = np.where(named, (side != held).astype(np.float64), np.nan)
    return RotationClock(up, known, state, turning, since)


def named_side(up: NDArray[np.int64], known: NDArray[np.int64], *, quorum: int) -> NDArray[np.int64]:
    """1 or -1 where two thirds point that way, 0 where neither side has them or too few are known."""
    enough = known >= quorum
    upward, downward = 3 * up >= 2 * known, 3 * (known - up) >= 2 * known
    return np.where(enough & upward, 1, np.where(enough & downward, -1, 0)).astype(np.int64)
