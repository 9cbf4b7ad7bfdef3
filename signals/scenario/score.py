"""The scenario: the combined votes of all signals on a recovery of big tech, and on rotation.

A family's state is the mean of its signals' states (`signals.scenario.votes`) times their signs. The
mean over families is a score from -100 to 100: of the recovery, which has named states, and of how
widely the families support a rotation, whose state is that of the rotation clock. A score describes
the present and is not a probability.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType

import numpy as np

from signals.core.define import define
from signals.core.model import Axis, Family, History, Signal, Vote
from signals.core.panel import Panel
from signals.core.rolling import YEAR, Floats
from signals.core.series_ops import SeriesResult
from signals.core.units import Unit
from signals.scenario import votes

QUORUM = 5
"""Families that must have a state."""

FAR, BACK = 33.0, 10.0
"""Bull is named at FAR and bear at -FAR; a bull ends at BACK and a bear at -BACK."""

IN_A_ROW = 3
"""Sessions in a row that name or end a state."""

FULL_WEIGHT_FROM = 3
"""Signals with a state from which a family counts fully in the recovery's score; below it counts half."""

ROTATION_STATE = "rotation.state"
"""The signal that says whether money is rotating, with which the families agree or not."""

NAMES: Mapping[int, str] = MappingProxyType({1: "bull", 0: "base", -1: "bear"})
"""Names of the states of the recovery."""


@dataclass(frozen=True, slots=True)
class Tally:
    """All votes of an axis, counted on every session; NaN where there is no state.

    Attributes:
        axis: What the votes count for.
        ballots: The signals that vote and their votes, family by family.
        states: Ballots x sessions, -1, 0 or 1 before the sign.
        families: In the order of the catalogue.
        leanings: Families x sessions, -1 to 1 after the sign.
        weights: Families x sessions, of the families in the score; 0 without a state.
        score: -100 to 100.
    """

    axis: Axis
    ballots: tuple[tuple[Signal, Vote], ...]
    states: Floats
    families: tuple[Family, ...]
    leanings: Floats
    weights: Floats
    score: Floats

    def agreement(self, side: Floats) -> Floats:
        """Share of the families with a state that have the sign of `side`, 0-100.

        NaN without a score, and where the side is 0 or unknown.
        """
        has_state = ~np.isnan(self.leanings)
        agreeing = (has_state & (np.sign(self.leanings) == np.sign(side))).sum(axis=0)
        nothing = np.isnan(self.score) | np.isnan(side) | (side == 0)
        return np.where(nothing, np.nan, 100.0 * agreeing / np.maximum(has_state.sum(axis=0), 1))


