"""Joins the stored option chains of one underlying to sessions: the newest that was public by each close."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from signals.asof.datasets import COUNTS_FROM, ages, rows
from signals.asof.series import STALE_SESSIONS
from signals.core.panel import Panel
from signals.core.rolling import Floats
from signals.core.series_ops import SeriesResult


def newest_chain(panel: Panel, symbol: str, *, value: Callable[[pd.DataFrame], Floats], lacks: str) -> SeriesResult:
    """`value` of the newest chain known after each close, NaN where it has none or is older than 5 sessions.

    The newest chain is used also when its value is unknown; older ones do not take its place.
    `lacks`: what a chain without a value lacks, for the reason.
    """
    name = f"option chain of {symbol}"
    own = rows(panel, "options")
    own = own[own["symbol"] == symbol]
    days = own["date"].to_numpy().astype("datetime64[D]")
    order = np.lexsort((np.arange(len(own)), days, own[COUNTS_FROM].to_numpy()))
    own, days = own.iloc[order], days[order]
    front = days == np.maximum.accumulate(days) if len(days) else np.zeros(0, dtype=bool)
    counts_from = own[COUNTS_FROM].to_numpy(dtype=np.int64)[front]
    place = panel.held(counts_from)
    has_chain = place >= 0
    values = np.full(panel.count, np.nan)
    newest = np.full(panel.count, np.datetime64("NaT"), dtype="datetime64[D]")
    values[has_chain], newest[has_chain] = value(own)[front][place[has_chain]], days[front][place[has_chain]]
    age = ages(panel, newest)
    values[age > STALE_SESSIONS] = np.nan

    def why(position: int) -> str | None:
        if not np.isnan(values[position]):
            return None
        if not len(counts_from):
            return f"no {name} has been stored; its history begins with the first one"
        if np.isnat(newest[position]):
            return f"no {name} was stored before {panel.day(int(counts_from[0]))}; its history begins there"
        if age[position] > STALE_SESSIONS:
            return f"newest {name} is of {newest[position]}, {age[position]} sessions old; at most {STALE_SESSIONS}"
        return f"the {name} of {newest[position]} has no {lacks}"

    return SeriesResult(values, why, newest)
