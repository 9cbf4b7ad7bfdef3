"""From a chart request and its inputs to a picture, or None where the inputs do not suffice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from bot.charts.inputs import ChartInputs
from bot.charts.kinds import (
    breadth_chart,
    compare_chart,
    dashboard_chart,
    families_chart,
    flows_chart,
    outcome_chart,
    rotation_chart,
    sectors_chart,
    signal_chart,
    yields_chart,
)
from bot.charts.layout.page import DrawnPage
from bot.domain.chart_request import ChartKind, ChartRequest, Picture

_KINDS: Mapping[ChartKind, Callable[[ChartRequest, ChartInputs], DrawnPage | None]] = MappingProxyType(
    {
        ChartKind.SIGNAL: signal_chart.draw,
        ChartKind.OUTCOME: outcome_chart.draw,
        ChartKind.COMPARE: compare_chart.draw,
        ChartKind.SECTORS: sectors_chart.draw,
        ChartKind.ROTATION: rotation_chart.draw,
        ChartKind.BREADTH: breadth_chart.draw,
        ChartKind.YIELDS: yields_chart.draw,
        ChartKind.FLOWS: flows_chart.draw,
        ChartKind.FAMILIES: families_chart.draw,
        ChartKind.DASHBOARD: dashboard_chart.draw,
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
