"""Values of a signal's measures inside a line: short, as a range, as a rank against the past."""

from __future__ import annotations

from datetime import date

from bot.formatting import formats
from signals.core.model import Coverage, Measure, Signal, State, Unit

SURVIVORSHIP = (
    "against the published series of the S&P 500 shares above the 200-day average ran 8 points too high in 2015-19, "
    "above the 50-day average 4"
)
"""How far readings from today's members lie above those of the members of the time."""

_TOO_HIGH = {"breadth.sp500.above_200dma": 8, "breadth.sp500.above_50dma": 4}


def survivorship(signal: str) -> str:
    """How far a signal of today's members lay above the published series; empty where none is published."""
    points = _TOO_HIGH.get(signal)
    return "" if points is None else f"{points} points above the published series in 2015-19"


def rank_words(percentile: float, years: float) -> str:
    """`higher than 99 % of 5 years`, or `lower than ...` for the lower half."""
    side, share = ("higher", percentile) if percentile >= 50 else ("lower", 100 - percentile)
    return f"{side} than {formats.share(share)} of {span(years)}"


def span(years: float) -> str:
    """`5 years`, `1 year`, `7 months`."""
    if years >= 1:
        return formats.counted(round(years), "year")
    return formats.counted(max(1, round(years * 12)), "month")


def short(value: float, signal: Signal, which: Measure) -> str:
    """A value in short: counts and streaks without unit, per cent with the per cent sign."""
    if which is Measure.VALUE and signal.unit.whole and signal.unit is not Unit.SIDE:
        return formats.plain(value, signal.decimals)
    return formats.measured(value, signal, which)


def between(low: float, high: float, signal: Signal, which: Measure) -> str:
    """`-3 to 3`, `15.1 % to 86.9 %`, `-0.42 to +0.52 points`: a unit in words is written once."""
    return formats.span_of(short(low, signal, which), short(high, signal, which))


def state_words(state: State, session: date, today: date) -> str:
    """`final, Tue 13 Jan`."""
    return f"{state.value}, {formats.day(session, today=today)}"


def coverage_words(coverage: Coverage | None) -> str:
    """`497 of 503 members`; empty for signals without members."""
    return f"{coverage.counted:,} of {coverage.listed:,} members" if coverage is not None else ""
