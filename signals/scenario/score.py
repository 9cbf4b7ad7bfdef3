"""The scenario: what the votes of all signals say together about a recovery of big tech and about rotation.

States of signals (`signals.scenario.votes`) times their signs make states of families, every family weighs the same, and their
mean is a score from -100 to 100. It describes the present; it says nothing of how likely anything is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType

import numpy as np

from signals.core.define import entry
from signals.core.model import Axis, Family, History, Signal, Unit, Vote
from signals.core.panel import Panel
from signals.core.rolling import Floats
from signals.core.series_ops import YEAR, Line
from signals.scenario import votes

QUORUM = 5
"""Families that must have a state."""

FAR, BACK = 33.0, 25.0
"""A named state begins when the score reaches FAR and ends when it is back at BACK."""

NAMES: Mapping[Axis, Mapping[int, str]] = MappingProxyType(
    {
        Axis.RECOVERY: MappingProxyType({1: "bull", 0: "base", -1: "bear"}),
        Axis.ROTATION: MappingProxyType({1: "broadening", 0: "balanced", -1: "concentrating"}),
    }
)
"""What the named states are called."""


@dataclass(frozen=True, slots=True)
class Tally:
    """All votes of an axis, counted on every session; NaN where there is no state.

    `ballots`: who votes and how, families together. `states`: ballots x sessions, -1, 0 or 1 before the sign.
    `families`: in the order of the register. `leanings`: families x sessions, -1 to 1 after the sign. `score`: -100 to 100.
    `state`: the named state, -1, 0 or 1. `concordance`: 0-100.
    """

    axis: Axis
    ballots: tuple[tuple[Signal, Vote], ...]
    states: Floats
    families: tuple[Family, ...]
    leanings: Floats
    score: Floats
    state: Floats
    concordance: Floats


def tally(axis: Axis, signals: Sequence[Signal], states: Callable[[Signal, Vote], Floats]) -> Tally:
    """Count the votes that `signals` have on an axis.

    `states`: the states of a signal by the rule of one of its votes, one a session, all of one length (`votes.states`).
    A family has a state if at least half of its signals that vote on the axis have one. Fewer than five families with a state
    leave the session without score, and do not end a named state that is being held.
    """
    ballots = tuple((signal, vote) for signal in signals for vote in signal.votes if vote.axis is axis)
    found = np.stack([states(signal, vote) for signal, vote in ballots])
    families = tuple(dict.fromkeys(signal.family for signal, _ in ballots))
    leanings = np.stack([_leaning(ballots, found, family) for family in families])
    known = ~np.isnan(leanings)
    count = known.sum(axis=0)
    # Sums of thirds and halves carry rounding noise, which must not decide whether a border has been reached.
    mean = np.round(100.0 * np.where(known, leanings, 0.0).sum(axis=0) / np.maximum(count, 1), 9)
    score = np.where(count >= QUORUM, mean, np.nan)
    agreeing = (known & (np.sign(leanings) == np.sign(score))).sum(axis=0)
    nothing = np.isnan(score)
    return Tally(
        axis=axis,
        ballots=ballots,
        states=found,
        families=families,
        leanings=leanings,
        score=score,
        state=np.where(nothing, np.nan, votes.held(score, far=FAR, back=BACK)),
        concordance=np.where(nothing, np.nan, 100.0 * agreeing / np.maximum(count, 1)),
    )


def _leaning(ballots: Sequence[tuple[Signal, Vote]], states: Floats, family: Family) -> Floats:
    """Mean of a family's states after their signs, NaN where fewer than half of those that vote have one."""
    rows = [place for place, (signal, _) in enumerate(ballots) if signal.family is family]
    signs = np.array([ballots[place][1].sign for place in rows])
    cast = signs[:, None] * states[rows]
    known = ~np.isnan(cast)
    count = known.sum(axis=0)
    mean = np.where(known, cast, 0.0).sum(axis=0) / np.maximum(count, 1)
    leaning: Floats = np.where(2 * count >= len(rows), mean, np.nan)
    return leaning


