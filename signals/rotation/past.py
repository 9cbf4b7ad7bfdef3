"""The past of the two clocks: every leg of every yardstick, and every turn of a state with what followed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from signals.core.panel import Panel
from signals.core.rolling import Floats, growth
from signals.rotation.definitions import rotation_clock, tech_clock
from signals.rotation.directional_change import Leg
from signals.rotation.rotation_clock import RotationClock
from signals.rotation.yardsticks import ROTATION, TECH, Yardstick, changes_of

HORIZONS = (21, 63)
"""Sessions after a turn at which is looked what has followed."""


@dataclass(frozen=True, slots=True)
class PastLeg:
    """A leg of a yardstick; the last one of each has neither an end nor a turn after it.

    Attributes:
        yardstick: The yardstick.
        direction: 1 or -1.
        start: Session of the extreme from which it was confirmed.
        confirmed: Session on which it was.
        end: Session of its own extreme; None while it lasts.
        turned: Session on which the next leg was confirmed; None while it lasts.
        move: Per cent from start to end, or to the newest session.
        sessions: From start to end, or to the newest session.
    """

    yardstick: Yardstick
    direction: int
    start: date
    confirmed: date
    end: date | None
    turned: date | None
    move: float
    sessions: int


@dataclass(frozen=True, slots=True)
class PastTurn:
    """A change of a clock's state, the first naming included.

    `followed`: horizon in sessions -> what followed, None where it has not passed yet or a price is
    missing: for rotation the return of RSP less that of SPY in percentage points, for tech the
    return of QQQ in per cent, both on A.
    """

    session: date
    state: int
    lasted: int | None
    followed: Mapping[int, float | None]


@dataclass(frozen=True, slots=True)
class Past:
    """Legs by yardstick and turns by clock, oldest first."""

    legs: tuple[PastLeg, ...]
    rotation_turns: tuple[PastTurn, ...]
    tech_turns: tuple[PastTurn, ...]


def past(panel: Panel) -> Past:
    """Everything up to the newest session of `panel`."""
    days: list[date] = panel.whole_past_dates.astype(object).tolist()
    ahead = {sessions: outperformance(panel, sessions) for sessions in HORIZONS}
    gained = {sessions: 100.0 * growth(panel.whole_past("QQQ"), sessions) for sessions in HORIZONS}
    return Past(
        legs=tuple(leg for yardstick in (*ROTATION, *TECH) for leg in _legs(panel, yardstick, days)),
        rotation_turns=_turns(rotation_clock(panel), ahead, days),
        tech_turns=_turns(tech_clock(panel), gained, days),
    )


def outperformance(panel: Panel, sessions: int) -> Floats:
    """Return of RSP less that of SPY over the sessions up to each one of the whole past, in percentage points, on A."""
    ahead: Floats = 100.0 * (growth(panel.whole_past("RSP"), sessions) - growth(panel.whole_past("SPY"), sessions))
    return ahead


def _legs(panel: Panel, yardstick: Yardstick, days: Sequence[date]) -> list[PastLeg]:
    changes = changes_of(panel, yardstick)
    followers: list[Leg | None] = [*changes.legs[1:], None]
    legs = []
    for leg, after in zip(changes.legs, followers, strict=False):
        until = len(days) - 1 if leg.end is None else leg.end
        last = int(changes.newest[until])
        legs.append(
            PastLeg(
                yardstick=yardstick,
                direction=leg.direction,
                start=days[leg.start],
                confirmed=days[leg.confirmed],
                end=None if leg.end is None else days[leg.end],
                turned=None if after is None else days[after.confirmed],
                move=100.0 * float(changes.values[last] / changes.values[leg.start] - 1.0),
                sessions=until - leg.start,
            )
        )
    return legs


def _turns(clock: RotationClock, outcomes: Mapping[int, Floats], days: Sequence[date]) -> tuple[PastTurn, ...]:
    turns = clock.turns
    return tuple(
        PastTurn(
            session=days[turn],
            state=int(clock.state[turn]),
            lasted=turns[number + 1] - turn if number + 1 < len(turns) else None,
            followed={sessions: _outcome(values, turn + sessions) for sessions, values in outcomes.items()},
        )
        for number, turn in enumerate(turns)
    )


def _outcome(values: Floats, position: int) -> float | None:
    return None if position >= len(values) or np.isnan(values[position]) else float(values[position])
