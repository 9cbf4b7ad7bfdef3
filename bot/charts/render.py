"""Drawing: from a request and its inputs to a picture, or None where an honest one cannot be drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from bot.charts.inputs import ChartInputs
from bot.charts.kinds import breadth, compare, dashboard, families, flows, outcome, rotation, sectors, signal, yields
from bot.charts.layout.page import Drawn
from bot.domain.chart_request import ChartKind, ChartRequest, Picture

_KINDS: Mapping[ChartKind, Callable[[ChartRequest, ChartInputs], Drawn | None]] = MappingProxyType(
    {
        ChartKind.SIGNAL: signal.draw,
        ChartKind.OUTCOME: outcome.draw,
        ChartKind.COMPARE: compare.draw,
        ChartKind.SECTORS: sectors.draw,
        ChartKind.ROTATION: rotation.draw,
        ChartKind.BREADTH: breadth.draw,
        ChartKind.YIELDS: yields.draw,
        ChartKind.FLOWS: flows.draw,
        ChartKind.FAMILIES: families.draw,
        ChartKind.DASHBOARD: dashboard.draw,
    }
)


def lay_out(request: ChartRequest, inputs: ChartInputs) -> Drawn | None:
    """The page of a request before it is a PNG; None when too little is known for an honest picture.

    Rows after the session of the request are not looked at.
    """
    return _KINDS[request.kind](request, inputs)


def draw(request: ChartRequest, inputs: ChartInputs) -> Picture | None:
    """The picture of a request, a PNG with its words; None when too little is known for an honest one."""
    drawn = lay_out(request, inputs)
    return None if drawn is None else Picture(request.file, drawn.page.png(), drawn.alt)
