"""Joins the rows of datasets to sessions: what was public after each close, corrections included.

A row counts from the first session whose close + 20 minutes is not before its `known_at`. Of rows
with one key the newest one that counts is valid. Every signal reads datasets through `rows`, so
none can use a row before it was public.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from signals.core.datasets import DATASETS, empty
from signals.core.panel import Panel

COUNTS_FROM = "counts_from"
"""Column that `rows` adds: position of the session from which a row counts."""


def rows(panel: Panel, name: str) -> pd.DataFrame:
    """The rows of a dataset that count by the last session, with the column `counts_from`, in that order.

    Rows that begin to count at one session are ordered by `known_at`. Empty for a dataset that the
    market does not have. Raises KeyError for an unknown name.
    """
    return panel.once(("records", name), lambda: _rows(panel, name))


def _rows(panel: Panel, name: str) -> pd.DataFrame:
    frame = panel.market.records.get(name)
    if frame is None or not panel.count:
        frame = empty(name)
    known_at = pd.DatetimeIndex(frame["known_at"]).as_unit("ns").asi8
    order = np.argsort(known_at, kind="stable")
    counts_from = panel.first_final_at(known_at[order])
    inside = counts_from < panel.count
    return frame.iloc[order[inside]].assign(**{COUNTS_FROM: counts_from[inside]}).reset_index(drop=True)


def current_rows(panel: Panel, name: str, position: int) -> pd.DataFrame:
    """The valid rows at one session: of each key the newest that was known by then, in the order of
    `rows`.
    """
    current = rows(panel, name)
    current = current.iloc[: int(current[COUNTS_FROM].searchsorted(position, side="right"))]
    return current.drop_duplicates(list(DATASETS[name].key), keep="last")


def ages(panel: Panel, dates: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """Sessions since each date, in the shape of `dates` (sessions first): 0 for the session itself.

    The greatest integer where there is no date.
    """
    positions = np.arange(panel.count).reshape(-1, *[1] * (dates.ndim - 1))
    described = panel.first_after(dates.ravel()).reshape(dates.shape) - 1
    result: NDArray[np.int64] = np.where(np.isnat(dates), np.iinfo(np.int64).max, positions - described)
    return result


def nothing_yet(panel: Panel, name: str, position: int) -> str:
    """The sentence that no row of a dataset was known at a session, with the session of the first row."""
    stored = rows(panel, name)
    if not len(stored):
        return f"no {name} stored up to {panel.day(panel.count - 1)}"
    first = panel.day(int(stored[COUNTS_FROM].iloc[0]))
    return f"no {name} known on {panel.day(position)}; the first counts from {first}"
