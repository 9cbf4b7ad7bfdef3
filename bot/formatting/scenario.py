"""Where the scenario stands, in words shared by the summary, `/scenario`, alerts and the terminal. It makes no forecast."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from bot.formatting import formats
from signals.core.model import Axis, Family, Signal, Unit
from signals.scenario.explanation import Explanation, Party
from signals.scenario.score import name_of, tally
from signals.scenario.votes import states

SUBJECTS = {Axis.RECOVERY: "Recovery of big tech", Axis.ROTATION: "Rotation away from it"}
"""What the two axes are about."""


@dataclass(frozen=True, slots=True)
class AxisState:
    """One axis on one session. `before`: the named state before the present one, None when it is not known.

    `since`: first session of the present state. `score` is -100 to 100, `change` its change of the day, `week` that of five
    sessions.
    """

    axis: Axis
    session: date
    state: float
    score: float
    change: float | None
    since: date
    before: float | None
    week: float | None = None

    @property
    def turned(self) -> bool:
        """Whether the state is new on this session."""
        return self.since == self.session and self.before is not None


def axis_state(values: Mapping[str, pd.Series] | pd.DataFrame, axis: Axis) -> AxisState | None:
    """Where an axis stands at the end of the readings given by signal id, or None where that is withheld or not known."""
    if f"scenario.{axis}" not in values or f"scenario.{axis}_state" not in values:
        return None
    scores, states = values[f"scenario.{axis}"], values[f"scenario.{axis}_state"]
    if not len(states) or not math.isfinite(states.iloc[-1]) or not math.isfinite(scores.iloc[-1]):
        return None
    known = states.dropna()
    other = known[known != known.iloc[-1]]
    present = known if other.empty else known.loc[other.index[-1] :].iloc[1:]
    change, week = (float(scores.diff(sessions).iloc[-1]) for sessions in (1, 5))
    return AxisState(
        axis=axis,
        session=states.index[-1].date(),
        state=float(known.iloc[-1]),
        score=float(scores.iloc[-1]),
        change=change if math.isfinite(change) else None,
        since=present.index[0].date(),
        before=None if other.empty else float(other.iloc[-1]),
        week=week if math.isfinite(week) else None,
    )


def axis_state_words(found: AxisState) -> str:
    """`Recovery of big tech: base since Mon 3 Nov, score +16.7 of 100, +4.2 on the day`, the state in bold."""
    return f"{SUBJECTS[found.axis]}: **{name_of(found.axis, found.state)}** {_since(found)}, {_score(found)}"


def _since(found: AxisState) -> str:
    since = formats.day(found.since, today=found.session)
    if found.before is None:
        return f"since {since} or longer"
    if found.turned:
        return f"since this session, {name_of(found.axis, found.before)} before"
    return f"since {since}"


def _score(found: AxisState) -> str:
    score = formats.number(found.score, Unit.SCORE, 1)
    return f"score {score}" + (f", {formats.plain(found.change, 1, signed=True)} on the day" if found.change else "")


def brief_words(found: AxisState) -> str:
    """`Recovery of big tech: base since Mon 3 Nov`, the state in bold."""
    return f"{SUBJECTS[found.axis]}: **{name_of(found.axis, found.state)}** {_since(found)}"


def moved_words(found: AxisState, turns: Sequence[Turn]) -> str:
    """`score +16.7 (day +4.2, week -8.0); rates now for it`: how the score has moved and which families turned today."""
    parts = (("day", found.change), ("week", found.week))
    known = [f"{name} {formats.plain(change, 1, signed=True)}" for name, change in parts if change is not None]
    score = f"score {formats.plain(found.score, 1, signed=True)}" + (f" ({', '.join(known)})" if known else "")
    sides: dict[str, list[str]] = {}
    for turn in turns:
        if turn.axis is found.axis:
            sides.setdefault(turn.side, []).append(turn.family.value)
    said = {"for": "for it", "against": "against it"}
    return "; ".join([score, *(f"{formats.listed(names)} now {said.get(side, side)}" for side, names in sides.items())])


@dataclass(frozen=True, slots=True)
class Turn:
    """A family that says something else than on the session before. `side`: `for`, `against` or `neutral`."""

    axis: Axis
    family: Family
    side: str


def family_turns(signals: Sequence[Signal], past: pd.DataFrame) -> tuple[Turn, ...]:
    """The families of both axes that turned on the last session of these readings; none unless everybody who votes is there."""
    found = []
    for axis in Axis:
        voters = [signal.id for signal in signals if any(vote.axis is axis for vote in signal.votes)]
        if len(past) < 2 or not voters or not set(voters) <= set(past.columns):
            continue
        tallied = tally(axis, signals, lambda signal, vote: states(past[signal.id].to_numpy(dtype=float), vote))
        for family, line in zip(tallied.families, np.sign(tallied.leanings[:, -2:]), strict=True):
            before, now = float(line[0]), float(line[1])
            if math.isfinite(now) and math.isfinite(before) and now != before:
                found.append(Turn(axis, family, _side(now)))
    return tuple(found)


def _side(leaning: float) -> str:
    return "for" if leaning > 0 else "against" if leaning < 0 else "neutral"


def turn_words(axis: Axis, now: float, change: float) -> str:
    """`The recovery scenario has turned from base to bull`, from its new state and the change of its number."""
    return f"The {axis} scenario has turned from {name_of(axis, now - change)} to {name_of(axis, now)}"


def is_state(signal: Signal) -> bool:
    """Whether a signal is a named state."""
    return signal.unit is Unit.SIDE


def agreement_words(found: Explanation) -> str:
    """`5 of 8 families agree (63 %); not rates (against), options (neutral)`; the reason where it is withheld."""
    if found.score is None:
        return f"withheld, {found.reason}"
    known = sum(party.leaning is not None for party in found.parties)
    agreeing = known - len(found.dissenters)
    share = formats.share(found.concordance)
    verb = "agrees" if agreeing == 1 else "agree"
    others = [f"{party.family.value} ({side_word(party)})" for party in found.dissenters]
    return f"{agreeing} of {known} families {verb} ({share})" + (f"; not {', '.join(others)}" if others else "")


def side_word(party: Party) -> str:
    """What a family says: `for`, `against`, `neutral`, or `no state` when fewer than half of its signals have one."""
    if party.leaning is None:
        return "no state"
    return _side(party.leaning)
