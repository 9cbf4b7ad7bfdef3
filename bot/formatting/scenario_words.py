"""The state of the scenario in words, for the summary, `/scenario`, alerts and the terminal; no forecast."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import numpy as np
import pandas as pd

from bot.formatting import family_verdicts, formats
from signals.core.model import Axis, Family, Signal
from signals.rotation.definitions import FALLS, STATE_NAMES
from signals.scenario.explanation import Explanation, Party
from signals.scenario.score import BACK, FAR, NAMES, ROTATION_STATE, tally
from signals.scenario.votes import states

SUBJECTS = {Axis.RECOVERY: "Tech recovery", Axis.ROTATION: "Rotation"}
"""The subjects of the two axes."""

SCORES = {Axis.RECOVERY: "scenario.recovery", Axis.ROTATION: "scenario.rotation_support"}
STATES = {Axis.RECOVERY: "scenario.recovery_state", Axis.ROTATION: ROTATION_STATE}
"""The signals of the score and of the named state of each axis."""

FAMILY_NAMES: Mapping[Family, str] = MappingProxyType(
    {
        Family.ROTATION: "rotation",
        Family.TECH: "tech's own trends",
        Family.BREADTH: "breadth",
        Family.WEIGHTING: "equal weight",
        Family.SIZE: "small caps",
        Family.INDEX: "index trends",
        Family.MEGACAP: "Mag 7",
        Family.SECTORS: "sectors",
        Family.RATES: "yields",
        Family.MACRO: "the economy",
        Family.OPTIONS: "options",
        Family.CAPEX: "cloud capex",
        Family.HAVENS: "safe havens",
        Family.FLOWS: "fund flows",
        Family.EARNINGS: "earnings",
        Family.VALUATION: "valuations",
        Family.FILINGS: "13F filings",
        Family.SCENARIO: "scenario",
    }
)
"""What people call a family of signals."""

ROTATION_TURNING, ROTATION_REGIME = "rotation.turning", "rotation.regime"
"""What keeps the rotation's state from being said as it stands: a clock that turns, and a fall of tech."""

_NAMES = {Axis.RECOVERY: NAMES, Axis.ROTATION: STATE_NAMES}


def scaled(score: float, decimals: int = 0) -> str:
    """`+16.7 on a scale of -100 to +100`."""
    return f"{formats.plain(score, decimals, signed=True)} on a scale of -100 to +100"


def thresholds(state: float) -> str:
    """The scores at which the recovery's case changes: `bull from +33, bear from -33`; a bull is held until +10."""
    bull = f"until +{BACK:.0f}" if state > 0 else f"from +{FAR:.0f}"
    bear = f"until -{BACK:.0f}" if state < 0 else f"from -{FAR:.0f}"
    return f"bull {bull}, bear {bear}"


def name_of(axis: Axis, state: float) -> str:
    """The name of a state: `bull`, `rotating out of big tech`."""
    return _NAMES[axis][round(state)]


@dataclass(frozen=True, slots=True)
class AxisState:
    """One axis on one session.

    Attributes:
        state: the named state, -1, 0 or 1.
        score: the score, -100 to 100.
        change: change of the score on the day; None where it is not known.
        since: first session of the present state.
        before: the named state before the present one; None where it is not known.
        week: change of the score over five sessions; None where it is not known.
        turning: whether the state is only held: its side has fewer than two thirds of the yardsticks.
        regime: what both clocks name together, 1 to 4; None where it is not known.
    """

    axis: Axis
    session: date
    state: float
    score: float
    change: float | None
    since: date
    before: float | None
    week: float | None = None
    turning: bool = False
    regime: float | None = None

    @property
    def turned(self) -> bool:
        """Whether the state is new on this session."""
        return self.since == self.session and self.before is not None


