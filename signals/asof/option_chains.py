"""Joins the stored option chains of one underlying to sessions: the newest that was public by each close."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from signals.asof.newest_rows import newest_value
from signals.core.panel import Panel
from signals.core.rolling import Floats
from signals.core.series_ops import SeriesResult


def newest_chain(panel: Panel, symbol: str, *, value: Callable[[pd.DataFrame], Floats], lacks: str) -> SeriesResult:
    """`value` of the newest chain known after each close, NaN where it has none or is older than 5 sessions.

    The newest chain is used also when its value is unknown; older ones do not take its place.
    `lacks`: what a chain without a value lacks, for the reason.
    """
    return newest_value(panel, "options", "symbol", symbol, name=f"option chain of {symbol}", value=value, lacks=lacks)
