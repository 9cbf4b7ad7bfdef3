"""The scenario: the combined votes of all signals on a recovery of big tech and on rotation.

A family's state is the mean of its signals' states (`signals.scenario.votes`) times their signs;
every family has the same weight, and the mean over families is a score from -100 to 100. The score
describes the present and is not a probability.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType

import numpy as np

from signals.core.define import define
from signals.core.model import Axis, Family, History, Signal, Unit, Vote
from signals.core.panel import Panel
from signals.core.rolling import Floats
from signals.core.series_ops import YEAR, SeriesResult
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
"""Names of the states."""


@dataclass(frozen=True, slots=True)
class Tally:
    """All votes of an axis, counted on every session; NaN where there is no state.

    Attributes:
        axis: What the votes count for.
        ballots: The signals that vote and their votes, family by family.
        states: Ballots x sessions, -1, 0 or 1 before the sign.
        families: In the order of the catalogue.
        leanings: Families x sessions, -1 to 1 after the sign.
        score: -100 to 100.
        state: The named state, -1, 0 or 1.
        concordance: 0-100.
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

    A family has a state if at least half of its signals that vote on the axis have one. A session
    with fewer than five families with a state has no score, and does not end a named state that is
    being held.

    Args:
        axis: The axis.
        signals: All signals that may vote.
        states: Gives the states of a signal by the rule of one of its votes, one a session, all of
            one length (`votes.states`).
    """
    ballots = tuple((signal, vote) for signal in signals for vote in signal.votes if vote.axis is axis)
    all_states = np.stack([states(signal, vote) for signal, vote in ballots])
    families = tuple(dict.fromkeys(signal.family for signal, _ in ballots))
    leanings = np.stack([_leaning(ballots, all_states, family) for family in families])
    has_state = ~np.isnan(leanings)
    count = has_state.sum(axis=0)
    # Sums of thirds and halves carry rounding noise, which must not decide whether a border has
    # been reached.
    mean = np.round(100.0 * np.where(has_state, leanings, 0.0).sum(axis=0) / np.maximum(count, 1), 9)
    score = np.where(count >= QUORUM, mean, np.nan)
    agreeing = (has_state & (np.sign(leanings) == np.sign(score))).sum(axis=0)
    nothing = np.isnan(score)
    return Tally(
        axis=axis,
        ballots=ballots,
        states=all_states,
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
    signed = signs[:, None] * states[rows]
    has_state = ~np.isnan(signed)
    count = has_state.sum(axis=0)
    mean = np.where(has_state, signed, 0.0).sum(axis=0) / np.maximum(count, 1)
    leaning: Floats = np.where(2 * count >= len(rows), mean, np.nan)
    return leaning


def history_of(panel: Panel, signal: Signal) -> History:
    """The history of a signal on a panel, computed at most once however many scenarios ask for it."""
    return panel.once(("history", signal.id), lambda: signal.compute(panel))


def axis_of(id: str) -> Axis | None:
    """The axis that a signal of the scenario describes; None for every other signal."""
    family, _, name = id.partition(".")
    return next((axis for axis in Axis if family == Family.SCENARIO and name.startswith(axis.value)), None)


def name_of(axis: Axis, state: float) -> str:
    """The name of a state: `bull`, `balanced`."""
    return NAMES[axis][round(state)]


def why_not(tally: Tally, position: int) -> str | None:
    """Why there is no score at a position; None where there is one."""
    if not np.isnan(tally.score[position]):
        return None
    count = int((~np.isnan(tally.leanings[:, position])).sum())
    if count == 0:
        return "not enough data: no family has a state"
    return f"not enough data: only {count} {'family has' if count == 1 else 'families have'} a state"


def scenario_signals(signals: Sequence[Signal]) -> tuple[Signal, ...]:
    """Definitions of the scenario's own signals, computed from the votes of `signals`."""
    voters = {axis: [signal for signal in signals if any(vote.axis is axis for vote in signal.votes)] for axis in Axis}
    recovery, rotation = voters[Axis.RECOVERY], voters[Axis.ROTATION]
    return (
        _define(
            *(Axis.RECOVERY, "", "Recovery scenario", Unit.SCORE, recovery, "score"),
            "Where all families stand on a recovery of big tech; bull from 33, bear from -33, left again at 25.",
        ),
        _define(
            *(Axis.ROTATION, "", "Rotation scenario", Unit.SCORE, rotation, "score"),
            "Where all families stand on rotation; broadening from 33, concentrating from -33, left again at 25.",
        ),
        _define(
            *(Axis.RECOVERY, "_state", "Recovery state", Unit.SIDE, recovery, "state"),
            "Named state of the recovery scenario: 1 bull, 0 base, -1 bear.",
        ),
        _define(
            *(Axis.ROTATION, "_state", "Rotation state", Unit.SIDE, rotation, "state"),
            "Named state of the rotation scenario: 1 broadening, 0 balanced, -1 concentrating.",
        ),
        _define(
            *(Axis.RECOVERY, "_concordance", "Recovery concordance", Unit.PERCENT, recovery, "concordance"),
            "Share of families that agree with the sign of the recovery score; low when they contradict each other.",
        ),
        _define(
            *(Axis.ROTATION, "_concordance", "Rotation concordance", Unit.PERCENT, rotation, "concordance"),
            "Share of families that agree with the sign of the rotation score; low when they contradict each other.",
        ),
    )


def _define(
    axis: Axis, suffix: str, label: str, unit: Unit, voters: Sequence[Signal], what: str, meaning: str
) -> Signal:
    return define(
        f"{Family.SCENARIO}.{axis}{suffix}",
        label,
        unit=unit,
        meaning=meaning,
        inputs=tuple(dict.fromkeys(suffix for signal in voters for suffix in signal.inputs)),
        parts=tuple(signal.id for signal in voters),
        formula=partial(_from_votes, axis=axis, voters=tuple(voters), what=what),
        # The rule `z` looks at a year of readings, the oldest of which has its own look-back.
        lookback=max(signal.lookback for signal in voters) + YEAR - 1,
    )


def _from_votes(panel: Panel, *, axis: Axis, voters: Sequence[Signal], what: str) -> SeriesResult:
    """The `what` of `axis` out of the votes of all signals, in which every family weighs the same."""
    counted = panel.once(("tally", axis), lambda: tally(axis, voters, partial(_states, panel)))
    return SeriesResult(getattr(counted, what), partial(why_not, counted))


def _states(panel: Panel, signal: Signal, vote: Vote) -> Floats:
    """States by the rule of a vote.

    Both axes share those of a signal that votes on both by one rule.
    """
    rule = replace(vote, axis=Axis.RECOVERY, sign=1)
    values = history_of(panel, signal).values.to_numpy()
    return panel.once(("states", signal.id, rule), lambda: votes.states(values, vote))
