"""Axes without drawing: ends of an axis, ticks, date labels, places of labels."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bot.formatting import formats

Floats = NDArray[np.float64]

_MARGIN = 0.07
_MIN_DATES = 2


def limits(values: Iterable[float] | Floats, *, margin: float = _MARGIN, whole: bool = False) -> tuple[float, float]:
    """Ends of an axis around the finite values, with a margin as a share of their range.

    Around a constant the margin is a tenth of it, and at least 1 for `whole` numbers. Without any
    finite value the axis runs from 0 to 1.
    """
    finite = np.asarray([value for value in values if math.isfinite(value)], dtype=np.float64)
    if not len(finite):
        return 0.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        reach = max(1.0, abs(high) / 10) if whole or high == 0 else abs(high) / 10
        return low - reach, high + reach
    extra = margin * (high - low)
    return low - extra, high + extra


def ticks(low: float, high: float, *, most: int = 6, whole: bool = False) -> list[float]:
    """At most `most` round numbers between two ends: multiples of 1, 2 or 5 times a power of ten.

    With `whole` the step is at least 1.
    """
    raw = (high - low) / max(1, most)
    power = 10.0 ** math.floor(math.log10(raw))
    steps = [power * factor for factor in (1, 2, 5, 10, 20)]
    for step in steps:
        if whole and step < 1:
            continue
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first < most:
            return [number * step for number in range(first, last + 1)]
    return []


def decimals_of(numbers: Sequence[float]) -> int:
    """Decimals that distinguish evenly spaced numbers, at most nine."""
    if len(numbers) < 2:
        return 0 if not numbers or numbers[0] == round(numbers[0]) else 2
    step = abs(numbers[1] - numbers[0])
    return min(9, max(0, -math.floor(math.log10(step) + 1e-9))) if step else 0


def spread(targets: Sequence[float], *, gap: float, low: float, high: float) -> list[float]:
    """Places near the targets, in the order of the targets.

    They are at least `gap` apart, and between `low` and `high` where all of them fit.
    """
    order = sorted(range(len(targets)), key=lambda item: targets[item])
    placed: list[float] = []
    for item in order:
        placed.append(max(targets[item], placed[-1] + gap if placed else low))
    ceiling = high
    for place in reversed(range(len(placed))):
        placed[place] = min(placed[place], ceiling)
        ceiling = placed[place] - gap
    result = [0.0] * len(targets)
    for item, where in zip(order, placed, strict=True):
        result[item] = where
    return result


def runs(marks: Sequence[object] | NDArray[np.generic]) -> list[tuple[int, int]]:
    """First and last position of each run of equal marks; an empty list without marks.

    NaN must be replaced before, because it equals nothing.
    """
    if not len(marks):
        return []
    starts = [place for place in range(1, len(marks)) if marks[place] != marks[place - 1]]
    return list(zip([0, *starts], [start - 1 for start in (*starts, len(marks))], strict=True))


def date_ticks(index: pd.DatetimeIndex, fitting: Callable[[str], int]) -> list[tuple[int, str]]:
    """Positions of sessions with their labels: `Nov 3`, `Nov`, or a year at its first session.

    The finest steps that fit are used: sessions, weeks, months, years. `fitting`: gives how many
    labels of the width of a text fit.
    """
    labelled: list[tuple[int, str]] = []
    for starts, label in _steps(index):
        if len(starts) > 2 * fitting("Jan"):
            # Too many for labels of any width; the text of each need not be made.
            continue
        labelled = [(place, label(index[place].date())) for place in starts]
        widest = max((text for _, text in labelled), key=len, default="")
        if len(labelled) >= _MIN_DATES and len(labelled) <= fitting(widest):
            return labelled
    return labelled[:: max(1, math.ceil(len(labelled) / max(1, fitting("2000"))))]


def _steps(index: pd.DatetimeIndex) -> Iterable[tuple[list[int], Callable[[date], str]]]:
    days = index.to_numpy().astype("datetime64[D]")
    weeks = (days.astype(np.int64) + 3) // 7
    months = days.astype("datetime64[M]").astype(np.int64)
    years = days.astype("datetime64[Y]").astype(np.int64)
    yield list(range(len(index))), _day_words
    for step in (1, 2):
        yield _starts(weeks, step), _day_words
    for step in (1, 2, 3, 6):
        yield _starts(months, step), _month_words
    for step in (1, 2, 5, 10):
        yield _starts(years, step), _year_words


def _starts(periods: NDArray[np.int64], step: int) -> list[int]:
    """Positions at which a period begins whose number is a multiple of `step`.

    The first position is left out, because its period may have begun earlier.
    """
    begins = np.flatnonzero(np.diff(periods)) + 1
    return [int(place) for place in begins if periods[place] % step == 0]


def _day_words(day: date) -> str:
    return formats.short_day(day)


def _month_words(day: date) -> str:
    return str(day.year) if day.month == 1 else f"{day:%b}"


def _year_words(day: date) -> str:
    return str(day.year)


def days_words(index: pd.DatetimeIndex) -> str:
    """The dates that a chart covers: `Jul 1 to Dec 31, 2025`, with both years where they differ."""
    first, last = index[0].date(), index[-1].date()
    return f"{formats.short_day(first, year=first.year != last.year)} to {formats.short_day(last, year=True)}"


def plain_words(numbers: Sequence[float], *, signed: bool = False) -> list[str]:
    """Evenly spaced numbers with the decimals that distinguish them.

    Large ones as `$3.2B`, tiny ones as `2e-07`.
    """
    largest = max((abs(number) for number in numbers), default=0.0)
    if 0 < largest < 1e-4:
        return [f"{number:.2g}" for number in numbers]
    if largest >= 1e6:
        return [_big(number, signed=signed) for number in numbers]
    return [formats.plain(number, decimals_of(numbers), signed=signed and number != 0) for number in numbers]


def _big(number: float, *, signed: bool) -> str:
    if abs(number) >= 1e15:
        return f"{number:.2g}"
    return ("+" if signed and number > 0 else "") + formats.dollars(number, 0)
