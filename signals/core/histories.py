"""The history of one signal: from a table of values, and as it was after a session.

Changes of a signal that restarts with a turn are not taken across one, so its history says to which leg or state each
value belongs. A table of values says it through the ages that stand beside them.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from signals.core.model import History, Restart, Signal


def columns_of(signal: Signal) -> tuple[str, ...]:
    """The columns that `history_in` reads: the signal's own, and the ages of its legs or states where it has any."""
    if signal.restarts is not Restart.TURN:
        return (signal.id,)
    return tuple(dict.fromkeys((signal.id, f"{signal.id.rpartition('.')[0]}.age")))


def history_in(table: pd.DataFrame, signal: Signal, earlier: pd.DataFrame | None = None) -> History:
    """The history of a signal in a table of values, sessions x signals, oldest first, NaN where withheld.

    Args:
        table: The values, with all columns of `columns_of`.
        signal: The signal.
        earlier: Those of the sessions before, with which the history begins; its columns may be missing.

    Raises:
        KeyError: With the column that the table lacks.
    """
    columns = columns_of(signal)
    whole = table[list(columns)]
    if earlier is not None and len(earlier):
        whole = pd.concat([earlier.reindex(columns=whole.columns), whole])
    return History(whole[signal.id], spans=spans_of(whole[columns[-1]]) if signal.restarts is Restart.TURN else None)


def spans_of(ages: pd.Series[float]) -> pd.Series[int]:
    """The number of the leg or state of every session, from its ages; the same number within one of them.

    Sessions without an age belong to the leg before them, those before the first to none (-1).
    """
    begun = pd.Series(np.arange(len(ages)) - ages.to_numpy(), index=ages.index)
    return begun.ffill().fillna(-1).astype(int)


def history_until(history: History, session: date) -> History:
    """The history up to a session, with all that stands beside its values."""
    count = int(history.values.index.searchsorted(pd.Timestamp(session), side="right"))

    def cut(series: pd.Series | None) -> pd.Series | None:
        return None if series is None else series.iloc[:count]

    return replace(
        history,
        values=history.values.iloc[:count],
        counted=cut(history.counted),
        listed=cut(history.listed),
        observed=cut(history.observed),
        spans=cut(history.spans),
        estimated=None if history.estimated is None else history.estimated[:count],
    )