def axis_state(values: Mapping[str, pd.Series] | pd.DataFrame, axis: Axis) -> AxisState | None:
    """The state of an axis at the end of the readings (by signal id); None where it is withheld or not known."""
    if SCORES[axis] not in values or STATES[axis] not in values:
        return None
    scores, states = values[SCORES[axis]], values[STATES[axis]]
    if not len(states) or not math.isfinite(states.iloc[-1]) or not math.isfinite(scores.iloc[-1]):
        return None
    known_states = states.dropna()
    other = known_states[known_states != known_states.iloc[-1]]
    present = known_states if other.empty else known_states.loc[other.index[-1] :].iloc[1:]
    change, week = (float(scores.diff(sessions).iloc[-1]) for sessions in (1, 5))
    return AxisState(
        axis=axis,
        session=states.index[-1].date(),
        state=float(known_states.iloc[-1]),
        score=float(scores.iloc[-1]),
        change=change if math.isfinite(change) else None,
        since=present.index[0].date(),
        before=None if other.empty else float(other.iloc[-1]),
        week=week if math.isfinite(week) else None,
        turning=axis is Axis.ROTATION and _newest(values, ROTATION_TURNING) == 1,
        regime=_newest(values, ROTATION_REGIME) if axis is Axis.ROTATION else None,
    )


def _newest(values: Mapping[str, pd.Series] | pd.DataFrame, name: str) -> float | None:
    value = float(values[name].iloc[-1]) if name in values and len(values[name]) else math.nan
    return value if math.isfinite(value) else None


def axis_state_words(state: AxisState) -> str:
    """`Tech recovery: base case since Mon, Nov 3, score +16.7 on a scale of -100 to 100, +4.2 on the day (bull from ...)`.

    The state is bold.
    """
    name, since = name_of(state.axis, state.state), _since(state)
    if state.turning:
        return f"{SUBJECTS[state.axis]}: **turning** (last clear state {name}, {since}), {_score(state)}"
    name = f"{name} case" if state.axis is Axis.RECOVERY else family_verdicts.rotation_state(name, state.regime)
    return f"{SUBJECTS[state.axis]}: **{name}** {since}, {_score(state)}"


def _since(state: AxisState) -> str:
    since = formats.day(state.since, today=state.session)
    if state.before is None:
        return f"since {since} or longer"
    if state.turned:
        return f"since this session, {name_of(state.axis, state.before)} before"
    return f"since {since}"


def _score(state: AxisState) -> str:
    """Score, scale, change, and the scores that name a case; the rotation's state is not named by its score."""
    moved = f", {formats.plain(state.change, 1, signed=True)} on the day" if state.change else ""
    score = f"score {scaled(state.score, 1)}{moved}"
    if state.axis is Axis.RECOVERY:
        return f"{score} ({thresholds(state.state)})"
    return f"the families' {score} (above 0 they lean out of big tech, below 0 back into it)"


def recovery_state_words(state: AxisState, turns: Sequence[Turn]) -> str:
    """`**Tech recovery:** base case since Mon, Nov 3 (+16.7; bull from +33, bear from -33); yields now for it`."""
    score = formats.plain(state.score, 1, signed=True)
    case = f"{name_of(state.axis, state.state)} case {_since(state)} ({score}; {thresholds(state.state)})"
    sides: dict[str, list[str]] = {}
    for turn in turns:
        if turn.axis is state.axis:
            sides.setdefault(turn.side, []).append(FAMILY_NAMES[turn.family])
    phrases = {"for": "for it", "against": "against it"}
    turned = [f"{formats.listed(families)} now {phrases.get(side, side)}" for side, families in sides.items()]
    return "; ".join([f"**Tech recovery:** {case}", *turned])


@dataclass(frozen=True, slots=True)
class Turn:
    """A family whose vote differs from that of the session before; `side`: `for`, `against` or `neutral`."""

    axis: Axis
    family: Family
    side: str


def family_turns(signals: Sequence[Signal], past: pd.DataFrame, sessions: int = 1) -> tuple[Turn, ...]:
    """The families of both axes whose side on the last session is another one than so many sessions before.

    An axis is left out where the readings lack any of its voters.
    """
    turns = []
    for axis in Axis:
        voters = [signal.id for signal in signals if any(vote.axis is axis for vote in signal.votes)]
        if len(past) <= sessions or not voters or not set(voters) <= set(past.columns):
            continue
        tallied = tally(axis, signals, lambda signal, vote: states(past[signal.id].to_numpy(dtype=float), vote))
        for family, line in zip(tallied.families, np.sign(tallied.leanings[:, [-1 - sessions, -1]]), strict=True):
            before, now = float(line[0]), float(line[1])
            if math.isfinite(now) and math.isfinite(before) and now != before:
                turns.append(Turn(axis, family, _side(now)))
    return tuple(turns)


