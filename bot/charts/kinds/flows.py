"""Flows of funds as bars, one a week: money of the last four weeks into or out of baskets."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bot.charts.inputs import FLOWS, ChartInputs
from bot.charts.layout import axis_scale, labels, style
from bot.charts.layout.page import Drawn, Page
from bot.charts.layout.plot import Tag, framed, room
from bot.charts.layout.window import Window, column, until, window
from bot.domain.chart_request import ChartRequest
from bot.formatting import formats
from signals import catalogue
from signals.core.model import Measure

_HEAD, _EACH, _FOOT = 160, 176, 48
_WEEK = 5
"""Sessions of a week: as many weeks are shown as the span has, at least eight."""
_FEWEST_WEEKS = 8


def draw(request: ChartRequest, inputs: ChartInputs) -> Drawn | None:
    """A plot a basket; those that are withheld throughout are named instead. None when all are."""
    weeks = max(_FEWEST_WEEKS, request.span // _WEEK)
    found: dict[str, Window] = {}
    for name in FLOWS:
        past = column(inputs.values, name, request.session)
        part = None if past is None else window(_weekly(past), weeks)
        if part is not None:
            found[name] = part
    if not found:
        return None
    index = max((part.index for part in found.values()), key=len)
    page = Page(_HEAD + len(found) * _EACH + _FOOT)
    page.head("Money into funds", _lead(found), _note(found, index, until(inputs.values, request.session).index[-1]))
    _panels(page, found, index)
    return Drawn(page, _alt(found, index))


def _weekly(past: pd.Series) -> pd.Series:
    """The value of each week's last session; the running week counts up to now."""
    days = pd.DatetimeIndex(past.index)
    weeks = (days.to_numpy().astype("datetime64[D]").astype(np.int64) + 3) // 7
    return past[np.append(weeks[1:] != weeks[:-1], True)]


def _told(name: str, part: Window) -> str:
    text = _dollars(part.last)
    return text if part.current else f"{text} ({labels.when(part.index[part.newest])}, withheld since)"


def _dollars(value: float) -> str:
    return f"{'+' if value > 0 else ''}{formats.dollars(value, 0)}"


def _lead(found: dict[str, Window]) -> str:
    return ", ".join(f"{FLOWS[name]} {_told(name, part)}" for name, part in found.items())


def _withheld(found: dict[str, Window]) -> str:
    missing = [label for name, label in FLOWS.items() if name not in found]
    return f"{formats.listed(missing)} withheld" if missing else ""


def _note(found: dict[str, Window], index: pd.DatetimeIndex, session: pd.Timestamp) -> str:
    parts = ["Net creations of 4 weeks, in USD, by week", f"as of {labels.when(session)}", _withheld(found)]
    if any(part.shown.isna().any() for part in found.values()):
        parts.append("dots: withheld")
    return " · ".join(part for part in parts if part)


def _panels(page: Page, found: dict[str, Window], index: pd.DatetimeIndex) -> None:
    laid = []
    for name, part in found.items():
        y = axis_scale.limits([*part.values, 0.0])
        ticks = labels.ticks(*y, catalogue.signal(name), Measure.VALUE, most=4)
        tags = [Tag(part.last, labels.beside(part.last, catalogue.signal(name), Measure.VALUE), _color(part.last))]
        laid.append((y, ticks, tags))
    gutter = max(room(page, ticks[1], tags) for _, ticks, tags in laid)
    top, plot = page.top, None
    each = (page.height - top - _FOOT) / len(found)
    for (name, part), (y, ticks, tags) in zip(found.items(), laid, strict=True):
        page.text(style.MARGIN, top + 12, FLOWS[name], size=style.TEXT, color=style.INK)
        page.text(page.width - style.MARGIN, top + 12, "USD", size=style.SMALL, align="right")
        x = (-0.8, len(index) - 0.2)
        plot = framed(page, top=top + 30, bottom=top + each - 10, x=x, y=y, ticks=ticks, tags=tags, gutter=gutter)
        values = np.array(part.shown.reindex(index), dtype=np.float64)
        plot.bars(values, [_color(value) for value in np.nan_to_num(values)])
        gone = np.flatnonzero(np.isnan(values))
        plot.dots(gone, np.zeros(len(gone)), style.MUTED, size=10)
        top += each
    if plot is not None:
        plot.dates(index)


def _color(value: float) -> str:
    return style.UP if value >= 0 else style.DOWN


def _alt(found: dict[str, Window], index: pd.DatetimeIndex) -> str:
    sentences = [f"Bar charts of net creations of funds over 4 weeks in USD, by week, {axis_scale.days_words(index)}."]
    for name, part in found.items():
        known = part.shown.dropna()
        low, high = (_dollars(float(end)) for end in (known.min(), known.max()))
        gone = int(part.shown.isna().sum())
        missing = f", {formats.counted(gone, 'week')} withheld" if gone else ""
        sentences.append(f"{FLOWS[name]}: {_told(name, part)}, between {low} and {high}{missing}.")
    withheld = _withheld(found)
    return labels.alt([*sentences, f"{withheld}." if withheld else ""])
