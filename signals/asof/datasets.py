"""Joining records to sessions: what was public after each close, corrections included.

A row counts from the first session whose close + 20 minutes is not before its `known_at`. Of rows with one key the newest one
that counts stands. Everything here goes through `rows`, so that no signal sees a row before its time.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from signals.core.datasets import DATASETS, empty
from signals.core.market import FINAL_AFTER
from signals.core.panel import Panel

COUNTS_FROM = "counts_from"
"""Column that `rows` adds: position of the session from which a row counts."""


def rows(panel: Panel, name: str) -> pd.DataFrame:
    """The rows of a dataset that count by the last session, in the order in which they began to, with `counts_from`.

    Rows that begin at one session stand by `known_at`. Empty for a dataset that the market does not have; KeyError for an
    unknown name.
    """
    return panel.once(("records", name), lambda: _rows(panel, name))


def _rows(panel: Panel, name: str) -> pd.DataFrame:
    frame = panel.market.records.get(name)
    if frame is None or not panel.count:
        frame = empty(name)
    known_at = pd.DatetimeIndex(frame["known_at"]).as_unit("ns").asi8
    final = (panel.market.ends[: panel.count] + FINAL_AFTER).as_unit("ns").asi8
    order = np.argsort(known_at, kind="stable")
    counts_from = np.searchsorted(final, known_at[order], side="left").astype(np.int64)
    inside = counts_from < panel.count
    return frame.iloc[order[inside]].assign(**{COUNTS_FROM: counts_from[inside]}).reset_index(drop=True)


def standing(panel: Panel, name: str, position: int) -> pd.DataFrame:
    """The rows that stand at one session: of each key the newest that was known by then, in the order of `rows`."""
    known = rows(panel, name)
    known = known.iloc[: int(known[COUNTS_FROM].searchsorted(position, side="right"))]
    return known.drop_duplicates(list(DATASETS[name].key), keep="last")


def ages(panel: Panel, dates: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """Sessions since each date, sessions x subjects: 0 for the session itself. Huge where there is no date."""
    positions = np.arange(panel.count).reshape(-1, *[1] * (dates.ndim - 1))
    held = panel.first_after(dates.ravel()).reshape(dates.shape) - 1
    found: NDArray[np.int64] = np.where(np.isnat(dates), np.iinfo(np.int64).max, positions - held)
    return found


def nothing_yet(panel: Panel, name: str, position: int) -> str:
    """A sentence that says that nothing was known at a session, and since when something has been."""
    known = rows(panel, name)
    if not len(known):
        return f"no {name} stored up to {panel.day(panel.count - 1)}"
    first = panel.day(int(known[COUNTS_FROM].iloc[0]))
    return f"no {name} known on {panel.day(position)}; the first counts from {first}"
