"""Fund flows: money of the last four weeks into or out of each basket, and that of tech week by week.

The weeks of the other baskets are on `/chart`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from bot.charts.inputs import FLOWS, TECH_FLOWS, ChartInputs
from bot.charts.layout import axis_scale, labels, style
from bot.charts.layout.page import DrawnPage, Page
from bot.charts.layout.plot import DATES, Box, Plot, Tag, framed, rectangles
from bot.charts.layout.window import Window, column, until, window
from bot.domain.chart_request import ChartRequest
from bot.formatting import family_verdicts, formats
from signals import catalogue
from signals.core.model import Measure

_ROW = 56
_WEEK = 5
"""Sessions of a week; as many weeks are shown as the span has, but at least eight."""
_MIN_WEEKS = 8


def draw(request: ChartRequest, inputs: ChartInputs) -> DrawnPage | None:
    """A bar for each basket, and the first known one by week; None where all are withheld throughout."""
    weeks = max(_MIN_WEEKS, request.span // _WEEK)
    windows: dict[str, Window] = {}
    for name in FLOWS:
        past = column(inputs.values, name, request.session)
        weekly = None if past is None else window(_weekly(past), weeks)
        if weekly is not None:
            windows[name] = weekly
    if not windows:
        return None
    session = until(inputs.values, request.session).index[-1]
    page = Page(simulated=inputs.simulated)
    title = _title(column(inputs.values, TECH_FLOWS, request.session))
    page.head(title, f"Net 4-week creations, known on {labels.when(session)}")
    _bars(page, windows)
    name, weekly = next(iter(windows.items()))
    _weeks(page, name, weekly)
    return DrawnPage(page, _alt(title, windows, session))


def _weekly(past: pd.Series) -> pd.Series:
    """The value on the last session of each week, for the running week on the newest one."""
    days = pd.DatetimeIndex(past.index)
    weeks = (days.to_numpy().astype("datetime64[D]").astype(np.int64) + 3) // 7
    return past[np.append(weeks[1:] != weeks[:-1], True)]


def _title(share: pd.Series | None) -> str:
    """`Money out of tech funds`: by the share of tech's assets on the newest session, as in the message beside it."""
    newest = np.nan if share is None else float(share.iloc[-1])
    if np.isnan(newest):
        return "Money into and out of funds"
    return ("Money out of tech funds", "Little moves in tech funds", "Money into tech funds")[
        family_verdicts.flows_side(newest) + 1
    ]


def _dollars(value: float) -> str:
    return labels.signed_dollars(value)


def _bars(page: Page, windows: dict[str, Window]) -> None:
    """A row for each basket: its name, a bar from zero, the amount or that it is withheld."""
    newest = {name: weekly.last for name, weekly in windows.items() if weekly.current}
    words = {name: _dollars(newest[name]) if name in newest else "withheld" for name in FLOWS}
    names = 24 + max(page.text_width(label) for label in FLOWS.values())
    amounts = 24 + max(page.text_width(text, bold=True) for text in words.values())
    box = Box(style.MARGIN + names, page.top, page.text_space - names - amounts, _ROW * len(FLOWS))
    ends = axis_scale.limits([*newest.values(), 0.0], margin=0.0)
    plot = Plot(page, box, ends, (len(FLOWS) - 0.5, -0.5))
    for place, (name, label) in enumerate(FLOWS.items()):
        y = box.top + _ROW * (place + 0.5)
        page.text(style.MARGIN, y, label, color=style.FOREGROUND)
        page.text(box.right + amounts, y, words[name], bold=name in newest, align="right", color=style.FOREGROUND)
        if value := newest.get(name, 0.0):
            shape = (min(0.0, value), max(0.0, value), place - 0.34, place + 0.34)
            plot.axes.add_collection(rectangles([shape], _color(value), zorder=3), autolim=False)
    zero = plot.along(0.0)
    page.line((zero, zero), (box.top, box.bottom), style.FOREGROUND, 3)
    page.top = box.bottom + 14


def _weeks(page: Page, name: str, weekly: Window) -> None:
    y = axis_scale.limits([*weekly.values, 0.0])
    signal = catalogue.signal(name)
    tag = Tag(weekly.last, _dollars(weekly.last), _color(weekly.last))
    gone = np.flatnonzero(np.isnan(weekly.values))
    dots = " · dots: withheld" if len(gone) else ""
    page.text(style.MARGIN, page.top + 26, f"{FLOWS[name]}, 4-week sums, {axis_scale.days_words(weekly.index)}{dots}",
              color=style.FOREGROUND)  # fmt: skip
    plot = framed(
        page,
        top=page.top + 58,
        bottom=page.height - DATES,
        x=(-0.8, len(weekly.values) - 0.2),
        y=y,
        ticks=labels.ticks(*y, signal, Measure.VALUE, most=4),
        tags=[tag],
    )
    plot.bars(weekly.values, [_color(value) for value in np.nan_to_num(weekly.values)])
    plot.dots(gone, np.zeros(len(gone)), style.MUTED, size=15)
    plot.dates(weekly.index)


def _color(value: float) -> str:
    return style.UP if value >= 0 else style.DOWN


def _alt(title: str, windows: dict[str, Window], session: pd.Timestamp) -> str:
    sentences = [f"{title}: net creations over 4 weeks in USD, known on {labels.when(session)}."]
    for name, weekly in windows.items():
        text = _dollars(weekly.last)
        if not weekly.current:
            text += f" on {labels.when(weekly.index[weekly.newest])}, withheld since"
        sentences.append(f"{FLOWS[name]}: {text}.")
    missing = [label for name, label in FLOWS.items() if name not in windows]
    if missing:
        sentences.append(f"{formats.listed(missing)} withheld.")
    name, weekly = next(iter(windows.items()))
    known_values = weekly.shown.dropna()
    low, high = (_dollars(float(end)) for end in (known_values.min(), known_values.max()))
    gone = int(weekly.shown.isna().sum())
    absent = f", {formats.counted(gone, 'week')} withheld" if gone else ""
    sentences.append(
        f"{FLOWS[name]}, 4-week sums, {axis_scale.days_words(weekly.index)}: between {low} and {high}{absent}."
    )
    return labels.alt(sentences)
