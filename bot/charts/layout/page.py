"""The page of a chart and its PNG.

Texts, lines and plots are placed in pixels from the upper left corner. Beside `plot` and
`text_cache` the only module of the layout that uses matplotlib. Texts are placed by their measured
widths, so that they do not overlap.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.text import Text
from PIL import Image

from bot.charts.layout import style
from bot.charts.layout.text_cache import CachedTextCanvas, text_size
from bot.formatting.minus import typeset

DPI = 100
POINT = 72 / DPI
"""Points in a pixel; matplotlib measures fonts and lines in points."""


_SIMULATED = "simulated"

_STROKE = 44
_STROKE_SEGMENTS = (((0, 44),), ((0, 17), (27, 44)), ((0, 8), (18, 26), (36, 44)))
"""Begin and end in pixels of the segments of each stroke in a legend: solid, dashed, dotted."""


@cache
def font(size: float, bold: bool = False) -> FontProperties:
    """The font that comes with matplotlib, the same on every machine; size in pixels."""
    return FontProperties(fname=_file(bold), size=size * POINT)


def _file(bold: bool) -> str:
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / name)


class Page:
    """A page, `style.WIDTH` by `style.HEIGHT` pixels as every picture.

    `top`: the upper end of the free part. `simulated`: the line of its title says so.
    """

    def __init__(self, *, simulated: bool = False) -> None:
        self._mark = _SIMULATED if simulated else ""
        self.width, self.height = style.WIDTH, style.HEIGHT
        self.figure = Figure(figsize=(self.width / DPI, self.height / DPI), dpi=DPI, facecolor=style.BACKGROUND)
        # Matplotlib has no types for its canvases.
        self._canvas: Any = CachedTextCanvas(self.figure)
        self.top = float(style.MARGIN) - 4

    @property
    def text_space(self) -> float:
        """Pixels between the margins."""
        return self.width - 2 * style.MARGIN

    def text_width(self, words: str, size: float = style.TEXT, *, bold: bool = False) -> float:
        """Width of a text in pixels, as it is drawn."""
        return text_size(typeset(words), _file(bold), size * POINT, DPI)[0]

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float = style.TEXT,
        color: str = style.MUTED,
        bold: bool = False,
        align: str = "left",
        above: bool = False,
        box: str | None = None,
    ) -> Text:
        """A text at a place.

        `y` is the middle of the text, or with `above` its base line. `box`: a background colour.
        """
        background = {"facecolor": box, "edgecolor": "none", "boxstyle": "round,pad=0.25"} if box else None
        return self.figure.text(
            x / self.width,
            1 - y / self.height,
            typeset(words),
            fontproperties=font(size, bold),
            color=color,
            ha=align,
            va="baseline" if above else "center_baseline",
            bbox=background,
            parse_math=False,
            zorder=5,
        )

    def head(self, title: str, *notes: str) -> None:
        """The title, smaller where one line does not hold it, and lines below it, the first a little larger.

        Each is wrapped to the page.
        """
        self._title(title)
        for place, note in enumerate(note for note in notes if note):
            size, color = (style.LEAD, style.FOREGROUND) if place == 0 else (style.TEXT, style.MUTED)
            self._block(note, self.fitting(note, (size, style.TEXT)), color)
        self.top += 12

    def figure_head(self, title: str, figure: str, beside: Sequence[str], *notes: str) -> None:
        """The title, the newest value in large type with lines beside it, and notes below, wrapped to the page.

        A value in words, such as a named state, is written as large as it fits.
        """
        self._title(title)
        beside = [words for words in beside if words]
        wide = max((self.text_width(words) for words in beside), default=0.0)
        room = self.text_space - wide - 36
        sizes = (style.FIGURE, 76, 62, style.TITLE)
        size = self.fitting(figure, sizes, bold=True, max_width=room)
        taken = self.text_width(figure, size, bold=True)
        if taken > room:
            self._block(figure, style.LEAD, style.FOREGROUND, bold=True)
            for words in beside:
                self._block(words, style.TEXT, style.MUTED)
        else:
            high = max(size, style.LINE * style.TEXT * len(beside)) + 12
            self.text(style.MARGIN, self.top + high / 2, figure, size=size, color=style.FOREGROUND, bold=True)
            first = self.top + high / 2 - style.LINE * style.TEXT * (len(beside) - 1) / 2
            for place, words in enumerate(beside):
                self.text(style.MARGIN + taken + 36, first + place * style.LINE * style.TEXT, words)
            self.top += high
        for note in notes:
            self._block(note, style.TEXT, style.MUTED)
        self.top += 12

    def _title(self, title: str) -> None:
        """The title, beside the mark of a simulated market at the right end of its first line."""
        room, top = self.text_space, self.top
        if self._mark:
            room -= self.text_width(self._mark) + 30
        size = self.fitting(title, (style.TITLE, style.LEAD), bold=True, max_width=room)
        self._block(title, size, style.FOREGROUND, bold=True, max_width=room)
        if self._mark:
            self.text(
                self.width - style.MARGIN, top + (style.LINE - 0.32) * size, self._mark, align="right", above=True
            )

    def _block(
        self, words: str, size: float, color: str, *, bold: bool = False, max_width: float | None = None
    ) -> None:
        for line in self.wrapped(words, size, bold=bold, max_width=max_width):
            self.top += style.LINE * size
            self.text(style.MARGIN, self.top - 0.32 * size, line, size=size, color=color, bold=bold, above=True)

    def fitting(
        self, words: str, sizes: Sequence[float], *, bold: bool = False, max_width: float | None = None
    ) -> float:
        """The first of the sizes, falling, in which one line holds the words; else the last.

        `max_width`: pixels of the line, those between the margins if not given.
        """
        most = self.text_space if max_width is None else max_width
        return next((size for size in sizes if self.text_width(words, size, bold=bold) <= most), sizes[-1])

    def cut(self, words: str, max_width: float, size: float = style.TEXT, *, bold: bool = False) -> str:
        """The words, ending with an ellipsis where they are wider than `max_width` pixels."""
        while self.text_width(words, size, bold=bold) > max_width and len(words) > 1:
            words = words.removesuffix("…")[:-1].rstrip() + "…"
        return words

    def packed(self, *parts: str) -> list[str]:
        """The parts in as few lines of the smallest type as hold them, with dots between those of one line."""
        lines: list[str] = []
        for part in parts:
            longer = f"{lines[-1]} · {part}" if lines else part
            if lines and self.text_width(longer) <= self.text_space:
                lines[-1] = longer
            else:
                lines.append(part)
        return lines

    def wrapped(self, words: str, size: float, *, bold: bool = False, max_width: float | None = None) -> list[str]:
        """A text as lines of so many pixels, those between the margins if not given."""
        most = self.text_space if max_width is None else max_width
        lines: list[str] = []
        for word in words.split(" ") if words else ():
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and self.text_width(longer, size, bold=bold) <= most:
                lines[-1] = longer
            else:
                lines.append(word)
        return lines

    def line(self, x: tuple[float, float], y: tuple[float, float], color: str, width: float = 2.0) -> None:
        """A straight line."""
        self.figure.add_artist(
            Line2D(
                [coordinate / self.width for coordinate in x],
                [1 - coordinate / self.height for coordinate in y],
                color=color,
                linewidth=width * POINT,
                solid_capstyle="butt",
            )
        )

    def legend(self, entries: Sequence[tuple[str, str, int]], *, right: str = "") -> None:
        """A legend of entries (name, colour, stroke): a piece of the line, then the name, in as many lines as it takes.

        `right`: words at the right end of its first line, where they have room. Moves the top of the page below it.
        """
        height, most = style.LINE * style.TEXT, self.width - style.MARGIN
        x, y, place = float(style.MARGIN), self.top + height / 2, 0
        taken = self.text_width(right) + 30 if right else 0.0
        for words, color, stroke in entries:
            reach = most - (taken if place == 0 else 0.0)
            if x > style.MARGIN and x + _STROKE + 14 + self.text_width(words) > reach:
                x, y, place = float(style.MARGIN), y + height, place + 1
            shown = self.cut(words, most - x - _STROKE - 14)
            for begin, end in _STROKE_SEGMENTS[stroke]:
                self.line((x + begin, x + end), (y, y), color, 7.0)
            self.text(x + _STROKE + 14, y, shown, color=style.FOREGROUND)
            x += _STROKE + 14 + self.text_width(shown) + 36
            if place == 0 and x - 36 > most - taken:
                right = ""
        if right:
            self.text(most, self.top + height / 2, right, align="right")
        self.top = y + height / 2

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """A coordinate system without drawn axes."""
        axes = self.figure.add_axes(
            (left / self.width, 1 - (top + height) / self.height, width / self.width, height / self.height)
        )
        axes.set_axis_off()
        return axes

    def png(self) -> bytes:
        """The page as a PNG, reduced to `style.COLOURS` colours."""
        self._canvas.draw()
        shape = (self.width, self.height)
        image = Image.frombuffer("RGBA", shape, self._canvas.buffer_rgba(), "raw", "RGBA", 0, 1)
        colours = image.convert("RGB")
        # Every second pixel has all the colours, at a quarter of the time that choosing them takes.
        sample = colours.resize((self.width // 2, self.height // 2), Image.Resampling.NEAREST)
        palette = sample.quantize(style.COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        target = io.BytesIO()
        # Level 4 takes a third of the time of the usual 6 for a tenth more bytes.
        colours.quantize(palette=palette, dither=Image.Dither.NONE).save(target, "PNG", compress_level=4)
        return target.getvalue()


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """A finished page with its alternative text."""

    page: Page
    alt: str
