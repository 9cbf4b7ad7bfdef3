"""What an alert means: pure rules, without a database and without a clock.

`step` is the whole semantics of one trigger; `bot.alerts.engine` says the same in SQL for all of them at once, and a
property test holds the two together.
"""

from __future__ import annotations

import math
import re
from datetime import date, timedelta

import pandas as pd

from bot.errors import UserError
from bot.model import AlertSpec, Condition, Direction, Repeat, Timing, Trigger, TriggerState
from signals.reading import Family, Measure, Signal, Unit

BAND_READINGS = 252
"""How many of the newest readings the default band is made of."""

CONFIRM_MOST = 20
COOLDOWN_MOST_DAYS = 365
LEVEL_MOST = 1e15

_GROUPED = re.compile(r"[0-9]{1,3}(,[0-9]{3}){2,}(\.[0-9]+)?|[0-9]{1,3}(,[0-9]{3})+\.[0-9]+")
_PLAIN = re.compile(r"[0-9]+([.,][0-9]+)?|[.,][0-9]+")
_TWO_WAYS = re.compile(r"[1-9][0-9]{0,2},[0-9]{3}")
_AFTER = re.compile(r"(%|pp|usd|\$|points?|sessions?|months?|z)$", re.IGNORECASE)
_POSSIBLE = {
    Unit.SHARE: (0.0, 1.0),
    Unit.FLAG: (0.0, 1.0),
    Unit.SEVEN: (0.0, 7.0),
    Unit.RANK: (1.0, 11.0),
    Unit.COUNT: (0.0, math.inf),
    Unit.MONTHS: (0.0, math.inf),
    Unit.RATIO: (0.0, math.inf),
}
_IN_UNIT = frozenset({Measure.VALUE, Measure.CHANGE_1D, Measure.CHANGE_5D, Measure.CHANGE_21D})


def triggers(spec: AlertSpec) -> tuple[Trigger, ...]:
    """The one or two triggers of a condition, the one above first.

    `crosses L` is above L and below L, `outside A..B` is above B and below A. A trigger watches again at `level` minus
    (above) or plus (below) the band; with `outside` never beyond the other level, where the other trigger speaks.
    """
    above = Trigger(Direction.ABOVE, spec.level, spec.level - spec.band)
    below = Trigger(Direction.BELOW, spec.level, spec.level + spec.band)
    match spec.condition:
        case Condition.ABOVE:
            return (above,)
        case Condition.BELOW:
            return (below,)
        case Condition.CROSSES:
            return (above, below)
    low, high = spec.level, _high(spec)
    return (
        Trigger(Direction.ABOVE, high, max(high - spec.band, low)),
        Trigger(Direction.BELOW, low, min(low + spec.band, high)),
    )


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
    """State of a trigger made while the watched measure stands at `value`; None or NaN is no value yet."""
    if value is None or not math.isfinite(value):
        return TriggerState.NEW
    return TriggerState.FIRED if holds(trigger, value) else TriggerState.ARMED


def already_there(spec: AlertSpec, value: float | None) -> bool:
    """Whether a new alert starts on the far side, so that its first message waits for the next crossing.

    Never for `crosses`, which always waits for the way to the other side.
    """
    if spec.condition is Condition.CROSSES:
        return False
    return any(initial_state(trigger, value) is TriggerState.FIRED for trigger in triggers(spec))


