"""The regime band: the named state of rotation under a plot, as shading, bars and words."""

from __future__ import annotations

import pandas as pd

from bot.charts.inputs import ChartInputs
from bot.charts.layout import style
from bot.charts.layout.plot import Plot
from bot.charts.layout.window import regimes
from signals.rotation.definitions import LEG_NAMES

HEIGHT = 58
"""Pixels of the band, between the plot and the dates."""
NOTE = "strip: rotation out of (▲) or back into (▼) big tech"
"""What the band means."""
_COLORS = {1: style.UP, -1: style.DOWN}
_MAX_SHADED = 14
"""Most stretches for which the plot is shaded too; the shading of more would be a pattern."""
_WORDS = {
    1: (f"▲ {LEG_NAMES[1]}", "▲ out", "▲"),
    -1: (f"▼ {LEG_NAMES[-1]}", "▼ back", "▼"),
    0: (LEG_NAMES[0],),
}
"""What is written on a stretch, the first that fits."""


def draw(plot: Plot, inputs: ChartInputs, index: pd.DatetimeIndex) -> None:
    """Shade a plot by regime, draw the band of regimes below it and the dates below the band.

    Without any known state only the dates are drawn.
    """
    stretches = regimes(inputs, index)
    if not stretches:
        plot.dates(index)
        return
    page, y = plot.page, plot.box.bottom + HEIGHT / 2 + 3
    if len(stretches) <= _MAX_SHADED:
        for side in (1, -1):
            spans = [(first, last) for first, last, state in stretches if state == side]
            plot.columns(spans, _COLORS[side], alpha=0.09)
    for first, last, state in stretches:
        left, right = plot.along(max(first - 0.5, plot.x[0])), plot.along(min(last + 0.5, plot.x[1]))
        # Out of big tech is drawn a little higher and back into it lower: colour is not the only sign.
        middle = y - 4 * state
        page.line((left + 1, right - 1), (middle, middle), _COLORS.get(state, style.ZERO), HEIGHT - 12)
        for words in _WORDS[state]:
            if page.text_width(words) + 12 <= right - left:
                page.text((left + right) / 2, middle, words, color=style.BACKGROUND, align="center")
                break
    plot.dates(index, top=y + HEIGHT / 2 - 4)
