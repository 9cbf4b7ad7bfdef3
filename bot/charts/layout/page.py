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

DPI = 100
POINT = 72 / DPI
"""Points in a pixel; matplotlib measures fonts and lines in points."""


_STROKE_SEGMENTS = (((0, 28),), ((0, 11), (17, 28)), ((0, 5), (11, 16), (22, 27)))
"""Begin and end in pixels of the segments of each stroke in a legend: solid, dashed, dotted."""


@cache
def font(size: float, bold: bool = False) -> FontProperties:
    """The font that comes with matplotlib, the same on every machine; size in pixels."""
    return FontProperties(fname=_file(bold), size=size * POINT)


def _file(bold: bool) -> str:
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / name)


class Page:
    """A page of a given height in pixels.

    `top`: the upper end of the free part. `end`: the height at which the PNG is cut.
    """

    def __init__(self, height: int) -> None:
        self.width, self.height = style.WIDTH, height
        self.figure = Figure(figsize=(self.width / DPI, height / DPI), dpi=DPI, facecolor=style.BACKGROUND)
        # Matplotlib has no types for its canvases.
        self._canvas: Any = CachedTextCanvas(self.figure)
        self.top = float(style.MARGIN)
        self.end = height

    def text_width(self, words: str, size: float = style.TEXT, *, bold: bool = False) -> float:
        """Width of a text in pixels, as it is drawn."""
        return text_size(words, _file(bold), size * POINT, DPI)[0]

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
            words,
            fontproperties=font(size, bold),
            color=color,
            ha=align,
            va="baseline" if above else "center_baseline",
            bbox=background,
            parse_math=False,
            zorder=5,
        )

    def head(self, title: str, lead: str, *notes: str) -> None:
        """Title, one sentence with the newest value, and smaller lines.

        Each is wrapped to the page.
        """
        for words, size, color, bold in (
            (title, style.TITLE, style.FOREGROUND, True),
            (lead, style.LEAD, style.FOREGROUND, False),
            *((note, style.SMALL, style.MUTED, False) for note in notes),
        ):
            for line in self.wrapped(words, size, bold=bold):
                self.top += 1.32 * size
                self.text(style.MARGIN, self.top - 0.32 * size, line, size=size, color=color, bold=bold, above=True)
        self.top += 8

    def wrapped(self, words: str, size: float, *, bold: bool = False, max_width: float | None = None) -> list[str]:
        """A text as lines that fit the page, or `max_width` pixels."""
        max_width = self.width - 2 * style.MARGIN if max_width is None else max_width
        lines: list[str] = []
        for word in words.split(" ") if words else ():
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and self.text_width(longer, size, bold=bold) <= max_width:
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

    def legend(self, x: float, y: float, entries: Sequence[tuple[str, str, int]], *, size: float = style.SMALL) -> None:
        """A legend of entries (name, colour, stroke): a piece of the line, then the name."""
        for words, color, stroke in entries:
            for begin, end in _STROKE_SEGMENTS[stroke]:
                self.line((x + begin, x + end), (y, y), color, 4.0)
            self.text(x + 36, y, words, size=size, color=style.FOREGROUND)
            x += 36 + self.text_width(words, size) + 24

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
        cropped = image.crop((0, 0, self.width, self.end)).convert("RGB")
        reduced = cropped.quantize(style.COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        target = io.BytesIO()
        reduced.save(target, "PNG", compress_level=6)
        return target.getvalue()


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """A finished page with its alternative text."""

    page: Page
    alt: str
