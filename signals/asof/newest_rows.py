"""Joins the rows that a dataset has of one subject to sessions: the newest that was public by each close."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from signals.asof.datasets import COUNTS_FROM, ages, rows
from signals.asof.series import STALE_SESSIONS
from signals.core.panel import Panel, Positions
from signals.core.rolling import Floats
from signals.core.series_ops import SeriesResult


@dataclass(frozen=True, slots=True)
class NewestRows:
    """The rows of a subject and, per session, which of them was the newest known.

    Attributes:
        table: The rows that were the newest when they began to count, in that order.
        counts_from: Positions of the sessions from which they count.
        place: Row of each session, -1 before the first.
        newest: Date of the row of each session.
        age: Sessions since that date.
    """

    table: pd.DataFrame
    counts_from: Positions
    place: Positions
    newest: NDArray[np.datetime64]
    age: NDArray[np.int64]


def newest_rows(panel: Panel, dataset: str, column: str, subject: str) -> NewestRows:
    """The rows of `dataset` whose `column` names the subject, joined to sessions by their `date`."""
    return panel.once(("newest rows", dataset, subject), lambda: _newest_rows(panel, dataset, column, subject))


def _newest_rows(panel: Panel, dataset: str, column: str, subject: str) -> NewestRows:
    own = rows(panel, dataset)
    own = own[own[column] == subject]
    days = own["date"].to_numpy().astype("datetime64[D]")
    order = np.lexsort((np.arange(len(own)), days, own[COUNTS_FROM].to_numpy()))
    own, days = own.iloc[order], days[order]
    front = days == np.maximum.accumulate(days) if len(days) else np.zeros(0, dtype=bool)
    table, days = own[front], days[front]
    counts_from = table[COUNTS_FROM].to_numpy(dtype=np.int64)
    place = panel.held(counts_from)
    newest = np.full(panel.count, np.datetime64("NaT"), dtype="datetime64[D]")
    newest[place >= 0] = days[place[place >= 0]]
    return NewestRows(table, counts_from, place, newest, ages(panel, newest))


def newest_value(
    panel: Panel,
    dataset: str,
    column: str,
    subject: str,
    *,
    name: str,
    value: Callable[[pd.DataFrame], Floats],
    lacks: str,
) -> SeriesResult:
    """`value` of the newest row known after each close, NaN where it has none or is older than 5 sessions.

    The newest row is used also when its value is unknown; older ones do not take its place.

    Args:
        panel: The market.
        dataset: Name of the dataset.
        column: The column that names the subject.
        subject: Whose rows are read.
        name: What a row is, for the reason.
        value: From the rows to a value each.
        lacks: What a row without a value lacks, for the reason.
    """
    known = newest_rows(panel, dataset, column, subject)
    has_row = known.place >= 0
    values = np.full(panel.count, np.nan)
    values[has_row] = value(known.table)[known.place[has_row]]
    values[known.age > STALE_SESSIONS] = np.nan

    def why(position: int) -> str | None:
        if not np.isnan(values[position]):
            return None
        newest, age = known.newest[position], known.age[position]
        if not len(known.counts_from):
            return f"no {name} has been stored; its history begins with the first one"
        if np.isnat(newest):
            return f"no {name} was stored before {panel.day(int(known.counts_from[0]))}; its history begins there"
        if age > STALE_SESSIONS:
            return f"newest {name} is of {newest}, {age} sessions old; at most {STALE_SESSIONS}"
        return f"the {name} of {newest} has no {lacks}"

    return SeriesResult(values, why, known.newest)
