"""Named states over time: a row for each state with its name, filled while it lasted."""

from __future__ import annotations

import numpy as np

from bot.charts.layout import axis_scale, style
from bot.charts.layout.axis_scale import Floats
from bot.charts.layout.page import Page
from bot.charts.layout.plot import Box, Plot, rectangles
from bot.formatting import formats

_NAME = 1.35 * style.TEXT
_LEAST_ROW = _NAME + 16


def draw(page: Page, values: Floats, names: dict[int, str], *, bottom: float) -> Plot | None:
    """Rows from the top of the page to `bottom`, the greatest state first; the lowest row, None without a state.

    Where the rows of all states have no room, only those of states that occurred are drawn, the newest ones first.
    """
    states = sorted(names, reverse=True)
    most = max(1, int((bottom - page.top) // _LEAST_ROW))
    if len(states) > most:
        newest = list(dict.fromkeys(round(value) for value in values[::-1] if not np.isnan(value)))
        states = sorted((state for state in newest[:most] if state in names), reverse=True)
    if not states:
        return None
    marks = np.where(np.isnan(values), np.inf, np.round(values))
    stretches = axis_scale.runs(marks)
    height = (bottom - page.top) / len(states)
    plot = None
    for place, state in enumerate(states):
        top = page.top + place * height
        page.text(style.MARGIN, top + _NAME / 2, formats.capitalised(names[state]), color=style.FOREGROUND)
        box = Box(style.MARGIN, top + _NAME, page.text_space, height - _NAME - (6 if place + 1 < len(states) else 0))
        plot = Plot(page, box, (-0.7, len(values) - 0.3), (0.0, 1.0))
        shapes = [(first - 0.5, last + 0.5, 0.0, 1.0) for first, last in stretches if marks[first] == state]
        if shapes:
            color = style.UP if state > 0 else style.DOWN if state < 0 else style.ZERO
            plot.axes.add_collection(rectangles(shapes, color, zorder=3), autolim=False)
    return plot
