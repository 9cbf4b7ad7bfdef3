"""What followed past turns like the last one, and how far past legs went on that had got as old and as large."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from signals.core.panel import Panel
from signals.core.rolling import Floats
from signals.rotation.answer import LegReading, RotationReading
from signals.rotation.definitions import rotation_clock
from signals.rotation.past import HORIZONS, outperformance
from signals.rotation.yardsticks import changes_of

GAIN = 2.0
"""Percentage points that a past leg had to add for "went on"."""


@dataclass(frozen=True, slots=True)
class TurnOutcomes:
    """After past turns into a state, over one horizon: did equal weight go the state's way against the S&P 500?

    Attributes:
        horizon: Sessions after the turn.
        n: Turns whose outcome is known.
        hits: Those after which RSP was ahead of SPY (state 1) or behind it (state -1), on A.
        base_n, base_hits: The same over all sessions.
        since: The year in which those sessions begin.
    """

    horizon: int
    n: int
    hits: int
    base_n: int
    base_hits: int
    since: int | None = None


@dataclass(frozen=True, slots=True)
class LegOutcomes:
    """Past legs of a yardstick that ran the way of the present one and got as old and as large as it is.

    Attributes:
        leg: The present leg.
        n: Such legs, each counted from its first session with that age and that move.
        hits: Those that then added at least `GAIN` points before they turned.
    """

    leg: LegReading
    n: int
    hits: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """The record behind the answer of a session; `turns` is empty without a state, `leg` None without a leg."""

    turns: tuple[TurnOutcomes, ...]
    leg: LegOutcomes | None


def evidence(panel: Panel, reading: RotationReading) -> Evidence:
    """The record up to the newest session of `panel`, of which `reading` is the answer.

    The leg is that of the first yardstick, equal weight. Nothing later than the session is read: a
    turn counts once its horizon has passed.
    """
    state = reading.rotation.state
    first = next(iter(reading.rotation.legs), None)
    return Evidence(
        turns=() if state is None else tuple(_after_turns(panel, state, horizon) for horizon in HORIZONS),
        leg=None if first is None or not first.direction else _legs_like(panel, first),
    )


def _after_turns(panel: Panel, state: int, horizon: int) -> TurnOutcomes:
    clock = rotation_clock(panel)
    # The outcome of a session is that of the horizon which begins after it.
    outcomes = state * np.concatenate([outperformance(panel, horizon)[horizon:], np.full(horizon, np.nan)])
    outcomes = outcomes[: len(clock.state)]
    known = ~np.isnan(outcomes)
    turns = [turn for turn in clock.turns if clock.state[turn] == state and known[turn]]
    return TurnOutcomes(
        horizon=horizon,
        n=len(turns),
        hits=sum(bool(outcomes[turn] > 0) for turn in turns),
        base_n=int(known.sum()),
        base_hits=int((outcomes[known] > 0).sum()),
        since=int(str(panel.whole_past_dates[known.argmax()])[:4]) if known.any() else None,
    )


def _legs_like(panel: Panel, present: LegReading) -> LegOutcomes:
    changes = changes_of(panel, present.yardstick)
    size: Floats = present.direction * changes.move
    age, least = changes.age, present.direction * (present.move or 0.0)
    added: list[float] = []
    for leg, after in zip(changes.legs, changes.legs[1:], strict=False):
        if leg.direction != present.direction:
            continue
        span = slice(leg.confirmed, after.confirmed)
        reached = np.flatnonzero((age[span] >= (present.age or 0)) & (size[span] >= least))
        if len(reached):
            run = size[span][reached[0] :]
            added.append(float(np.nanmax(run) - run[0]))
    return LegOutcomes(present, len(added), sum(points >= GAIN for points in added))
