"""The eleven sector funds ranked by their returns over a day, a week, a month and the year."""

from __future__ import annotations

import math

import pandas as pd

from bot.charts.inputs import PERIODS, ChartInputs
from bot.charts.layout import labels, style
from bot.charts.layout.page import DrawnPage, Page
from bot.charts.layout.plot import Box, Plot
from bot.charts.layout.window import MIN_VALUES, until
from bot.domain.chart_request import ChartRequest
from signals.families.sectors import SECTORS, TECH

HEIGHT = 900
_NAME, _NUMBER = 142, 82
_SHORT = {"XLC": "Communic.", "XLY": "Discretion."}


def draw(request: ChartRequest, inputs: ChartInputs) -> DrawnPage | None:
    """Returns on the session itself; a period with fewer than five known funds is left out.

    None where no period is left.
    """
    past = until(inputs.values, request.session)
    if not len(past) or past.index[-1] != pd.Timestamp(request.session):
        return None
    ranked = {period: _ranked(past.iloc[-1], period) for period in PERIODS}
    ranked = {period: rows for period, rows in ranked.items() if len(rows) >= MIN_VALUES}
    if not ranked:
        return None
    lines = (len(ranked) + 1) // 2
    page = Page(HEIGHT if lines == 2 else HEIGHT - 360)
    first = next(iter(ranked))
    lead = _lead(ranked[first], first)
    note = f"Returns of the sector SPDRs in %, dividends included, to {labels.when(request.session)}; tech in bold"
    page.head("Sectors, ranked", lead, note)
    wide = (page.width - 2 * style.MARGIN - 20) / 2
    tall = (page.height - page.top - style.MARGIN) / lines
    most = max(len(rows) for rows in ranked.values())
    for place, (period, rows) in enumerate(ranked.items()):
        left = style.MARGIN + (place % 2) * (wide + 20)
        _bars(page, Box(left, page.top + (place // 2) * tall, wide, tall), PERIODS[period], rows, most)
    return DrawnPage(page, _alt(ranked, request))


def _ranked(today: pd.Series, period: str) -> list[tuple[str, float]]:
    """The known returns of a period, best first."""
    returns = {ticker: float(today.get(f"sectors.{ticker.lower()}.return_{period}", math.nan)) for ticker in SECTORS}
    finite = [(ticker, value) for ticker, value in returns.items() if math.isfinite(value)]
    return sorted(finite, key=lambda row: -row[1])


def _percent(value: float) -> str:
    return f"{labels.percent(value)}%"


def _lead(rows: list[tuple[str, float]], period: str) -> str:
    (best, top), (worst, bottom) = rows[0], rows[-1]
    return f"{PERIODS[period].capitalize()}: best {SECTORS[best]} {_percent(top)}, worst {SECTORS[worst]} {_percent(bottom)}"


def _bars(page: Page, box: Box, title: str, rows: list[tuple[str, float]], most: int) -> None:
    page.text(box.left, box.top + 20, title, size=style.TEXT, color=style.FOREGROUND, bold=True)
    inner = Box(box.left + _NAME, box.top + 40, box.width - _NAME - _NUMBER, box.height - 56)
    low, high = min(0.0, *(value for _, value in rows)), max(0.0, *(value for _, value in rows))
    if low == high:
        high = 1.0
    plot = Plot(page, inner, (low, high), (most - 0.5, -0.5))
    plot.axes.axvline(0, color=style.ZERO, linewidth=1.5, zorder=4)
    for sign, color in ((1, style.UP), (-1, style.DOWN)):
        chosen = [(rank, value) for rank, (_, value) in enumerate(rows) if value * sign > 0]
        places, ends = [rank for rank, _ in chosen], [value for _, value in chosen]
        plot.axes.hlines(places, 0, ends, colors=color, linewidth=0.5 * inner.height / most, zorder=3)
    for rank, (ticker, value) in enumerate(rows):
        y = inner.top + inner.height * (rank + 0.5) / most
        tech = ticker in TECH
        color = style.FOREGROUND if tech else style.MUTED
        page.text(box.left, y, _SHORT.get(ticker, SECTORS[ticker]), size=style.SMALL, color=color, bold=tech)
        page.text(box.right, y, labels.percent(value), size=style.SMALL, color=color, bold=tech, align="right")


def _alt(ranked: dict[str, list[tuple[str, float]]], request: ChartRequest) -> str:
    sentences = [f"Bar charts of the returns of the sector SPDRs to {labels.when(request.session)}, best first."]
    for period, rows in ranked.items():
        return_words = ", ".join(f"{SECTORS[ticker]} {labels.percent(value)}" for ticker, value in rows)
        sentences.append(f"{PERIODS[period].capitalize()}, in %: {return_words}.")
    return labels.alt(sentences)
