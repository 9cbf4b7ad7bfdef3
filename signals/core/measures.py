"""Measures of a signal's readings: changes, one-year percentile, one-year z (docs/signals.md, "Measures").

`measure_of` computes a whole history, `measures_at` one session; both use the same arithmetic.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from signals.core.decimals import PLACES, finished, finished_one
from signals.core.measure_kinds import EXTREMES, HIGHS, STATE_MEASURES
from signals.core.model import History, Measure, Measures, Restart, Signal, VoteMeasure
from signals.core.rolling import ENOUGH, YEAR, Floats, back, percentile_of, rolling_percentile, rolling_z, z_of

CHANGES = {Measure.CHANGE_1D: 1, Measure.CHANGE_5D: 5, Measure.CHANGE_21D: 21}
"""Sessions between the two readings of a change."""

_PERIODS = {Restart.YEAR: "datetime64[Y]", Restart.MONTH: "datetime64[M]"}


def measure(values: pd.Series[float], which: Measure | VoteMeasure, *, places: int = PLACES) -> pd.Series[float]:
    """A measure of every reading of a series, on the same index.

    Args:
        values: One reading a session, oldest first, NaN where withheld.
        which: The measure.
        places: Decimal places of a change.

    Returns:
        Changes: the value minus the value k sessions earlier, in the unit of the values.
        Percentile: 0-100. z: standard deviations (n - 1). NaN where the reading of the day (or of
        k sessions earlier) is withheld, where the last 252 sessions have fewer than 200 readings,
        or, for z, where all of them are equal. New highs and lows: how far the value is beyond those of the
        sessions before, of which as many must be known.
    """
    numbers: Floats = np.array(values, dtype=np.float64)
    if which is Measure.PERCENTILE_1Y:
        numbers = finished(rolling_percentile(numbers))
    elif which is Measure.Z_1Y:
        numbers = finished(rolling_z(numbers))
    elif which in STATE_MEASURES:
        numbers = np.where(np.isnan(numbers), np.nan, (numbers == STATE_MEASURES[Measure(which)]).astype(np.float64))
    elif which in EXTREMES:
        numbers = finished(_beyond_before(numbers, Measure(which)), places)
    elif which is not Measure.VALUE:
        numbers = finished(numbers - back(numbers, _sessions(which)), places)
    return pd.Series(numbers, index=values.index, name=values.name)


def measure_of(signal: Signal, history: History, which: Measure) -> pd.Series[float]:
    """A measure of every reading of a signal, on the same index of sessions.

    Like `measure`, by the signal's own rules: NaN throughout for a measure that it does not have,
    and no change across the beginning of what it starts anew with.

    Args:
        signal: The signal.
        history: Its history.
        which: The measure.

    Raises:
        ValueError: For a change of a signal that restarts with a turn, of a history without spans.
    """
    values = history.values
    if which not in signal.watchable:
        return pd.Series(np.full(len(values), np.nan), index=values.index, name=values.name)
    result = measure(values, which, places=signal.places)
    if which in CHANGES and signal.restarts is not None:
        begins = _begins(signal.restarts, pd.DatetimeIndex(values.index).to_numpy(), history.spans)
        result[np.arange(len(values)) - CHANGES[which] < begins] = np.nan
    return result


def measures_at(signal: Signal, history: History, position: int) -> Measures:
    """All measures of the reading of a signal at `position` of its history, None where there is none.

    Raises ValueError as `measure_of`.
    """
    values, spans = history.values, history.spans
    numbers: Floats = np.asarray(values, dtype=np.float64)[: position + 1]
    if np.isnan(numbers[-1]):
        return Measures()
    first = 0
    if signal.restarts is not None:
        # No change reaches further back than this.
        reach = slice(max(0, position - max(CHANGES.values())), position + 1)
        days = pd.DatetimeIndex(values.index[reach]).to_numpy()
        begins = _begins(signal.restarts, days, None if spans is None else spans.iloc[reach])
        first = reach.start + int(begins[-1])
    changes = {which.value: _change(numbers, first, sessions, signal.places) for which, sessions in CHANGES.items()}
    if Measure.HIGH_252D in signal.watchable:
        changes |= {which.value: _extreme(numbers, which, signal.places) for which in EXTREMES}
    if Measure.Z_1Y not in signal.measures:
        return Measures(**changes)
    year = numbers[-YEAR:][None, :]
    return Measures(
        **changes,
        percentile_1y=_known(percentile_of(year, need=ENOUGH)[0], PLACES),
        z_1y=_known(z_of(year, need=ENOUGH)[0], PLACES),
    )


def _sessions(which: Measure | VoteMeasure) -> int:
    return YEAR if isinstance(which, VoteMeasure) else CHANGES[which]


def _begins(restarts: Restart, days: NDArray[np.datetime64], spans: pd.Series[int] | None) -> NDArray[np.int64]:
    """Position of the first of the sessions in the period, leg or state of each."""
    if restarts is Restart.TURN:
        if spans is None:
            raise ValueError("no change can be taken of a history that does not say which leg its values belong to")
        places, numbers = np.arange(len(days)), spans.to_numpy()
        changed = np.concatenate([[True], numbers[1:] != numbers[:-1]])
        return np.maximum.accumulate(np.where(changed, places, 0)).astype(np.int64)
    periods = days.astype(_PERIODS[restarts]).astype(np.int64)
    return np.searchsorted(periods, periods, side="left").astype(np.int64)


def _change(numbers: NDArray[np.floating], first: int, sessions: int, places: int) -> float | None:
    before = len(numbers) - 1 - sessions
    if before < first:
        return None
    return _known(numbers[-1] - numbers[before], places)


def enough_readings(sessions: int) -> int:
    """Readings that the sessions of a new high or low must contain, today included: as many as those of a year."""
    return round(sessions * ENOUGH / YEAR)


def _beyond_before(numbers: Floats, which: Measure) -> Floats:
    """How far each value is above the highest, or below the lowest, of the sessions before it."""
    sessions, sign = EXTREMES[which], 1.0 if which in HIGHS else -1.0
    upward, beyond = sign * numbers, np.full(len(numbers), np.nan)
    highest = pd.Series(upward).rolling(sessions - 1, min_periods=enough_readings(sessions) - 1).max().to_numpy()
    beyond[1:] = upward[1:] - highest[:-1]
    return beyond


def _extreme(numbers: NDArray[np.floating], which: Measure, places: int) -> float | None:
    sessions, sign = EXTREMES[which], 1.0 if which in HIGHS else -1.0
    before = numbers[-sessions:-1]
    if len(before) - np.count_nonzero(np.isnan(before)) < enough_readings(sessions) - 1:
        return None
    # Both pass over what is missing.
    furthest = np.fmax.reduce(before) if sign > 0 else np.fmin.reduce(before)
    return _known(sign * (numbers[-1] - furthest), places)


def _known(value: float, places: int) -> float | None:
    return None if value != value else finished_one(float(value), places)
