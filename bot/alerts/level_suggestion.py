"""A better level for an alert that would never fire, or all the time: one at which it fires about five times a year.

Pure: readings and what was asked for in, levels out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from bot.alerts.rules import firings, triggers, whole
from bot.alerts.validation import possible
from bot.domain.model import AlertSpec, Condition, Direction, Repeat
from signals.core.model import Measure, Signal
from signals.core.rolling import Floats

FIRINGS_A_YEAR = 5
"""How often an alert should fire: often enough to be worth having, seldom enough to be read."""

TOO_OFTEN = 1 / 3
"""An alert that fires on more than this share of all sessions says nothing new."""

_LEVELS = 60
"""At most about so many levels are tried."""

_MIDDLE = (0.5, 99.5)
"""Levels are looked for between these percentiles of the readings, so that one wild day does not make the steps coarse."""

_STEPS = (1, 2, 5, 10)
_LEAST_YEARS = 0.5


@dataclass(frozen=True, slots=True)
class Backtest:
    """What an alert would have done: the sessions on which it would have fired, of how many readings over how many years."""

    fired: Sequence[date]
    readings: int
    years: float

    @property
    def is_never(self) -> bool:
        """Whether it would not have fired at all."""
        return not self.fired

    @property
    def is_noise(self) -> bool:
        """Whether it would have fired on more than a third of all sessions."""
        return len(self.fired) > TOO_OFTEN * self.readings


@dataclass(frozen=True, slots=True)
class LevelSuggestion:
    """The same alert at another level, and how often it would have fired there (as if it fired at every crossing)."""

    spec: AlertSpec
    times: int


def backtest(values: pd.Series, spec: AlertSpec) -> Backtest:
    """How often this very alert would have fired, with its band, confirmation, pause and `once`.

    `values`: readings of the watched measure, index = sessions ascending, NaN where withheld; empty ones give no firings.
    """
    values = values.dropna()
    years = (values.index[-1] - values.index[0]).days / 365.25 if len(values) else 0.0
    return Backtest(firings(values, spec), len(values), years)


def suggest_level(values: pd.Series, spec: AlertSpec, signal: Signal) -> LevelSuggestion | None:
    """The candidate level at which the alert would have fired nearest to five times a year; of equal ones the nearest to the
    level asked for.

    `values` as for `backtest`. None with less than half a year of readings, and where no other level would have fired at all.
    """
    values = values.dropna()
    wanted = FIRINGS_A_YEAR * backtest(values, spec).years
    if wanted < FIRINGS_A_YEAR * _LEAST_YEARS:
        return None
    counted = [
        LevelSuggestion(candidate, len(firings(values, replace(candidate, repeat=Repeat.EVERY))))
        for candidate in candidates(values, spec, signal)
    ]
    return min(
        (suggestion for suggestion in counted if suggestion.times),
        key=lambda suggestion: (abs(suggestion.times - wanted), _distance(suggestion.spec, spec)),
        default=None,
    )


def candidates(values: pd.Series, spec: AlertSpec, signal: Signal) -> list[AlertSpec]:
    """The same alert at round levels that its measure can cross, without the level that was asked for.

    Above the median for `above`, under it for `below`, on the side of the level asked for with `crosses`; two levels as far
    out in the readings on either side for `outside`. Whole numbers where the measure moves in whole steps, else no more
    decimals than the signal is shown with. Empty without readings.
    """
    numbers = values.dropna().to_numpy(dtype=float)
    if not len(numbers):
        return []
    tried = _pairs(numbers, spec, signal) if spec.condition is Condition.OUTSIDE else _single(numbers, spec, signal)
    specs = dict.fromkeys(replace(spec, level=low, level_high=high) for low, high in tried)
    return [candidate for candidate in specs if candidate != spec and _can_cross(candidate, signal)]


def _single(numbers: Floats, spec: AlertSpec, signal: Signal) -> Iterator[tuple[float, None]]:
    low, middle, high = (float(level) for level in np.percentile(numbers, (_MIDDLE[0], 50.0, _MIDDLE[1])))
    upward = spec.condition is Condition.ABOVE or (spec.condition is Condition.CROSSES and spec.level >= middle)
    low, high = (middle, high) if upward else (low, middle)
    step = _step(high - low, signal, spec.measure)
    for place in range(math.floor(low / step), math.ceil(high / step) + 1):
        level = _round(place, step)
        if spec.condition is not Condition.CROSSES or numbers.min() < level < numbers.max():
            yield level, None


def _pairs(numbers: Floats, spec: AlertSpec, signal: Signal) -> Iterator[tuple[float, float]]:
    tails = 50.0 * np.linspace(0.0, 1.0, _LEVELS) ** 2
    lows, highs = np.percentile(numbers, tails), np.percentile(numbers, 100.0 - tails)
    step = _step(float(np.subtract(*np.percentile(numbers, _MIDDLE[::-1]))), signal, spec.measure)
    for low, high in zip(lows, highs, strict=True):
        pair = _round(round(float(low) / step), step), _round(round(float(high) / step), step)
        if pair[0] < pair[1]:
            yield pair


def _step(width: float, signal: Signal, which: Measure) -> float:
    """The least round step (1, 2 or 5 times a power of ten) that has meaning and makes no more than so many levels."""
    least = _finest(signal, which)
    if width <= least * _LEVELS:
        return least
    power = 10.0 ** math.floor(math.log10(width / _LEVELS))
    return max(least, next(step * power for step in _STEPS if width <= step * power * _LEVELS))


def _finest(signal: Signal, which: Measure) -> float:
    if whole(signal.unit, which) or which is Measure.PERCENTILE_1Y:
        return 1.0
    return 0.1 if which is Measure.Z_1Y else float(10.0**-signal.decimals)


def _round(place: int, step: float) -> float:
    """`place` steps from zero, without the noise of binary fractions."""
    return round(place * step, max(0, -math.floor(math.log10(step)))) + 0.0


def _can_cross(spec: AlertSpec, signal: Signal) -> bool:
    low, high = possible(signal, spec.measure)
    return all(
        low <= trigger.level < high if trigger.direction is Direction.ABOVE else low < trigger.level <= high
        for trigger in triggers(spec)
    )


def _distance(one: AlertSpec, other: AlertSpec) -> float:
    return abs(one.level - other.level) + abs((one.level_high or 0.0) - (other.level_high or 0.0))
