"""Breadth: shares of members above their averages, new highs less lows, McClellan oscillator."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bot.charts.inputs import BREADTH, ChartInputs
from bot.charts.layout import axis_scale, labels, style
from bot.charts.layout.page import DrawnPage, Page
from bot.charts.layout.plot import Plot, Tag, framed, gutter_width
from bot.charts.layout.window import Window, numbers, of_signal
from bot.domain.chart_request import ChartRequest
from bot.formatting import formats
from signals import catalogue
from signals.core.model import Measure

_HEAD, _FIRST, _OTHER, _FOOT = 170, 260, 165, 44
_NAMES = {
    "breadth.sp500.above_50dma": "50 days",
    "breadth.sp500.above_200dma": "200 days",
    "breadth.tech.above_50dma": "tech, 50 days",
}


@dataclass(frozen=True, slots=True)
class _PlotInputs:
    """The windows of the signals of one plot.

    `bars`: drawn as bars from zero in two colours, not as lines.
    """

    windows: dict[str, Window]
    bars: bool


def draw(request: ChartRequest, inputs: ChartInputs) -> DrawnPage | None:
    """Plots of the known signals over the same sessions.

    None without any share above an average.
    """
    windows = {name: window for name in BREADTH if (window := of_signal(inputs, request, name)) is not None}
    shares = {name: window for name, window in windows.items() if name in _NAMES}
    if not shares:
        return None
    plots = [
        _PlotInputs(shares, False),
        *(_PlotInputs({name: window}, True) for name, window in windows.items() if name not in _NAMES),
    ]
    index = max((window.index for window in shares.values()), key=len)
    page = Page(_HEAD + _FIRST + (len(plots) - 1) * _OTHER + _FOOT)
    note = f"{axis_scale.days_words(index)} · members above their average of 50 or 200 days"
    page.head("Breadth of the market", _lead(shares), note)
    _plots(page, plots, index)
    return DrawnPage(page, _alt(windows, index))


def _lead(shares: dict[str, Window]) -> str:
    share_words = [f"{_NAMES[name]} {_newest_words(name, window)}" for name, window in shares.items()]
    newest = max(window.index[window.newest] for window in shares.values())
    return f"{', '.join(share_words)} on {labels.when(newest)}"


def _newest_words(name: str, window: Window) -> str:
    value = formats.measured(window.last, catalogue.signal(name), Measure.VALUE)
    return value if window.current else f"{value} ({labels.when(window.index[window.newest])})"


def _plots(page: Page, parts: list[_PlotInputs], index: pd.DatetimeIndex) -> None:
    specs = [_plot_spec(plot_inputs, index) for plot_inputs in parts]
    gutter = max(gutter_width(page, ticks[1], tags) for _, ticks, tags in specs)
    bottom, plot = page.top, None
    for place, (plot_inputs, (y, ticks, tags)) in enumerate(zip(parts, specs, strict=True)):
        top = bottom + (18 if place == 0 else 26)
        bottom = page.height - _FOOT - 8 - sum(_OTHER for _ in parts[place + 1 :])
        if plot_inputs.bars:
            (name,) = plot_inputs.windows
            signal = catalogue.signal(name)
            page.text(style.MARGIN, top, signal.label, size=style.SMALL, color=style.FOREGROUND)
            page.text(
                page.width - style.MARGIN, top, labels.unit_of(signal, Measure.VALUE), size=style.SMALL, align="right"
            )
        else:
            entries = [(_NAMES[name], style.SERIES[number], number) for number, name in enumerate(plot_inputs.windows)]
            page.legend(style.MARGIN, top, entries)
            page.text(page.width - style.MARGIN, top, "%", size=style.SMALL, align="right")
        x = (-0.7, len(index) - 0.3)
        plot = framed(page, top=top + 18, bottom=bottom, x=x, y=y, ticks=ticks, tags=tags, gutter=gutter)
        _fill(plot, plot_inputs, index)
    if plot is not None:
        plot.dates(index)


def _plot_spec(
    plot_inputs: _PlotInputs, index: pd.DatetimeIndex
) -> tuple[tuple[float, float], tuple[list[float], list[str]], list[Tag]]:
    """Ends of the axis, ticks and tags of a plot."""
    values = [value for window in plot_inputs.windows.values() for value in window.values]
    y = axis_scale.limits([*values, *([0.0] if plot_inputs.bars else [])])
    name = next(iter(plot_inputs.windows))
    ticks = labels.ticks(*y, catalogue.signal(name), Measure.VALUE, most=5 if not plot_inputs.bars else 4)
    tags = [
        Tag(window.last, labels.margin_text(window.last, catalogue.signal(name), Measure.VALUE), color)
        for (name, window), color in zip(plot_inputs.windows.items(), style.SERIES, strict=False)
    ]
    return y, ticks, tags


def _fill(plot: Plot, plot_inputs: _PlotInputs, index: pd.DatetimeIndex) -> None:
    for number, window in enumerate(plot_inputs.windows.values()):
        values = numbers(window.shown.reindex(index))
        if plot_inputs.bars:
            plot.bars(values, [style.UP if value >= 0 else style.DOWN for value in np.nan_to_num(values)])
        else:
            plot.curve(values, style.SERIES[number], width=3.2 if len(index) <= 520 else 2.2, stroke=number)


def _alt(windows: dict[str, Window], index: pd.DatetimeIndex) -> str:
    sentences = [f"Charts of breadth, {axis_scale.days_words(index)}."]
    for name, window in windows.items():
        signal, known_values = catalogue.signal(name), window.shown.dropna()
        ends = [formats.measured(float(end), signal, Measure.VALUE) for end in (known_values.min(), known_values.max())]
        sentences.append(
            f"{signal.label}: {_newest_words(name, window)}, between {formats.span_of(*ends).replace(' to ', ' and ')}."
        )
    newest = max(window.index[window.newest] for window in windows.values())
    return labels.alt([*sentences, f"As of {labels.when(newest)}."])
