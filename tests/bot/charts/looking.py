"""What a person would see at once: words that touch each other or leave the picture. And inputs of every shape."""

from __future__ import annotations

import zlib
from itertools import combinations

import numpy as np
import pandas as pd
from matplotlib.text import Text

from bot.charts.inputs import REGIME, ChartInputs, needs
from bot.charts.layout import style
from bot.charts.layout.page import POINT, Page
from bot.domain.chart_request import ChartRequest

SHORT, LONG = 20, 700
LEAST_GAP = 2.0
"""Pixels between two texts of a line of the picture as it is shown, about half a space."""


def faults(page: Page) -> list[str]:
    """What is wrong with the texts of a page at its own size and as Discord shows it.

    Each text that leaves the canvas, and each two that share pixels (beyond the one that rounding makes). In the picture as
    it is shown: texts too small to read, and neighbours on a line without a gap that can be seen.
    """
    renderer = page.figure.canvas.get_renderer()  # type: ignore[attr-defined]
    texts = [each for each in page.figure.findobj(Text) if each.get_visible() and each.get_text()]
    boxes = [(each.get_text(), each.get_window_extent(renderer)) for each in texts]
    found = [
        f"{words!r} leaves the picture"
        for words, box in boxes
        if box.x0 < 0 or box.x1 > page.width or box.y0 < 0 or box.y1 > page.height
    ]
    shown = style.SHOWN_WIDTH / page.width
    for text in texts:
        digit = shown * style.DIGIT_HEIGHT * text.get_fontsize() / POINT
        if digit < style.LEAST_DIGIT:
            found.append(f"{text.get_text()!r} is {digit:.1f} px high as it is shown")
    for (one, ours), (other, theirs) in combinations(boxes, 2):
        across = min(ours.x1, theirs.x1) - max(ours.x0, theirs.x0)
        down = min(ours.y1, theirs.y1) - max(ours.y0, theirs.y0)
        if across > 1 and down > 1:
            found.append(f"{one!r} touches {other!r} by {across:.0f} x {down:.0f}")
        elif down > 0.5 * min(ours.height, theirs.height) and shown * -across < LEAST_GAP:
            found.append(f"{one!r} runs into {other!r}")
    return found


def sessions(count: int, last: str = "2025-12-31") -> pd.DatetimeIndex:
    """Weekdays up to a date."""
    return pd.bdate_range(end=last, periods=count)


def inputs(request: ChartRequest, rows: int = LONG) -> ChartInputs:
    """Random walks for everything that a request needs: prices above zero, states of -1, 0 and 1, the same on every run."""
    wanted, index = needs(request), sessions(rows)
    values = {name: _signal(name, rows) for name in sorted(wanted.signals)}
    closes = {name: 100 * np.exp(_walk(name, rows) / 100) for name in sorted(wanted.tickers) if "-" not in name}
    return ChartInputs(pd.DataFrame(values, index=index, dtype=float), pd.DataFrame(closes, index=index, dtype=float))


def _dice(name: str) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(zlib.crc32(name.encode())))


def _walk(name: str, rows: int) -> np.ndarray:
    return np.cumsum(_dice(name).normal(0, 1, rows))


def _signal(name: str, rows: int) -> np.ndarray:
    walk = _walk(name, rows)
    if name.endswith("_state"):
        return np.sign(np.round(walk / 8))
    if name == REGIME:
        return np.where(walk >= 0, 1.0, -1.0)
    if name.startswith("rotation."):
        return np.sign(walk + 0.1) if name.endswith("direction") else np.abs(walk) % 5
    if name.startswith("scenario."):
        return np.clip(4 * walk, -90, 90)
    if name.startswith("flows."):
        return 3e8 * walk
    return walk


def gappy(given: ChartInputs) -> ChartInputs:
    """Stretches and single sessions missing everywhere, some columns altogether."""

    def holed(frame: pd.DataFrame) -> pd.DataFrame:
        made = frame.copy()
        for place, name in enumerate(made.columns):
            made.iloc[7 + place :: 11, place] = np.nan
            made.iloc[len(made) // 2 : len(made) // 2 + len(made) // 10, place] = np.nan
            if place % 5 == 4 and name != "SPY":
                made[name] = np.nan
        return made

    return ChartInputs(holed(given.values), holed(given.closes))


def each(given: ChartInputs, values: float, closes: float = 100.0) -> ChartInputs:
    """The same number everywhere."""
    values_of = {name: float(np.sign(values)) if name.endswith("_state") else values for name in given.values.columns}
    if REGIME in values_of:
        values_of[REGIME] = 1.0 if values >= 0 else -1.0
    return ChartInputs(given.values * 0 + pd.Series(values_of, dtype=float), given.closes * 0 + closes)


def spiked(given: ChartInputs) -> ChartInputs:
    """One value in the middle a million times as large; states stay states."""
    scales = np.ones((len(given.values), 1))
    scales[len(given.values) // 2] = 1e6
    values = given.values * scales
    states = [name for name in values.columns if name.endswith("_state") or name == REGIME]
    values[states] = given.values[states]
    return ChartInputs(values, given.closes)


def scaled(given: ChartInputs, factor: float) -> ChartInputs:
    """Other magnitudes; states stay states."""
    factors = {name: 1.0 if name.startswith("scenario.") or name == REGIME else factor for name in given.values.columns}
    return ChartInputs(given.values * pd.Series(factors), given.closes * abs(factor))
