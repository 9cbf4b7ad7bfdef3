"""The regime band: the named state of rotation under a plot, as shading, stripes and words."""

from __future__ import annotations

import pandas as pd

from bot.charts.inputs import ChartInputs
from bot.charts.layout import style
from bot.charts.layout.plot import Plot
from bot.charts.layout.window import regimes
from signals.core.model import Axis
from signals.scenario.score import name_of

HEIGHT = 34
_COLORS = {1: style.UP, 0: style.ZERO, -1: style.DOWN}
_SHADED = 14
"""Stretches up to which they shade the plot too; more would be a pattern."""
_MARKS = {1: "▲", 0: "", -1: "▼"}


def regime_band(plot: Plot, inputs: ChartInputs, index: pd.DatetimeIndex) -> None:
    """Shade a plot by regime, name the regimes below it and the dates below that. Without any known state only the dates."""
    found = regimes(inputs, index)
    if not found:
        plot.dates(index)
        return
    page, y = plot.page, plot.box.bottom + HEIGHT / 2 + 2
    if len(found) <= _SHADED:
        for side in (1, -1):
            spans = [(first, last) for first, last, state in found if state == side]
            plot.columns(spans, _COLORS[side], alpha=0.09)
    for first, last, state in found:
        left, right = plot.along(max(first - 0.5, plot.x[0])), plot.along(min(last + 0.5, plot.x[1]))
        # Broadening stands a little higher and concentrating lower: colour alone says nothing.
        middle = y - 4 * state
        page.line((left + 1, right - 1), (middle, middle), _COLORS[state] if state else style.GRID, HEIGHT - 11)
        for words in (name_of(Axis.ROTATION, state), _MARKS[state]):
            if words and page.wide(words, style.SMALL) + 8 <= right - left:
                color = style.BACK if state else style.MUTED
                page.text((left + right) / 2, middle, words, size=style.SMALL, color=color, align="center")
                break
    plot.dates(index, top=y + HEIGHT / 2 - 4)
