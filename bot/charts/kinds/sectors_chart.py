"""The eleven sector funds in the order of their returns over 21 days, with those of the day beside them.

The returns over five days and of the year are on `/chart`.
"""

from __future__ import annotations

import math

import pandas as pd

from bot.charts.inputs import PERIODS, ChartInputs
from bot.charts.layout import labels, style
from bot.charts.layout.page import DrawnPage, Page
from bot.charts.layout.plot import Box, Plot, rectangles
from bot.charts.layout.window import MIN_VALUES, until
from bot.domain.chart_request import ChartRequest
from bot.formatting import formats
from signals.families.sectors import SECTORS, TECH

_SHOWN = 2
"""Periods in the picture, the first ones of `PERIODS` that are known."""
_HEADING = 56
_GAP = 28

_Returns = dict[str, float]


def draw(request: ChartRequest, inputs: ChartInputs) -> DrawnPage | None:
    """Returns on the session itself; a period with fewer than five known funds is left out.

    None where no period is left.
    """
    past = until(inputs.values, request.session)
    if not len(past) or past.index[-1] != pd.Timestamp(request.session):
        return None
    returns = {period: _returns(past.iloc[-1], period) for period in PERIODS}
    known = [period for period, values in returns.items() if len(values) >= MIN_VALUES][:_SHOWN]
    if not known:
        return None
    shown = {period: returns[period] for period in known}
    order = _order(shown)
    page = Page(simulated=inputs.simulated)
    title, lead = f"Leading sector: {SECTORS[order[0]]}", _lead(shown)
    day = labels.when(request.session)
    page.head(title, lead, f"{day} · total return in %, tech in bold")
    _rows(page, order, shown)
    return DrawnPage(page, _alt(title, lead, order, shown, day))


def _returns(today: pd.Series, period: str) -> _Returns:
    """The known returns of a period, by ticker."""
    returns = {ticker: float(today.get(f"sectors.{ticker.lower()}.return_{period}", math.nan)) for ticker in SECTORS}
    return {ticker: value for ticker, value in returns.items() if math.isfinite(value)}


def _order(shown: dict[str, _Returns]) -> list[str]:
    """The funds by their return over the first period, best first; those without one at the end."""
    first = next(iter(shown.values()))
    known = {ticker for values in shown.values() for ticker in values}
    return sorted((ticker for ticker in SECTORS if ticker in known), key=lambda ticker: -first.get(ticker, -math.inf))


def _lead(shown: dict[str, _Returns]) -> str:
    """`Technology: rank 9 of 11 over 21 days, 3 over 1 day`; how many sectors rose where technology is not known."""
    places: list[str] = []
    for period, values in shown.items():
        if TECH[0] in values:
            place = 1 + sum(value > values[TECH[0]] for value in values.values())
            of = "" if places else f" of {len(values)}"
            places.append(f"{place}{of} over {PERIODS[period]}")
    if places:
        return f"{SECTORS[TECH[0]]}: rank {', '.join(places)}"
    period, values = next(iter(shown.items()))
    return f"{sum(value > 0 for value in values.values())} of {len(values)} up over {PERIODS[period]}"


def _rows(page: Page, order: list[str], shown: dict[str, _Returns]) -> None:
    """A row for each fund: its name, then for each period a bar and the number."""
    names = 24 + max(page.text_width(SECTORS[ticker], bold=ticker in TECH) for ticker in order)
    wide = (page.text_space - names - _GAP * (len(shown) - 1)) / len(shown)
    bottom = float(page.height - style.MARGIN / 2)
    for column, (period, values) in enumerate(shown.items()):
        left = style.MARGIN + names + column * (wide + _GAP)
        page.text(left, page.top + _HEADING / 2 - 4, PERIODS[period].capitalize(), color=style.FOREGROUND, bold=True)
        _bars(page, Box(left, page.top + _HEADING, wide, bottom - page.top - _HEADING), order, values)
    height = (bottom - page.top - _HEADING) / len(order)
    for place, ticker in enumerate(order):
        tech = ticker in TECH
        page.text(
            style.MARGIN,
            page.top + _HEADING + height * (place + 0.5),
            SECTORS[ticker],
            color=style.FOREGROUND if tech else style.MUTED,
            bold=tech,
        )


def _bars(page: Page, box: Box, order: list[str], values: _Returns) -> None:
    words = {ticker: labels.percent(values[ticker]) if ticker in values else formats.NOTHING for ticker in order}
    number = 16 + max(page.text_width(text, bold=ticker in TECH) for ticker, text in words.items())
    low, high = min(0.0, *values.values()), max(0.0, *values.values())
    if low == high:
        high = 1.0
    inner = Box(box.left, box.top, box.width - number, box.height)
    plot = Plot(page, inner, (low, high), (len(order) - 0.5, -0.5))
    for sign, color in ((1, style.UP), (-1, style.DOWN)):
        shapes = [
            (min(0.0, value), max(0.0, value), place - 0.34, place + 0.34)
            for place, ticker in enumerate(order)
            if (value := values.get(ticker, 0.0)) * sign > 0
        ]
        if shapes:
            plot.axes.add_collection(rectangles(shapes, color, zorder=3), autolim=False)
    zero = plot.along(0.0)
    page.line((zero, zero), (inner.top, inner.bottom), style.ZERO, 2.5)
    for place, ticker in enumerate(order):
        tech = ticker in TECH
        y = inner.top + inner.height * (place + 0.5) / len(order)
        page.text(
            box.right, y, words[ticker], color=style.FOREGROUND if tech else style.MUTED, bold=tech, align="right"
        )


def _alt(title: str, lead: str, order: list[str], shown: dict[str, _Returns], day: str) -> str:
    sentences = [
        f"{title}, {day}. {lead}.",
        f"Bar charts of the returns of the sector SPDRs in %, dividends included, in the order of "
        f"{PERIODS[next(iter(shown))]}.",
    ]
    for period, values in shown.items():
        words = ", ".join(f"{SECTORS[ticker]} {labels.percent(values[ticker])}" for ticker in order if ticker in values)
        sentences.append(f"{PERIODS[period].capitalize()}: {words}.")
    return labels.alt(sentences)
