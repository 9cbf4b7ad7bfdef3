"""Pictures: every kind from five simulated years, against a bare figure of matplotlib."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache

import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from benchmarks.figures import market_of
from benchmarks.row import Row, pair, under
from bot.charts.inputs import ChartInputs, needs
from bot.charts.layout.page import DPI
from bot.charts.render import draw
from bot.domain.chart_request import ChartKind, ChartRequest, Picture
from signals import catalogue

YEARS = 1260
NAMES = {
    ChartKind.SIGNAL: ("breadth.sp500.above_50dma",),
    ChartKind.OUTCOME: ("weighting.rsp_spy.spread_1d", "^IXIC"),
    ChartKind.COMPARE: ("RSP", "SPY"),
}
LEVELS = {ChartKind.SIGNAL: 20.0, ChartKind.OUTCOME: 0.5}


@cache
def _values() -> pd.DataFrame:
    histories = catalogue.compute(market_of(2200))
    return pd.DataFrame({name: history.values for name, history in histories.items()}).iloc[-YEARS:]


def _picture(kind: ChartKind) -> Callable[[], Picture]:
    market = market_of(2200)
    request = ChartRequest(kind, market.last.date(), NAMES.get(kind, ()), above=LEVELS.get(kind))
    needed = needs(request)
    tickers = [name for name in needed.tickers if name in market.adj_close]
    inputs = ChartInputs(_values()[sorted(needed.signals)], market.adj_close[tickers].iloc[-YEARS:])

    def work() -> Picture:
        picture = draw(request, inputs)
        if picture is None:
            raise RuntimeError(f"no picture of {kind}")
        return picture

    return work


def bare_line(width: int, height: int) -> bytes:
    """One line over a plain grid of axes, as a PNG: what matplotlib itself takes for a picture of
    this size.
    """
    figure = Figure(figsize=(width / DPI, height / DPI), dpi=DPI)
    canvas = FigureCanvasAgg(figure)
    figure.add_subplot().plot(range(126))
    target = io.BytesIO()
    canvas.print_png(target)
    return target.getvalue()


def _row(kind: ChartKind) -> Callable[[], Row]:
    def row() -> Row:
        work = _picture(kind)
        content = work().content
        size = Image.open(io.BytesIO(content)).size
        figure, floor = pair(work, lambda: bare_line(*size))
        most = 250.0
        note = f"floor: one line at {size[0]} x {size[1]}; {len(content) / 1e3:.0f} kB"
        return under(f"picture, {kind}", figure * 1e3, most, unit="ms", floor=floor * 1e3, note=note)

    row.__name__ = f"picture_{kind}"
    return row


ROWS = tuple(_row(kind) for kind in ChartKind)