def tally(axis: Axis, signals: Sequence[Signal], states: Callable[[Signal, Vote], Floats]) -> Tally:
    """Count the votes that `signals` have on an axis.

    A family has a state if at least half of its signals that vote on the axis have one. A session
    with fewer than five families with a state has no score. In the recovery's score a family counts
    half while fewer than three of its voting signals have a state, but tech's own clock, which is
    one count of its yardsticks, fully.

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
    weights = np.where(has_state, np.stack([_weight(axis, ballots, all_states, family) for family in families]), 0.0)
    total = weights.sum(axis=0)
    # Sums of thirds and halves carry rounding noise, which must not decide whether a border has
    # been reached.
    mean = np.round(
        100.0 * (weights * np.where(has_state, leanings, 0.0)).sum(axis=0) / np.where(total > 0, total, 1.0), 9
    )
    return Tally(
        axis=axis,
        ballots=ballots,
        states=all_states,
        families=families,
        leanings=leanings,
        weights=weights,
        score=np.where(has_state.sum(axis=0) >= QUORUM, mean, np.nan),
    )


def recovery_states(score: Floats) -> Floats:
    """The named state of the recovery on every session: 1 bull, 0 base, -1 bear.

    A state is named, and ended, on the third session in a row on which the score is at or beyond
    its level. Sessions without a score neither count nor break a row; on them the state is NaN.
    """
    result = np.full(len(score), np.nan)
    state = 0
    rows = {"high": 0, "low": 0, "faded": 0, "recovered": 0}
    for position, value in enumerate(score.tolist()):
        if value != value:
            continue
        for name, holds in (
            ("high", value >= FAR),
            ("low", value <= -FAR),
            ("faded", value <= BACK),
            ("recovered", value >= -BACK),
        ):
            rows[name] = rows[name] + 1 if holds else 0
        if rows["high"] >= IN_A_ROW:
            state = 1
        elif rows["low"] >= IN_A_ROW:
            state = -1
        elif (state > 0 and rows["faded"] >= IN_A_ROW) or (state < 0 and rows["recovered"] >= IN_A_ROW):
            state = 0
        result[position] = state
    return result


def _weight(axis: Axis, ballots: Sequence[tuple[Signal, Vote]], states: Floats, family: Family) -> Floats:
    """The weight of a family on every session, whether it has a state or not."""
    rows = [place for place, (signal, _) in enumerate(ballots) if signal.family is family]
    if axis is Axis.ROTATION or family is Family.TECH:
        return np.ones(states.shape[1])
    return np.where((~np.isnan(states[rows])).sum(axis=0) >= FULL_WEIGHT_FROM, 1.0, 0.5)


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
    return (
        _define(
            *("recovery", "Tech recovery score", Unit.SCORE, Axis.RECOVERY, recovery_score, signals),
            "Where all families stand on a recovery of big tech, from -100 to 100.",
        ),
        _define(
            *("recovery_state", "Tech recovery", Unit.SIDE, Axis.RECOVERY, recovery_state, signals),
            "Named state of the recovery: 1 bull, 0 base, -1 bear.",
            names=NAMES,
        ),
        _define(
            *("recovery_agreement", "Recovery agreement", Unit.PERCENT, Axis.RECOVERY, recovery_agreement, signals),
            "Share of families with the sign of the recovery's score; low when they contradict each other.",
        ),
        _define(
            *("rotation_support", "Support for a rotation", Unit.SCORE, Axis.ROTATION, rotation_support, signals),
            "How widely the families support a rotation out of big tech, from -100 to 100.",
        ),
        _define(
            *("rotation_agreement", "Agreement with the rotation", Unit.PERCENT, Axis.ROTATION),
            *(rotation_agreement, signals),
            "Share of families that point the way of the rotation's state; low when they contradict it.",
        ),
    )


def _define(
    name: str,
    label: str,
    unit: Unit,
    axis: Axis,
    formula: Callable[..., SeriesResult],
    signals: Sequence[Signal],
    meaning: str,
    *,
    names: Mapping[int, str] = MappingProxyType({}),
) -> Signal:
    voters = tuple(signal for signal in signals if any(vote.axis is axis for vote in signal.votes))
    clock = tuple(signal for signal in signals if signal.id == ROTATION_STATE and axis is Axis.ROTATION)
    parts = (*voters, *clock)
    return define(
        f"{Family.SCENARIO}.{name}",
        label,
        unit=unit,
        meaning=meaning,
        inputs=tuple(dict.fromkeys(source for signal in parts for source in signal.inputs)),
        parts=tuple(signal.id for signal in parts),
        formula=partial(formula, signals=parts),
        # The rule `z` looks at a year of readings, the oldest of which has its own look-back.
        lookback=max(signal.lookback for signal in voters) + YEAR - 1,
        names=names,
    )


def recovery_score(panel: Panel, signals: Sequence[Signal]) -> SeriesResult:
    """100 times the weighted mean of the families' states over the votes on a recovery.

    A family counts fully while three of its voting signals have a state, else half; tech's own
    clock counts fully.
    """
    counted = _tally(panel, Axis.RECOVERY, signals)
    return SeriesResult(counted.score, partial(why_not, counted))


def recovery_state(panel: Panel, signals: Sequence[Signal]) -> SeriesResult:
    """Bull from the third session in a row with a recovery score of 33 or more until the third at 10
    or less; bear likewise below zero; else base.
    """
    counted = _tally(panel, Axis.RECOVERY, signals)
    return SeriesResult(recovery_states(counted.score), partial(why_not, counted))


def recovery_agreement(panel: Panel, signals: Sequence[Signal]) -> SeriesResult:
    """Share of the families with a state that have the sign of the recovery's score."""
    counted = _tally(panel, Axis.RECOVERY, signals)
    return _agreement(counted, counted.score, "the score is exactly 0")


def rotation_support(panel: Panel, signals: Sequence[Signal]) -> SeriesResult:
    """100 times the mean of the families' states over the votes on rotation."""
    counted = _tally(panel, Axis.ROTATION, signals)
    return SeriesResult(counted.score, partial(why_not, counted))


def rotation_agreement(panel: Panel, signals: Sequence[Signal]) -> SeriesResult:
    """Share of the families with a state that point the way of the rotation's state."""
    clock = next(signal for signal in signals if signal.id == ROTATION_STATE)
    state = history_of(panel, clock).values.to_numpy()
    return _agreement(_tally(panel, Axis.ROTATION, signals), state, "the rotation's state has not been named yet")


def _agreement(counted: Tally, side: Floats, sentence: str) -> SeriesResult:
    values = counted.agreement(side)

    def why(position: int) -> str | None:
        if not np.isnan(values[position]):
            return None
        return why_not(counted, position) or sentence

    return SeriesResult(values, why)


def _tally(panel: Panel, axis: Axis, signals: Sequence[Signal]) -> Tally:
    return panel.once(("tally", axis), lambda: tally(axis, signals, partial(_states, panel)))


def _states(panel: Panel, signal: Signal, vote: Vote) -> Floats:
    """States by the rule of a vote.

    Both axes share those of a signal that votes on both by one rule.
    """
    rule = replace(vote, axis=Axis.RECOVERY, sign=1)
    values = history_of(panel, signal).values.to_numpy()
    return panel.once(("states", signal.id, rule), lambda: votes.states(values, vote))
