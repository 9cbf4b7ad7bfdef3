"""How concentrated SPY is: the weights of the largest companies among its published holdings.

The file of a day is summed up when it is fetched; no history of it is published, so that of the
signals begins with storing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from signals.asof.newest_rows import newest_value
from signals.asof.watched_names import SEVEN
from signals.core.panel import Panel
from signals.core.rolling import Floats
from signals.core.series_ops import SeriesResult

DATASET = "weights"
WEIGHTS = (f"records:{DATASET}",)

FUND = "SPY"
LARGEST = 10
"""Lines whose weights make `top_ten`."""

SHARE_CLASSES = frozenset({*SEVEN, "GOOG"})
"""Every listed share class of the seven."""


@dataclass(frozen=True, slots=True)
class Concentration:
    """Weights in percent of the fund: of the seven, and of its ten largest lines."""

    seven: float
    top_ten: float


def concentration(lines: Iterable[tuple[str, float]]) -> Concentration:
    """Sum up a fund's lines (ticker, weight in percent of the fund)."""
    weights = list(lines)
    seven = sum(weight for ticker, weight in weights if ticker in SHARE_CLASSES)
    return Concentration(seven, sum(sorted((weight for _, weight in weights), reverse=True)[:LARGEST]))


def share_of_seven(panel: Panel) -> SeriesResult:
    """Weight of the seven, all their share classes, in SPY, percent, from its newest holdings known."""
    return _share(panel, "seven")


def share_of_largest(panel: Panel) -> SeriesResult:
    """Weight of the ten largest lines in SPY, percent, from its newest holdings known."""
    return _share(panel, "top_ten")


def _share(panel: Panel, column: str) -> SeriesResult:
    def value(rows: pd.DataFrame) -> Floats:
        weights: Floats = rows[column].to_numpy(dtype=float)
        return weights

    return newest_value(
        panel, DATASET, "fund", FUND, name=f"list of {FUND}'s holdings", value=value, lacks="such weights"
    )
