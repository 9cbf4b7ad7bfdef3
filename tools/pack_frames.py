"""The files of a market pack as frames, read without the program's own reader: for tools, and for tests of that reader."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd


@dataclass(frozen=True)
class PackFrames:
    """Days x tickers or series, NaN where there is nothing; `universe` has a row a member, all cells texts."""

    close: pd.DataFrame
    adjusted: pd.DataFrame
    series: pd.DataFrame
    universe: pd.DataFrame


def read_frames(folder: Path) -> PackFrames:
    """Read the pack of a folder."""
    return PackFrames(
        _wide(folder / "close.csv.gz"),
        _wide(folder / "adj_close.csv.gz"),
        _wide(folder / "series.csv.gz"),
        pd.read_csv(folder / "universe.csv", dtype=str, keep_default_na=False),
    )


def _wide(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, index_col=0, parse_dates=[0]).astype(float)
