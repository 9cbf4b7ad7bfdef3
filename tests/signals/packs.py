"""The market pack of 21 years read straight into a Market, without the program's own archive."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from signals.core.market import Market
from tests.signals.markets import calendar


def read_pack(folder: Path) -> Market:
    """Everything in the pack as known after its last session."""
    close, adjusted = (_wide(folder / f"{name}.csv.gz") for name in ("close", "adj_close"))
    wide = _wide(folder / "series.csv.gz")
    first, last = close.index[0], close.index[-1]
    sessions = calendar().sessions_in_range(first, calendar().next_session(last)).tz_localize(None)
    return Market(
        sessions=sessions,
        ends=pd.DatetimeIndex(calendar().closes.loc[sessions]),
        last=last,
        close=close.reindex(sessions[:-1]),
        adj_close=adjusted.reindex(sessions[:-1]),
        series={name: _rows(wide[name]) for name in wide},
        universe=pd.read_csv(folder / "universe.csv", dtype=str, keep_default_na=False),
        sources=dict.fromkeys([*close, *wide], "pack"),
    )


def _wide(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, index_col=0, parse_dates=[0]).astype(float)


def _rows(column: pd.Series) -> pd.DataFrame:
    values = column.dropna()
    never = pd.DatetimeIndex([pd.NaT] * len(values), tz="UTC")
    return pd.DataFrame({"value": values.to_numpy(), "known_at": never}, index=values.index.rename("observed"))
