"""The verdicts that a family's message and its picture share, so that the two never say different things.

The levels are those of the catalogue's votes where it has them. A verdict describes the present; it makes no forecast.
"""

from __future__ import annotations

from signals.rotation.definitions import FALLS

EVEN_SPREAD = 0.25
"""Percentage points within which neither side of a 21-session spread counts as ahead."""
EVEN_YIELD = 0.10
"""Percentage points within which a yield counts as unchanged over 21 sessions."""
EVEN_FLOW = 0.5
"""Per cent of assets in four weeks within which flows count as none."""

WASHED_OUT = 20.0
"""Per cent of members above their 50-day average below which breadth counts as washed out."""

TURNING = {"rotation.state": "rotation.turning", "tech.state": "tech.turning"}
"""The flag of a clock that is turning, by the clock's state."""


def side(number: float, low: float, high: float) -> int:
    """-1 at or below `low`, 1 at or above `high`, else 0."""
    return -1 if number <= low else 1 if number >= high else 0


def breadth_side(share: float) -> int:
    """-1 narrow, 1 broad, 0 mixed: by the per cent of members above their 50-day average."""
    return side(share, 40, 60)


def breadth(share: float) -> str:
    """`broad`, `mixed`, `narrow` or `washed out`: by the per cent of members above their 50-day average."""
    return "washed out" if share < WASHED_OUT else ("narrow", "mixed", "broad")[breadth_side(share) + 1]


def yields_side(change: float) -> int:
    """-1 lower, 1 higher, 0 little changed: by the change of a yield over 21 sessions in percentage points."""
    return side(change, -EVEN_YIELD, EVEN_YIELD)


def real_yields(change: float) -> str:
    """`Real yields rise`, `hold` or `fall`: by the change of the 10-year over 21 sessions in percentage points."""
    return f"Real yields {('fall', 'hold', 'rise')[yields_side(change) + 1]}"


def growth(spread: float) -> str:
    """`growth leads`, `level` or `lags`: by its lead over value in 21 sessions, in percentage points."""
    return f"growth {('lags', 'level', 'leads')[side(spread, -EVEN_SPREAD, EVEN_SPREAD) + 1]}"


def flows_side(share: float) -> int:
    """-1 money leaves, 1 enters, 0 little moves: by flows of four weeks in per cent of a fund's assets."""
    return side(share, -EVEN_FLOW, EVEN_FLOW)


def turning(state: str) -> str:
    """What is said of a clock that is turning in place of its state, which is only held."""
    return f"turning (last clear state {state})"


def rotation_state(name: str, regime: float | None) -> str:
    """The state of the rotation; where tech falls that of its yardsticks, because what falls less attracts no money."""
    return name.replace("rotating", "yardsticks pointing") if regime in FALLS else name
