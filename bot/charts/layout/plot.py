"""One plot on a page: sessions from left to right, numbers on the right, tags at line ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.collections import LineCollection, PolyCollection

from bot.charts.layout import axis_scale, style
from bot.charts.layout.axis_scale import Floats
from bot.charts.layout.page import POINT, Page

_STROKES: tuple[str | tuple[int, tuple[float, float]], ...] = ("-", (0, (3, 1.5)), (0, (1.2, 1.2)))

DATES = 66.0
"""Pixels for the dates below a plot."""


@dataclass(frozen=True, slots=True)
class Box:
    """A place on the page in pixels from its upper left corner."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Pixels of its right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Pixels of its lower edge."""
        return self.top + self.height


@dataclass(frozen=True, slots=True)
class Tag:
    """A number beside the plot at the height of `value`, in a box of `color`.

    `hollow` tags mark a level.
    """

    value: float
    words: str
    color: str
    hollow: bool = False


class Plot:
    """A plot of positions against values inside a box.

    `x` and `y` are the ends of both axes. `flipped`: greater values lie lower.
    """

    def __init__(
        self, page: Page, box: Box, x: tuple[float, float], y: tuple[float, float], *, flipped: bool = False
    ) -> None:
        self.page, self.box, self.x, self.y, self.flipped = page, box, x, y, flipped
        self.axes = page.axes(box.left, box.top, box.width, box.height)
        self.axes.set_xlim(*x)
        self.axes.set_ylim(*(y[::-1] if flipped else y))
        self.axes.add_collection(rectangles([(x[0], x[1], y[0], y[1])], style.PLOT, zorder=0), autolim=False)

    def at(self, value: float) -> float:
        """Pixels from the top of the page at which a value lies."""
        share = (value - self.y[0]) / (self.y[1] - self.y[0])
        return self.box.top + self.box.height * (share if self.flipped else 1 - share)

    def along(self, position: float) -> float:
        """Pixels from the left of the page at which a position lies."""
        return self.box.left + self.box.width * (position - self.x[0]) / (self.x[1] - self.x[0])

    def numbers(self, ticks: Sequence[float], words: Sequence[str], tags: Sequence[Tag] = ()) -> None:
        """Grid lines with their numbers on the right.

        A number that would touch a tag is left out.
        """
        height = 1.36 * style.TEXT
        low, high = self.box.top + height / 2 - 9, self.box.bottom - height / 2 + 9
        places = axis_scale.spread([self.at(tag.value) for tag in tags], gap=height, low=low, high=high)
        taken = list(places)
        for tick, text in zip(ticks, words, strict=True):
            self.across(tick, style.ZERO if tick == 0 else style.GRID, 3.0 if tick == 0 else 1.5, zorder=1)
            # Numbers at the ends of the axis are moved inside, away from the texts above and below.
            beside = min(max(self.at(tick), self.box.top + 14), self.box.bottom - 14)
            if all(abs(beside - place) >= height for place in taken):
                taken.append(beside)
                self.page.text(self.box.right + 18, beside, text)
        for tag, place in zip(tags, places, strict=True):
            self.page.text(
                self.box.right + 18,
                place,
                tag.words,
                color=tag.color if tag.hollow else style.BACKGROUND,
                bold=not tag.hollow,
                box=style.BACKGROUND if tag.hollow else tag.color,
            )

    def across(
        self, value: float, color: str, width: float = 3.0, *, dashed: bool = False, zorder: float = 2.5
    ) -> None:
        """A horizontal line at a value."""
        self.axes.axhline(
            value, color=color, linewidth=width * POINT, linestyle=(0, (5, 3)) if dashed else "-", zorder=zorder
        )

    def band(self, low: float, high: float) -> None:
        """A faint horizontal stripe between two values."""
        self.axes.add_collection(rectangles([(*self.x, low, high)], style.MUTED, alpha=0.10, zorder=0.5), autolim=False)

    def columns(self, spans: Sequence[tuple[int, int]], color: str, *, alpha: float, hatch: str | None = None) -> None:
        """Vertical stripes over spans of first and last positions."""
        if spans:
            shapes = [(first - 0.5, last + 0.5, *self.y) for first, last in spans]
            self.axes.add_collection(rectangles(shapes, color, alpha=alpha, hatch=hatch, zorder=0.4), autolim=False)

    def curve(
        self, values: Floats, color: str, *, width: float | None = None, steps: bool = False, stroke: int = 0
    ) -> None:
        """A line over positions 0, 1, ...; stroke 0 is solid, 1 dashed, 2 dotted.

        The line has a gap where a value is missing; a value between two gaps is drawn as a dot. `width`: of few or of
        many sessions, if not given.
        """
        if width is None:
            width = style.CURVE if len(values) <= style.MANY_SESSIONS else style.THIN_CURVE
        places = np.arange(len(values))
        self.axes.plot(
            places,
            values,
            color=color,
            linewidth=width * POINT,
            drawstyle="steps-mid" if steps else "default",
            linestyle=_STROKES[stroke],
            solid_joinstyle="round",
            zorder=3,
        )
        has_value = np.concatenate([[False], ~np.isnan(values), [False]])
        isolated = has_value[1:-1] & ~has_value[:-2] & ~has_value[2:]
        if isolated.any():
            self.dots(places[isolated], values[isolated], color, size=2 * width)

    def bars(self, values: Floats, colors: Sequence[str] | str, *, base: float = 0.0, share: float = 0.72) -> None:
        """An upright bar from `base` at each position with a value."""
        positions = np.flatnonzero(~np.isnan(values)).tolist()
        bar_width = min(90.0, max(2.2, share * self.box.width / (self.x[1] - self.x[0])))
        bar_colors = colors if isinstance(colors, str) else [colors[place] for place in positions]
        lines = [[(place, base), (place, values[place])] for place in positions]
        self.axes.add_collection(
            LineCollection(lines, colors=bar_colors, linewidths=bar_width * POINT, capstyle="butt", zorder=3),
            autolim=False,
        )

    def dots(
        self, places: Floats | np.ndarray, values: Floats, color: str, *, size: float = 18, marker: str = "o"
    ) -> None:
        """Markers at points."""
        self.axes.plot(
            places,
            values,
            linestyle="none",
            marker=marker,
            markersize=size * POINT,
            color=color,
            markeredgecolor=style.BACKGROUND,
            markeredgewidth=2 * POINT,
            zorder=4,
            clip_on=False,
        )

    def dates(self, index: pd.DatetimeIndex, *, top: float | None = None) -> None:
        """Dates under the plot (or at `top`) with tick marks, as many as fit."""
        page, y = self.page, (self.box.bottom if top is None else top) + 34
        right = self.box.left - 1e9
        for place, words in axis_scale.date_ticks(index, self._fitting):
            x, half = self.along(place), page.text_width(words) / 2
            if x - half < max(self.box.left - style.MARGIN + 6, right + 20) or x + half > page.width - 6:
                continue
            right = x + half
            page.line((x, x), (self.box.bottom, self.box.bottom + 9), style.ZERO)
            page.text(x, y, words, align="center")

    def _fitting(self, words: str) -> int:
        return int(self.box.width // (self.page.text_width(words) + 32))


def framed(
    page: Page,
    *,
    top: float,
    bottom: float,
    x: tuple[float, float],
    y: tuple[float, float],
    ticks: tuple[Sequence[float], Sequence[str]],
    tags: Sequence[Tag] = (),
    gutter: float | None = None,
    flipped: bool = False,
) -> Plot:
    """A plot with its numbers, between the margins of the page; `gutter`: the width of the numbers, if given."""
    if gutter is None:
        gutter = gutter_width(page, ticks[1], tags)
    box = Box(style.MARGIN, top, style.WIDTH - 2 * style.MARGIN - gutter, bottom - top)
    plot = Plot(page, box, x, y, flipped=flipped)
    plot.numbers(*ticks, tags)
    return plot


def gutter_width(page: Page, numbers: Sequence[str], tags: Sequence[Tag] = ()) -> float:
    """Width in pixels of the numbers and tags beside a plot."""
    widths = [page.text_width(words) for words in numbers]
    return max([*widths, *(page.text_width(tag.words, bold=not tag.hollow) + 10 for tag in tags)], default=0.0) + 18


def rectangles(
    shapes: Sequence[tuple[float, float, float, float]],
    color: str,
    *,
    zorder: float,
    alpha: float | None = None,
    hatch: str | None = None,
) -> PolyCollection:
    """Rectangles of one colour, each from left, right, bottom and top; at least one."""
    # An array, although matplotlib's types allow only lists: it converts lists point by point.
    corners: Any = np.array(
        [[(left, low), (right, low), (right, high), (left, high)] for left, right, low, high in shapes]
    )
    return PolyCollection(
        corners,
        facecolors=color,
        edgecolors=color if hatch else "none",
        linewidths=0,
        alpha=alpha,
        hatch=hatch,
        zorder=zorder,
    )