def step(
    trigger: Trigger, confirm: int, state: TriggerState, streak: int, value: float
) -> tuple[TriggerState, int, bool]:
    """One reading of one trigger: its next state, its next streak and whether it fires.

    `streak` is the number of consecutive sessions that already held while armed (always under `confirm`).
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
    """The sessions on which this alert would have told its owner.

    `values`: readings of the watched measure (not of the signal), float, index = sessions ascending, NaN where withheld
    (neither counts nor breaks a confirmation). The first value only sets the side. A crossing less than
    `cooldown_days` calendar days after the last message moves the state in silence; `once` gives one date at most.
    Empty values give an empty list.
    """
    sides = [(trigger, TriggerState.NEW, 0) for trigger in triggers(spec)]
    known = values.dropna()
    told: list[date] = []
    quiet_until = date.min
    for stamp, value in zip(known.index, known.to_numpy(dtype=float), strict=True):
        moved = [(trigger, *step(trigger, spec.confirm, state, streak, value)) for trigger, state, streak in sides]
        sides = [(trigger, state, streak) for trigger, state, streak, _ in moved]
        if not any(fires for *_, fires in moved):
            continue
        session = stamp.date()
        if session < quiet_until:
            continue
        told.append(session)
        if spec.repeat is Repeat.ONCE:
            break
        quiet_until = session + timedelta(days=spec.cooldown_days)
    return told


def whole(unit: Unit, which: Measure) -> bool:
    """Whether a measure moves in whole steps (counts, streaks, months, ranks and their changes)."""
    return (unit.whole or unit is Unit.RANK) and which in _IN_UNIT


def default_band(values: pd.Series, unit: Unit, which: Measure = Measure.VALUE) -> float:
    """How far a value must come back before its alert watches again, in the unit of the measure.

    `values`: readings of the watched measure as for `firings`. The median of the absolute one-session changes of the
    newest 252 readings; 0 for measures in whole steps and when there is no history.
    """
    if whole(unit, which):
        return 0.0
    newest = values.diff().abs()[values.notna()].iloc[-BAND_READINGS:]
    median = float(newest.median())
    return median if math.isfinite(median) else 0.0


def parse_level(text: str) -> float:
    """The number that a person typed as a level.

    Understands `90`, `90.5`, `90,5`, `-0.5`, `1,234.5`, blanks of every kind around and inside, a unit behind (`90 %`,
    `90 USD`) or a dollar sign in front. Raises UserError with the sentence for anything else, also for `1,500`, which reads as
    1500 in one country and as 1.5 in another.
    """
    shown = text.strip()[:40]
    packed = _AFTER.sub("", "".join(text.split()).replace("\N{MINUS SIGN}", "-"))
    sign, digits = (packed[0], packed[1:]) if packed[:1] in ("-", "+") else ("", packed)
    digits = digits.removeprefix("$")
    if _TWO_WAYS.fullmatch(digits):
        whole_part, _, rest = digits.partition(",")
        raise UserError(
            f'Level "{shown}" can be read two ways. Try {sign}{whole_part}{rest} or {sign}{whole_part}.{rest}.'
        )
    if _GROUPED.fullmatch(digits):
        digits = digits.replace(",", "")
    elif not _PLAIN.fullmatch(digits):
        raise UserError(f'Level "{shown}" is not a number. Try 90 or 90.5.')
    number = float(sign + digits.replace(",", "."))
    if abs(number) > LEVEL_MOST:
        raise UserError(f'Level "{shown}" is too large. Try a number under a thousand million million.')
    return number


def validate(spec: AlertSpec, signal: Signal) -> None:
    """Raise UserError with the first thing that is wrong with a spec for this signal and what would be right."""
    _check_levels(spec, signal)
    if not 1 <= spec.confirm <= CONFIRM_MOST:
        raise UserError(f"Confirmation over {spec.confirm} sessions is not possible. Try 1 to {CONFIRM_MOST}.")
    if spec.confirm > 1 and spec.timing is Timing.LIVE:
        raise UserError("Confirmation counts closes, so it cannot be live. Try timing close, or confirm 1.")
    if not 0 <= spec.cooldown_days <= COOLDOWN_MOST_DAYS:
        raise UserError(f"A pause of {spec.cooldown_days} days is not possible. Try 0 to {COOLDOWN_MOST_DAYS}.")
    if not (math.isfinite(spec.band) and spec.band >= 0):
        raise UserError(f"Band {spec.band:g} is not possible. Try 0 or a positive number.")


def possible(signal: Signal, which: Measure) -> tuple[float, float]:
    """The least and the greatest value that a measure can take, in its unit; infinite where nothing bounds it."""
    if which is Measure.PERCENTILE_1Y:
        return 0.0, 100.0
    low, high = _POSSIBLE.get(signal.unit, (-math.inf, math.inf))
    if signal.family is Family.BREADTH and signal.unit is Unit.PERCENT:
        low, high = (0.0, 100.0) if ".above_" in signal.id else (-100.0, 100.0)
    if which is Measure.VALUE:
        return low, high
    return (low - high, high - low) if which in _IN_UNIT else (-math.inf, math.inf)


def _check_levels(spec: AlertSpec, signal: Signal) -> None:
    levels = [level for level in (spec.level, spec.level_high) if level is not None]
    if not all(math.isfinite(level) and abs(level) <= LEVEL_MOST for level in levels):
        raise UserError("A level must be a number. Try 90 or 90.5.")
    if spec.condition is not Condition.OUTSIDE and spec.level_high is not None:
        raise UserError(f"{spec.condition.value.capitalize()} takes one level. Try outside for two.")
    if spec.condition is Condition.OUTSIDE:
        _check_order(spec)
    low, high = possible(signal, spec.measure)
    for trigger in triggers(spec):
        reachable = trigger.level < high if trigger.direction is Direction.ABOVE else trigger.level > low
        if not (low <= trigger.level <= high and reachable):
            side = f"{trigger.direction.value} {_number(trigger.level)}"
            which = "" if spec.measure is Measure.VALUE else f" ({spec.measure.value})"
            raise UserError(f"{signal.label}{which} cannot cross to {side}. Try a level {_between(low, high)}.")


def _check_order(spec: AlertSpec) -> None:
    if spec.level_high is None:
        raise UserError("Outside needs two levels. Try 20 and 80.")
    low, high = _number(spec.level), _number(spec.level_high)
    if spec.level == spec.level_high:
        raise UserError(f"Both levels are {low}. Try crosses {low}, or two different levels.")
    if spec.level > spec.level_high:
        raise UserError(f"The lower level {low} is over the upper level {high}. Try {high} and {low}.")


def _between(low: float, high: float) -> str:
    return f"between {_number(low)} and {_number(high)}" if math.isfinite(high) else f"over {_number(low)}"


def _number(value: float) -> str:
    return f"{value:.10g}"
