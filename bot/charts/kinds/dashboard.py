"""The dashboard of a session: scenario, equal weight, small caps, breadth, real yield, sectors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bot.charts.inputs import BREADTH, EQUAL_WEIGHT, INDEX, REAL_YIELD, SMALL, ChartInputs
from bot.charts.layout import axis_scale, labels, style
from bot.charts.layout.axis_scale import Floats
from bot.charts.layout.page import DrawnPage, Page
from bot.charts.layout.plot import Box, Plot, Tag, framed, gutter_width
from bot.charts.layout.window import column, numbers, of_signal, until, window
from bot.domain.chart_request import ChartRequest
from bot.formatting import formats
from bot.formatting.scenario import SCORES, axis_state, name_of
from signals import catalogue
from signals.core.model import Axis, Measure
from signals.families.sectors import SECTORS, TECH
from signals.scenario.score import FAR

_HEAD, _SCENARIO, _SMALL, _SECTORS, _FOOT = 132, 190, 216, 230, 18
_MIN_PLOTS = 3
"""Plots below which no dashboard is drawn."""
_TITLES = {Axis.ROTATION: "Rotation", Axis.RECOVERY: "Recovery"}
_GUTTER = 84


@dataclass(frozen=True, slots=True)
class _SmallPlot:
    """A small plot: title, newest value, lines over the sessions shown, and a base line if any."""

    title: str
    now: str
    lines: tuple[Floats, ...]
    base: float | None = None


def draw(request: ChartRequest, inputs: ChartInputs) -> DrawnPage | None:
    """Plots of the values that are known on the session itself; None with fewer than three."""
    past = until(inputs.values, request.session)
    if not len(past) or past.index[-1] != pd.Timestamp(request.session):
        return None
    index = pd.DatetimeIndex(past.index[-request.span :])
    scores = {axis: part.reindex(index) for axis in Axis if (part := _score(inputs, request, axis)) is not None}
    small_plots = [plot for plot in _small_plots(request, inputs, index) if plot is not None]
    sectors = _sectors(past.iloc[-1])
    if bool(scores) + len(small_plots) + bool(sectors) < _MIN_PLOTS:
        return None
    lines = (len(small_plots) + 1) // 2
    page = Page(_HEAD + bool(scores) * _SCENARIO + lines * _SMALL + bool(sectors) * _SECTORS + _FOOT)
    lead = _lead(past)
    page.head(
        f"Big tech and the rest, {labels.when(request.session)}",
        lead,
        f"{axis_scale.days_words(index)}; ratios start at 100",
    )
    if scores:
        _scenario(page, scores, index)
    _grid(page, small_plots, index)
    if sectors:
        _bars(page, sectors)
    page.end = int(page.top) + _FOOT
    return DrawnPage(page, _alt(lead, scores, small_plots, sectors, request))


def _score(inputs: ChartInputs, request: ChartRequest, axis: Axis) -> pd.Series | None:
    score_window = of_signal(inputs, request, SCORES[axis])
    return score_window.shown if score_window is not None and score_window.current else None


def _lead(past: pd.DataFrame) -> str:
    parts = []
    for axis in (Axis.ROTATION, Axis.RECOVERY):
        state = axis_state(past, axis)
        if state is not None:
            parts.append(f"{_TITLES[axis]}: {name_of(axis, state.state)} {formats.plain(state.score, 0, signed=True)}")
        else:
            parts.append(f"{_TITLES[axis]}: withheld")
    return " · ".join(parts)


def _small_plots(request: ChartRequest, inputs: ChartInputs, index: pd.DatetimeIndex) -> list[_SmallPlot | None]:
    return [
        _ratio(request, inputs, index, EQUAL_WEIGHT, "Equal over cap weight"),
        _ratio(request, inputs, index, SMALL, "Small over large caps"),
        _shares(request, inputs, index),
        _yield(request, inputs, index),
    ]


def _ratio(
    request: ChartRequest, inputs: ChartInputs, index: pd.DatetimeIndex, ticker: str, title: str
) -> _SmallPlot | None:
    ours, theirs = (column(inputs.closes, name, request.session) for name in (ticker, INDEX))
    if ours is None or theirs is None:
        return None
    ratio_window = window(ours / theirs, request.span)
    if ratio_window is None or not ratio_window.current:
        return None
    line = numbers(ratio_window.shown.reindex(index))
    line = 100 * line / line[~np.isnan(line)][0]
    return _SmallPlot(title, f"{formats.plain(line[-1] - 100, 1, signed=True)}%", (line,), base=100.0)


def _shares(request: ChartRequest, inputs: ChartInputs, index: pd.DatetimeIndex) -> _SmallPlot | None:
    windows = [of_signal(inputs, request, name) for name in BREADTH[:2]]
    lines = [share_window for share_window in windows if share_window is not None and share_window.current]
    if len(lines) < len(windows):
        return None
    now = [formats.share(share_window.last) for share_window in lines]
    shown = tuple(numbers(share_window.shown.reindex(index)) for share_window in lines)
    return _SmallPlot("Above 50, 200 days", " · ".join(now), shown)


def _yield(request: ChartRequest, inputs: ChartInputs, index: pd.DatetimeIndex) -> _SmallPlot | None:
    yield_window = of_signal(inputs, request, REAL_YIELD)
    if yield_window is None or not yield_window.current:
        return None
    signal = catalogue.signal(REAL_YIELD)
    now = formats.measured(yield_window.last, signal, Measure.VALUE)
    return _SmallPlot(signal.label, now, (numbers(yield_window.shown.reindex(index)),))


def _sectors(today: pd.Series) -> list[tuple[str, float]]:
    """Returns of the day, best first; empty where fewer than half of them are known."""
    returns = [(ticker, today.get(f"sectors.{ticker.lower()}.return_1d", np.nan)) for ticker in SECTORS]
    finite = [(ticker, float(value)) for ticker, value in returns if np.isfinite(value)]
    return sorted(finite, key=lambda row: -row[1]) if 2 * len(finite) >= len(SECTORS) else []


def _scenario(page: Page, scores: dict[Axis, pd.Series], index: pd.DatetimeIndex) -> None:
    top = page.top
    shown = [(axis, numbers(scores[axis])) for axis in (Axis.ROTATION, Axis.RECOVERY) if axis in scores]
    entries = [(f"{_TITLES[axis]} score", style.SERIES[place], place) for place, (axis, _) in enumerate(shown)]
    page.legend(style.MARGIN, top + 14, entries)
    page.text(page.width - style.MARGIN, top + 14, "of 100", size=style.SMALL, align="right")
    reach = max(50.0, *(1.1 * float(np.nanmax(np.abs(line))) for _, line in shown))
    tags = [
        Tag(float(line[-1]), formats.plain(line[-1], 0, signed=True), style.SERIES[place])
        for place, (_, line) in enumerate(shown)
    ]
    plot = framed(
        page,
        top=top + 32,
        bottom=top + _SCENARIO - 14,
        x=(-0.7, len(index) - 0.3),
        y=(-reach, reach),
        ticks=([-FAR, 0.0, FAR], [formats.plain(tick, 0, signed=True) for tick in (-FAR, 0.0, FAR)]),
        tags=tags,
        gutter=_GUTTER,
    )
    for place, (_, line) in enumerate(shown):
        plot.curve(line, style.SERIES[place], stroke=place)
    page.top = top + _SCENARIO


def _grid(page: Page, small_plots: list[_SmallPlot], index: pd.DatetimeIndex) -> None:
    """Two plots in a row; an odd last one fills its row."""
    wide = (page.width - 2 * style.MARGIN - 24) / 2
    for place, small in enumerate(small_plots):
        alone = place == len(small_plots) - 1 and place % 2 == 0
        left = style.MARGIN + (place % 2) * (wide + 24)
        right = page.width - style.MARGIN if alone else left + wide
        _draw_small_plot(page, small, index, left, right)
        if place % 2 or alone:
            page.top += _SMALL


def _draw_small_plot(page: Page, small: _SmallPlot, index: pd.DatetimeIndex, left: float, right: float) -> None:
    top = page.top
    page.text(left, top + 16, small.title, size=style.SMALL, color=style.FOREGROUND)
    if (
        page.text_width(small.title, style.SMALL) + page.text_width(small.now, style.SMALL, bold=True) + 8
        <= right - left
    ):
        page.text(right, top + 16, small.now, size=style.SMALL, color=style.FOREGROUND, bold=True, align="right")
    y = axis_scale.limits([*(value for line in small.lines for value in line), *([small.base] if small.base else [])])
    ticks = axis_scale.ticks(*y, most=4)
    tick_labels = axis_scale.plain_words(ticks)
    plot = framed(
        page,
        top=top + 34,
        bottom=top + _SMALL - 52,
        x=(-0.7, len(index) - 0.3),
        y=y,
        ticks=(ticks, tick_labels),
        left=left,
        right=right,
        gutter=max(_GUTTER - 20, gutter_width(page, tick_labels)),
    )
    if small.base is not None:
        plot.across(small.base, style.ZERO, 2.0)
    for place, line in enumerate(small.lines):
        plot.curve(line, style.SERIES[place], stroke=place, width=3.0)
    plot.dates(index)


def _bars(page: Page, sectors: list[tuple[str, float]]) -> None:
    """Upright bars of daily returns, with the ticker below and the return at the end of each."""
    top = page.top
    page.text(
        style.MARGIN, top + 16, "Sectors on the day, %, dividends included", size=style.SMALL, color=style.FOREGROUND
    )
    values = np.array([value for _, value in sectors])
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    # Space for the numbers at the ends of the bars.
    more = 0.24 * ((high - low) or 1.0)
    ends = (low - (more if low < 0 else more / 12), high + (more if high > 0 else more / 12))
    box = Box(style.MARGIN, top + 34, page.width - 2 * style.MARGIN, _SECTORS - 34 - 44)
    plot = Plot(page, box, (-0.5, len(values) - 0.5), ends)
    plot.across(0.0, style.ZERO)
    plot.bars(values, [style.UP if value >= 0 else style.DOWN for value in values], share=0.62)
    for place, (ticker, value) in enumerate(sectors):
        x, main = plot.along(place), ticker in TECH
        color = style.FOREGROUND if main else style.MUTED
        y = plot.at(value) + (-15 if value >= 0 else 15)
        text = labels.percent(value)
        if page.text_width(text, 18, bold=main) <= box.width / len(values) - 4:
            page.text(x, y, text, size=18, color=color, bold=main, align="center")
        page.text(x, box.bottom + 20, ticker, size=style.SMALL, color=color, bold=main, align="center")
    page.top = top + _SECTORS


def _alt(
    lead: str,
    scores: dict[Axis, pd.Series],
    small_plots: list[_SmallPlot],
    sectors: list[tuple[str, float]],
    request: ChartRequest,
) -> str:
    sentences = [f"Dashboard of {labels.when(request.session)}.", f"{lead.replace(' · ', '; ')}."]
    for axis, score in scores.items():
        ends = [formats.plain(float(end), 0, signed=True) for end in (score.min(), score.max())]
        sentences.append(f"The {axis} score was between {ends[0]} and {ends[1]}.")
    for small in small_plots:
        since = " since the start" if small.base is not None else ""
        sentences.append(f"{small.title}: {small.now}{since}.")
    if sectors:
        returns = ", ".join(f"{SECTORS[ticker]} {labels.percent(value)}" for ticker, value in sectors)
        sentences.append(f"Sectors on the day, in %: {returns}.")
    return labels.alt(sentences)
