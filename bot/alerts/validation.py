"""Validation of alerts: levels as people type them, and specs that make sense for their signal.

Every refusal is a sentence with the input and what would be right. Discord enforces its own option
limits only in its client, so ranges are checked here. A spec is validated where it comes in (typed
options, a form, the id of a button); from there on it is passed as a `ValidatedSpec`, which can
only be made of a valid one.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from bot.alerts.rules import IN_UNIT, triggers
from bot.domain.model import After, AlertSpec, Condition, Direction, Repeat, Timing
from bot.errors import UserError
from signals.core.measure_kinds import EXTREMES, STATE_MEASURES
from signals.core.model import Family, Measure, Signal
from signals.core.units import Unit

CONFIRM_MOST = 20
COOLDOWN_MOST_DAYS = 365
REMIND_MOST = 63
NOTE_MOST = 100
"""Characters of a note."""

LEVEL_MOST = 1e15

_GROUPED = re.compile(r"[0-9]{1,3}(,[0-9]{3}){2,}(\.[0-9]+)?|[0-9]{1,3}(,[0-9]{3})+\.[0-9]+")
_MARKS = str.maketrans({"“": "'", "”": "'"})
_NAMES = {
    Measure.CHANGE_1D: "1-day change",
    Measure.CHANGE_5D: "5-day change",
    Measure.CHANGE_21D: "21-day change",
    Measure.PERCENTILE_1Y: "1-year percentile",
    Measure.Z_1Y: "1-year z-score",
}
_PLAIN = re.compile(r"[0-9]+([.,][0-9]+)?|[.,][0-9]+")
_TWO_WAYS = re.compile(r"[1-9][0-9]{0,2},[0-9]{3}")
_APART = re.compile(r"[0-9.,]\s+(?![0-9]{3}(?![0-9]))(?=[0-9])")
"""A blank between figures that begins no group of thousands: two numbers, or a slip of the thumb."""
_AFTER = re.compile(
    r"(%|pp|usd|\$|(vol)?points?|steps?|sessions?|months?|days?|z|sd|thousand|issuesaday|timesearnings|(?<=\d)(st|nd|rd|th)(percentile)?)$",
    re.IGNORECASE,
)
"""Every unit that levels are shown with; blanks are gone by then."""
_BASIS_POINTS = re.compile(r"bps?$", re.IGNORECASE)
_SIZE = re.compile(r"(k|mn?|bn|tn)$", re.IGNORECASE)
_SIZES = {"k": 1e3, "m": 1e6, "mn": 1e6, "bn": 1e9, "tn": 1e12}
_POSSIBLE = {
    Unit.SHARE: (0.0, 1.0),
    Unit.FLAG: (0.0, 1.0),
    Unit.SEVEN: (0.0, 7.0),
    Unit.RANK: (1.0, 11.0),
    Unit.COUNT: (0.0, math.inf),
    Unit.MONTHS: (0.0, math.inf),
    Unit.RATIO: (0.0, math.inf),
    Unit.BALANCE: (-1.0, 1.0),
    Unit.DAYS: (0.0, math.inf),
    Unit.SCORE: (-100.0, 100.0),
    Unit.SIDE: (-1.0, 1.0),
}
_NET = (Family.EARNINGS, Family.FILINGS)
"""Families whose counts are differences of two counts, so they can be negative."""


def parse_level(text: str) -> float:
    """The number that a person typed as a level.

    Accepts `90`, `90.5`, `90,5`, `-0.5`, `1,234.5`, blanks of every kind around it, before thousands
    (`1 500`) and units, a unit behind (`90%`, `+1 SD`, `the 95th`; `25 bp` is 0.25), a size (`3.2 bn`) and
    a dollar sign in front.

    Raises:
        UserError: For anything else, such as `1 1` and `80, 90`, also for `1,500`, which is 1500 in one country
            and 1.5 in another.
    """
    # Signs that nobody sees come along where a figure is copied from a page; refused, it would look right.
    text = "".join(sign for sign in text if unicodedata.category(sign) != "Cf")
    shown = text.translate(_MARKS).strip()[:40]
    joined = "".join(text.split()).replace("\N{MINUS SIGN}", "-")
    packed, basis_points = _BASIS_POINTS.subn("", joined.removeprefix("the"))
    packed = _AFTER.sub("", packed)
    sign, digits = (packed[0], packed[1:]) if packed[:1] in ("-", "+") else ("", packed)
    digits = digits.removeprefix("$")
    size = _SIZE.search(digits)
    digits = digits[: size.start()] if size else digits
    if _TWO_WAYS.fullmatch(digits):
        before, _, after = digits.partition(",")
        fraction = f".{after}".rstrip("0").removesuffix(".")
        raise UserError(f"“{shown}” can be read two ways. Try {sign}{before}{after} or {sign}{before}{fraction}.")
    if _GROUPED.fullmatch(digits):
        digits = digits.replace(",", "")
    elif not _PLAIN.fullmatch(digits) or _APART.search(text):
        raise UserError(f"“{shown}” is not a number. Type a level such as 90 or 90.5.")
    number = float(Decimal(sign + digits.replace(",", ".")) * Decimal(_SIZES[size[1].casefold()] if size else 1))
    if basis_points:
        number /= 100
    if abs(number) > LEVEL_MOST:
        raise UserError(f"“{shown}” is too large. Try a number below 1,000,000,000,000,000.")
    return number


@dataclass(frozen=True, slots=True)
class ValidatedSpec:
    """A spec that makes sense for its signal.

    Making one of any other spec raises UserError as `validate` does.
    """

    spec: AlertSpec
    signal: Signal

    def __post_init__(self) -> None:
        validate(self.spec, self.signal)


def validate(spec: AlertSpec, signal: Signal) -> None:
    """Raise UserError with the first fault of a spec for this signal and what would be right."""
    if spec.measure not in signal.watchable:
        kind = "starts afresh" if signal.restarts else "only names a state"
        if spec.measure in STATE_MEASURES:
            raise UserError(f"{signal.label} has no such state.")
        what = "new highs and lows" if spec.measure in EXTREMES else _NAMES.get(spec.measure, spec.measure.value)
        raise UserError(f"{signal.label} {kind}, so it has no {what}. Try its value.")
    _check_levels(spec, signal)
    if not 1 <= spec.confirm <= CONFIRM_MOST:
        raise UserError(f"Confirmation over {spec.confirm} sessions is not possible. Try 1 to {CONFIRM_MOST}.")
    if spec.confirm > 1 and spec.timing is Timing.LIVE:
        raise UserError("Confirmation counts closes, so it cannot be live. Try timing close, or confirm 1.")
    if not 0 <= spec.cooldown_days <= COOLDOWN_MOST_DAYS:
        raise UserError(f"A pause of {spec.cooldown_days} days is not possible. Try 0 to {COOLDOWN_MOST_DAYS}.")
    _check_after(spec)
    if not (math.isfinite(spec.band) and spec.band >= 0):
        raise UserError(f"Band {spec.band:g} is not possible. Try 0 or a positive number.")


def _check_after(spec: AlertSpec) -> None:
    if spec.after is After.NOTHING:
        return
    if spec.repeat is Repeat.ONCE:
        raise UserError("An alert that fires once ends when it fires. Try repeat:every, or after:nothing.")
    if spec.condition is Condition.CROSSES:
        raise UserError("Crosses already alerts on the way back. Try above or below, or after:nothing.")
    if spec.after is After.REMIND and not 1 <= spec.remind_every <= REMIND_MOST:
        raise UserError(f"Reminders every {spec.remind_every} sessions are not possible. Try 1 to {REMIND_MOST}.")


def possible(signal: Signal, measure: Measure) -> tuple[float, float]:
    """The least and greatest value of a measure, in its unit; infinite where nothing bounds it."""
    if measure is Measure.PERCENTILE_1Y:
        return 0.0, 100.0
    if measure in STATE_MEASURES:
        return 0.0, 1.0
    low, high = _POSSIBLE.get(signal.unit, (-math.inf, math.inf))
    if signal.family is Family.BREADTH and signal.unit is Unit.PERCENT:
        low, high = (0.0, 100.0) if ".above_" in signal.id else (-100.0, 100.0)
    if signal.family in _NET and signal.unit is Unit.COUNT:
        low, high = -math.inf, math.inf
    if signal.family is Family.SCENARIO and signal.unit is Unit.PERCENT:
        low, high = 0.0, 100.0
    if measure is Measure.VALUE:
        return low, high
    return (low - high, high - low) if measure in IN_UNIT else (-math.inf, math.inf)


def _check_levels(spec: AlertSpec, signal: Signal) -> None:
    levels = [level for level in (spec.level, spec.level_high) if level is not None]
    if not all(math.isfinite(level) and abs(level) <= LEVEL_MOST for level in levels):
        raise UserError("A level must be a number. Try 90 or 90.5.")
    if spec.condition is not Condition.OUTSIDE and spec.level_high is not None:
        raise UserError(f"{spec.condition.value.capitalize()} takes one level. Try outside for two.")
    if spec.measure in EXTREMES and (spec.condition, spec.level) != (Condition.ABOVE, 0):
        # Its measure is how far beyond the past ones a value is: at any other level it would not fire at each of them.
        raise UserError("A new high or low has no level of its own. Try above 0.")
    if spec.condition is Condition.OUTSIDE:
        _check_order(spec)
    low, high = possible(signal, spec.measure)
    for trigger in triggers(spec):
        reachable = trigger.level < high if trigger.direction is Direction.ABOVE else trigger.level > low
        if not (low <= trigger.level <= high and reachable):
            side = f"{trigger.direction.value} {_number(trigger.level)}"
            measure = "" if spec.measure is Measure.VALUE else f", {_NAMES.get(spec.measure, spec.measure.value)},"
            raise UserError(f"{signal.label}{measure} cannot be {side}. Try a level {_between(low, high)}.")


def _check_order(spec: AlertSpec) -> None:
    if spec.level_high is None:
        raise UserError("Outside needs two levels. Try 20 and 80.")
    low, high = _number(spec.level), _number(spec.level_high)
    if spec.level == spec.level_high:
        raise UserError(f"Both levels are {low}. Try crosses {low}, or two different levels.")
    if spec.level > spec.level_high:
        raise UserError(f"The lower level {low} is above the upper level {high}. Try {high} and {low}.")


def _between(low: float, high: float) -> str:
    return f"between {_number(low)} and {_number(high)}" if math.isfinite(high) else f"above {_number(low)}"


def _number(value: float) -> str:
    return f"{value:.10g}"
