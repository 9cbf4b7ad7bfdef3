"""Lettering: words from memory stand where matplotlib's own renderer would put them, and look the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure

from bot.charts.layout import page
from bot.charts.layout.text_cache import CachedTextCanvas, text_size

WORDS = ("Technology", "+12.5%", "up: gaining, down (jpgqy)", "▲ −30")


def ink(canvas: type[FigureCanvasAgg], words: str, *, bold: bool) -> np.ndarray:
    """How bright each pixel is where only these words stand."""
    figure = Figure(figsize=(4, 0.6), dpi=page.DPI, facecolor="black")
    drawn: Any = canvas(figure)
    figure.text(0.5, 0.5, words, fontproperties=page.font(22, bold), color="white", ha="center", va="center_baseline")
    drawn.draw()
    return np.asarray(drawn.buffer_rgba(), dtype=float)[..., 0]


def middle(found: np.ndarray) -> tuple[float, float]:
    """The centre of what is inked, in pixels."""
    down, along = np.indices(found.shape)
    return float((down * found).sum() / found.sum()), float((along * found).sum() / found.sum())


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("bold", [False, True])
def test_words_are_as_wide_and_stand_where_matplotlib_draws_them(words: str, bold: bool) -> None:
    # Matplotlib places each letter between pixels; from memory the whole of the words is placed on them.
    ours, theirs = ink(CachedTextCanvas, words, bold=bold), ink(FigureCanvasAgg, words, bold=bold)
    assert middle(ours) == pytest.approx(middle(theirs), abs=1)
    assert ours.sum() == pytest.approx(theirs.sum(), rel=0.03)
    renderer: Any = RendererAgg
    expected = renderer(400, 60, page.DPI).get_text_width_height_descent(words, page.font(22, bold), False)
    assert text_size(words, str(page.font(22, bold).get_file()), 22 * page.POINT, page.DPI) == expected
