"""The map of sectors in the style of relative rotation graphs.

It shows strength against SPY and the momentum of that strength; tech has a tail of its last weeks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bot.charts.inputs import INDEX, ChartInputs
from bot.charts.layout import axis_scale, labels, style
from bot.charts.layout.axis_scale import Floats
from bot.charts.layout.label_places import LabelPlaces
from bot.charts.layout.page import POINT, DrawnPage, Page
from bot.charts.layout.plot import Box, Plot
from bot.charts.layout.window import MIN_VALUES, until
from bot.domain.chart_request import ChartRequest
from bot.formatting import formats
from signals.core.market import MEMBER_COLUMNS, Market
from signals.core.panel import Panel as Prices
from signals.families.sectors import RRG_WEEKS, SECTORS, TECH, rrg_momentum, rrg_ratio

TAIL = 5
"""Weeks of a tail, with the newest one."""
_MAX_AGE_DAYS = 7
"""Most calendar days since the end of the newest completed week."""
_CENTRE = 100.0
_QUADRANTS = ((1, 1, "Leading"), (1, -1, "Weakening"), (-1, -1, "Lagging"), (-1, 1, "Improving"))
_COLORS = {"XLK": style.SKY, "XLC": style.ORANGE}
_FOOT = 62
_AXES = "right: stronger than SPY · up: gaining strength"


@dataclass(frozen=True, slots=True)
class _Map:
    """Positions of the sector funds.

    `tails`: for each fund its ratio and momentum at the ends of the last weeks (weeks x 2, the
    newest last). `week`: the end of the newest week.
    """

    tails: dict[str, Floats]
    week: pd.Timestamp


def draw(request: ChartRequest, inputs: ChartInputs) -> DrawnPage | None:
    """The eleven funds at the end of the last completed week.

    A week is completed on its Friday, or once there is a later session.
    """
    rrg = _map(request, inputs)
    if rrg is None:
        return None
    page = Page(simulated=inputs.simulated)
    title = _title(rrg)
    page.head(title, f"Week to {labels.when(rrg.week)} · tails: {TAIL} weeks of tech")
    _plot(page, rrg)
    return DrawnPage(page, _alt(title, rrg))


def _map(request: ChartRequest, inputs: ChartInputs) -> _Map | None:
    closes = until(inputs.closes, request.session)
    if INDEX not in closes or not len(closes):
        return None
    market = _market(closes)
    prices = Prices(market)
    ends = prices.week_ends[-TAIL:]
    if not len(ends) or (closes.index[-1] - closes.index[ends[-1]]).days > _MAX_AGE_DAYS:
        return None
    tails = {}
    for ticker in SECTORS:
        ratio, momentum = (formula(prices, ticker=ticker).values[ends] for formula in (rrg_ratio, rrg_momentum))
        tail = np.stack([ratio, momentum], axis=1)
        if not np.isnan(tail[-1]).any():
            tails[ticker] = tail
    return _Map(tails, closes.index[ends[-1]]) if len(tails) >= MIN_VALUES else None


def _market(closes: pd.DataFrame) -> Market:
    """The closes as a market, with the next weekday as the following session."""
    days = pd.DatetimeIndex(closes.index)
    sessions = pd.DatetimeIndex([*days, days[-1] + pd.offsets.BDay()])
    return Market(
        sessions=sessions,
        ends=sessions.tz_localize("UTC"),
        last=days[-1],
        close=closes,
        adj_close=closes,
        series={},
        universe=pd.DataFrame(columns=list(MEMBER_COLUMNS)),
    )


def _quadrant(point: Floats) -> str:
    sides = tuple(1 if value >= _CENTRE else -1 for value in point)
    return next(name for right, up, name in _QUADRANTS if (right, up) == sides)


def _title(rrg: _Map) -> str:
    """`Sector map: technology lagging`; how many sectors lead where technology is not known."""
    if TECH[0] in rrg.tails:
        return f"Sector map: {SECTORS[TECH[0]].lower()} {_quadrant(rrg.tails[TECH[0]][-1]).lower()}"
    return (
        f"Sector map: {sum(_quadrant(tail[-1]) == 'Leading' for tail in rrg.tails.values())} of {len(rrg.tails)} lead"
    )


def _plot(page: Page, rrg: _Map) -> None:
    points = np.concatenate([tail if ticker in TECH else tail[-1:] for ticker, tail in rrg.tails.items()])
    x, y = (axis_scale.limits([*points[:, axis], _CENTRE - 0.5, _CENTRE + 0.5], margin=0.1) for axis in (0, 1))
    box = Box(style.MARGIN, page.top, page.text_space, page.height - page.top - _FOOT)
    plot = Plot(page, box, x, y)
    plot.axes.axvline(_CENTRE, color=style.ZERO, linewidth=3 * POINT, zorder=1)
    plot.across(_CENTRE, style.ZERO, zorder=1)
    page.text(page.width / 2, page.height - _FOOT / 2, _AXES, align="center")
    heads = {ticker: (plot.along(tail[-1][0]), plot.at(tail[-1][1])) for ticker, tail in rrg.tails.items()}
    places = LabelPlaces(box)
    for ticker, (left, top) in heads.items():
        reach = 24 if ticker in TECH else 16
        places.take(left - reach, top - reach, left + reach, top + reach)
    _quadrant_names(plot, places)
    for ticker in sorted(rrg.tails, key=lambda fund: fund in TECH):
        tail, color, main = rrg.tails[ticker], _COLORS.get(ticker, style.MUTED), ticker in TECH
        if main:
            plot.axes.plot(*tail.T, color=color, linewidth=style.CURVE * POINT, alpha=0.6, zorder=3)
        plot.dots(tail[-1:, 0], tail[-1:, 1], color, size=32 if main else 24)
    for ticker in sorted(heads, key=lambda fund: fund not in TECH):
        _name(plot, ticker, heads[ticker], places)


def _quadrant_names(plot: Plot, places: LabelPlaces) -> None:
    """Write the names of the quadrants into their outer corners."""
    for right, up, name in _QUADRANTS:
        wide = plot.page.text_width(name, bold=True)
        left = plot.box.right - 14 - wide if right > 0 else plot.box.left + 14
        y = plot.box.top + 28 if up > 0 else plot.box.bottom - 28
        plot.page.text(left, y, name, color=style.ZERO, bold=True)
        places.take(left - 6, y - 24, left + wide + 6, y + 24)


def _name(plot: Plot, ticker: str, head: tuple[float, float], places: LabelPlaces) -> None:
    """Write the sector beside its head, or where there is room, with a line between both."""
    main, page = ticker in TECH, plot.page
    words = SECTORS[ticker]
    wide = page.text_width(words, bold=main)
    place = places.nearest(head, wide + 8, 48.0)
    if place is None:
        return
    x, y = place
    if max(abs(x - head[0]) - wide / 2, abs(y - head[1]) - 24) > 26:
        end = min(max(head[0], x - wide / 2), x + wide / 2)
        page.line((head[0], end), (head[1], y + (24 if y < head[1] else -24)), style.ZERO, 2)
    color = _COLORS.get(ticker, style.FOREGROUND)
    page.text(x, y, words, color=color, bold=main, align="center", box=style.PLOT if main else None)


def _alt(title: str, rrg: _Map) -> str:
    sentences = [
        f"{title}. {len(rrg.tails)} sectors against SPY, RRG-style, strength over {RRG_WEEKS} weeks, "
        f"week to {labels.when(rrg.week)}."
    ]
    for _, _, name in _QUADRANTS:
        inside = [ticker for ticker, tail in rrg.tails.items() if _quadrant(tail[-1]) == name]
        fund_words = [
            f"{SECTORS[ticker]} (ratio {formats.plain(tail[0], 1)}, momentum {formats.plain(tail[1], 1)})"
            for ticker in inside
            for tail in (rrg.tails[ticker][-1],)
        ]
        sentences.append(f"{name}: {', '.join(fund_words) if fund_words else 'none'}.")
    return labels.alt(sentences)
