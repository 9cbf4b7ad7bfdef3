"""A cache of measured and rasterised texts, shared by all charts of a process.

Shaping texts would take most of the time of a chart, and most texts are on many charts: names,
dates, numbers beside a grid.
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

_MASKS = 256
"""Texts that are kept as pixels, 10 kB each: one picture of each kind has some 150. With room for more, the dates and values
of every session fill it up for weeks."""


@dataclass(frozen=True, slots=True)
class GlyphMask:
    """A rasterised text.

    Attributes:
        cover: how much of each pixel is covered, 0 to 255, lowest row first.
        left: pixels from the begin of the text to the first column.
        below: pixels from the base line down to the first row.
    """

    cover: NDArray[np.uint8]
    left: float
    below: float


@lru_cache(4096)
def text_size(words: str, file: str, points: float, dpi: float) -> tuple[float, float, float]:
    """Width, height and descent of a text in pixels, in the font of a file."""
    face = _font_face(words, file, points, dpi)
    width, height = face.get_width_height()
    return width / _SUBPIXELS, height / _SUBPIXELS, face.get_descent() / _SUBPIXELS


@lru_cache(_MASKS)
def glyph_mask(words: str, file: str, points: float, dpi: float) -> GlyphMask:
    """The text as grey pixels, in the font of a file."""
    face = _font_face(words, file, points, dpi)
    below = face.get_descent() / _SUBPIXELS
    face.draw_glyphs_to_bitmap(antialiased=True)
    cover = np.asarray(face.get_image())[::-1].copy()
    return GlyphMask(cover, face.get_bitmap_offset()[0] / _SUBPIXELS, below)


def _font_face(words: str, file: str, points: float, dpi: float) -> FT2Font:
    face = get_font(file)
    face.clear()
    face.set_size(points, dpi)
    face.set_text(words, 0.0, flags=LoadFlags.DEFAULT)
    return face


class CachedTextCanvas(FigureCanvasAgg):
    """A canvas that takes its texts from the cache."""

    # Matplotlib has no types for its renderers.
    renderer: Any = None

    def get_renderer(self) -> Any:
        """The renderer of this canvas, made once because the canvas does not change its size."""
        if self.renderer is None:
            renderer_class: Any = _Renderer
            self.renderer = renderer_class(*self.get_width_height(physical=True), self.figure.dpi)
        return self.renderer


class _Renderer(RendererAgg):
    """Draws texts from the cache: horizontal, opaque, without formulas, in the font of a file."""

    def get_text_width_height_descent(self, s: str, prop: FontProperties, ismath: Any) -> tuple[float, float, float]:
        return text_size(s, str(prop.get_file()), prop.get_size_in_points(), self.dpi)

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
        mask = glyph_mask(s, str(prop.get_file()), prop.get_size_in_points(), self.dpi)
        image = np.empty((*mask.cover.shape, 4), dtype=np.uint8)
        image[..., :3] = np.round(255 * np.array(gc.get_rgb()[:3]))
        image[..., 3] = mask.cover
        self.draw_image(gc, round(x + mask.left), int(self.height) - round(y + mask.below) - 1, image)
