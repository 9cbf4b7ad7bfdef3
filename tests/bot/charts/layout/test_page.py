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


def test_the_title_of_a_simulated_market_leaves_room_for_saying_so() -> None:
    page = Page(simulated=True)
    page.head("Nasdaq after Above 50-day average, S&P 500 above 40%", "Lead")
    *title, mark, lead = page.figure.texts
    assert (mark.get_text(), lead.get_text()) == ("simulated", "Lead")
    assert mark.get_position() == ((page.width - style.MARGIN) / page.width, title[0].get_position()[1])
    room = page.text_space - page.text_width("simulated")
    assert all(page.text_width(line.get_text(), style.LEAD, bold=True) < room for line in title)
    assert len(title) == 2


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
