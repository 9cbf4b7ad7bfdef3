"""Breadth: how many members stand above their averages, new highs less lows, and the McClellan oscillator."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bot.charts.inputs import BREADTH, ChartInputs
from bot.charts.layout import axis_scale, labels, style
from bot.charts.layout.page import Drawn, Page
from bot.charts.layout.plot import Plot, Tag, framed, room
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
class _Part:
    """A plot: the windows of one or several signals. `bars`: from zero, above and below it in two colours."""

    found: dict[str, Window]
    bars: bool


def draw(request: ChartRequest, inputs: ChartInputs) -> Drawn | None:
    """Panels of what is known over the same sessions; None without the shares above an average."""
    found = {name: part for name in BREADTH if (part := of_signal(inputs, request, name)) is not None}
    shares = {name: part for name, part in found.items() if name in _NAMES}
    if not shares:
        return None
    parts = [_Part(shares, False), *(_Part({name: part}, True) for name, part in found.items() if name not in _NAMES)]
    index = max((part.index for part in shares.values()), key=len)
    page = Page(_HEAD + _FIRST + (len(parts) - 1) * _OTHER + _FOOT)
    note = f"{axis_scale.days_words(index)} · members above their average of 50 or 200 days"
    page.head("Breadth of the market", _lead(shares), note)
    _panels(page, parts, index)
    return Drawn(page, _alt(found, index))


def _lead(shares: dict[str, Window]) -> str:
    told = [f"{_NAMES[name]} {_told(name, part)}" for name, part in shares.items()]
    newest = max(part.index[part.newest] for part in shares.values())
    return f"{', '.join(told)} on {labels.when(newest)}"


def _told(name: str, part: Window) -> str:
    value = formats.measured(part.last, catalogue.signal(name), Measure.VALUE)
    return value if part.current else f"{value} ({labels.when(part.index[part.newest])})"


def _panels(page: Page, parts: list[_Part], index: pd.DatetimeIndex) -> None:
    laid = [_laid(part, index) for part in parts]
    gutter = max(room(page, ticks[1], tags) for _, ticks, tags in laid)
    bottom, plot = page.top, None
    for place, (part, (y, ticks, tags)) in enumerate(zip(parts, laid, strict=True)):
        top = bottom + (18 if place == 0 else 26)
        bottom = page.height - _FOOT - 8 - sum(_OTHER for _ in parts[place + 1 :])
        if part.bars:
            (name,) = part.found
            signal = catalogue.signal(name)
            page.text(style.MARGIN, top, signal.label, size=style.SMALL, color=style.INK)
            page.text(
                page.width - style.MARGIN, top, labels.unit_of(signal, Measure.VALUE), size=style.SMALL, align="right"
            )
        else:
            entries = [(_NAMES[name], style.SERIES[number], number) for number, name in enumerate(part.found)]
            page.legend(style.MARGIN, top, entries)
            page.text(page.width - style.MARGIN, top, "%", size=style.SMALL, align="right")
        x = (-0.7, len(index) - 0.3)
        plot = framed(page, top=top + 18, bottom=bottom, x=x, y=y, ticks=ticks, tags=tags, gutter=gutter)
        _fill(plot, part, index)
    if plot is not None:
        plot.dates(index)


def _laid(part: _Part, index: pd.DatetimeIndex) -> tuple[tuple[float, float], tuple[list[float], list[str]], list[Tag]]:
    """Ends, numbers and tags of a plot."""
    values = [value for each in part.found.values() for value in each.values]
    y = axis_scale.limits([*values, *([0.0] if part.bars else [])])
    name = next(iter(part.found))
    ticks = labels.ticks(*y, catalogue.signal(name), Measure.VALUE, most=5 if not part.bars else 4)
    tags = [
        Tag(each.last, labels.beside(each.last, catalogue.signal(name), Measure.VALUE), color)
        for (name, each), color in zip(part.found.items(), style.SERIES, strict=False)
    ]
    return y, ticks, tags


def _fill(plot: Plot, part: _Part, index: pd.DatetimeIndex) -> None:
    for number, each in enumerate(part.found.values()):
        values = numbers(each.shown.reindex(index))
        if part.bars:
            plot.bars(values, [style.UP if value >= 0 else style.DOWN for value in np.nan_to_num(values)])
        else:
            plot.curve(values, style.SERIES[number], width=3.2 if len(index) <= 520 else 2.2, stroke=number)


def _alt(found: dict[str, Window], index: pd.DatetimeIndex) -> str:
    sentences = [f"Charts of breadth, {axis_scale.days_words(index)}."]
    for name, part in found.items():
        signal, known = catalogue.signal(name), part.shown.dropna()
        ends = [formats.measured(float(end), signal, Measure.VALUE) for end in (known.min(), known.max())]
        sentences.append(
            f"{signal.label}: {_told(name, part)}, between {formats.span_of(*ends).replace(' to ', ' and ')}."
        )
    newest = max(part.index[part.newest] for part in found.values())
    return labels.alt([*sentences, f"As of {labels.when(newest)}."])
