"""Sentences about doubts, for people. Pure."""

from __future__ import annotations

from datetime import date

from bot.domain.doubt import Rule
from bot.ingest.plausibility.adjustments import LARGEST, Finding
from bot.ingest.plausibility.jumps import RATIOS, UNITS


def of_closes(rule: Rule, before: float, before_day: date, close: float, day: date, words: str) -> str:
    """Why a bar is not believed; `words` is what others say of it."""
    match rule:
        case Rule.NO_ANSWER:
            reason = (
                f"its close of {_day(day)} repeats that of {_day(before_day)}, {_price(close)}, as if it had not traded"
            )
        case Rule.UNCHANGED:
            reason = f"its close of {_day(day)} repeats that of {_day(before_day)} to the cent, {_price(close)}"
        case _:
            reason = f"its close went from {_price(before)} on {_day(before_day)} to {_price(close)} on {_day(day)}"
            reason += _shape(rule, before, close)
    return f"{reason}; {words}" if words else reason


def of_correction(before: float, close: float, day: date) -> str:
    """Why another close of a stored day is not believed."""
    return f"the source now gives {_price(close)} as its close of {_day(day)}, stored is {_price(before)}"


def of_adjusted(found: Finding) -> str:
    """Why adjusted closes are not believed, and what is used instead."""
    day = _day(date.fromordinal(found.day))
    if found.dividend is not None:
        share = 100 * found.dividend / found.close
        reason = (
            f"its distribution of {found.dividend:g} USD of {day} is {share:.0f} % of the close, more than "
            f"{100 * LARGEST:.0f} %, and the price did not fall by it"
        )
    else:
        size = 100 * (found.change / found.expected - 1)
        reason = f"its adjusted closes change by {size:+.2f} % on {day}, which no distribution or split explains"
    return f"{reason}; they are made from its closes and distributions instead"


def _shape(rule: Rule, before: float, close: float) -> str:
    size = max(close / before, before / close) if before > 0 and close > 0 else 0.0
    if rule is Rule.UNIT:
        unit = min(UNITS, key=lambda unit: abs(size / unit - 1))
        near = abs(size / unit - 1) <= 0.05
        return f", which looks like a unit error of {unit:g}" if near else ", which no market does"
    if rule is Rule.RATIO:
        ratio = min(RATIOS, key=lambda ratio: abs(size / ratio - 1))
        return f", which looks like a split of {ratio:.3g} that the source does not report"
    return ", far outside its usual moves"


def _price(value: float) -> str:
    return f"{value:,.6g}" if abs(value) < 1e5 else f"{value:,.0f}"


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
