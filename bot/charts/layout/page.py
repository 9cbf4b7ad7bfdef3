"""Page: a dark page measured in pixels from its upper left corner, with words and plots on it, that becomes a PNG.

The only module but `plot` that knows matplotlib's figures. Words are placed by measured widths, so that none overlap.
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
from bot.charts.layout.text_cache import Canvas, measured

DPI = 100
POINT = 72 / DPI
"""Points in a pixel: what matplotlib measures fonts and lines in."""


_PIECES = (((0, 28),), ((0, 11), (17, 28)), ((0, 5), (11, 16), (22, 27)))
"""Where each stroke of a legend is inked: solid, dashed, dotted."""


@cache
def font(size: float, bold: bool = False) -> FontProperties:
    """The font that matplotlib brings along, so that no machine draws another one; size in pixels."""
    return FontProperties(fname=_file(bold), size=size * POINT)


def _file(bold: bool) -> str:
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / name)


class Page:
    """A page of a given height. `top` is where the next thing goes, below what has been written; `end` where the page is cut."""

    def __init__(self, height: int) -> None:
        self.width, self.height = style.WIDTH, height
        self.figure = Figure(figsize=(self.width / DPI, height / DPI), dpi=DPI, facecolor=style.BACK)
        # Matplotlib has no types for its canvases.
        self._canvas: Any = Canvas(self.figure)
        self.top = float(style.MARGIN)
        self.end = height

    def wide(self, words: str, size: float = style.TEXT, *, bold: bool = False) -> float:
        """Width of a text in pixels, as it is drawn."""
        return measured(words, _file(bold), size * POINT, DPI)[0]

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
        """Words at a place; `y` is their middle, or with `above` their lower end. `box`: a colour behind them."""
        behind = {"facecolor": box, "edgecolor": "none", "boxstyle": "round,pad=0.25"} if box else None
        return self.figure.text(
            x / self.width,
            1 - y / self.height,
            words,
            fontproperties=font(size, bold),
            color=color,
            ha=align,
            va="baseline" if above else "center_baseline",
            bbox=behind,
            parse_math=False,
            zorder=5,
        )

    def head(self, title: str, lead: str, *notes: str) -> None:
        """Title, one sentence with the newest value, and smaller lines; each is broken where it does not fit."""
        for words, size, color, bold in (
            (title, style.TITLE, style.INK, True),
            (lead, style.LEAD, style.INK, False),
            *((note, style.SMALL, style.MUTED, False) for note in notes),
        ):
            for line in self.broken(words, size, bold=bold):
                self.top += 1.32 * size
                self.text(style.MARGIN, self.top - 0.32 * size, line, size=size, color=color, bold=bold, above=True)
        self.top += 8

    def broken(self, words: str, size: float, *, bold: bool = False, room: float | None = None) -> list[str]:
        """Lines of a text that fit the page (or `room`)."""
        room = self.width - 2 * style.MARGIN if room is None else room
        lines: list[str] = []
        for word in words.split(" ") if words else ():
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and self.wide(longer, size, bold=bold) <= room:
                lines[-1] = longer
            else:
                lines.append(word)
        return lines

    def line(self, x: tuple[float, float], y: tuple[float, float], color: str, width: float = 2.0) -> None:
        """A straight line."""
        self.figure.add_artist(
            Line2D(
                [each / self.width for each in x],
                [1 - each / self.height for each in y],
                color=color,
                linewidth=width * POINT,
                solid_capstyle="butt",
            )
        )

    def legend(self, x: float, y: float, entries: Sequence[tuple[str, str, int]], *, size: float = style.SMALL) -> None:
        """Names with a piece of their line before them: words, colour, stroke."""
        for words, color, stroke in entries:
            for begin, end in _PIECES[stroke]:
                self.line((x + begin, x + end), (y, y), color, 4.0)
            self.text(x + 36, y, words, size=size, color=style.INK)
            x += 36 + self.wide(words, size) + 24

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """A bare coordinate system: no axis is drawn by itself."""
        axes = self.figure.add_axes(
            (left / self.width, 1 - (top + height) / self.height, width / self.width, height / self.height)
        )
        axes.set_axis_off()
        return axes

    def png(self) -> bytes:
        """The page as a PNG with few colours."""
        self._canvas.draw()
        shape = (self.width, self.height)
        whole = Image.frombuffer("RGBA", shape, self._canvas.buffer_rgba(), "raw", "RGBA", 0, 1)
        cropped = whole.crop((0, 0, self.width, self.end)).convert("RGB")
        reduced = cropped.quantize(style.COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        target = io.BytesIO()
        reduced.save(target, "PNG", compress_level=6)
        return target.getvalue()


@dataclass(frozen=True, slots=True)
class Drawn:
    """A finished page with the words for those who cannot see it."""

    page: Page
    alt: str
