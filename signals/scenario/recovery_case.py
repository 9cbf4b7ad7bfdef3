"""What would change the recovery's case: the smallest sets of votes that would carry its score to a level.

The score is linear in the votes: a vote that moves by one state moves it by 100 times the weight of
its family, over the number of the family's votes with a state and the weights of all families.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

import numpy as np
import pandas as pd

from signals.core.measures import ENOUGH, YEAR, measure
from signals.core.model import Axis, Signal, Vote
from signals.core.rolling import Floats
from signals.scenario import votes
from signals.scenario.score import BACK, FAR, Tally, recovery_states, tally

LARGEST_SET = 3
"""Votes that a set may have; larger ones tell nobody anything."""

_ENOUGH_CHANGES = 60
"""Daily changes, out of those of a year, that must be known to call a day normal."""


@dataclass(frozen=True, slots=True)
class VoteChange:
    """A vote that would have to change.

    Attributes:
        signal: Its id.
        vote: The vote; its measure is what the figures are of.
        now: The state of the signal, -1 low, 0, 1 high.
        then: The state that it would have to take.
        value: The measure on the session.
        needed: The value at which the rule takes that state.
        normal_days: Distance of the two in standard deviations of the measure's daily changes over
            a year; None while fewer than 60 of them are known.
    """

    signal: str
    vote: Vote
    now: int
    then: int
    value: float
    needed: float
    normal_days: float | None

    @property
    def distance(self) -> float:
        """From the value to the needed one, in the unit of the measure."""
        return self.needed - self.value


@dataclass(frozen=True, slots=True)
class CaseChange:
    """What carries the score to a level that names or ends a state, on the third session in a row.

    Attributes:
        level: The score that must be reached.
        upward: Whether it must be at or above the level, else at or below.
        sets: The smallest sets of votes, three at most, nearest first; empty where more than three
            would have to change.
    """

    level: float
    upward: bool
    sets: tuple[tuple[VoteChange, ...], ...]


def what_would_change(
    signals: Sequence[Signal], values: Mapping[str, pd.Series], session: date
) -> tuple[CaseChange, ...]:
    """What would name another state of the recovery, or end the one that holds.

    From base that is both a bull and a bear; from bull or bear the end of it. Empty while the score
    is withheld.

    Args:
        signals: All signals that may vote.
        values: Readings by signal id on one index of sessions, NaN where withheld; later ones are
            not read. At least a year of them.
        session: One of the sessions. Raises KeyError for another.
    """
    voters = [signal for signal in signals if any(vote.axis is Axis.RECOVERY for vote in signal.votes)]
    position = int(values[voters[0].id].index.get_indexer(pd.DatetimeIndex([session]))[0])
    if position < 0:
        raise KeyError(f"{session} is not a session of these readings")
    known = {signal.id: values[signal.id].to_numpy(dtype=float)[: position + 1] for signal in voters}
    counted = tally(Axis.RECOVERY, voters, lambda signal, vote: votes.states(known[signal.id], vote))
    state = recovery_states(counted.score)[-1]
    if np.isnan(state):
        return ()
    levels = {0: ((FAR, True), (-FAR, False)), 1: ((BACK, False),), -1: ((-BACK, True),)}[int(state)]
    return tuple(CaseChange(level, upward, _sets(counted, known, level, upward)) for level, upward in levels)


def reaches(score: float, level: float, *, upward: bool) -> bool:
    """Whether a score is at or beyond a level."""
    return score >= level if upward else score <= level


def _sets(
    counted: Tally, known: Mapping[str, Floats], level: float, upward: bool
) -> tuple[tuple[VoteChange, ...], ...]:
    """Sets of changes, each needed: without any one of them, or with a smaller one, the level is not reached."""
    score = float(counted.score[-1])
    if reaches(score, level, upward=upward):
        return ()
    # Each option: the vote's place, the steps that its state moves, and what that adds to the score.
    options = [
        (place, steps, effect)
        for place in range(len(counted.ballots))
        for steps, effect in _moves(counted, place, upward)
    ]
    minimal: list[tuple[tuple[int, int], ...]] = []
    for size in range(1, LARGEST_SET + 1):
        for chosen in combinations(options, size):
            if len({place for place, _, _ in chosen}) < size:
                continue
            moved = round(score + sum(effect for _, _, effect in chosen), 9)
            moves = tuple((place, steps) for place, steps, _ in chosen)
            if reaches(moved, level, upward=upward) and not any(_within(smaller, moves) for smaller in minimal):
                minimal.append(moves)
    changes = [tuple(_change(counted, known, place, steps, upward) for place, steps in moves) for moves in minimal]
    return tuple(sorted(changes, key=_furthest))


def _moves(counted: Tally, place: int, upward: bool) -> list[tuple[int, float]]:
    """How a vote may move towards a side: by 1 or 2 states, and what each adds to the score."""
    signal, vote = counted.ballots[place]
    state = counted.states[place, -1]
    row = counted.families.index(signal.family)
    if np.isnan(state) or not counted.weights[row, -1]:
        return []
    own = [number for number, (other, _) in enumerate(counted.ballots) if other.family is signal.family]
    with_state = int((~np.isnan(counted.states[own, -1])).sum())
    one = 100.0 * counted.weights[row, -1] / (with_state * counted.weights[:, -1].sum())
    side = 1 if upward else -1
    signed = int(state) * vote.sign
    return [(steps, side * steps * float(one)) for steps in (1, 2) if abs(signed + side * steps) <= 1]


def _within(smaller: tuple[tuple[int, int], ...], moves: tuple[tuple[int, int], ...]) -> bool:
    """Whether every move of one set is in the other, by as many states or more."""
    reach = dict(moves)
    return all(reach.get(place, 0) >= steps for place, steps in smaller)


def _change(counted: Tally, known: Mapping[str, Floats], place: int, steps: int, upward: bool) -> VoteChange:
    signal, vote = counted.ballots[place]
    now = int(counted.states[place, -1])
    then = now + (steps if upward else -steps) * vote.sign
    measured = known[signal.id]
    if vote.measure.value != "value":
        measured = np.asarray(measure(pd.Series(measured), vote.measure), dtype=np.float64)
    needed = needed_value(measured, vote, now, then, whole=signal.unit.whole)
    normal = _normal_day(measured)
    value = float(measured[-1])
    return VoteChange(
        signal.id, vote, now, then, value, needed, None if normal is None else abs(needed - value) / normal
    )


def needed_value(measured: Floats, vote: Vote, now: int, then: int, *, whole: bool = False) -> float:
    """The value of the newest measure at which the rule of a vote takes another state.

    For rule `z` that value enters the window of its own year, so it is solved for. Towards neither
    high nor low of rule `a/b` it is the level that must be left, or the next count beyond it where
    the values are `whole`.
    """
    if vote.low is not None and vote.high is not None:
        if then == 0:
            step = 1.0 if whole else 0.0
            return vote.high - step if now > 0 else vote.low + step
        return vote.high if then > 0 else vote.low
    z = float(now) * votes.BACK if then == 0 else float(then) * votes.FAR
    if vote.on_itself:
        return z
    others = measured[-YEAR:-1]
    others = others[~np.isnan(others)]
    count = len(others) + 1
    if count < ENOUGH:
        return float("nan")
    # With d the distance of the new value from the others' mean and S their squared deviations,
    # z = d (n-1)/n / sqrt((S + d^2 (n-1)/n) / (n-1)), solved for d.
    squares = float(((others - others.mean()) ** 2).sum())
    divisor = (count - 1) ** 3 / count**2 - z**2 * (count - 1) / count
    return float(others.mean() + np.sign(z) * np.sqrt(z**2 * squares / divisor))


def _normal_day(measured: Floats) -> float | None:
    changes = np.diff(measured[-YEAR - 1 :])
    changes = changes[~np.isnan(changes)]
    deviation = float(changes.std(ddof=1)) if len(changes) >= _ENOUGH_CHANGES else 0.0
    return deviation or None


def _furthest(changes: Sequence[VoteChange]) -> tuple[int, float]:
    return len(changes), max(float("inf") if change.normal_days is None else change.normal_days for change in changes)
