"""Digest: what one session was like, made from readings by rules. Pure, so that channels, `/summary` and the terminal agree.

A digest describes the session asked for, however much newer the history is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from bot.alerts import rules
from bot.calendar.clock import Calendar
from bot.calendar.session_context import SessionContext, session_context
from bot.commands.market import tables
from bot.commands.reply import Tone
from bot.commands.summary.headline.facts import SessionFacts
from bot.commands.summary.headline.index_moves import NAMES, SP500, IndexMove, move
from bot.commands.summary.headline.rules_rotation import NOTABLE_SPREAD, SPREAD
from bot.commands.summary.headline.select import headline
from bot.domain.model import AlertSpec
from bot.formatting import formats
from bot.formatting.conditions import condition_words
from bot.formatting.scenario import AxisState, Turn, axis_state, family_turns, is_state, turn_words
from signals.calendar_events import CalendarEvent, Event
from signals.core.measures import measure
from signals.core.model import Axis, Measure, Signal
from signals.scenario.score import axis_of

_YEAR = 252
_ENOUGH = 200
_A_FAMILY = 2
_SHARP_FALL = -2.5


@dataclass(frozen=True, slots=True)
class Mover:
    """A signal that moved much against its own past."""

    signal: Signal
    value: float
    change: float
    percentile: float | None


@dataclass(frozen=True, slots=True)
class Crossing:
    """A house level that was crossed on the session: `value` of the watched measure, `stands` of the signal itself."""

    topic: str
    signal: Signal
    spec: AlertSpec
    value: float
    stands: float


@dataclass(frozen=True, slots=True)
class Digest:
    """One session in short. `known` of `listed` signals had a reading. An empty headline means nothing was known.

    `moves`: what the large indices did, by ticker. `spread`: equal weight less the index, points, NaN where unknown.
    `standings`: where the scenario stands, without axes that are withheld; `turns`: families that say something new.
    `due`: what comes after the session.
    """

    session: date
    headline: str
    tone: Tone
    movers: tuple[Mover, ...]
    crossings: tuple[Crossing, ...]
    known: int
    listed: int
    standings: tuple[AxisState, ...] = ()
    turns: tuple[Turn, ...] = ()
    moves: Mapping[str, IndexMove] = field(default_factory=dict)
    spread: float = math.nan
    due: tuple[CalendarEvent, ...] = ()


def digest(
    signals: Mapping[str, Signal],
    history: pd.DataFrame,
    session: date,
    *,
    topics: Mapping[str, Sequence[AlertSpec]] | None = None,
    movers: int = 5,
    closes: pd.DataFrame | None = None,
    calendar: Calendar | None = None,
    agenda: Sequence[CalendarEvent] = (),
) -> Digest:
    """Make the digest of `session` from final values (naive session dates x signal ids, NaN where withheld).

    `closes` of the large indices (session dates x tickers), `calendar` and `agenda` (what was due after the session, a decision
    of the Fed on it included) make it richer. Rows after `session` are not looked at. A session that is not in `history` gives
    a digest without numbers.
    """
    past = history.loc[: pd.Timestamp(session), [name for name in history.columns if name in signals]]
    if not len(past) or past.index[-1] != pd.Timestamp(session):
        return Digest(session, "", Tone.NEUTRAL, (), (), 0, len(signals))
    found = _movers(signals, past, movers)
    facts = SessionFacts(
        signals=signals,
        session=session,
        past=past,
        closes=(until := _until(closes, session)),
        moves={ticker: made for ticker in NAMES if (made := move(until, ticker)) is not None},
        session_context=session_context(calendar, session) if calendar is not None else SessionContext(),
        decided=any(due.event is Event.FED and due.first == session for due in agenda),
        standings=[each for axis in Axis if (each := axis_state(past, axis)) is not None],
    )
    return Digest(
        session=session,
        headline=headline(facts) or (_mover_headline(found[0]) if found else ""),
        tone=_tone(facts),
        movers=found,
        crossings=_crossings(signals, past, topics or {}),
        known=int(past.iloc[-1].notna().sum()),
        listed=len(signals),
        standings=tuple(facts.standings),
        turns=family_turns(list(signals.values()), past),
        moves=facts.moves,
        spread=facts.now(SPREAD),
        due=tuple(due for due in agenda if due.last > session),
    )


def _until(closes: pd.DataFrame | None, session: date) -> pd.DataFrame:
    """Closes up to the session; none when they do not reach it."""
    if closes is None:
        return pd.DataFrame()
    found = closes.loc[: pd.Timestamp(session)]
    return found if len(found) and found.index[-1] == pd.Timestamp(session) else found.iloc[:0]


def _tone(facts: SessionFacts) -> Tone:
    """Amber for a sharp fall, else by who moved: equal weight ahead of the index, or behind."""
    if facts.percent(SP500) <= _SHARP_FALL:
        return Tone.ATTENTION
    spread = facts.now(SPREAD)
    if abs(spread) >= NOTABLE_SPREAD:
        return Tone.BROADENING if spread > 0 else Tone.CONCENTRATING
    return Tone.NEUTRAL


def _movers(signals: Mapping[str, Signal], past: pd.DataFrame, most: int) -> tuple[Mover, ...]:
    """Largest changes of the day in standard deviations of a year of daily changes, at most two of a family.

    The scenario is not among them: it is made of the others. What stands in dollars and in per cent is told once.
    """
    changes = past.diff().iloc[-_YEAR:]
    enough = changes.count() >= _ENOUGH
    spread = changes.std()
    scores = (changes.iloc[-1] / spread.where(spread > 0)).where(enough).dropna()
    scores = scores.reindex(scores.abs().sort_values(ascending=False, kind="stable").index)
    chosen: list[Mover] = []
    families: dict[str, int] = {}
    told: set[str] = set()
    for name, score in scores.items():
        signal = signals[str(name)]
        if len(chosen) == most or not math.isfinite(score):
            break
        what = signal.id.removesuffix("_usd")
        if families.get(signal.family, 0) == _A_FAMILY or signal.unit.whole or signal.parts or what in told:
            continue
        told.add(what)
        families[signal.family] = families.get(signal.family, 0) + 1
        column = past[str(name)]
        chosen.append(Mover(signal, float(column.iloc[-1]), float(changes[str(name)].iloc[-1]), _percentile(column)))
    return tuple(chosen)


def _percentile(column: pd.Series) -> float | None:
    window = column.iloc[-_YEAR:].dropna().to_numpy(dtype=float)
    if len(window) < _ENOUGH:
        return None
    return float(100 * (np.sum(window < window[-1]) + np.sum(window == window[-1]) / 2) / len(window))


def _crossings(
    signals: Mapping[str, Signal], past: pd.DataFrame, topics: Mapping[str, Sequence[AlertSpec]]
) -> tuple[Crossing, ...]:
    found = []
    for topic, specs in topics.items():
        for spec in specs:
            if spec.signal not in signals or spec.signal not in past:
                continue
            watched = measure(past[spec.signal].iloc[-3 * _YEAR :], spec.measure).dropna()
            if len(watched) >= 2 and watched.index[-1] == past.index[-1]:
                before, now = float(watched.iloc[-2]), float(watched.iloc[-1])
                if _crossed(spec, before, now):
                    stands = float(past[spec.signal].iloc[-1])
                    found.append(Crossing(topic, signals[spec.signal], spec, now, stands))
    return tuple(found)


def _crossed(spec: AlertSpec, before: float, now: float) -> bool:
    """Whether one side of the condition holds now and did not hold before."""
    return any(rules.holds(side, now) and not rules.holds(side, before) for side in rules.triggers(spec))


def _mover_headline(mover: Mover) -> str:
    signal = mover.signal
    now = formats.number(mover.value, signal.unit, signal.decimals)
    return f"The largest move was {signal.label}: {now}, {formats.delta(mover.change, signal.unit, signal.decimals)} on the day."


def crossing_words(crossing: Crossing) -> str:
    """`Russell streak: 8 sessions, above 7`; a named state says what it has turned to."""
    signal, spec = crossing.signal, crossing.spec
    axis = axis_of(signal.id)
    if axis is not None and is_state(signal) and spec.measure is Measure.CHANGE_1D:
        return turn_words(axis, crossing.stands, crossing.value)
    value = formats.measured(crossing.value, signal, spec.measure)
    what = "" if spec.measure is Measure.VALUE else f" ({formats.MEASURES[spec.measure]})"
    return f"{signal.label}{what}: {value}, {condition_words(spec, signal)}"


def digest_table(movers: Sequence[Mover]) -> str:
    """Monospaced lines of at most 40 columns: name, value, change of the day, one-year percentile."""
    if not movers:
        return ""
    return "\n".join([tables.heading(""), *(_mover_line(mover) for mover in movers)])


def _mover_line(mover: Mover) -> str:
    change = formats.delta(mover.change, mover.signal.unit, mover.signal.decimals, with_unit=False)
    return tables.columns(mover.signal, tables.cell(mover.value, mover.signal), change, mover.percentile)
