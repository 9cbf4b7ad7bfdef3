"""The page: texts that fit, lines that are packed, and a PNG that is as near to the page as 96 colours are."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from bot.charts.layout import style
from bot.charts.layout.page import Page


def test_parts_share_a_line_while_they_fit() -> None:
    page = Page()
    assert page.packed("one", "two") == ["one · two"]
    assert page.packed("x" * 40, "y" * 40, "z") == ["x" * 40, f"{'y' * 40} · z"]


def test_a_text_takes_the_largest_size_that_fits_else_the_smallest() -> None:
    page = Page()
    wide = page.text_width("33.7%", 60, bold=True)
    assert page.fitting("33.7%", (90, 60, 40), bold=True, max_width=wide) == 60
    assert page.fitting("33.7%", (90, 60, 40), bold=True, max_width=1.0) == 40


def test_a_name_that_is_too_wide_ends_with_an_ellipsis() -> None:
    page = Page()
    shown = page.cut("Hyperscaler capex, 4 quarters", 300)
    assert shown.endswith("…")
    assert page.text_width(shown) <= 300
    assert page.cut("Gold", 300) == "Gold"


def test_the_colours_of_a_png_are_those_of_the_page() -> None:
    page = Page()
    page.head("Title", "Lead")
    colors = (style.SKY, style.ORANGE, style.GREEN, style.PINK)
    for place, color in enumerate(colors):
        page.line((100, 600), (400 + 40 * place, 400 + 40 * place), color, 9)
    shown = np.asarray(Image.open(io.BytesIO(page.png())).convert("RGB"), dtype=int)
    for place, color in enumerate(colors):
        wanted = [int(color[at : at + 2], 16) for at in (1, 3, 5)]
        assert np.abs(shown[400 + 40 * place, 300] - wanted).max() <= 8
