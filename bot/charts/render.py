"""From a chart request and its inputs to a picture, or None where the inputs do not suffice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from bot.charts.inputs import ChartInputs
from bot.charts.kinds import breadth, compare, dashboard, families, flows, outcome, rotation, sectors, signal, yields
from bot.charts.layout.page import DrawnPage
from bot.domain.chart_request import ChartKind, ChartRequest, Picture

_KINDS: Mapping[ChartKind, Callable[[ChartRequest, ChartInputs], DrawnPage | None]] = MappingProxyType(
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


def lay_out(request: ChartRequest, inputs: ChartInputs) -> DrawnPage | None:
    """The page of a request before it becomes a PNG; None where too few values are known.

    Rows after the session of the request are not used.
    """
    return _KINDS[request.kind](request, inputs)


def draw(request: ChartRequest, inputs: ChartInputs) -> Picture | None:
    """The picture of a request: a PNG with its alternative text.

    None where too few values are known.
    """
    drawn = lay_out(request, inputs)
    return None if drawn is None else Picture(request.file, drawn.page.png(), drawn.alt)
