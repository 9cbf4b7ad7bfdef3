"""Values of a signal's measures inside a line: short, as a range, as a rank against the past."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from bot.formatting import formats, numerals
from signals.core.model import Cadence, Coverage, Family, Measure, Signal, State
from signals.core.units import Unit

SURVIVORSHIP = (
    "in 2015-19 the share of S&P 500 stocks above the 200-day average ran 8 points above the published series, "
    "that above the 50-day average 4 points"
)
"""How far readings from today's members lie above those of the members of the time."""

_TOO_HIGH = {"breadth.sp500.above_200dma": 8, "breadth.sp500.above_50dma": 4}


def survivorship(signal: str) -> str:
    """How far a signal of today's members lay above the published series; empty where none is published."""
    points = _TOO_HIGH.get(signal)
    return "" if points is None else f"{points} points above the published series in 2015-19"


@dataclass(frozen=True, slots=True)
class Rank:
    """Where a value stands among past readings: shares, in percent, that are strictly lower, equal and strictly higher."""

    lower: float
    equal: float
    higher: float

    @classmethod
    def among(cls, past: NDArray[np.float64], value: float) -> Rank:
        """The rank of a value; `past` has at least one reading and none missing."""
        lower, higher = 100 * float((past < value).mean()), 100 * float((past > value).mean())
        return cls(lower, 100 * float((past == value).mean()), higher)

    @property
    def percentile(self) -> float:
        """The mid-rank percentile, for a bar."""
        return self.lower + self.equal / 2


def rank_words(rank: Rank, years: float, *, whole: bool) -> str:
    """`higher than 95% of the past 5 years`, true also where readings are equal.

    A share is rounded down, so it never claims more than there is. Counts, streaks and flags
    (`whole`) repeat themselves: `as on 58% of days of the past 5 years`.
    """
    period = past_span(years)
    if whole and rank.equal:
        often = formats.share(rank.equal) if rank.equal >= 1 else "under 1%"
        return f"as on {often} of days of {period}"
    if rank.lower == 100:
        return f"the highest of {period}"
    if rank.higher == 100:
        return f"the lowest of {period}"
    side, share = ("higher", rank.lower) if rank.lower >= rank.higher else ("lower", rank.higher)
    return f"{side} than {math.floor(share)}% of {period}"


_ISO_MONTH = re.compile(r"\b(?:19|20)\d{2}-(?:0[1-9]|1[0-2])\b(?!-)")
_ISO_DAY = re.compile(r"\b\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])\b")


def percentile_words(percentile: float) -> str:
    """`the 88th percentile`; the first and the last have a decimal, `the 99.8th`, and none is the 0th or 100th."""
    return f"the {numerals.percentile(percentile)} percentile"


def span(years: float) -> str:
    """`5 years`, `1 year`, `7 months`."""
    if years >= 1:
        return formats.counted(round(years), "year")
    return formats.counted(max(1, round(years * 12)), "month")


def observed_words(signal: Signal, observed: date, today: date) -> str:
    """`observed Wed, Oct 12`; of a monthly figure `for August 2022`: no day of it was observed."""
    if signal.cadence is Cadence.MONTHLY:
        return f"for {observed:%B %Y}"
    return f"observed {formats.day(observed, today=today)}"


def past_span(years: float) -> str:
    """`the past 5 years`, `the past year`, `the past 7 months`."""
    return f"the past {span(years).removeprefix('1 ')}"


def short(value: float, signal: Signal, which: Measure) -> str:
    """A value in short: counts and streaks without unit, scores without scale, per cent with the per cent sign."""
    if which is Measure.VALUE and signal.unit is Unit.SCORE:
        return formats.plain(value, signal.decimals, signed=True)
    if which is Measure.VALUE and signal.unit.whole and signal.unit is not Unit.SIDE:
        return formats.plain(value, signal.decimals)
    return formats.measured(value, signal, which)


def between(low: float, high: float, signal: Signal, which: Measure) -> str:
    """`-3 to 3`, `15.1% to 86.9%`, `-0.42 to +0.52 points`: a unit in words is written once."""
    return formats.span_of(short(low, signal, which), short(high, signal, which))


def with_days(text: str) -> str:
    """A reason or a note with its ISO dates as people write them: `of the quarter to Sep 30, 2025`, `of August 2025`."""
    text = _ISO_DAY.sub(lambda iso_day: formats.short_day(date.fromisoformat(iso_day[0]), year=True), text)
    return _ISO_MONTH.sub(lambda month: f"{date.fromisoformat(f'{month[0]}-01'):%B %Y}", text)


def state_words(state: State, session: date, today: date) -> str:
    """`final, Tue, Jan 13`."""
    return f"{state.value}, {formats.day(session, today=today)}"


_COUNTED = {
    Family.FLOWS: "funds",
    Family.EARNINGS: "companies",
    Family.CAPEX: "companies",
    Family.VALUATION: "companies",
}


def coverage_words(coverage: Coverage | None, family: Family) -> str:
    """`497 of 503 members`, `8 of 9 funds`, `118 of 120 companies`; empty for signals that count nothing."""
    noun = _COUNTED.get(family, "members")
    return f"{coverage.counted:,} of {coverage.listed:,} {noun}" if coverage is not None else ""
