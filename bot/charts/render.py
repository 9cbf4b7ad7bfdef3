"""Drawing: from a sketch and its materials to a picture, or None where an honest one cannot be drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from bot.charts.inputs import Materials
from bot.charts.kinds import breadth, compare, dashboard, families, flows, outcome, rotation, sectors, signal, yields
from bot.charts.layout.page import Drawn
from bot.domain.chart import Kind, Picture, Sketch

_KINDS: Mapping[Kind, Callable[[Sketch, Materials], Drawn | None]] = MappingProxyType(
    {
        Kind.SIGNAL: signal.draw,
        Kind.OUTCOME: outcome.draw,
        Kind.COMPARE: compare.draw,
        Kind.SECTORS: sectors.draw,
        Kind.ROTATION: rotation.draw,
        Kind.BREADTH: breadth.draw,
        Kind.YIELDS: yields.draw,
        Kind.FLOWS: flows.draw,
        Kind.FAMILIES: families.draw,
        Kind.DASHBOARD: dashboard.draw,
    }
)


def lay_out(sketch: Sketch, materials: Materials) -> Drawn | None:
    """The sheet of a sketch before it is a PNG; None when too little is known for an honest picture.

    Rows after the session of the sketch are not looked at.
    """
    return _KINDS[sketch.kind](sketch, materials)


def draw(sketch: Sketch, materials: Materials) -> Picture | None:
    """The picture of a sketch, a PNG with its words; None when too little is known for an honest one."""
    drawn = lay_out(sketch, materials)
    return None if drawn is None else Picture(sketch.file, drawn.sheet.png(), drawn.alt)
