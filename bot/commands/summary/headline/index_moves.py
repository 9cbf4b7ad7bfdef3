"""Moves of the large indices on one session and how unusual they were, from closes alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from bot.commands.summary.headline.rarity import UNREMARKABLE, Since, since
from signals.core.rolling import YEAR
from signals.families.index import INDICES

SP500, NASDAQ, RUSSELL = INDICES
NAMES = {SP500: "S&P 500", NASDAQ: "Nasdaq", RUSSELL: "Russell 2000"}
"""Display names of the large indices, by ticker."""


@dataclass(frozen=True, slots=True)
class IndexMove:
    """One index on one session.

    Attributes:
        percent: change of the session.
        before: change of the session before, NaN where unknown.
        since: the last session with a change as low (for a fall) or as high.
        high: percent below the highest close before this session, negative above it; NaN until a
            year of closes is known.
        peak: the day of that highest close.
        run: sessions in a row up (positive) or down (negative), this one included.
        run_before: the same for the run that ended on the session before.
    """

    percent: float
    before: float
    since: Since
    high: float
    peak: date | None
    run: int
    run_before: int


def move(closes: pd.DataFrame, ticker: str) -> IndexMove | None:
    """The move of an index on the last session of `closes`; None where its change is not known."""
    if ticker not in closes or len(closes) < 2:
        return None
    levels = closes[ticker]
    changes = 100.0 * (levels / levels.shift() - 1.0)
    if not math.isfinite(changes.iloc[-1]):
        return None
    percent = float(changes.iloc[-1])
    high, peak = _below_high(levels)
    return IndexMove(
        percent=percent,
        before=float(changes.iloc[-2]),
        since=since(changes, lowest=percent < 0),
        high=high,
        peak=peak,
        run=run_length(changes),
        run_before=run_length(changes.iloc[:-1]),
    )


def _below_high(closes: pd.Series) -> tuple[float, date | None]:
    """Percent that the last close is below the highest one before it, and its day.

    NaN until a year of closes is known.
    """
    earlier = closes.iloc[:-1].dropna()
    if len(earlier) < YEAR:
        return math.nan, None
    peak = int(earlier.to_numpy().argmax())
    return float(100.0 * (1.0 - closes.iloc[-1] / earlier.iloc[peak])), pd.DatetimeIndex(earlier.index)[peak].date()


def run_length(changes: pd.Series) -> int:
    """How many changes in a row, up to the last, have its sign.

    Positive for gains, negative for losses; 0 where the last change is zero or not known, and for
    an empty series.
    """
    signs = np.sign(changes.to_numpy(dtype=float))
    if not len(signs) or not math.isfinite(signs[-1]) or signs[-1] == 0:
        return 0
    other = np.flatnonzero(signs != signs[-1])
    return int(signs[-1]) * (len(signs) - 1 - int(other[-1]) if len(other) else len(signs))


def period_closes(closes: pd.Series, period: Sequence[int]) -> pd.Series:
    """The last close of each calendar period, indexed by its last session.

    `period`: for each session the number of its period.
    """
    numbers = np.asarray(period)
    turns = np.flatnonzero(numbers[1:] != numbers[:-1])
    return closes.ffill().iloc[np.append(turns, len(numbers) - 1)] if len(numbers) else closes


def period_change(closes: pd.Series, period: Sequence[int]) -> tuple[float, Since]:
    """The change over the last calendar period in percent, and its rarity among such periods.

    NaN where unknown. `period` as for `period_closes`. The first period is left out, because it may
    have begun before the closes do.
    """
    changes = 100.0 * period_closes(closes, period).pct_change(fill_method=None)
    if not len(changes) or not math.isfinite(changes.iloc[-1]):
        return math.nan, UNREMARKABLE
    return float(changes.iloc[-1]), since(changes, lowest=changes.iloc[-1] < 0)
