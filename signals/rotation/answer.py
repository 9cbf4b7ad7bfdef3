"""The answer on one session: is money rotating out of big tech, since when, by which yardsticks, and what would end it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from signals.core.panel import Panel
from signals.core.rolling import YEAR, Floats
from signals.rotation.definitions import regime_of, rotation_clock, tech_clock
from signals.rotation.directional_change import DirectionalChanges
from signals.rotation.rotation_clock import RotationClock
from signals.rotation.yardsticks import ROTATION, TECH, Yardstick, changes_of

_ENOUGH = 60
"""How many of the last year's daily changes must be known for a normal day."""


@dataclass(frozen=True, slots=True)
class LegReading:
    """A yardstick's leg on a session.

    Attributes:
        yardstick: The yardstick.
        direction: 1 or -1; 0 before its first turn, and then all that follows is None.
        start: Session of the extreme from which the leg was confirmed.
        confirmed: Session on which it was.
        move: Per cent since the start.
        age: Sessions since the start.
        given_back: Per cent from the leg's extreme, without sign.
        distance: Per cent that the yardstick must move from here to turn, with its sign.
        normal_days: The distance in standard deviations of its daily changes over a year; None
            while fewer than 60 of them are known.
    """

    yardstick: Yardstick
    direction: int
    start: date | None = None
    confirmed: date | None = None
    move: float | None = None
    age: int | None = None
    given_back: float | None = None
    distance: float | None = None
    normal_days: float | None = None


@dataclass(frozen=True, slots=True)
class ClockReading:
    """A clock on a session; `state`, `turning`, `since` and `age` are None before the first naming.

    `up` of `known` yardsticks point out of big tech (tech: up). A yardstick whose prices have not
    begun, or have stopped, is not among the legs.
    """

    state: int | None
    turning: bool | None
    since: date | None
    age: int | None
    up: int
    known: int
    legs: tuple[LegReading, ...]

    @property
    def needed_to_turn(self) -> int:
        """How many legs on the state's side must turn before the other side has two thirds; 0 without a state."""
        if self.state is None:
            return 0
        side = self.up if self.state > 0 else self.known - self.up
        return side - self.known // 3

    def nearest_to_turn(self) -> tuple[LegReading, ...]:
        """The legs on the state's side, those nearest to their turn first, in normal days."""
        return tuple(sorted((leg for leg in self.legs if leg.direction == self.state), key=_normal_days))


@dataclass(frozen=True, slots=True)
class RotationReading:
    """Both clocks on a session.

    Attributes:
        session: The session.
        regime: What they name together, 1 to 4; None while either is unnamed.
        rotation: The rotation clock.
        tech: Tech's own clock.
        equal_weight_gains: Whether equal weight is in a leg out of big tech and RSP (A) stands above
            its value at that leg's start: only then is a fall of tech a rotation as well.
    """

    session: date
    regime: int | None
    rotation: ClockReading
    tech: ClockReading
    equal_weight_gains: bool = False


def read(panel: Panel, session: date) -> RotationReading:
    """The answer on a session, from what was known on it.

    Raises KeyError when `session` is not one of the market of `panel`.
    """
    position = int(panel.days.searchsorted(pd.Timestamp(session)))
    if position >= panel.count or panel.days[position] != pd.Timestamp(session):
        raise KeyError(f"{session} is not a session of this market")
    at = panel.earlier + position
    rotation, tech = rotation_clock(panel), tech_clock(panel)
    regime = regime_of(rotation.state[at : at + 1], tech.state[at : at + 1])[0]
    return RotationReading(
        session=session,
        regime=None if np.isnan(regime) else int(regime),
        rotation=_clock_reading(panel, rotation, ROTATION, at),
        tech=_clock_reading(panel, tech, TECH, at),
        equal_weight_gains=_equal_weight_gains(panel, at),
    )


def _equal_weight_gains(panel: Panel, at: int) -> bool:
    leg = changes_of(panel, ROTATION[0]).leg(at)
    prices = panel.whole_past("RSP")
    return leg is not None and leg.direction > 0 and bool(prices[at] > prices[leg.start])


def _clock_reading(panel: Panel, clock: RotationClock, members: Sequence[Yardstick], at: int) -> ClockReading:
    state = None if np.isnan(clock.state[at]) else int(clock.state[at])
    legs = (_leg_reading(panel, yardstick, changes_of(panel, yardstick), at) for yardstick in members)
    return ClockReading(
        state=state,
        turning=None if state is None else bool(clock.turning[at]),
        since=None if state is None else _day(panel, int(clock.since[at])),
        age=None if state is None else int(clock.age[at]),
        up=int(clock.up[at]),
        known=int(clock.known[at]),
        legs=tuple(leg for leg in legs if leg is not None),
    )


def _leg_reading(panel: Panel, yardstick: Yardstick, changes: DirectionalChanges, at: int) -> LegReading | None:
    if np.isnan(changes.values[at]):
        return None
    leg = changes.leg(at)
    if leg is None:
        return LegReading(yardstick, 0)
    distance = 100.0 * (changes.turning_level(at) / float(changes.values[at]) - 1.0)
    normal = _normal_day(changes.values[: at + 1])
    return LegReading(
        yardstick=yardstick,
        direction=leg.direction,
        start=_day(panel, leg.start),
        confirmed=_day(panel, leg.confirmed),
        move=float(changes.move[at]),
        age=at - leg.start,
        given_back=float(changes.given_back[at]),
        distance=distance,
        normal_days=None if normal is None else abs(distance) / normal,
    )


def _normal_day(values: Floats) -> float | None:
    """Standard deviation of the daily changes of the last year in per cent; None with too few, or no movement."""
    changes = 100.0 * (values[1:] / values[:-1] - 1.0)[-YEAR:]
    known = changes[~np.isnan(changes)]
    deviation = float(known.std(ddof=1)) if len(known) >= _ENOUGH else 0.0
    return deviation or None


def _normal_days(leg: LegReading) -> float:
    return float("inf") if leg.normal_days is None else leg.normal_days


def _day(panel: Panel, position: int) -> date:
    day: date = panel.whole_past_dates[position].astype(object)
    return day
