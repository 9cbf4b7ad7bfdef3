"""A value beside its own past: day before, normal range, percentile and origin, also in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from bot.alerts import rules
from bot.commands.context import SOURCES, Core
from bot.commands.reply import Tone
from bot.domain.model import AlertSpec, Timing
from bot.formatting import family_verdicts, formats
from bot.formatting.scenario_words import ROTATION_REGIME, SCORES, STATES, name_of
from bot.formatting.signal_values import Rank, between, rank_words, short
from bot.readings.state import ReadingState
from signals.core.model import Axis, Family, Measure, Signal
from signals.core.normal_range import FEWEST, normal_range
from signals.core.rolling import YEAR
from signals.core.units import Unit


@dataclass(frozen=True, slots=True)
class HistoryContext:
    """A measure of a signal on one session beside about five years of final readings before it.

    Attributes:
        previous: the reading of the session before in words, None where it is not known.
        low: 5th percentile of the past; None where the past is too short.
        high: 95th percentile of the past; None where the past is too short.
        rank: where the value stands among the readings before it; None where the past is too short.
        years: length of the past from its first reading on, in years of 252 sessions; 0 where it is too short.
    """

    previous: str | None
    low: float | None
    high: float | None
    rank: Rank | None
    years: float


def history_context(
    readings: ReadingState, signal: Signal, which: Measure, session: date, value: float | None
) -> HistoryContext:
    """The past of `value` on `session`; later sessions are not used."""
    key = ("context", signal.id, which, session, value)
    return readings.once(key, lambda: _history_context(readings, signal, which, session, value))


def _history_context(
    readings: ReadingState, signal: Signal, which: Measure, session: date, value: float | None
) -> HistoryContext:
    series = readings.series(signal.id, which)
    before = series.loc[series.index < pd.Timestamp(session)]
    previous = None
    if len(before) and math.isfinite(before.iloc[-1]):
        named = signal.named and which is Measure.VALUE
        day, last = before.index[-1], float(before.iloc[-1])
        previous = state_of(readings, signal, day) if named else short(last, signal, which)
    past_values = before.to_numpy(dtype=float)
    past_values = past_values[np.isfinite(past_values)]
    spread = normal_range(past_values)
    if value is None or spread is None:
        return HistoryContext(previous, None, None, None, 0.0)
    # All signals share the sessions of a frame: one that is younger than the frame begins with NaN.
    years = len(before.loc[before.first_valid_index() :]) / YEAR
    return HistoryContext(previous, *spread, Rank.among(past_values, value), years)


def repeats(signal: Signal, which: Measure) -> bool:
    """Whether a measure is a whole number that comes back: a count, a streak, a flag, or a change of one."""
    return signal.unit.whole and which not in (Measure.PERCENTILE_1Y, Measure.Z_1Y)


def year_rank(readings: ReadingState, signal: Signal, session: date, value: float) -> Rank | None:
    """Where a value stands among the readings of the year before it; None where they are too few."""
    series = readings.series(signal.id)
    past = series[series.index < pd.Timestamp(session)].iloc[-(YEAR - 1) :].dropna().to_numpy(dtype=float)
    return Rank.among(past, value) if len(past) >= FEWEST else None


def value_words(readings: ReadingState, value: float | None, signal: Signal) -> str:
    """The newest value of a signal with its unit; of a clock's state what `/rotation` says of it: that the clock is turning
    where the state is only held, and of the yardsticks where tech falls.
    """
    words = formats.measured(value, signal, Measure.VALUE)
    if value is not None and is_turning(readings, signal):
        return family_verdicts.turning(words)
    regime = readings.reading(ROTATION_REGIME)
    return family_verdicts.rotation_state(words, regime.value if regime is not None else None)


def state_of(readings: ReadingState, signal: Signal, session: pd.Timestamp) -> str:
    """The named state of a signal on an earlier session, in the words of `value_words` for that session."""
    turning = family_verdicts.TURNING.get(signal.id, "")
    words = formats.measured(float(readings.series(signal.id)[session]), signal, Measure.VALUE)
    if readings.series(turning).get(session) == 1:
        return family_verdicts.turning(words)
    return family_verdicts.rotation_state(words, readings.series(ROTATION_REGIME).get(session))


def is_turning(readings: ReadingState, signal: Signal) -> bool:
    """Whether a signal is the state of a clock that is turning: its side has less than two thirds of the yardsticks."""
    flag = readings.reading(family_verdicts.TURNING[signal.id]) if signal.id in family_verdicts.TURNING else None
    return flag is not None and flag.value == 1


def past_line(signal: Signal, which: Measure, past: HistoryContext) -> str:
    """`Day before 7 · normal range -3 to 3 · as on 2% of days of the past 5 years`, without the unknown parts.

    Named states are said by name and have no range.
    """
    parts, named = [], signal.named and which is Measure.VALUE
    if past.previous is not None:
        parts.append(f"Day before {past.previous}")
    if past.low is not None and past.high is not None and not named:
        parts.append(f"normal range {between(past.low, past.high, signal, which)}")
    if past.rank is not None:
        parts.append(rank_words(past.rank, past.years, whole=repeats(signal, which)))
    return " · ".join(parts)


def origin(signal: Signal, sources: Sequence[str]) -> str:
    """`From ^RUT and ^GSPC, Yahoo`."""
    if signal.parts:
        inputs = f"{len(signal.parts)} signals"
    elif len(signal.inputs) > 4:
        inputs = f"{len(signal.inputs)} series"
    else:
        inputs = formats.listed([_input(name) for name in signal.inputs])
    source_names = formats.listed([SOURCES.get(name, name) for name in sources])
    return f"From {', '.join(part for part in (inputs, source_names) if part)}" if inputs or source_names else ""


def typed_id(signal: Signal) -> str:
    """The id as people type it; empty for a signal of their own, which they type by the name they gave it."""
    return "" if signal.family is Family.OWN else signal.id


def _input(name: str) -> str:
    groups = {"sp500": "members of the S&P 500", "ndx100": "members of the Nasdaq-100", "tech": "technology members"}
    kind, colon, group = name.partition(":")
    return groups.get(group, group) if colon and kind in ("group", "records") else name


def leaning(readings: ReadingState, signal: Signal, session: date, *, high: bool | None) -> tuple[Tone, str]:
    """Colour and words of the side of the scenario on which a signal votes on a session.

    The vote itself counts, not how high the value is: a vote has borders of its own, and keeps its side between them.
    Neutral and without words where the signal has no vote, or none of that session is known. A signal of the scenario
    itself gives the named state to which a `high` (or low) value leads, nothing where `high` is None.
    """
    if high is not None and signal.family is Family.SCENARIO and signal.unit is not Unit.PERCENT:
        side = 1 if high else -1
        recovery = signal.id in (SCORES[Axis.RECOVERY], STATES[Axis.RECOVERY])
        name = f"the {name_of(Axis.RECOVERY, side)} case" if recovery else name_of(Axis.ROTATION, side)
        return _tone(side), f"toward {name}"
    for axis, matter in ((Axis.ROTATION, "rotation out of big tech"), (Axis.RECOVERY, "a recovery of tech")):
        if vote := vote_of(readings, signal, axis, session):
            return _tone(vote), f"votes {'for' if vote > 0 else 'against'} {matter}"
    return Tone.NEUTRAL, ""


def vote_of(readings: ReadingState, signal: Signal, axis: Axis, session: date) -> int | None:
    """Whether a signal votes for (1) or against (-1) what an axis says, or neither (0), on a session.

    None where it has no vote, and of any session but the newest one, whose votes alone are kept.
    """
    snapshot = readings.snapshot
    explanation = snapshot.explanations.get(axis) if snapshot is not None and snapshot.session == session else None
    ballots = [ballot for party in explanation.parties for ballot in party.ballots] if explanation is not None else []
    ballot = next((ballot for ballot in ballots if ballot.signal == signal.id), None)
    return None if ballot is None or ballot.state is None else ballot.state * ballot.sign


def _tone(side: int) -> Tone:
    return Tone.BROADENING if side > 0 else Tone.CONCENTRATING


def newest_value(core: Core, spec: AlertSpec) -> tuple[float | None, date]:
    """The newest value that counts for an alert, and its session.

    With live timing that is the newest reading, else the newest final one. The value is None where
    it is withheld or not known.
    """
    reading = core.readings.reading(spec.signal)
    if spec.timing is Timing.LIVE and reading is not None:
        return reading.measure(spec.measure), reading.session
    series = core.readings.series(spec.signal, spec.measure)
    if not len(series):
        return None, core.calendar.last_final(core.now())
    last = float(series.iloc[-1])
    return (last if math.isfinite(last) else None), series.index[-1].date()


def with_band(core: Core, spec: AlertSpec) -> AlertSpec:
    """The spec with the default re-arm band for its measure."""
    signal = core.signals[spec.signal]
    return replace(
        spec, band=rules.default_band(core.readings.series(spec.signal, spec.measure), signal.unit, spec.measure)
    )
