"""The picture of the summary and of `/rotation`: where each yardstick stands between its turns, and the Magnificent
Seven against the S&P 500.

Landscape, because Discord shows a picture in 400 by 300.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bot.charts.inputs import DIRECTION, GIVEN_BACK, INDEX, MOVE, ChartInputs, of_leg
from bot.charts.layout import axis_scale, labels, style
from bot.charts.layout.axis_scale import Floats
from bot.charts.layout.page import DrawnPage, Page
from bot.charts.layout.plot import Box, Plot, Tag, framed, rectangles
from bot.charts.layout.rotation_title import rotation_title
from bot.charts.layout.window import column, numbers, until, window
from bot.domain.chart_request import ChartRequest
from bot.formatting import formats
from bot.formatting.rotation_words import rounded_down
from signals.asof.watched_names import SEVEN
from signals.rotation.definitions import OUT
from signals.rotation.yardsticks import ROTATION, Yardstick

_MIN_BARS = 3
"""Yardsticks with a leg below which no picture is drawn."""
_LINES, _WORDS = 276, 54
"""Heights of the lower panel, and of the words below the bars."""
_SHORTEST = 0.03


@dataclass(frozen=True, slots=True)
class _Bar:
    """A yardstick's leg: its move in per cent, and what it has given back of the threshold at which it turns."""

    yardstick: Yardstick
    direction: int
    move: float
    given_back: float

    @property
    def left(self) -> float:
        """How far it is from its turn, 1 at its extreme and 0 at the turn."""
        return 1 - self.given_back / self.yardstick.threshold


def draw(request: ChartRequest, inputs: ChartInputs) -> DrawnPage | None:
    """Values of the session itself; None with fewer than three yardsticks."""
    past = until(inputs.values, request.session)
    if not len(past) or past.index[-1] != pd.Timestamp(request.session):
        return None
    today = past.iloc[-1]
    bars = [bar for yardstick in ROTATION if (bar := _bar(yardstick, today)) is not None]
    if len(bars) < _MIN_BARS:
        return None
    page = Page(simulated=inputs.simulated)
    title, lead = rotation_title(today) or "Rotation: no state yet", _lead(bars)
    page.head(title, f"{labels.when(request.session)}: {lead}")
    lines = _against_the_rest(inputs, request)
    bottom = page.height - style.MARGIN / 2
    _draw_bars(page, bars, bottom=bottom if lines is None else bottom - _LINES)
    if lines is not None:
        _draw_lines(page, *lines, bottom=bottom)
    return DrawnPage(page, _alt(title, lead, bars, lines, request))


def _bar(yardstick: Yardstick, today: pd.Series) -> _Bar | None:
    direction, move, back = (
        float(today.get(of_leg(yardstick, what), np.nan)) for what in (DIRECTION, MOVE, GIVEN_BACK)
    )
    if not direction or not np.isfinite([direction, move, back]).all():
        return None
    return _Bar(yardstick, 1 if direction > 0 else -1, move, float(np.clip(back, 0, yardstick.threshold)))


def _lead(bars: list[_Bar]) -> str:
    return f"{sum(bar.direction > 0 for bar in bars)} of {len(bars)} yardsticks point {OUT}"


def _draw_bars(page: Page, bars: list[_Bar], *, bottom: float) -> None:
    """A bar from the turn in the middle: to the right out of big tech, to the left back into it."""
    top = page.top
    moves = [f"{labels.percent(bar.move)}%" for bar in bars]
    names = 24 + max(page.text_width(bar.yardstick.short) for bar in bars)
    figures = 24 + max(page.text_width(words, bold=True) for words in moves)
    box = Box(style.MARGIN + names, top, page.text_space - names - figures, bottom - top - _WORDS)
    plot = Plot(page, box, (-1.04, 1.04), (-0.5, len(bars) - 0.5), flipped=True)
    for color, side in ((style.UP, 1), (style.DOWN, -1)):
        shapes = [
            (min(0.0, end), max(0.0, end), place - 0.3, place + 0.3)
            for place, bar in enumerate(bars)
            if bar.direction == side
            for end in [side * max(bar.left, _SHORTEST)]
        ]
        if shapes:
            plot.axes.add_collection(rectangles(shapes, color, zorder=3), autolim=False)
    for place, bar in enumerate(bars):
        page.text(style.MARGIN, plot.at(place), bar.yardstick.short, color=style.FOREGROUND)
        page.text(page.width - style.MARGIN, plot.at(place), moves[place], bold=True, align="right",
                  color=style.FOREGROUND)  # fmt: skip
    middle = plot.along(0.0)
    page.line((middle, middle), (plot.box.top, plot.box.bottom), style.FOREGROUND, 3.5)
    below = plot.box.bottom + _WORDS / 2
    page.text(plot.box.left, below, "◀ back", color=style.DOWN)
    page.text(middle, below, "turn", color=style.FOREGROUND, align="center")
    page.text(plot.box.right, below, "out ▶", color=style.UP, align="right")
    page.text(page.width - style.MARGIN, below, "move", align="right")
    page.top = bottom


