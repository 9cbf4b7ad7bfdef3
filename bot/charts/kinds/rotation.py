"""The map of sectors in the style of relative rotation graphs.

It shows strength against SPY and the momentum of that strength. Each sector has a tail of its last
weeks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bot.charts.inputs import INDEX, ChartInputs
from bot.charts.layout import axis_scale, labels, style
from bot.charts.layout.axis_scale import Floats
from bot.charts.layout.page import POINT, DrawnPage, Page
from bot.charts.layout.plot import Box, Plot
from bot.charts.layout.window import MIN_VALUES, until
from bot.domain.chart_request import ChartRequest
from bot.formatting import formats
from signals.core.market import Market
from signals.core.panel import Panel as Prices
from signals.families.sectors import RRG_WEEKS, SECTORS, TECH, rrg_momentum, rrg_ratio

HEIGHT = 900
TAIL = 5
"""Weeks of a tail, with the newest one."""
_MAX_AGE_DAYS = 7
"""Most calendar days since the end of the newest completed week."""
_CENTRE = 100.0
_QUADRANTS = ((1, 1, "Leading"), (1, -1, "Weakening"), (-1, -1, "Lagging"), (-1, 1, "Improving"))
_COLORS = {"XLK": style.SKY, "XLC": style.ORANGE}


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
    page = Page(HEIGHT)
    page.head(
        "Sector rotation, RRG-style",
        _lead(rrg),
        f"Week to {labels.when(rrg.week)}, tails {TAIL} weeks; strength against SPY over {RRG_WEEKS} weeks, 100 = its mean",
    )
    _plot(page, rrg)
    return DrawnPage(page, _alt(rrg))


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
        universe=pd.DataFrame(columns=["ticker", "name", "sector", "industry", "groups"]),
    )


def _quadrant(point: Floats) -> str:
    sides = tuple(1 if value >= _CENTRE else -1 for value in point)
    return next(name for right, up, name in _QUADRANTS if (right, up) == sides)


def _lead(rrg: _Map) -> str:
    quadrants = [
        f"{SECTORS[ticker]} {_quadrant(rrg.tails[ticker][-1]).lower()}" for ticker in TECH if ticker in rrg.tails
    ]
    if quadrants:
        return ", ".join(quadrants)
    return f"{sum(_quadrant(tail[-1]) == 'Leading' for tail in rrg.tails.values())} of {len(rrg.tails)} sectors lead"


def _plot(page: Page, rrg: _Map) -> None:
    points = np.concatenate(list(rrg.tails.values()))
    x, y = (axis_scale.limits([*points[:, axis], _CENTRE - 0.5, _CENTRE + 0.5], margin=0.12) for axis in (0, 1))
    box = Box(style.MARGIN + 62, page.top + 6, page.width - 2 * style.MARGIN - 62, page.height - page.top - 84)
    plot = Plot(page, box, x, y)
    plot.axes.axvline(_CENTRE, color=style.ZERO, linewidth=2 * POINT, zorder=1)
    plot.across(_CENTRE, style.ZERO, zorder=1)
    taken = _quadrant_names(plot)
    _numbers(plot)
    heads = {ticker: (plot.along(tail[-1][0]), plot.at(tail[-1][1])) for ticker, tail in rrg.tails.items()}
    taken += [(left - 11, top - 11, left + 11, top + 11) for left, top in heads.values()]
    for ticker in sorted(rrg.tails, key=lambda fund: fund in TECH):
        tail, color = rrg.tails[ticker], _COLORS.get(ticker, style.MUTED)
        main = ticker in TECH
        plot.axes.plot(
            *tail.T,
            color=color,
            linewidth=(4 if main else 1.8) * POINT,
            alpha=1 if main else 0.4,
            zorder=4 if main else 3,
        )
        plot.axes.plot(
            *tail[:-1].T, color=color, marker="o", linestyle="none", markersize=(7 if main else 4) * POINT, zorder=4
        )
        plot.dots(tail[-1:, 0], tail[-1:, 1], color, size=22 if main else 17)
    for ticker in sorted(heads, key=lambda fund: fund not in TECH):
        _name(plot, ticker, heads[ticker], taken)


_Rectangle = tuple[float, float, float, float]


def _quadrant_names(plot: Plot) -> list[_Rectangle]:
    """Write the names of the quadrants into their outer corners.

    Returns the rectangles that they take.
    """
    places = []
    for right, up, name in _QUADRANTS:
        wide = plot.page.text_width(name, style.SMALL)
        left = plot.box.right - 10 - wide if right > 0 else plot.box.left + 10
        y = plot.box.top + 20 if up > 0 else plot.box.bottom - 20
        plot.page.text(left, y, name, size=style.SMALL, color=style.ZERO)
        places.append((left - 4, y - 14, left + wide + 4, y + 14))
    return places


def _numbers(plot: Plot) -> None:
    page, box = plot.page, plot.box
    for tick in (upright := axis_scale.ticks(*plot.y, most=6)):
        plot.across(tick, style.GRID, 1, zorder=0.8)
    for tick, text in zip(upright, axis_scale.plain_words(upright), strict=True):
        if box.top + 14 <= plot.at(tick) <= box.bottom - 14:
            page.text(box.left - 10, plot.at(tick), text, size=style.SMALL, align="right")
    across = axis_scale.ticks(*plot.x, most=6)
    for tick, text in zip(across, axis_scale.plain_words(across), strict=True):
        plot.axes.axvline(tick, color=style.GRID, linewidth=POINT, zorder=0.8)
        if box.left + 30 <= plot.along(tick) <= box.right - 30:
            page.text(plot.along(tick), box.bottom + 18, text, size=style.SMALL, align="center")
    page.text(
        (box.left + box.right) / 2,
        box.bottom + 48,
        "right: stronger than SPY  ·  up: gaining strength",
        size=style.SMALL,
        align="center",
    )


def _name(plot: Plot, ticker: str, head: tuple[float, float], taken: list[_Rectangle]) -> None:
    """Write the ticker beside its head, where it overlaps least with the taken rectangles."""
    main, page = ticker in TECH, plot.page
    wide = page.text_width(ticker, style.SMALL, bold=main)
    options: list[tuple[float, int, _Rectangle]] = []
    for reach in (16, 34, 56, 80):
        for right, down in ((1, 0), (-1, 0), (0, -1), (0, 1), (1, -1), (1, 1), (-1, -1), (-1, 1)):
            x, y = head[0] + right * (reach + wide / 2), head[1] + down * (reach + 8)
            place = (x - wide / 2 - 3, y - 12, x + wide / 2 + 3, y + 12)
            inside = plot.box.left <= place[0] and place[2] <= plot.box.right
            if inside and plot.box.top <= place[1] and place[3] <= plot.box.bottom:
                options.append((sum(_shared_area(place, other) for other in taken), len(options), place))
    _, _, best = min(options)
    taken.append(best)
    middle = ((best[0] + best[2]) / 2, (best[1] + best[3]) / 2)
    if max(abs(middle[0] - head[0]) - wide / 2, abs(middle[1] - head[1])) > 30:
        page.line((head[0], middle[0]), (head[1], middle[1]), style.GRID, 1.5)
    color = _COLORS.get(ticker, style.FOREGROUND)
    page.text(*middle, ticker, size=style.SMALL, color=color, bold=main, align="center", box=style.PLOT)


def _shared_area(first: _Rectangle, second: _Rectangle) -> float:
    """Square pixels that two rectangles share."""
    across = min(first[2], second[2]) - max(first[0], second[0])
    down = min(first[3], second[3]) - max(first[1], second[1])
    return across * down if across > 0 and down > 0 else 0.0


def _alt(rrg: _Map) -> str:
    sentences = [f"Map of {len(rrg.tails)} sectors against SPY, RRG-style, week to {labels.when(rrg.week)}."]
    for _, _, name in _QUADRANTS:
        inside = [ticker for ticker, tail in rrg.tails.items() if _quadrant(tail[-1]) == name]
        fund_words = [
            f"{SECTORS[ticker]} (ratio {formats.plain(tail[0], 1)}, momentum {formats.plain(tail[1], 1)})"
            for ticker in inside
            for tail in (rrg.tails[ticker][-1],)
        ]
        sentences.append(f"{name}: {', '.join(fund_words) if fund_words else 'none'}.")
    return labels.alt(sentences)
