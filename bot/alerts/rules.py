"""The rules of alerts: pure functions, without a database and without a clock.

`step` defines what one reading does to one trigger. `bot.alerts.engine` does the same in SQL for
all triggers at once, and a property test holds the two together.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import pandas as pd

from bot.domain.model import AlertSpec, Condition, Direction, NewTrigger, Repeat, Trigger, TriggerState
from signals.core.decimals import finished_one
from signals.core.measure_kinds import EXTREMES, STATE_MEASURES
from signals.core.model import Measure
from signals.core.rolling import Floats
from signals.core.units import Unit

BAND_READINGS = 252
"""How many of the newest readings the default band is computed from."""


IN_UNIT = frozenset({Measure.VALUE, Measure.CHANGE_1D, Measure.CHANGE_5D, Measure.CHANGE_21D, *EXTREMES})
"""Measures in the unit of their signal."""


def triggers(spec: AlertSpec) -> tuple[Trigger, ...]:
    """The one or two triggers of a condition, the one above first.

    `crosses L` is above L and below L, `outside A..B` is above B and below A. A trigger re-arms at
    `level` minus (above) or plus (below) the band, never past its level; with `outside` never beyond
    the other level, where the other trigger fires.
    """
    match spec.condition:
        case Condition.ABOVE:
            return (_above(spec.level, spec.band),)
        case Condition.BELOW:
            return (_below(spec.level, spec.band),)
        case Condition.CROSSES:
            return (_above(spec.level, spec.band), _below(spec.level, spec.band))
    low, high = spec.level, _high(spec)
    return (_above(high, spec.band, least=low), _below(low, spec.band, most=high))


def _above(level: float, band: float, least: float = -math.inf) -> Trigger:
    """Re-armed at the decimal that people would write: 0.8 less 0.1 is 0.7, so a value of 0.7 reaches it."""
    return Trigger(Direction.ABOVE, level, min(level, max(least, finished_one(level - band))))


def _below(level: float, band: float, most: float = math.inf) -> Trigger:
    return Trigger(Direction.BELOW, level, max(level, min(most, finished_one(level + band))))


def _high(spec: AlertSpec) -> float:
    if spec.level_high is None:
        raise ValueError("outside needs two levels")
    return spec.level_high


def holds(trigger: Trigger, value: float) -> bool:
    """Whether the value is on the far side of the level; a value on the level is not."""
    return value > trigger.level if trigger.direction is Direction.ABOVE else value < trigger.level


def returned(trigger: Trigger, value: float) -> bool:
    """Whether the value is back at the re-arm level or past it."""
    return value <= trigger.rearm if trigger.direction is Direction.ABOVE else value >= trigger.rearm


def initial_state(trigger: Trigger, value: float | None) -> TriggerState:
    """State of a trigger made while its measure is at `value`; None and NaN mean no value yet."""
    if value is None or not math.isfinite(value):
        return TriggerState.NEW
    return TriggerState.FIRED if holds(trigger, value) else TriggerState.ARMED


def new_triggers(spec: AlertSpec, value: float | None, session: date) -> tuple[NewTrigger, ...]:
    """The triggers with which an alert starts, as the database stores them.

    Args:
        spec: What the alert asks for.
        value: The newest value of the watched measure. It decides in which state each trigger
            starts; with None the first reading decides, and that one never fires.
        session: The session that `value` describes, or the newest one. No session before it can
            fire.

    Returns:
        The triggers in the order of `triggers`.
    """
    return tuple(NewTrigger(trigger, initial_state(trigger, value), session) for trigger in triggers(spec))


def already_there(spec: AlertSpec, value: float | None) -> bool:
    """Whether a new alert starts on the far side, so that it first fires at the next crossing.

    Never for `crosses`, which always fires first at the crossing to the other side.
    """
    if spec.condition is Condition.CROSSES:
        return False
    return any(initial_state(trigger, value) is TriggerState.FIRED for trigger in triggers(spec))


def step(
    trigger: Trigger, confirm: int, state: TriggerState, streak: int, value: float
) -> tuple[TriggerState, int, bool]:
    """Apply one reading to one trigger.

    Args:
        trigger: The trigger.
        confirm: How many sessions in a row must hold before it fires.
        state: Its state before the reading.
        streak: The number of consecutive sessions that already held while armed, always under
            `confirm`.
        value: The reading of the watched measure.

    Returns:
        The next state, the next streak, and whether the trigger fires.
    """
    if state is TriggerState.NEW:
        return initial_state(trigger, value), 0, False
    if state is TriggerState.FIRED:
        return (TriggerState.ARMED if returned(trigger, value) else state), 0, False
    if state is TriggerState.ENDED:
        return state, 0, False
    if not holds(trigger, value):
        return state, 0, False
    if streak + 1 < confirm:
        return state, streak + 1, False
    return TriggerState.FIRED, 0, True


def firings(values: pd.Series, spec: AlertSpec) -> list[date]:
    """The sessions on which this alert would have notified its owner.

    The first value only decides on which side the alert starts. A crossing less than
    `cooldown_days` calendar days after the last message only moves the state.

    Args:
        values: Readings of the watched measure (not of the signal), float, index = sessions
            ascending, NaN where withheld; a NaN neither counts for a confirmation nor breaks it.
        spec: The alert.

    Returns:
        The dates, ascending; at most one for a `once` alert, none for empty values.
    """
    values = values.dropna()
    numbers = values.to_numpy(dtype=float)
    fired = sorted({position for trigger in triggers(spec) for position in _fired(numbers, trigger, spec.confirm)})
    notified: list[date] = []
    quiet_until = date.min
    for session in pd.DatetimeIndex(values.index)[fired].date:
        if session < quiet_until:
            continue
        notified.append(session)
        if spec.repeat is Repeat.ONCE:
            break
        quiet_until = session + timedelta(days=spec.cooldown_days)
    return notified


def _fired(values: Floats, trigger: Trigger, confirm: int) -> Iterator[int]:
    """Positions at which a trigger fires.

    The same as `step` gives value by value, but by jumps from one change of state to the
    next, because a level suggestion tries some sixty levels on years of readings.
    """
    above = trigger.direction is Direction.ABOVE
    beyond = values > trigger.level if above else values < trigger.level
    back = np.flatnonzero(values <= trigger.rearm if above else values >= trigger.rearm).tolist()
    # The length of the run of values beyond the level that ends at each position, 0 where a value
    # is not beyond it.
    positions = np.arange(len(values))
    run = positions - np.maximum.accumulate(np.where(beyond, -1, positions))
    confirmed = np.flatnonzero(run == confirm).tolist()
    position, armed = 0, not beyond[:1].any()
    while True:
        changes = confirmed if armed else back
        following = bisect_right(changes, position)
        if following == len(changes):
            return
        position = changes[following]
        if armed:
            yield position
        armed = not armed


def moves_in_whole_steps(unit: Unit, measure: Measure) -> bool:
    """Whether a measure moves in whole steps (counts, streaks, months, ranks and their changes)."""
    return measure in STATE_MEASURES or ((unit.whole or unit is Unit.RANK) and measure in IN_UNIT)


def default_band(values: pd.Series, unit: Unit, measure: Measure = Measure.VALUE) -> float:
    """How far a value must come back before its alert re-arms, in the unit of the measure.

    `values`: readings of the watched measure as for `firings`. The band is the median of the
    absolute one-session changes of the newest 252 readings; 0 for measures in whole steps and when
    there is no history.
    """
    if moves_in_whole_steps(unit, measure):
        return 0.0
    newest = values.diff().abs()[values.notna()].iloc[-BAND_READINGS:]
    median = finished_one(float(newest.median()))
    return median if math.isfinite(median) else 0.0
