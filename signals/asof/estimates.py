"""Joins daily snapshots of companies to sessions: per session and ticker the newest row that was public by then.

All numbers of a ticker come from one row, so that a price is never compared with an estimate of
another day. Sources show only today's estimates: the history begins when storing began, and every
reason gives that day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from signals.asof import datasets
from signals.asof.series import STALE_SESSIONS
from signals.core.panel import Panel, Positions
from signals.core.rolling import Bools, Floats

MIN_COVERAGE_PCT = 80
"""Share of the names of a group that must be known, or its reading is withheld."""

_DATASET = "estimates"


@dataclass(frozen=True, slots=True)
class Snapshots:
    """The newest known snapshot of some tickers on each session.

    Attributes:
        panel: The market.
        frame: All rows of the dataset, in the order in which they began to count.
        rows: Row of `frame` for each session x ticker, -1 where none is known or the newest is
            older than 5 sessions.
        begins: Position of the first session at which a row counts, the count of sessions where
            none does.
    """

    panel: Panel
    frame: pd.DataFrame
    rows: Positions
    begins: int

    def column(self, name: str) -> Floats:
        """One number of the snapshots, sessions x tickers, NaN = unknown."""
        values = np.append(self.frame[name].to_numpy(dtype=np.float64), np.nan)
        result: Floats = values[self.rows]
        return result

    @property
    def newest(self) -> NDArray[np.datetime64]:
        """Per session the date of the newest snapshot among the tickers, NaT where there is none."""
        days = self.frame["date"].to_numpy().astype("datetime64[D]")
        dated = np.append(days, np.datetime64("NaT", "D"))[self.rows]
        newest = np.full(len(dated), np.datetime64("NaT", "D"))
        for column in dated.T:
            newest = np.fmax(newest, column)
        return newest

    def since(self) -> str:
        """When storing began, as the end of a sentence."""
        return f"estimates are stored since {self.panel.day(self.begins)}"

    def too_early(self, position: int) -> str | None:
        """Why no snapshot can be known at a position; None from the first one on."""
        if position >= self.begins:
            return None
        if self.begins >= self.panel.count:
            return "no estimates are stored yet; sources show only today's, so their history begins with the first"
        return f"{self.since()}, sources show only today's"

    def too_few(self, counted: int, listed: int, position: int, *, have: str) -> str | None:
        """Why `counted` of `listed` names are too few at a position; None with 80% of them."""
        if not listed:
            return "none of the companies watched is a member"
        early = self.too_early(position)
        if early is not None or 100 * counted >= MIN_COVERAGE_PCT * listed:
            return early
        share = 100 * counted // listed
        return (
            f"only {counted} of {listed} names {have} ({share}%, at least {MIN_COVERAGE_PCT}% needed); {self.since()}"
        )


def enough(counted: Positions, listed: int) -> Bools:
    """Per session whether at least 80% of a group are counted; never for one without members."""
    reached: Bools = (100 * counted >= MIN_COVERAGE_PCT * listed) & (listed > 0)
    return reached


def snapshots(panel: Panel, tickers: Sequence[str]) -> Snapshots:
    """The newest known snapshot of each ticker on each session; computed once for the same tickers.

    A row that became known late and describes an older day than the rows known before is not used.
    """
    return panel.once(("snapshots", tuple(tickers)), lambda: _snapshots(panel, tickers))


def _newest_by_ticker(panel: Panel, frame: pd.DataFrame) -> tuple[dict[str, Positions], Positions]:
    """By ticker its rows that describe no older day than the ones known before, and of every row the session described."""
    days = frame["date"].to_numpy().astype("datetime64[D]")
    groups = frame.groupby("ticker", sort=False).indices if len(frame) else {}
    own = {str(ticker): at[days[at] == np.maximum.accumulate(days[at])] for ticker, at in groups.items()}
    return own, panel.first_after(days) - 1


def _snapshots(panel: Panel, tickers: Sequence[str]) -> Snapshots:
    frame = datasets.rows(panel, _DATASET)
    counts_from = frame[datasets.COUNTS_FROM].to_numpy(dtype=np.int64)
    own, described = panel.once("estimates by ticker", lambda: _newest_by_ticker(panel, frame))
    rows = np.full((panel.count, len(tickers)), -1, dtype=np.int64)
    for column, ticker in enumerate(tickers):
        if ticker not in own:
            continue
        newest = own[ticker]
        place = panel.held(counts_from[newest])
        age = np.arange(panel.count) - described[newest[place]]
        rows[:, column] = np.where((place >= 0) & (age <= STALE_SESSIONS), newest[place], -1)
    return Snapshots(panel, frame, rows, int(counts_from[0]) if len(frame) else panel.count)
