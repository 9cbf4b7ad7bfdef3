"""What a form says beside the field of a level: the unit, the value now and the range of five years."""

from __future__ import annotations

import math

from bot.alerts.validation import ValidatedSpec
from bot.commands.context import Core
from bot.commands.market.signal_history import newest_value
from bot.domain.model import AlertSpec
from bot.errors import UserError
from bot.formatting import formats
from bot.formatting.signal_values import between, span
from signals.core.model import Measure, Signal
from signals.core.rolling import YEAR
from signals.core.units import Unit

_UNITS = {
    Unit.PERCENT: "%",
    Unit.POINTS_PERCENT: "points",
    Unit.USD: "$",
    Unit.Z: "SD",
    Unit.POINTS: "points",
    Unit.SESSIONS: "sessions",
    Unit.MONTHS: "months",
    Unit.DAYS: "days",
    Unit.TURNS: "times earnings",
    Unit.VOL_POINTS: "vol points",
    Unit.THOUSAND: "thousand",
    Unit.STEPS: "cuts of 25 bp",
}


def unit_words(signal: Signal, measure: Measure) -> str:
    """The unit of a level in a word, empty where it has none."""
    if measure is Measure.PERCENTILE_1Y:
        return "percentile of the past year"
    if measure is not Measure.VALUE and measure is not Measure.Z_1Y and formats.in_basis_points(signal):
        return "points, or 25 bp"
    return "SD" if measure is Measure.Z_1Y else _UNITS.get(signal.unit, "")


def hint(core: Core, signal: Signal, measure: Measure = Measure.VALUE) -> str:
    """`Now $85.88; past 5 years $20.88 to $85.88`, without the unknown parts."""
    series = core.readings.series(signal.id, measure).dropna()
    if not len(series):
        return "No data yet"
    now = formats.measured(float(series.iloc[-1]), signal, measure)
    low, high = float(series.min()), float(series.max())
    return f"Now {now}; past {span(len(series) / YEAR)} {between(low, high, signal, measure)}"


def refuse_todays(core: Core, validated: ValidatedSpec) -> None:
    """Raise UserError where a level is the value of today, which nearly every session crosses."""
    spec, signal = validated.spec, validated.signal
    if signal.unit.whole:
        return
    value, _ = newest_value(core, spec)
    for level in _levels(spec):
        if value is not None and math.isclose(level, round(value, signal.decimals), abs_tol=1e-12):
            raise UserError(
                f"{formats.measured(value, signal, spec.measure)} is where {signal.label} is now, so nearly any move would "
                "cross it. Type a level that it has yet to reach."
            )


def _levels(spec: AlertSpec) -> list[float]:
    return [spec.level] if spec.level_high is None else [spec.level, spec.level_high]
