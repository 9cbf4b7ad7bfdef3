"""Values of a signal's measures inside a line: short, as a range, as a rank against the past."""

from __future__ import annotations

from datetime import date

from bot.formatting import formats
from signals.core.model import Coverage, Measure, Signal, State, Unit


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
