"""Breadth: shares of members above their averages, and new highs less lows.

The McClellan oscillator, which takes the place of the highs and lows where these are not known, is on `/chart`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from bot.charts.inputs import BREADTH, ChartInputs
from bot.charts.layout import axis_scale, labels, style
from bot.charts.layout.page import DrawnPage, Page
from bot.charts.layout.plot import DATES, Tag, framed, gutter_width
from bot.charts.layout.window import Window, numbers, of_signal
from bot.domain.chart_request import ChartRequest
from bot.formatting import family_verdicts, formats
from signals import catalogue
from signals.core.model import Measure

_LOWER = 0.36
"""Share of the height of the lower plot, where there is one."""
_NAMES = {
    "breadth.sp500.above_50dma": "50-day",
    "breadth.sp500.above_200dma": "200-day",
    "breadth.tech.above_50dma": "Tech, 50-day",
}


def draw(request: ChartRequest, inputs: ChartInputs) -> DrawnPage | None:
    """The known shares as lines, and the first known of the other signals as bars, over the same sessions.

    None without any share above an average.
    """
    windows = {name: window for name in BREADTH if (window := of_signal(inputs, request, name)) is not None}
    shares = {name: window for name, window in windows.items() if name in _NAMES}
    if not shares:
        return None
    other = next(((name, window) for name, window in windows.items() if name not in _NAMES), None)
    index = max((window.index for window in shares.values()), key=len)
    page = Page(simulated=inputs.simulated)
    title = _title(shares)
    newest = max(window.index[window.newest] for window in shares.values())
    page.head(title, f"{labels.when(newest)} · members above their average")
    _plots(page, shares, other, index)
    return DrawnPage(page, _alt(title, windows if other is None else shares | dict([other]), index))


def _title(shares: dict[str, Window]) -> str:
    """The name, with the verdict of the message beside it on the share above the 50-day average."""
    share = shares.get(BREADTH[0])
    if share is None or not share.current:
        return "Market breadth"
    return f"Market breadth: {family_verdicts.breadth(share.last)}"


def _newest_words(name: str, window: Window) -> str:
    value = formats.measured(window.last, catalogue.signal(name), Measure.VALUE)
    return value if window.current else f"{value} ({labels.when(window.index[window.newest])})"


def _plots(page: Page, shares: dict[str, Window], other: tuple[str, Window] | None, index: pd.DatetimeIndex) -> None:
    page.legend(
        [
            (f"{_NAMES[name]} {_newest_words(name, window)}", style.SERIES[number], number)
            for number, (name, window) in enumerate(shares.items())
        ]
    )
    x = (-0.7, len(index) - 0.3)
    upper = _ends_and_ticks(shares)
    lower = None if other is None else _ends_and_ticks(dict([other]), base=0.0)
    tags = None if other is None else [_tag(*other)]
    gutter = gutter_width(page, upper[1][1])
    if lower is not None and tags is not None:
        gutter = max(gutter, gutter_width(page, lower[1][1], tags))
    top, bottom = page.top + 10, float(page.height - DATES)
    middle = bottom if lower is None else bottom - _LOWER * (bottom - top)
    plot = framed(page, top=top, bottom=middle, x=x, y=upper[0], ticks=upper[1], gutter=gutter)
    for number, window in enumerate(shares.values()):
        plot.curve(numbers(window.shown.reindex(index)), style.SERIES[number], stroke=number)
    if other is not None and lower is not None and tags is not None:
        name, window = other
        page.text(style.MARGIN, middle + 32, catalogue.signal(name).label, color=style.FOREGROUND)
        plot = framed(page, top=middle + 60, bottom=bottom, x=x, y=lower[0], ticks=lower[1], tags=tags, gutter=gutter)
        values = numbers(window.shown.reindex(index))
        plot.bars(values, [style.UP if value >= 0 else style.DOWN for value in np.nan_to_num(values)])
    plot.dates(index)


def _ends_and_ticks(
    windows: dict[str, Window], *, base: float | None = None
) -> tuple[tuple[float, float], tuple[list[float], list[str]]]:
    values = [value for window in windows.values() for value in window.values]
    y = axis_scale.limits(values if base is None else [*values, base])
    name = next(iter(windows))
    return y, labels.ticks(*y, catalogue.signal(name), Measure.VALUE, most=5 if base is None else 3)


def _tag(name: str, window: Window) -> Tag:
    text = labels.margin_text(window.last, catalogue.signal(name), Measure.VALUE)
    return Tag(window.last, text, style.UP if window.last >= 0 else style.DOWN)


def _alt(title: str, windows: dict[str, Window], index: pd.DatetimeIndex) -> str:
    sentences = [f"{title}. Charts, {axis_scale.days_words(index)}."]
    for name, window in windows.items():
        signal, known_values = catalogue.signal(name), window.shown.dropna()
        ends = [formats.measured(float(end), signal, Measure.VALUE) for end in (known_values.min(), known_values.max())]
        sentences.append(
            f"{signal.label}: {_newest_words(name, window)}, between {formats.span_of(*ends).replace(' to ', ' and ')}."
        )
    newest = max(window.index[window.newest] for window in windows.values())
    return labels.alt([*sentences, f"As of {labels.when(newest)}."])
