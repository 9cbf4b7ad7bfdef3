"""Two signals or tickers: both rebased to 100 with their ratio, or both in standard deviations.

Standard deviations are used where a ratio has no meaning.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bot.charts.inputs import ChartInputs
from bot.charts.layout import axis_scale, labels, style
from bot.charts.layout.axis_scale import Floats
from bot.charts.layout.page import DrawnPage, Page
from bot.charts.layout.plot import DATES, Tag, framed, gutter_width
from bot.charts.layout.window import MIN_SHARE, MIN_VALUES, column, numbers
from bot.domain.chart_request import ChartRequest
from bot.formatting import formats
from signals import catalogue
from signals.core.model import Measure


@dataclass(frozen=True, slots=True)
class _Side:
    """One of the two: name, values up to the session, and whether a ratio of it has a meaning."""

    name: str
    past: pd.Series
    priced: bool
    id: str


@dataclass(frozen=True, slots=True)
class _Pair:
    """Both plots over the same sessions.

    `above`: the two lines. `below`: with `priced` the ratio (100 at the start), else the
    difference.
    """

    index: pd.DatetimeIndex
    above: tuple[Floats, Floats]
    below: Floats
    priced: bool


def draw(request: ChartRequest, inputs: ChartInputs) -> DrawnPage | None:
    """The two `names` over `span` sessions, from the first one on which both are known."""
    if len(request.names) != 2:
        return None
    sides = [_side(name, request, inputs) for name in request.names]
    if sides[0] is None or sides[1] is None:
        return None
    first, second = sides[0], sides[1]
    pair = _pair(first, second, request.span)
    if pair is None:
        return None
    page = Page(simulated=inputs.simulated)
    newest = int(np.flatnonzero(~np.isnan(pair.below))[-1])
    lead = _lead(first, second, pair, newest)
    dividends = ", dividends included" if first.id not in catalogue.SIGNALS else ""
    how = f"both from 100{dividends}" if pair.priced else "both in SD from their mean"
    page.head(_title(page, first, second), *page.packed(axis_scale.days_words(pair.index), how))
    _plot(page, (first, second), pair, newest)
    return DrawnPage(page, _alt(first, second, pair, lead, how.replace("SD", "standard deviations")))


def _title(page: Page, first: _Side, second: _Side) -> str:
    """Both names where they are short; they stand in the legend too."""
    title = f"{first.name} vs. {second.name}"
    short = len(title.split()) <= style.TITLE_WORDS
    return (
        title if short and page.text_width(title, style.TITLE, bold=True) <= page.text_space else "Two series compared"
    )


def _side(name: str, request: ChartRequest, inputs: ChartInputs) -> _Side | None:
    signal = catalogue.SIGNALS.get(name)
    past = column(inputs.values if signal else inputs.closes, name, request.session)
    if past is None:
        return None
    unit_fits = signal is None or signal.unit.has_zero
    label = request.label(name) or (signal.label if signal else name)
    return _Side(label, past, unit_fits and bool((past.dropna() > 0).all()), name)


def _pair(first: _Side, second: _Side, span: int) -> _Pair | None:
    both = pd.DataFrame({"first": first.past, "second": second.past}).iloc[-span:]
    both_known = both.notna().all(axis=1).to_numpy()
    if both_known.sum() < MIN_VALUES:
        return None
    begin = int(np.flatnonzero(both_known)[0])
    if both_known.sum() < MIN_SHARE * (len(both) - begin):
        return None
    both = both.iloc[begin:]
    ours, theirs = numbers(both["first"]), numbers(both["second"])
    index = pd.DatetimeIndex(both.index)
    if first.priced and second.priced:
        lines = 100 * ours / ours[0], 100 * theirs / theirs[0]
        return _Pair(index, lines, 100 * lines[0] / lines[1], True)
    lines = _standard(ours), _standard(theirs)
    if np.isnan(lines[0]).all() or np.isnan(lines[1]).all():
        return None
    return _Pair(index, lines, lines[0] - lines[1], False)


def _standard(values: Floats) -> Floats:
    """(value - mean)/sd (n - 1) over the given values.

    All NaN where they are equal but for rounding.
    """
    deviation = float(np.nanstd(values, ddof=1))
    if deviation <= 1e-12 * float(np.nanmax(np.abs(values))) or deviation == 0:
        return np.full(len(values), np.nan)
    scores: Floats = (values - np.nanmean(values)) / deviation
    return scores


def _newest_words(sides: tuple[_Side, _Side], pair: _Pair, newest: int) -> list[str]:
    """The move of each where both have prices, else its newest value."""
    if pair.priced:
        return [formats.plain(line[newest] - 100, 1, signed=True) + "%" for line in pair.above]
    return [_value_words(side, float(side.past[pair.index[newest]])) for side in sides]


def _lead(first: _Side, second: _Side, pair: _Pair, newest: int) -> str:
    ours, theirs = _newest_words((first, second), pair, newest)
    known_later = any(
        labels.is_known_later(catalogue.SIGNALS[side.id]) for side in (first, second) if side.id in catalogue.SIGNALS
    )
    until = "by" if pair.priced else "as known on" if known_later else "on"
    return f"{first.name} {ours}, {second.name} {theirs} {until} {labels.when(pair.index[newest])}"


def _value_words(side: _Side, value: float) -> str:
    signal = catalogue.SIGNALS.get(side.id)
    return formats.plain(value, 2) if signal is None else formats.measured(value, signal, Measure.VALUE)


@dataclass(frozen=True, slots=True)
class _PlotSpec:
    """One of the two plots before it is drawn: lines, colours, names, axis ends, ticks and tags."""

    lines: tuple[Floats, ...]
    colors: tuple[str, ...]
    names: tuple[str, ...]
    y: tuple[float, float]
    ticks: tuple[list[float], list[str]]
    tags: list[Tag]


def _plot_spec(
    lines: tuple[Floats, ...], colors: tuple[str, ...], names: tuple[str, ...], *, priced: bool
) -> _PlotSpec:
    y = axis_scale.limits([100.0 if priced else 0.0, *(value for line in lines for value in line)])
    numbers = axis_scale.ticks(*y, most=5 if len(lines) > 1 else 3)
    newest = [float(line[~np.isnan(line)][-1]) for line in lines]
    tags = [
        Tag(value, formats.plain(value, 1, signed=not priced), color)
        for value, color in zip(newest, colors, strict=True)
    ]
    return _PlotSpec(lines, colors, names, y, (numbers, axis_scale.plain_words(numbers, signed=not priced)), tags)


def _plot(page: Page, sides: tuple[_Side, _Side], pair: _Pair, newest: int) -> None:
    values = _newest_words(sides, pair, newest)
    names = tuple(f"{side.name} {value}" for side, value in zip(sides, values, strict=True))
    below = f"{sides[0].name} over {sides[1].name}, from 100" if pair.priced else "Difference, first minus second"
    specs = (
        _plot_spec(pair.above, style.SERIES[:2], names, priced=pair.priced),
        _plot_spec((pair.below,), (style.GREEN,), (below,), priced=pair.priced),
    )
    gutter = max(gutter_width(page, spec.ticks[1], spec.tags) for spec in specs)
    end, plot = float(page.height - DATES), None
    middle = page.top + 0.58 * (end - page.top)
    for spec, bottom in zip(specs, (middle, end), strict=True):
        page.legend(list(zip(spec.names, spec.colors, range(len(spec.names)), strict=True)))
        x = (-0.7, len(pair.index) - 0.3)
        plot = framed(
            page, top=page.top + 6, bottom=bottom, x=x, y=spec.y, ticks=spec.ticks, tags=spec.tags, gutter=gutter
        )
        if pair.priced:
            plot.across(100.0, style.ZERO)
        for stroke, (line, color) in enumerate(zip(spec.lines, spec.colors, strict=True)):
            plot.curve(line, color, stroke=stroke)
        page.top = bottom + 8
    if plot is not None:
        plot.dates(pair.index)


def _alt(first: _Side, second: _Side, pair: _Pair, lead: str, how: str) -> str:
    low, high = int(np.nanargmin(pair.below)), int(np.nanargmax(pair.below))
    what = "The ratio, 100 at the start," if pair.priced else "The difference"
    ends = [f"{formats.plain(pair.below[at], 1)} on {labels.when(pair.index[at])}" for at in (low, high)]
    return labels.alt(
        [
            f"Line chart of {first.name} and {second.name}, {axis_scale.days_words(pair.index)}; {how}.",
            f"{lead}.",
            f"{what} was lowest at {ends[0]} and highest at {ends[1]}.",
        ]
    )
