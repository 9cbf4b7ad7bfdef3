"""The 10-year real yield, upside down, above growth against value: whether both move together."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bot.charts.inputs import GROWTH, REAL_YIELD, VALUE, ChartInputs
from bot.charts.layout import axis_scale, labels, style
from bot.charts.layout.axis_scale import Floats
from bot.charts.layout.page import DrawnPage, Page
from bot.charts.layout.plot import Tag, framed, gutter_width
from bot.charts.layout.window import Window, column, numbers, of_signal, window
from bot.domain.chart_request import ChartRequest
from bot.formatting import formats
from signals import catalogue
from signals.core.model import Measure

HEIGHT = 720
_WEEK = 5
_MIN_CHANGES = 20


def draw(request: ChartRequest, inputs: ChartInputs) -> DrawnPage | None:
    """Both lines over the same sessions; None where one of them has too few known values."""
    growth, value = (column(inputs.closes, name, request.session) for name in (GROWTH, VALUE))
    yields = of_signal(inputs, request, REAL_YIELD)
    if growth is None or value is None or yields is None:
        return None
    ratio = window(growth / value, request.span)
    if ratio is None:
        return None
    index = max((yields.index, ratio.index), key=len)
    lines = numbers(yields.shown.reindex(index)), numbers(ratio.shown.reindex(index))
    lines = lines[0], 100 * lines[1] / lines[1][~np.isnan(lines[1])][0]
    page = Page(HEIGHT)
    lead = _lead(yields, ratio, lines[1])
    together = _together(*lines)
    note = f"{axis_scale.days_words(index)} · the yield is upside down: both up means lower yields and growth ahead"
    page.head("Real yield and growth stocks", lead, note, *([together] if together else []))
    _plot(page, lines, index)
    return DrawnPage(page, _alt(yields, lines, index, lead, together))


def _lead(yields: Window, ratio: Window, rebased: Floats) -> str:
    signal = catalogue.signal(REAL_YIELD)
    value = formats.measured(yields.last, signal, Measure.VALUE)
    move = formats.plain(float(rebased[~np.isnan(rebased)][-1]) - 100, 1, signed=True)
    day = max(yields.index[yields.newest], ratio.index[ratio.newest])
    return f"10-year real yield {value}, growth over value {move}% by {labels.when(day)}"


def _together(yields: Floats, ratio: Floats) -> str:
    """The sentence on the Pearson correlation of their changes over five sessions.

    Empty with too few.
    """
    changes = [line[_WEEK:] - line[:-_WEEK] if len(line) > _WEEK else np.array([]) for line in (yields, np.log(ratio))]
    both_known = ~np.isnan(changes[0]) & ~np.isnan(changes[1])
    if both_known.sum() < _MIN_CHANGES:
        return ""
    ours, theirs = (change[both_known] for change in changes)
    if ours.std() == 0 or theirs.std() == 0:
        return ""
    correlation = float(np.corrcoef(ours, theirs)[0, 1])
    return f"Correlation of their 5-day changes {formats.plain(correlation, 2, signed=True)} (-1: growth falls as yields rise)"


def _plot(page: Page, lines: tuple[Floats, Floats], index: pd.DatetimeIndex) -> None:
    x, top, plot = (-0.7, len(index) - 0.3), page.top, None
    signal = catalogue.signal(REAL_YIELD)
    free = (page.height - top - 48 - 2 * 36) / 2
    y = [axis_scale.limits(lines[0]), axis_scale.limits([*lines[1], 100.0])]
    ticks = [labels.ticks(*y[0], signal, Measure.VALUE, most=5), _numbers(*y[1])]
    last = [float(line[~np.isnan(line)][-1]) for line in lines]
    tags = [
        [Tag(last[0], labels.margin_text(last[0], signal, Measure.VALUE), style.ORANGE)],
        [Tag(last[1], formats.plain(last[1], 1), style.SKY)],
    ]
    gutter = max(gutter_width(page, ticks[place][1], tags[place]) for place in (0, 1))
    names = (
        ("10-year real yield, upside down", style.ORANGE, "%"),
        (f"growth over value ({GROWTH}/{VALUE})", style.SKY, "start = 100"),
    )
    for place, (name, color, unit) in enumerate(names):
        page.legend(style.MARGIN, top + 14, [(name, color, 0)])
        page.text(page.width - style.MARGIN, top + 14, unit, size=style.SMALL, align="right")
        plot = framed(
            page,
            top=top + 34,
            bottom=top + 34 + free,
            x=x,
            y=y[place],
            ticks=ticks[place],
            tags=tags[place],
            gutter=gutter,
            flipped=place == 0,
        )
        plot.curve(lines[place], color, width=3.2 if len(index) <= 520 else 2.2)
        top += 36 + free
    if plot is not None:
        plot.dates(index)


def _numbers(low: float, high: float) -> tuple[list[float], list[str]]:
    ticks = axis_scale.ticks(low, high, most=5)
    return ticks, axis_scale.plain_words(ticks)


def _alt(yields: Window, lines: tuple[Floats, Floats], index: pd.DatetimeIndex, lead: str, together: str) -> str:
    known_yields = yields.shown.dropna()
    signal = catalogue.signal(REAL_YIELD)
    low, high = (
        formats.measured(float(end), signal, Measure.VALUE) for end in (known_yields.min(), known_yields.max())
    )
    ends = [formats.plain(float(end), 1) for end in (np.nanmin(lines[1]), np.nanmax(lines[1]))]
    return labels.alt(
        [
            f"Two line charts, {axis_scale.days_words(index)}: the 10-year real yield, upside down, and growth over value "
            f"({GROWTH}/{VALUE}, 100 at the start).",
            f"{lead}.",
            f"The yield was between {low} and {high}, growth over value between {ends[0]} and {ends[1]}.",
            f"{together}." if together else "",
        ]
    )
