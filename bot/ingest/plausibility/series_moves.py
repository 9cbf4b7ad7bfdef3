"""Moves of series that cannot be: all values in another unit, shifted decimal points, and steps that no rate makes. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise

import numpy as np

from bot.ingest.plausibility.bands import is_rate
from bot.ingest.plausibility.jumps import is_never_believed, is_unit_error
from bot.ingest.plausibility.sentences import on

LARGEST_STEP = 1.5
"""Points. From one value to the next no yield and no policy rate that a signal reads moved by more than 1.05 in 21 years."""
FEWEST = 5
"""Days that an answer and the archive have in common before all of it counts as being in another unit."""


def doubted(name: str, days: Sequence[date], values: Sequence[float], stored: Mapping[date, float]) -> dict[int, str]:
    """Position -> why a value is not believed.

    Args:
        name: Id of the series.
        days: What the values describe.
        values: Those of an answer.
        stored: The newest known values of the archive, by day.
    """
    reason = _other_unit(name, days, values, stored)
    if reason is not None:
        return dict.fromkeys(range(len(days)), reason)
    return _steps(name, days, values, stored)


def _other_unit(name: str, days: Sequence[date], values: Sequence[float], stored: Mapping[date, float]) -> str | None:
    """Percent became fractions, or thousands units: no day of the answer says so, all of them together do."""
    pairs = [(value, stored[day]) for day, value in zip(days, values, strict=True) if day in stored]
    ratios = [value / before for value, before in pairs if value * before > 0]
    if len(ratios) < FEWEST:
        return None
    middle = float(np.median(ratios))
    return f"all values of {name} are {middle:.4g} times the stored ones" if is_unit_error(middle) else None


def _steps(name: str, days: Sequence[date], values: Sequence[float], stored: Mapping[date, float]) -> dict[int, str]:
    """Each value against the one before it that is believed; the next one may bear it out."""
    given = sorted((day, at) for at, day in enumerate(days) if values[at] == values[at])
    merged = {**stored, **{day: values[at] for day, at in given}}
    order = sorted(merged)
    following = dict(pairwise(order))
    position = dict(given)
    reasons: dict[int, str] = {}
    last: tuple[date, float] | None = None
    for day in order:
        value, at = merged[day], position.get(day)
        if at is not None and (reason := _step(name, day, value, last, stored.get(day))) is not None:
            after = merged[following[day]] if day in following else None
            if day in stored or not _is_borne_out(last, value, after):
                reasons[at] = reason
                if day not in stored:
                    continue
                value = stored[day]
        last = day, value
    return reasons


def _step(name: str, day: date, value: float, last: tuple[date, float] | None, stored: float | None) -> str | None:
    if stored is not None:
        # What was stored has been judged before: only another value of its day is a question.
        if not is_rate(name) or abs(value - stored) <= LARGEST_STEP:
            return None
        return f"{name} at {value:g} of {on(day)} is stored as {stored:g}"
    if last is None:
        return None
    step = f"{name} went from {last[1]:g} of {on(last[0])} to {value:g}"
    if is_rate(name):
        return f"{step}, further than it moves in a day" if abs(value - last[1]) > LARGEST_STEP else None
    return f"{step}, which looks like a shifted decimal point" if is_never_believed(last[1], value) else None


def _is_borne_out(last: tuple[date, float] | None, value: float, after: float | None) -> bool:
    """Whether the next value stays at one that is doubted. A shifted decimal point is never borne out."""
    if last is None or after is None or is_never_believed(last[1], value):
        return False
    return abs(after - value) < abs(after - last[1])
