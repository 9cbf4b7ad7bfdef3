"""Words of charts: units, numbers beside an axis, titles, and the alternative text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd

from bot.charts.layout import axis_scale
from bot.formatting import formats
from signals.core.model import Measure, Signal
from signals.core.units import Unit
from signals.event_study import Outcome

ALT_LIMIT = 1024
"""Characters that Discord keeps of an alternative text."""

_UNITS = {
    Unit.PERCENT: "%",
    Unit.POINTS_PERCENT: "percentage points",
    Unit.RATIO: "ratio",
    Unit.PRICE: "price",
    Unit.COUNT: "count",
    Unit.ISSUES_PER_DAY: "issues a day",
    Unit.POINTS: "points",
    Unit.SHARE: "share, 0 to 1",
    Unit.SEVEN: "of 7",
    Unit.SIX: "of 6",
    Unit.FIVE: "of 5",
    Unit.Z: "standard deviations",
    Unit.SESSIONS: "sessions",
    Unit.MONTHS: "months",
    Unit.RANK: "rank, 1 leads",
    Unit.USD: "USD",
    Unit.THOUSAND: "thousand",
    Unit.TURNS: "times earnings",
    Unit.BALANCE: "-1 to 1",
    Unit.DAYS: "days",
    Unit.STEPS: "steps of 0.25 points",
    Unit.VOL_POINTS: "vol points",
    Unit.SCORE: "of 100",
}


def unit_of(signal: Signal, which: Measure) -> str:
    """The unit of the numbers beside an axis; empty for named states and flags, which are words."""
    if which is Measure.PERCENTILE_1Y:
        return "percentile of the year"
    if which is Measure.Z_1Y:
        return "standard deviations"
    if which is not Measure.VALUE and signal.unit in (Unit.PERCENT, Unit.SCORE):
        return "points"
    return _UNITS.get(signal.unit, "")


def named(signal: Signal, which: Measure) -> bool:
    """Whether the values are shown as words: named states, and flags as yes or no."""
    return which is Measure.VALUE and (signal.named or signal.unit is Unit.FLAG)


def margin_text(value: float, signal: Signal, which: Measure) -> str:
    """A value in the margin, without its unit: `72.6`, `+0.90`, `3.2 bn`, `bull`."""
    if named(signal, which):
        return signal.name_of(value) or formats.number(value, signal.unit, 0)
    if which is Measure.PERCENTILE_1Y:
        return formats.plain(value, 0)
    if which is Measure.Z_1Y:
        return formats.plain(value, 2, signed=True)
    if signal.unit is Unit.USD and abs(value) >= 1e6:
        return formats.dollars(value, 0)
    return formats.plain(value, signal.decimals, signed=signed(signal, which))


def signed(signal: Signal, which: Measure) -> bool:
    """Whether a plus sign is written: for changes, differences and scores."""
    if which is not Measure.VALUE:
        return which is not Measure.PERCENTILE_1Y
    return signal.unit in (Unit.POINTS_PERCENT, Unit.Z, Unit.SCORE, Unit.ISSUES_PER_DAY, Unit.BALANCE)


def ticks(low: float, high: float, signal: Signal, which: Measure, *, most: int = 6) -> tuple[list[float], list[str]]:
    """Numbers of an axis and their texts."""
    if named(signal, which):
        values = sorted(signal.names) if signal.named else (0, 1)
        sides = [float(value) for value in values if low <= value <= high]
        return sides, [margin_text(side, signal, which) for side in sides]
    whole = which is Measure.VALUE and signal.unit.whole
    numbers = axis_scale.ticks(low, high, most=most, whole=whole)
    return numbers, axis_scale.plain_words(numbers, signed=signed(signal, which))


def percent(value: float) -> str:
    """A return in per cent, without the per cent sign: `+4.6`; from 100,000 upwards `+1.2e+07`."""
    return formats.plain(value, 1, signed=True) if abs(value) < 1e5 else f"{value:+.1e}"


def title_of(signal: Signal, which: Measure) -> str:
    """`RSP less SPY, 1 day`, followed by the measure where that is not the value."""
    return signal.label if which is Measure.VALUE else f"{signal.label}: {formats.MEASURES[which]}"


_INDICES = {"^IXIC": "Nasdaq", "^GSPC": "S&P 500", "^RUT": "Russell 2000", "^DJI": "Dow"}


def outcome_name(outcome: Outcome) -> str:
    """`Nasdaq`, `RSP less SPY`."""
    return " less ".join(_INDICES.get(ticker, ticker) for ticker in outcome.tickers)


def when(day: date | pd.Timestamp) -> str:
    """`Tue, Jan 13, 2026`."""
    return formats.day(day.date() if isinstance(day, pd.Timestamp) else day)


def alt(sentences: Sequence[str]) -> str:
    """Sentences as an alternative text; the last ones are left out where they do not fit."""
    text = ""
    for sentence in sentences:
        longer = f"{text} {sentence}".strip() if sentence else text
        if len(longer) > ALT_LIMIT:
            break
        text = longer
    return text or sentences[0][:ALT_LIMIT]
