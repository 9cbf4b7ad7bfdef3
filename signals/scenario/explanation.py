"""The votes behind the scenario's score on one session: each family, its signals, and the families that disagree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from signals.core.model import Axis, Family, Signal, Vote
from signals.core.rolling import Floats
from signals.scenario import votes
from signals.scenario.score import ROTATION_STATE, Tally, tally, why_not


@dataclass(frozen=True, slots=True)
class Ballot:
    """One signal: its state (-1 low, 0, 1 high; None without one) and the sign with which a high
    state counts.
    """

    signal: str
    state: int | None
    sign: int


@dataclass(frozen=True, slots=True)
class Party:
    """One family: the mean of its signals' votes, -1 to 1 (None when fewer than half have a state).

    `agrees`: has the sign of the side; None without a side or a state of its own.
    """

    family: Family
    leaning: float | None
    agrees: bool | None
    ballots: tuple[Ballot, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """An axis on one session.

    Attributes:
        axis: What the votes count for.
        score: -100 to 100; None when it is withheld, and `reason` is a sentence then.
        side: The sign with which families agree: of the recovery's score, of the rotation's state;
            None where it is unknown or 0.
        agreement: Share of families that agree, 0-100; None without a score or a side.
        reason: Why there is no score.
        parties: The families.
    """

    axis: Axis
    score: float | None
    side: int | None
    agreement: float | None
    reason: str | None
    parties: tuple[Party, ...]

    @property
    def dissenters(self) -> tuple[Party, ...]:
        """Families with a state whose sign is not that of the side, those at 0 among them."""
        return tuple(party for party in self.parties if party.agrees is False)


def explain(signals: Sequence[Signal], values: Mapping[str, pd.Series], axis: Axis, session: date) -> Explanation:
    """Count the votes of `signals` on an axis as of a session and list them by family.

    `values`: readings by signal id on one index of sessions, NaN where withheld; later ones are not
    read. Raises KeyError for a session or a voting signal that is not there.
    """
    first = next(signal.id for signal in signals if any(vote.axis is axis for vote in signal.votes))
    position = int(values[first].index.get_indexer(pd.DatetimeIndex([session]))[0])
    if position < 0:
        raise KeyError(f"{session} is not a session of these readings")

    def states(signal: Signal, vote: Vote) -> Floats:
        return votes.states(values[signal.id].to_numpy(dtype=float)[: position + 1], vote)

    counted = tally(axis, signals, states)
    rotation = values[ROTATION_STATE].to_numpy(dtype=float)[: position + 1] if axis is Axis.ROTATION else None
    return _of(counted, counted.score if rotation is None else rotation)


def _of(counted: Tally, sides: Floats) -> Explanation:
    """The newest session of a tally."""
    score, agreement, side = (_known(numbers[-1]) for numbers in (counted.score, counted.agreement(sides), sides))
    sign = None if score is None or not side else _sign(side)
    return Explanation(
        axis=counted.axis,
        score=score,
        side=sign,
        agreement=agreement,
        reason=why_not(counted, len(counted.score) - 1),
        parties=tuple(_party(counted, row, sign) for row in range(len(counted.families))),
    )


def _party(counted: Tally, row: int, side: int | None) -> Party:
    family, leaning = counted.families[row], _known(counted.leanings[row, -1])
    ballots = tuple(
        Ballot(signal.id, None if (state := _known(states[-1])) is None else round(state), vote.sign)
        for (signal, vote), states in zip(counted.ballots, counted.states, strict=True)
        if signal.family is family
    )
    agrees = None if leaning is None or side is None else _sign(leaning) == side
    return Party(family, leaning, agrees, ballots)


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)


def _known(value: float) -> float | None:
    return None if value != value else float(value)
