"""Words are measured and inked once for all pictures of a process: shaping them would take most of the time of each.

Most words are on many pictures: names, dates, numbers beside a grid.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.backend_bases import GraphicsContextBase
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.font_manager import FontProperties, get_font
from matplotlib.ft2font import FT2Font, LoadFlags
from matplotlib.text import Text
from numpy.typing import NDArray

_SUBPIXELS = 64


@dataclass(frozen=True, slots=True)
class Ink:
    """How much of each pixel words cover, 0 to 255, lowest row first.

    `left`: pixels from where they begin to the first column. `below`: from their base line down to the first row.
    """

    cover: NDArray[np.uint8]
    left: float
    below: float


@lru_cache(4096)
def measured(words: str, file: str, points: float, dpi: float) -> tuple[float, float, float]:
    """Width, height and descent of words in pixels, in the font of a file."""
    face = _set(words, file, points, dpi)
    width, height = face.get_width_height()
    return width / _SUBPIXELS, height / _SUBPIXELS, face.get_descent() / _SUBPIXELS


@lru_cache(1024)
def inked(words: str, file: str, points: float, dpi: float) -> Ink:
    """The words as grey pixels, in the font of a file."""
    face = _set(words, file, points, dpi)
    below = face.get_descent() / _SUBPIXELS
    face.draw_glyphs_to_bitmap(antialiased=True)
    cover = np.asarray(face.get_image())[::-1].copy()
    return Ink(cover, face.get_bitmap_offset()[0] / _SUBPIXELS, below)


def _set(words: str, file: str, points: float, dpi: float) -> FT2Font:
    face = get_font(file)
    face.clear()
    face.set_size(points, dpi)
    face.set_text(words, 0.0, flags=LoadFlags.DEFAULT)
    return face


class Canvas(FigureCanvasAgg):
    """A canvas that letters from memory."""

    # Matplotlib has no types for its renderers.
    renderer: Any = None

    def get_renderer(self) -> Any:
        """The one renderer of this canvas, which does not change its size."""
        if self.renderer is None:
            make: Any = _Renderer
            self.renderer = make(*self.get_width_height(physical=True), self.figure.dpi)
        return self.renderer


class _Renderer(RendererAgg):
    """Words on a page are level, opaque and without formulas, each in the font of a file."""

    def get_text_width_height_descent(self, s: str, prop: FontProperties, ismath: Any) -> tuple[float, float, float]:
        return measured(s, str(prop.get_file()), prop.get_size_in_points(), self.dpi)

    def draw_text(
        self,
        gc: GraphicsContextBase,
        x: float,
        y: float,
        s: str,
        prop: FontProperties,
        angle: float,
        ismath: Any = False,
        mtext: Text | None = None,
    ) -> None:
        found = inked(s, str(prop.get_file()), prop.get_size_in_points(), self.dpi)
        image = np.empty((*found.cover.shape, 4), dtype=np.uint8)
        image[..., :3] = np.round(255 * np.array(gc.get_rgb()[:3]))
        image[..., 3] = found.cover
        self.draw_image(gc, round(x + found.left), int(self.height) - round(y + found.below) - 1, image)
