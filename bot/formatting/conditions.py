"""Conditions of alerts in words."""

from __future__ import annotations

from bot.domain.model import AlertSpec, Condition
from bot.formatting import formats
from signals.core.model import Signal


def condition_words(spec: AlertSpec, signal: Signal) -> str:
    """`above $90.00`, `outside -1 and 1`."""
    low = formats.level(spec.level, signal, spec.measure)
    if spec.condition is Condition.OUTSIDE and spec.level_high is not None:
        return f"outside {formats.span_of(low, formats.level(spec.level_high, signal, spec.measure))}"
    return f"{spec.condition.value} {low}"
