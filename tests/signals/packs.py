"""The market pack of 21 years read straight into a Market, without the program's own archive."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from signals.core.market import Market
from tests.signals.markets import calendar
from tools.pack_frames import read_frames


def read_pack(folder: Path) -> Market:
    """Everything in the pack as known after its last session."""
    frames = read_frames(folder)
    first, last = frames.close.index[0], frames.close.index[-1]
    sessions = calendar().sessions_in_range(first, calendar().next_session(last)).tz_localize(None)
    return Market(
        sessions=sessions,
        ends=pd.DatetimeIndex(calendar().closes.loc[sessions]),
        last=last,
        close=frames.close.reindex(sessions[:-1]),
        adj_close=frames.adjusted.reindex(sessions[:-1]),
        series={name: _rows(frames.series[name]) for name in frames.series},
        universe=frames.universe,
        sources=dict.fromkeys([*frames.close, *frames.series], "pack"),
    )


def _rows(column: pd.Series) -> pd.DataFrame:
    values = column.dropna()
    never = pd.DatetimeIndex([pd.NaT] * len(values), tz="UTC")
    return pd.DataFrame({"value": values.to_numpy(), "known_at": never}, index=values.index.rename("observed"))