def _against_the_rest(inputs: ChartInputs, request: ChartRequest) -> tuple[pd.DatetimeIndex, Floats, Floats] | None:
    """The seven (mean of their daily returns, compounded) and the S&P 500, both 100 at the start; None with a gap."""
    index = column(inputs.closes, INDEX, request.session)
    seven = [column(inputs.closes, ticker, request.session) for ticker in SEVEN]
    if index is None or any(closes is None for closes in seven):
        return None
    returns = pd.concat([closes for closes in seven if closes is not None], axis=1).pct_change(fill_method=None)
    shown = window(index, request.span)
    if shown is None or not shown.current or len(shown.shown) < 2:
        return None
    days = pd.DatetimeIndex(shown.shown.index)
    basket = returns.reindex(days).mean(axis=1, skipna=False)
    basket.iloc[0] = 0.0
    line = 100 * numbers((1 + basket).cumprod())
    rest = 100 * numbers(shown.shown) / float(shown.shown.iloc[0])
    return None if np.isnan(line[-1]) else (days, line, rest)


def _draw_lines(page: Page, days: pd.DatetimeIndex, seven: Floats, rest: Floats, *, bottom: float) -> None:
    since = f"since {formats.short_day(days[0].date(), year=True)}"
    page.legend([("Mag 7", style.DOWN, 0), ("S&P 500", style.UP, 1)], right=since)
    y = axis_scale.limits([*seven, *rest, 100.0])
    ticks = axis_scale.ticks(y[0] - 100, y[1] - 100, most=3)
    words = [f"{text}%" for text in axis_scale.plain_words(ticks, signed=True)]
    ticks = [tick + 100 for tick in ticks]
    tags = [
        Tag(float(line[-1]), f"{formats.plain(float(line[-1]) - 100, 1, signed=True)}%", color)
        for line, color in ((seven, style.DOWN), (rest, style.UP))
    ]
    plot = framed(
        page, top=page.top + 6, bottom=bottom, x=(-0.7, len(days) - 0.3), y=y, ticks=(ticks, words), tags=tags
    )
    plot.across(100.0, style.ZERO)
    for stroke, (line, color) in enumerate(((seven, style.DOWN), (rest, style.UP))):
        plot.curve(line, color, stroke=stroke)


def _alt(
    title: str,
    lead: str,
    bars: list[_Bar],
    lines: tuple[pd.DatetimeIndex, Floats, Floats] | None,
    request: ChartRequest,
) -> str:
    sentences = [f"{title}, {labels.when(request.session)}: {lead}."]
    for bar in bars:
        side = OUT if bar.direction > 0 else "back into big tech"
        back, threshold = rounded_down(bar.given_back), formats.plain(bar.yardstick.threshold, 1)
        sentences.append(
            f"{bar.yardstick.short}: {side}, {labels.percent(bar.move)}%, having given back {back} of the "
            f"{threshold.removesuffix('.0')}% that would turn it."
        )
    if lines is not None:
        days, seven, rest = lines
        moves = [f"{formats.plain(float(line[-1]) - 100, 1, signed=True)}%" for line in (seven, rest)]
        sentences.append(
            f"From {axis_scale.days_words(days)} the Magnificent Seven {moves[0]}, the S&P 500 {moves[1]}."
        )
    return labels.alt(sentences)
