"""Words of charts: units, numbers beside an axis, titles, and the alternative text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pandas as pd

from bot.charts.layout import axis_scale
from bot.domain.chart_request import ChartRequest
from bot.formatting import formats
from signals import catalogue
from signals.asof.series import counts_same_session
from signals.core.model import Measure, Signal
from signals.core.units import Unit
from signals.event_study import Outcome

ALT_LIMIT = 1024
"""Characters that Discord keeps of an alternative text."""


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
    return formats.plain(value, signal.decimals, signed=signed(signal, which)) + percent_sign(signal, which)


def percent_sign(signal: Signal, which: Measure) -> str:
    """`%` for values in per cent, else empty: other units stand with the newest value alone."""
    return "%" if which is Measure.VALUE and signal.unit is Unit.PERCENT else ""


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
    words = axis_scale.plain_words(numbers, signed=signed(signal, which))
    return numbers, [text + percent_sign(signal, which) for text in words]


def percent(value: float) -> str:
    """A return in per cent, without the per cent sign: `+4.6`; from 100,000 upwards `+1.2e+07`."""
    return formats.plain(value, 1, signed=True) if abs(value) < 1e5 else f"{value:+.1e}"


def signed_dollars(value: float) -> str:
    """An amount with its sign: `+$3.2B`, `-$410M`."""
    return f"{'+' if value > 0 else ''}{formats.dollars(value, 0)}"


def signal_of(request: ChartRequest) -> Signal:
    """The signal of a request, called what it is called by who asked."""
    signal = catalogue.signal(request.names[0])
    label = request.label(signal.id)
    return replace(signal, label=label, short="") if label else signal


def title_of(signal: Signal, which: Measure) -> str:
    """`Equal weight vs. S&P 500, 1 day`, followed by the measure where that is not the value."""
    return signal.label if which is Measure.VALUE else f"{signal.label}: {formats.MEASURES[which]}"


_INDICES = {"^IXIC": "Nasdaq", "^GSPC": "S&P 500", "^RUT": "Russell 2000", "^DJI": "Dow"}


def outcome_name(outcome: Outcome) -> str:
    """`Nasdaq`, `RSP vs. SPY`."""
    return " vs. ".join(_INDICES.get(ticker, ticker) for ticker in outcome.tickers)


def when(day: date | pd.Timestamp) -> str:
    """`Tue, Jan 13, 2026`."""
    return formats.day(day.date() if isinstance(day, pd.Timestamp) else day)


def is_known_later(signal: Signal) -> bool:
    """Whether a signal's values are published after the sessions that they describe, as yields are.

    The rows of charts are the sessions at whose close each was known.
    """
    return signal.max_age > 0 and not all(counts_same_session(name) for name in signal.inputs)


def alt(sentences: Sequence[str]) -> str:
    """Sentences as an alternative text; the last ones are left out where they do not fit."""
    text = ""
    for sentence in sentences:
        longer = f"{text} {sentence}".strip() if sentence else text
        if len(longer) > ALT_LIMIT:
            break
        text = longer
    return text or sentences[0][:ALT_LIMIT]
