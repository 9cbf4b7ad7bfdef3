"""Sentences about doubts, for people. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from bot.archive.ordinary_moves import SMALL
from bot.domain.doubt import DoubtRule, StoredDoubt
from bot.formatting import formats
from bot.ingest.plausibility.jumps import RATIOS, UNITS

MOST_LINES = 5


def of_closes(rule: DoubtRule, before: float, before_day: date, close: float, day: date, words: str) -> str:
    """Why a bar is not believed; `words` is what others say of it."""
    match rule:
        case DoubtRule.NO_ANSWER:
            reason = (
                f"its close of {on(day)} repeats that of {on(before_day)}, {_price(close)}, as if it had not traded"
            )
        case DoubtRule.UNCHANGED:
            reason = f"its close of {on(day)} repeats that of {on(before_day)} to the cent, {_price(close)}"
        case _:
            reason = f"its close went from {_price(before)} on {on(before_day)} to {_price(close)} on {on(day)}"
            reason += _shape(rule, before, close)
    return f"{reason}; {words}" if words else reason


def of_correction(before: float, close: float, day: date) -> str:
    """Why another close of a stored day is not believed."""
    return f"the source now gives {_price(close)} as its close of {on(day)}, stored is {_price(before)}"


def notices(before: Iterable[StoredDoubt], now: Sequence[StoredDoubt]) -> list[str]:
    """Lines for the log on doubts that were not there before: each for itself, or all in one."""
    shown_ids = {stored.id for stored in before}
    new = [stored.doubt for stored in now if stored.id not in shown_ids]
    lines = [f"{doubt.subject} of {doubt.day} is not believed: {doubt.sentence}" for doubt in new]
    if len(lines) <= MOST_LINES:
        return lines
    return [f"{len(lines)} figures are not believed, among them {lines[0].replace(' is not believed', '', 1)}"]


def _shape(rule: DoubtRule, before: float, close: float) -> str:
    size = max(close / before, before / close) if before > 0 and close > 0 else 0.0
    if rule is DoubtRule.UNIT:
        unit = min(UNITS, key=lambda unit: abs(size / unit - 1))
        near = abs(size / unit - 1) <= SMALL
        return f", which looks like a unit error of {unit:g}" if near else ", which no market does"
    if rule is DoubtRule.RATIO:
        ratio = min(RATIOS, key=lambda ratio: abs(size / ratio - 1))
        return f", which looks like a split of {ratio:.3g} that the source does not report"
    return ", unlike what moves with it" if rule is DoubtRule.DIVERGED else ", far outside its normal moves"


def _price(value: float) -> str:
    return f"{value:,.6g}" if abs(value) < 1e5 else f"{value:,.0f}"


def on(day: date) -> str:
    """A day as these sentences name it: Dec 16, 2025."""
    return formats.short_day(day, year=True)
