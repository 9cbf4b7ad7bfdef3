"""What is normal for a number: the day before, the usual range, percentiles, age and origin, as values and as words."""

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
from bot.formatting import formats
from bot.formatting.signal_values import between, rank_words, short
from bot.readings.state import ReadingState
from signals.core.model import Axis, Measure, Signal, Unit
from signals.scenario.score import axis_of, name_of

_FEWEST = 60
"""Readings below which nothing is called usual."""
_USUAL = (5.0, 95.0)


@dataclass(frozen=True, slots=True)
class HistoryContext:
    """A measure of a signal on one session beside its own past (final readings up to that session, about five years).

    `low` to `high` holds nine of ten past values. `percentile` is 0-100 over the same past, the session included. `years`
    is how long that past is. Each is None where the past is too short.
    """

    previous: float | None
    low: float | None
    high: float | None
    percentile: float | None
    years: float


def context(
    readings: ReadingState, signal: Signal, which: Measure, session: date, value: float | None
) -> HistoryContext:
    """What is normal for `value` on `session`; sessions after it are not looked at."""
    key = ("context", signal.id, which, session, value)
    return readings.once(key, lambda: _context(readings.series(signal.id, which), session, value))


def _context(series: pd.Series, session: date, value: float | None) -> HistoryContext:
    past = series.loc[: pd.Timestamp(session)]
    before = past.loc[past.index < pd.Timestamp(session)]
    previous = _number(before.iloc[-1]) if len(before) else None
    known = before.to_numpy(dtype=float)
    known = known[np.isfinite(known)]
    if value is None or len(known) < _FEWEST:
        return HistoryContext(previous, None, None, None, 0.0)
    low, high = np.percentile(known, _USUAL)
    return HistoryContext(previous, float(low), float(high), _percentile(known, value), len(before) / 252)


def percentile_of(readings: ReadingState, signal: str, session: date, value: float | None) -> float | None:
    """Where the value stands among about five years of readings, 0-100, or None where they are too few."""
    return readings.once(("percentile", signal, session, value), lambda: _rank(readings.series(signal), session, value))


def _rank(series: pd.Series, session: date, value: float | None) -> float | None:
    before = series.loc[: pd.Timestamp(session)]
    known = before[before.index < pd.Timestamp(session)].dropna().to_numpy(dtype=float)
    return None if value is None or len(known) < _FEWEST else _percentile(known, value)


def _percentile(known: np.ndarray, value: float) -> float:
    lower, equal = int((known < value).sum()), int((known == value).sum()) + 1
    return 100 * (lower + equal / 2) / (len(known) + 1)


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def usual_line(signal: Signal, which: Measure, found: HistoryContext) -> str:
    """`Day before 7 · usual -3 to 3 · higher than 99 % of 5 years`, without the parts that are not known."""
    parts = []
    if found.previous is not None:
        parts.append(f"Day before {short(found.previous, signal, which)}")
    if found.low is not None and found.high is not None:
        parts.append(f"usual {between(found.low, found.high, signal, which)}")
    if found.percentile is not None:
        parts.append(rank_words(found.percentile, found.years))
    return " · ".join(parts)


def origin(signal: Signal, sources: Sequence[str]) -> str:
    """`From ^RUT and ^GSPC, Yahoo`."""
    if signal.parts:
        inputs = f"{len(signal.parts)} signals"
    elif len(signal.inputs) > 4:
        inputs = f"{len(signal.inputs)} series"
    else:
        inputs = formats.listed([_input(name) for name in signal.inputs])
    names = formats.listed([SOURCES.get(name, name) for name in sources])
    return f"From {', '.join(part for part in (inputs, names) if part)}" if inputs or names else ""


def _input(name: str) -> str:
    groups = {"sp500": "members of the S&P 500", "ndx100": "members of the Nasdaq-100", "tech": "technology members"}
    kind, colon, group = name.partition(":")
    return groups.get(group, group) if colon and kind in ("group", "records") else name


def leaning(signal: Signal, *, high: bool) -> tuple[Tone, str]:
    """What a high (or low) state of the signal speaks for: a colour and its words; neutral and no words without votes.

    The scenario itself leans to its own side.
    """
    axis = axis_of(signal.id)
    if axis is not None and signal.unit is not Unit.PERCENT:
        name = name_of(axis, 1 if high else -1)
        return (Tone.BROADENING if high else Tone.CONCENTRATING), f"towards {name}"
    if not signal.votes:
        return Tone.NEUTRAL, ""
    vote = next((each for each in signal.votes if each.axis is Axis.ROTATION), signal.votes[0])
    favours = (vote.sign > 0) == high
    if vote.axis is Axis.ROTATION:
        return (Tone.BROADENING, "broadening") if favours else (Tone.CONCENTRATING, "concentrating")
    return (
        (Tone.BROADENING, "for a recovery of tech") if favours else (Tone.CONCENTRATING, "against a recovery of tech")
    )


def known(core: Core, spec: AlertSpec) -> tuple[float | None, date]:
    """What an alert made now stands on: the newest value of its measure that counts for it, and the session of it."""
    reading = core.readings.reading(spec.signal)
    if spec.timing is Timing.LIVE and reading is not None:
        return reading.measure(spec.measure), reading.session
    series = core.readings.series(spec.signal, spec.measure)
    if not len(series):
        return None, core.calendar.last_final(core.now())
    last = float(series.iloc[-1])
    return (last if math.isfinite(last) else None), series.index[-1].date()


def with_band(core: Core, spec: AlertSpec) -> AlertSpec:
    """The spec with the house's default re-arm band for its measure."""
    signal = core.signals[spec.signal]
    return replace(
        spec, band=rules.default_band(core.readings.series(spec.signal, spec.measure), signal.unit, spec.measure)
    )
