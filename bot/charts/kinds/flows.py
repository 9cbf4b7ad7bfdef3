"""Fund flows as weekly bars: money of the last four weeks into or out of each basket."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bot.charts.inputs import FLOWS, ChartInputs
from bot.charts.layout import axis_scale, labels, style
from bot.charts.layout.page import DrawnPage, Page
from bot.charts.layout.plot import Tag, framed, gutter_width
from bot.charts.layout.window import Window, column, until, window
from bot.domain.chart_request import ChartRequest
from bot.formatting import formats
from signals import catalogue
from signals.core.model import Measure

_HEAD, _PLOT_HEIGHT, _FOOT = 160, 176, 48
_WEEK = 5
"""Sessions of a week; as many weeks are shown as the span has, but at least eight."""
_MIN_WEEKS = 8


def draw(request: ChartRequest, inputs: ChartInputs) -> DrawnPage | None:
    """A plot for each basket; one that is withheld throughout is only named. None where all are."""
    weeks = max(_MIN_WEEKS, request.span // _WEEK)
    windows: dict[str, Window] = {}
    for name in FLOWS:
        past = column(inputs.values, name, request.session)
        weekly = None if past is None else window(_weekly(past), weeks)
        if weekly is not None:
            windows[name] = weekly
    if not windows:
        return None
    index = max((weekly.index for weekly in windows.values()), key=len)
    page = Page(_HEAD + len(windows) * _PLOT_HEIGHT + _FOOT)
    page.head(
        "Money into funds", _lead(windows), _note(windows, index, until(inputs.values, request.session).index[-1])
    )
    _plots(page, windows, index)
    return DrawnPage(page, _alt(windows, index))


def _weekly(past: pd.Series) -> pd.Series:
    """The value on the last session of each week, for the running week on the newest one."""
    days = pd.DatetimeIndex(past.index)
    weeks = (days.to_numpy().astype("datetime64[D]").astype(np.int64) + 3) // 7
    return past[np.append(weeks[1:] != weeks[:-1], True)]


def _newest_words(name: str, weekly: Window) -> str:
    text = _dollars(weekly.last)
    return text if weekly.current else f"{text} ({labels.when(weekly.index[weekly.newest])}, withheld since)"


def _dollars(value: float) -> str:
    return f"{'+' if value > 0 else ''}{formats.dollars(value, 0)}"


def _lead(windows: dict[str, Window]) -> str:
    return ", ".join(f"{FLOWS[name]} {_newest_words(name, weekly)}" for name, weekly in windows.items())


def _withheld(windows: dict[str, Window]) -> str:
    missing = [label for name, label in FLOWS.items() if name not in windows]
    return f"{formats.listed(missing)} withheld" if missing else ""


def _note(windows: dict[str, Window], index: pd.DatetimeIndex, session: pd.Timestamp) -> str:
    parts = ["Net creations of 4 weeks, in USD, by week", f"as of {labels.when(session)}", _withheld(windows)]
    if any(weekly.shown.isna().any() for weekly in windows.values()):
        parts.append("dots: withheld")
    return " · ".join(weekly for weekly in parts if weekly)


def _plots(page: Page, windows: dict[str, Window], index: pd.DatetimeIndex) -> None:
    specs = []
    for name, weekly in windows.items():
        y = axis_scale.limits([*weekly.values, 0.0])
        ticks = labels.ticks(*y, catalogue.signal(name), Measure.VALUE, most=4)
        tags = [
            Tag(
                weekly.last, labels.margin_text(weekly.last, catalogue.signal(name), Measure.VALUE), _color(weekly.last)
            )
        ]
        specs.append((y, ticks, tags))
    gutter = max(gutter_width(page, ticks[1], tags) for _, ticks, tags in specs)
    top, plot = page.top, None
    height = (page.height - top - _FOOT) / len(windows)
    for (name, weekly), (y, ticks, tags) in zip(windows.items(), specs, strict=True):
        page.text(style.MARGIN, top + 12, FLOWS[name], size=style.TEXT, color=style.FOREGROUND)
        page.text(page.width - style.MARGIN, top + 12, "USD", size=style.SMALL, align="right")
        x = (-0.8, len(index) - 0.2)
        plot = framed(page, top=top + 30, bottom=top + height - 10, x=x, y=y, ticks=ticks, tags=tags, gutter=gutter)
        values = np.array(weekly.shown.reindex(index), dtype=np.float64)
        plot.bars(values, [_color(value) for value in np.nan_to_num(values)])
        gone = np.flatnonzero(np.isnan(values))
        plot.dots(gone, np.zeros(len(gone)), style.MUTED, size=10)
        top += height
    if plot is not None:
        plot.dates(index)


def _color(value: float) -> str:
    return style.UP if value >= 0 else style.DOWN


def _alt(windows: dict[str, Window], index: pd.DatetimeIndex) -> str:
    sentences = [f"Bar charts of net creations of funds over 4 weeks in USD, by week, {axis_scale.days_words(index)}."]
    for name, weekly in windows.items():
        known_values = weekly.shown.dropna()
        low, high = (_dollars(float(end)) for end in (known_values.min(), known_values.max()))
        gone = int(weekly.shown.isna().sum())
        missing = f", {formats.counted(gone, 'week')} withheld" if gone else ""
        sentences.append(f"{FLOWS[name]}: {_newest_words(name, weekly)}, between {low} and {high}{missing}.")
    withheld = _withheld(windows)
    return labels.alt([*sentences, f"{withheld}." if withheld else ""])
