"""Directional changes of a price or ratio: the legs between its turns, dated by their confirmation.

A directional change of T per cent (Guillaume et al. 1997; Glattfelder, Dupuis and Olsen 2011)
turns a leg up once the value stands T % above its running low, and down once it stands T % below
its running high. Nothing looks ahead: a turn is known on the session that confirms it, and its leg
begins at the extreme from which it was confirmed.

Where values stop coming a series has a direction for five sessions more, as every daily input counts for five. The
leg goes on underneath: with the next value it is what it was, or turns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from signals.asof.series import STALE_SESSIONS
from signals.core.decimals import COMPARED_PLACES, comparable
from signals.core.rolling import Floats


@dataclass(frozen=True, slots=True)
class Leg:
    """A run in one direction.

    Attributes:
        direction: 1 up, -1 down.
        start: Position of the extreme from which it was confirmed, the first session of that value.
        confirmed: Position of the session that confirmed it.
        end: Position of the leg's own extreme, from which the next leg starts; None while it lasts.
    """

    direction: int
    start: int
    confirmed: int
    end: int | None = None


@dataclass(frozen=True, slots=True)
class DirectionalChanges:
    """The state of a series after each session, and its legs.

    A session without a value leaves everything as it was. While the newest value is more than five sessions old there
    is no direction, and no figure of the leg, which lasts all the same.

    Attributes:
        values: The series, rounded; a missing value is the last one before it, NaN before the first and where that is
            too old.
        newest: Position of the newest value at or before each session, -1 before the first.
        direction: 1, -1, and 0 before the first turn and where there is no value, one a session.
        start: Position at which the leg of a session started, -1 before the first turn.
        extreme: The value furthest in the leg's direction so far; NaN before the first turn.
        legs: Oldest first; the last one still lasts.
        threshold: T as a fraction.
    """

    values: Floats
    newest: NDArray[np.int64]
    direction: NDArray[np.int64]
    start: NDArray[np.int64]
    extreme: Floats
    legs: tuple[Leg, ...]
    threshold: float

    @property
    def known(self) -> NDArray[np.bool_]:
        """Whether a session has a direction."""
        known: NDArray[np.bool_] = self.direction != 0
        return known

    @property
    def move(self) -> Floats:
        """Per cent from the value at the leg's start; NaN where there is no direction."""
        starts = np.where(self.start >= 0, self.values[self.start], np.nan)
        return 100.0 * (self.values / starts - 1.0)

    @property
    def age(self) -> Floats:
        """Sessions since the leg's start, which is 0; NaN where there is no direction."""
        return np.where(self.known, np.arange(len(self.start)) - self.start, np.nan)

    @property
    def given_back(self) -> Floats:
        """Per cent from the leg's extreme, without sign; the leg turns at the threshold. NaN where there is no direction."""
        return 100.0 * np.abs(self.values / self.extreme - 1.0)

    def stopped(self, position: int) -> bool:
        """Whether the newest value is too old on a session."""
        return bool(self.newest[position] >= 0 and np.isnan(self.values[position]))

    def turning_level(self, position: int) -> float:
        """The value that turns the leg of a session that has a direction; NaN before the first turn."""
        return _turn(float(self.extreme[position]), -int(self.direction[position]), self.threshold)

    def leg(self, position: int) -> Leg | None:
        """The leg of a session as known then, None where it has no direction."""
        confirmed = [leg for leg in self.legs if leg.confirmed <= position]
        return confirmed[-1] if self.known[position] else None


def directional_changes(values: Floats, threshold: float) -> DirectionalChanges:
    """The legs of a series of positive values.

    Args:
        values: One a session, oldest first, NaN where there is none.
        threshold: T as a fraction, 0.03 for 3%.
    """
    rounded = comparable(values)
    count = len(rounded)
    direction, start = np.zeros(count, dtype=np.int64), np.full(count, -1, dtype=np.int64)
    last, extreme = np.full(count, np.nan), np.full(count, np.nan)
    turns: list[tuple[int, int, int]] = []
    side, began, value = 0, -1, float("nan")
    low = high = float("nan")
    low_at = high_at = -1
    for position, current in enumerate(rounded.tolist()):
        if current == current:
            value = current
            # Before the first turn both extremes run from the first value; within a leg only the
            # one in its direction is followed, and the other is set anew when the leg turns.
            if side >= 0 and not value <= high:
                high, high_at = value, position
            if side <= 0 and not value >= low:
                low, low_at = value, position
            if side <= 0 and value >= _turn(low, 1, threshold):
                side, began, high, high_at = 1, low_at, value, position
                turns.append((side, began, position))
            elif side >= 0 and value <= _turn(high, -1, threshold):
                side, began, low, low_at = -1, high_at, value, position
                turns.append((side, began, position))
        last[position], direction[position], start[position] = value, side, began
        extreme[position] = (np.nan, high, low)[side]
    ends = [*(begin for _, begin, _ in turns[1:]), None]
    legs = tuple(Leg(side, begin, at, end) for (side, begin, at), end in zip(turns, ends, strict=False))
    places = np.arange(count)
    newest = np.maximum.accumulate(np.where(np.isnan(rounded), -1, places)) if count else places
    too_old = (newest >= 0) & (places - newest > STALE_SESSIONS)
    last[too_old], direction[too_old] = np.nan, 0
    return DirectionalChanges(last, newest, direction, start, extreme, legs, threshold)


def _turn(extreme: float, direction: int, threshold: float) -> float:
    """The value that turns a series away from an extreme into a direction."""
    return round(extreme * (1.0 + direction * threshold), COMPARED_PLACES)
