"""Conditions of alerts in words."""

from __future__ import annotations

from bot.domain.model import AlertSpec, Condition
from bot.formatting import formats
from signals.core.measure_kinds import EXTREMES, HIGHS, STATE_MEASURES
from signals.core.model import Measure, Signal


def has_level(measure: Measure) -> bool:
    """Whether people choose a level for a measure; not for new highs and lows and for named states."""
    return measure not in EXTREMES and measure not in STATE_MEASURES


def any_turn(spec: AlertSpec, signal: Signal) -> bool:
    """Whether the condition is a change of a named state, to whichever."""
    return signal.named and spec.measure is Measure.CHANGE_1D and spec.condition is Condition.OUTSIDE


def condition_words(spec: AlertSpec, signal: Signal) -> str:
    """`above $90.00`, `outside -1 and 1`, `at a new 252-session high`, `turns to bull`."""
    if any_turn(spec, signal):
        return "turns"
    if not has_level(spec.measure):
        return event_words(spec.measure, signal)
    low = formats.level(spec.level, signal, spec.measure)
    if spec.condition is Condition.OUTSIDE and spec.level_high is not None:
        return f"outside {formats.span_of(low, formats.level(spec.level_high, signal, spec.measure))}"
    return f"{spec.condition.value} {low}"


def event_words(measure: Measure, signal: Signal) -> str:
    """`at a new 252-session high`, `turns to bull`: what happens where there is no level."""
    if measure in STATE_MEASURES:
        return f"turns to {signal.names.get(STATE_MEASURES[measure], 'another state')}"
    return f"at {extreme_words(measure)}"


def extreme_words(measure: Measure) -> str:
    """`a new 252-session high`."""
    return f"a new {EXTREMES[measure]}-session {'high' if measure in HIGHS else 'low'}"


def beyond_words(value: float, spec: AlertSpec, signal: Signal) -> str:
    """`11.7%, below 20%`; of two levels the one that was passed: `+10.51 points, above +10 points`."""
    level, side = spec.level, spec.condition.value
    if spec.condition is Condition.OUTSIDE and spec.level_high is not None:
        level, side = (spec.level_high, "above") if value > spec.level_high else (spec.level, "below")
    elif spec.condition is Condition.CROSSES:
        side = "above" if value > level else "below"
    return f"{formats.beyond(value, level, signal, spec.measure)}, {side} {formats.level(level, signal, spec.measure)}"
