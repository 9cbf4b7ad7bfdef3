"""The votes behind the scenario's score on one session: each family, its signals, and the families that disagree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from signals.core.model import Axis, Family, Signal, Vote
from signals.core.rolling import Floats
from signals.scenario import votes
from signals.scenario.score import Tally, tally, why_not


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

    `agrees`: has the sign of the score; None without a score or a state of its own.
    """

    family: Family
    leaning: float | None
    agrees: bool | None
    ballots: tuple[Ballot, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """An axis on one session. `score`, `state` and `concordance` are None and `reason` is a
    sentence when it is withheld.
    """

    axis: Axis
    score: float | None
    state: int | None
    concordance: float | None
    reason: str | None
    parties: tuple[Party, ...]

    @property
    def dissenters(self) -> tuple[Party, ...]:
        """Families with a state whose sign is not that of the score.

        Those at 0 are among them unless the score is 0.
        """
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

    return _of(tally(axis, signals, states))


def _of(tally: Tally) -> Explanation:
    """The newest session of a tally."""
    score, state, concordance = (_known(values[-1]) for values in (tally.score, tally.state, tally.concordance))
    return Explanation(
        axis=tally.axis,
        score=score,
        state=None if state is None else round(state),
        concordance=concordance,
        reason=why_not(tally, len(tally.score) - 1),
        parties=tuple(_party(tally, row, score) for row in range(len(tally.families))),
    )


def _party(tally: Tally, row: int, score: float | None) -> Party:
    family, leaning = tally.families[row], _known(tally.leanings[row, -1])
    ballots = tuple(
        Ballot(signal.id, None if (state := _known(states[-1])) is None else round(state), vote.sign)
        for (signal, vote), states in zip(tally.ballots, tally.states, strict=True)
        if signal.family is family
    )
    agrees = None if leaning is None or score is None else _sign(leaning) == _sign(score)
    return Party(family, leaning, agrees, ballots)


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)


def _known(value: float) -> float | None:
    return None if value != value else float(value)