def _side(leaning: float) -> str:
    return "for" if leaning > 0 else "against" if leaning < 0 else "neutral"


def turn_words(signal: Signal, now: float, change: float, regime: float | None = None) -> str:
    """`Money has begun to rotate out of big tech`, from the new value of a named state and its change.

    Empty for a signal without named states, and for values without a name. `regime`: that of the session; where tech
    falls, or it is not known, a turn of the rotation is said of the yardsticks and not of money.
    """
    before, after = signal.name_of(now - change), signal.name_of(now)
    if not before or not after:
        return ""
    if signal.id == STATES[Axis.RECOVERY]:
        return f"Tech recovery has moved from the {before} to the {after} case"
    if sentence := state_sentence(signal, after, regime):
        return sentence
    return f"{signal.label} has changed from {before} to {after}"


def state_sentence(signal: Signal, name: str, regime: float | None = None) -> str:
    """The turn to a named state of a clock or a yardstick as a sentence; empty for other states."""
    if signal.id == ROTATION_STATE and (regime is None or regime in FALLS):
        return f"Two thirds of the yardsticks now point {name.removeprefix('rotating ')}"
    if signal.id == ROTATION_STATE:
        return f"Money has begun to {name.replace('rotating', 'rotate')}"
    if signal.id == "tech.state":
        return f"Tech has begun to {'advance' if name == 'advancing' else 'fall'}"
    if signal.id == STATES[Axis.RECOVERY]:
        return f"Tech recovery has moved to the {name} case"
    if not signal.label.endswith(", leg") or name == "no turn yet":
        return ""
    subject = signal.label.removesuffix(", leg")
    several = subject in ("Small caps", "Semiconductors")
    if signal.family is Family.TECH:
        return f"{subject} {'have' if several else 'has'} turned {name}"
    return f"{subject} now {'point' if several else 'points'} {name}"


def agreement_words(explanation: Explanation) -> str:
    """`5 of 8 families have the score's sign (63%); the others: rates against, options neutral`.

    The rotation's side is that of its yardsticks. For a withheld score the reason.
    """
    if explanation.score is None:
        return f"withheld, {explanation.reason}"
    with_state = sum(party.leaning is not None for party in explanation.parties)
    agreeing = with_state - len(explanation.dissenters)
    share = formats.share(explanation.agreement)
    one = agreeing == 1
    doing = f"side{'s' if one else ''} with the yardsticks"
    if explanation.axis is Axis.RECOVERY:
        doing = f"{'has' if one else 'have'} the score's sign"
    others = [f"{FAMILY_NAMES[party.family]} {side_word(party)}" for party in explanation.dissenters]
    return f"{agreeing} of {with_state} families {doing} ({share})" + (
        f"; the others: {', '.join(others)}" if others else ""
    )


def recovery_words(explanation: Explanation, state: float | None) -> str:
    """`Tech recovery: base case (-6.0; bull from +33, bear from -33); for it: tech trends; against: yields`.

    With the reason where the score is withheld.
    """
    if explanation.score is None or state is None:
        return f"Tech recovery: withheld, {explanation.reason or 'its state is not known'}"
    score = formats.plain(explanation.score, 1, signed=True)
    words = f"Tech recovery: {NAMES[round(state)]} case ({score}; {thresholds(state)})"
    return "; ".join(filter(None, [words, recovery_sides(explanation)]))


def recovery_sides(explanation: Explanation) -> str:
    """`for it: tech trends; against: yields`; empty where every family is neutral."""
    parts = []
    for side, title in ((1, "for it"), (-1, "against")):
        families = [FAMILY_NAMES[party.family] for party in explanation.parties if _sign(party) == side]
        if families:
            parts.append(f"{title}: {', '.join(families)}")
    return "; ".join(parts)


def _sign(party: Party) -> int:
    return int(np.sign(party.leaning or 0.0))


def side_word(party: Party) -> str:
    """The vote of a family: `for`, `against`, `neutral`; `no state` where under half of its signals have one."""
    if party.leaning is None:
        return "no state"
    return _side(party.leaning)
