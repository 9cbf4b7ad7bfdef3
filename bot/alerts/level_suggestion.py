"""A better level for an alert that would never fire, or too often.

The suggested level is one at which the alert fires about five times a year. Pure functions:
readings and the requested alert in, levels out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from bot.alerts.rules import firings, moves_in_whole_steps, triggers
from bot.alerts.validation import possible
from bot.domain.model import AlertSpec, Condition, Direction, Repeat
from signals.core.model import Measure, Signal
from signals.core.rolling import Floats

FIRINGS_A_YEAR = 5
"""How often an alert should fire a year: worth having, and seldom enough to be read."""

TOO_OFTEN = 1 / 3
"""An alert that fires on more than this share of all sessions is noise."""

_LEVELS = 60
"""About how many levels are tried at most."""

_MIDDLE = (0.5, 99.5)
"""Levels are tried between these percentiles of the readings, so that one extreme day does not make
the steps coarse."""

QUARTER = 63
"""Sessions. A level that every reading of a quarter lies past has been left behind: silver at $56 makes $25 no level."""

_STEPS = (1, 2, 5, 10)
_LEAST_YEARS = 0.5


@dataclass(frozen=True, slots=True)
class Backtest:
    """When an alert would have fired in the past, of how many readings over how many years."""

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
    """The same alert at another level, and how many `times` it would have fired there.

    `times` counts as if the alert fired at every crossing.
    """

    spec: AlertSpec
    times: int


def backtest(values: pd.Series, spec: AlertSpec) -> Backtest:
    """The firings that this alert would have had, with its band, confirmation, cooldown and `once`.

    `values`: readings of the watched measure, index = sessions ascending, NaN where withheld; empty
    ones give no firings.
    """
    values = values.dropna()
    years = (values.index[-1] - values.index[0]).days / 365.25 if len(values) else 0.0
    return Backtest(firings(values, spec), len(values), years)


def suggest_level(values: pd.Series, spec: AlertSpec, signal: Signal) -> LevelSuggestion | None:
    """The candidate level at which the alert would have fired nearest to five times a year.

    Args:
        values: Readings as for `backtest`.
        spec: The requested alert.
        signal: The signal that it watches.

    Returns:
        The suggestion; of equally good ones the nearest to the requested level. None with less than
        half a year of
        readings, and where the alert would not have fired at any other level.
    """
    values = values.dropna()
    target = FIRINGS_A_YEAR * backtest(values, spec).years
    if target < FIRINGS_A_YEAR * _LEAST_YEARS:
        return None
    suggestions = [
        LevelSuggestion(candidate, len(firings(values, replace(candidate, repeat=Repeat.EVERY))))
        for candidate in candidates(values, spec, signal)
    ]
    return min(
        (suggestion for suggestion in suggestions if suggestion.times),
        key=lambda suggestion: (abs(suggestion.times - target), _distance(suggestion.spec, spec)),
        default=None,
    )


def candidates(values: pd.Series, spec: AlertSpec, signal: Signal) -> list[AlertSpec]:
    """The same alert at round levels that its measure can cross, without the requested level.

    The levels are above the median for `above`, under it for `below`, on the side of the requested
    level for `crosses`; for `outside` there are two levels at mirrored percentiles of the readings.
    They are whole numbers where the measure moves in whole steps, else they have no more decimals
    than the signal is shown with. A level that all readings of the newest quarter lie past is none. Empty without
    readings.
    """
    numbers = values.dropna().to_numpy(dtype=float)
    if not len(numbers):
        return []
    levels = _pairs(numbers, spec, signal) if spec.condition is Condition.OUTSIDE else _single(numbers, spec, signal)
    specs = dict.fromkeys(replace(spec, level=low, level_high=high) for low, high in levels)
    return [
        candidate
        for candidate in specs
        if candidate != spec and _can_cross(candidate, signal) and not _left_behind(candidate, numbers[-QUARTER:])
    ]


def _single(numbers: Floats, spec: AlertSpec, signal: Signal) -> Iterator[tuple[float, None]]:
    low, middle, high = (float(level) for level in np.percentile(numbers, (_MIDDLE[0], 50.0, _MIDDLE[1])))
    upward = spec.condition is Condition.ABOVE or (spec.condition is Condition.CROSSES and spec.level >= middle)
    low, high = (middle, high) if upward else (low, middle)
    step = _step(high - low, signal, spec.measure)
    for count in range(math.floor(low / step), math.ceil(high / step) + 1):
        level = _round(count, step)
        if spec.condition is not Condition.CROSSES or numbers.min() < level < numbers.max():
            yield level, None


def _pairs(numbers: Floats, spec: AlertSpec, signal: Signal) -> Iterator[tuple[float, float]]:
    # Squared, so that the percentiles lie closer together in the tails, where the levels of alerts
    # are.
    tails = 50.0 * np.linspace(0.0, 1.0, _LEVELS) ** 2
    lows, highs = np.percentile(numbers, tails), np.percentile(numbers, 100.0 - tails)
    step = _step(float(np.subtract(*np.percentile(numbers, _MIDDLE[::-1]))), signal, spec.measure)
    for low, high in zip(lows, highs, strict=True):
        pair = _round(round(float(low) / step), step), _round(round(float(high) / step), step)
        if pair[0] < pair[1]:
            yield pair


def _step(width: float, signal: Signal, measure: Measure) -> float:
    """The least round step that gives at most `_LEVELS` levels.

    Round is 1, 2 or 5 times a power of ten. Never below `_finest`.
    """
    least = _finest(signal, measure)
    if width <= least * _LEVELS:
        return least
    power = 10.0 ** math.floor(math.log10(width / _LEVELS))
    return max(least, next(step * power for step in _STEPS if width <= step * power * _LEVELS))


def _finest(signal: Signal, measure: Measure) -> float:
    """The least step in which a level of this measure has meaning."""
    if moves_in_whole_steps(signal.unit, measure) or measure is Measure.PERCENTILE_1Y:
        return 1.0
    return 0.1 if measure is Measure.Z_1Y else float(10.0**-signal.decimals)


def _round(count: int, step: float) -> float:
    """`count` steps from zero, without the noise of binary fractions and never negative zero."""
    return round(count * step, max(0, -math.floor(math.log10(step)))) + 0.0


def _can_cross(spec: AlertSpec, signal: Signal) -> bool:
    low, high = possible(signal, spec.measure)
    return all(
        low <= trigger.level < high if trigger.direction is Direction.ABOVE else low < trigger.level <= high
        for trigger in triggers(spec)
    )


def _left_behind(spec: AlertSpec, newest: Floats) -> bool:
    if spec.condition is Condition.CROSSES:
        return not newest.min() <= spec.level <= newest.max() and len(newest) == QUARTER
    past = np.zeros(len(newest), dtype=bool)
    for trigger in triggers(spec):
        past |= newest > trigger.level if trigger.direction is Direction.ABOVE else newest < trigger.level
    return bool(past.all()) and len(newest) == QUARTER


def _distance(left: AlertSpec, right: AlertSpec) -> float:
    return abs(left.level - right.level) + abs((left.level_high or 0.0) - (right.level_high or 0.0))