def history_of(panel: Panel, signal: Signal) -> History:
    """The history of a signal on a panel, computed at most once however many scenarios ask for it."""
    return panel.once(("history", signal.id), lambda: signal.compute(panel))


def axis_of(id: str) -> Axis | None:
    """The axis that a signal of the scenario describes; None for every other signal."""
    family, _, rest = id.partition(".")
    return next((axis for axis in Axis if family == Family.SCENARIO and rest.startswith(axis.value)), None)


def name_of(axis: Axis, state: float) -> str:
    """What a named state is called: `bull`, `balanced`."""
    return NAMES[axis][round(state)]


def why_not(found: Tally, position: int) -> str | None:
    """Why there is no score at a position; None where there is one."""
    if not np.isnan(found.score[position]):
        return None
    count = int((~np.isnan(found.leanings[:, position])).sum())
    if count == 0:
        return "not enough data: no family has a state"
    return f"not enough data: only {count} {'family has' if count == 1 else 'families have'} a state"


def entries(register: Sequence[Signal]) -> tuple[Signal, ...]:
    """The scenario's own entries of the register, made of the votes of all its other signals."""
    voters = {axis: [each for each in register if any(vote.axis is axis for vote in each.votes)] for axis in Axis}
    recovery, rotation = voters[Axis.RECOVERY], voters[Axis.ROTATION]
    return (
        _entry(
            *(Axis.RECOVERY, "", "Recovery scenario", Unit.SCORE, recovery, "score"),
            "Where all families stand on a recovery of big tech; bull from 33, bear from -33, left again at 25.",
        ),
        _entry(
            *(Axis.ROTATION, "", "Rotation scenario", Unit.SCORE, rotation, "score"),
            "Where all families stand on rotation; broadening from 33, concentrating from -33, left again at 25.",
        ),
        _entry(
            *(Axis.RECOVERY, "_state", "Recovery state", Unit.SIDE, recovery, "state"),
            "Named state of the recovery scenario: 1 bull, 0 base, -1 bear.",
        ),
        _entry(
            *(Axis.ROTATION, "_state", "Rotation state", Unit.SIDE, rotation, "state"),
            "Named state of the rotation scenario: 1 broadening, 0 balanced, -1 concentrating.",
        ),
        _entry(
            *(Axis.RECOVERY, "_concordance", "Recovery concordance", Unit.PERCENT, recovery, "concordance"),
            "Share of families that agree with the sign of the recovery score; low when they contradict each other.",
        ),
        _entry(
            *(Axis.ROTATION, "_concordance", "Rotation concordance", Unit.PERCENT, rotation, "concordance"),
            "Share of families that agree with the sign of the rotation score; low when they contradict each other.",
        ),
    )


def _entry(axis: Axis, name: str, label: str, unit: Unit, voters: Sequence[Signal], what: str, meaning: str) -> Signal:
    return entry(
        f"{Family.SCENARIO}.{axis}{name}",
        label,
        unit=unit,
        meaning=meaning,
        inputs=tuple(dict.fromkeys(name for signal in voters for name in signal.inputs)),
        parts=tuple(signal.id for signal in voters),
        line=partial(_line, axis=axis, voters=tuple(voters), what=what),
        # The rule `z` looks at a year of readings, the oldest of which has its own look-back.
        lookback=max(signal.lookback for signal in voters) + YEAR - 1,
    )


def _line(panel: Panel, *, axis: Axis, voters: Sequence[Signal], what: str) -> Line:
    """The `what` of `axis` out of the votes of all signals, in which every family weighs the same."""
    found = panel.once(("tally", axis), lambda: tally(axis, voters, partial(_states, panel)))
    return Line(getattr(found, what), partial(why_not, found))


def _states(panel: Panel, signal: Signal, vote: Vote) -> Floats:
    """States by the rule of a vote; both axes share those of a signal that votes on both by one rule."""
    rule = replace(vote, axis=Axis.RECOVERY, sign=1)
    values = history_of(panel, signal).values.to_numpy()
    return panel.once(("states", signal.id, rule), lambda: votes.states(values, vote))
