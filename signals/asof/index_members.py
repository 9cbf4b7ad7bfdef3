"""Counts of a universe group's members: how many rose, are above an average, made a high, and out of how many.

A member is counted on a day only with a close on that day and the session before (changes), or with
a full window of closes (averages, extremes). It is listed from its first close on. A member whose
last bar is unconfirmed is not counted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from signals.core.market import GROUPS
from signals.core.panel import Panel, Positions
from signals.core.rolling import NEAR, YEAR, Bools, Floats, compare, set_in_rows, window_max, window_min, window_sum

MIN_COVERAGE_PCT = 90
"""Share of the listed members that must be counted, or the group's value is withheld."""

REST = "rest"
"""Members of sp500 that are not in the group tech."""


@dataclass(frozen=True, slots=True)
class MemberCounts:
    """Per session: members that meet a criterion, that meet its opposite, that are counted, that are listed.

    `needs`: what a member needs to be counted, as the end of a sentence that begins "412 of 503
    members".
    """

    group: str
    up: Positions
    down: Positions
    counted: Positions
    listed: Positions
    needs: str

    @property
    def covered(self) -> Bools:
        """Sessions on which enough of the listed members are counted (and there are listed members)."""
        enough: Bools = (self.listed > 0) & (100 * self.counted >= MIN_COVERAGE_PCT * self.listed)
        return enough

    def why(self, position: int) -> str | None:
        """Why the group has no value at a position; None where it is covered."""
        counted, listed = int(self.counted[position]), int(self.listed[position])
        if not listed:
            return f"no member of {self.group} has a price yet"
        if 100 * counted >= MIN_COVERAGE_PCT * listed:
            return None
        share = 100 * counted // listed
        return f"only {counted} of {listed} members {self.needs} ({share}%, at least {MIN_COVERAGE_PCT}% needed)"


@dataclass(frozen=True, slots=True)
class _Marks:
    """Sessions x members: which meet the criterion, which its opposite, which are counted."""

    up: Bools
    down: Bools
    counted: Bools
    needs: str


@dataclass(frozen=True, slots=True)
class _Table:
    """Closes of the members of all groups (sessions x members)."""

    closes: Floats
    listed_from: Positions
    tickers: list[str]


def changes(panel: Panel, group: str) -> MemberCounts:
    """Advancers and decliners: C against the previous session."""
    return _counts(panel, group, "changes", _changes)


def against_average(panel: Panel, group: str, window: int) -> MemberCounts:
    """Members with C above the mean of their last `window` C, today included, and those at or below it."""
    return _counts(panel, group, f"average {window}", lambda closes: _against_average(closes, window))


def extremes(panel: Panel, group: str) -> MemberCounts:
    """Members with C equal to the highest and to the lowest C of the 252 sessions that end today."""
    return _counts(panel, group, "extremes", _extremes)


def _changes(closes: Floats) -> _Marks:
    before = np.full_like(closes, np.nan)
    before[1:] = closes[:-1]
    counted = ~np.isnan(closes) & ~np.isnan(before)
    return _Marks(closes > before, closes < before, counted, "have a price of the day and of the session before")


def _against_average(closes: Floats, window: int) -> _Marks:
    total = window_sum(closes, window)
    counted = ~np.isnan(total)
    mean = np.divide(total, window, out=total)
    gap = closes - mean
    above = gap > 0
    # Both sides are compared as decimals, which only decides where they nearly meet.
    near = np.abs(gap, out=gap) < NEAR
    if near.any():
        above[near] = compare(closes[near], mean[near]) > 0
    return _Marks(above, counted & ~above, counted, f"have {window} prices without a gap")


def _extremes(closes: Floats) -> _Marks:
    high, low = window_max(closes, YEAR), window_min(closes, YEAR)
    return _Marks(closes == high, closes == low, ~np.isnan(high), f"have {YEAR} prices without a gap")


def _counts(panel: Panel, group: str, kind: str, mark: Callable[[Floats], _Marks]) -> MemberCounts:
    def make() -> MemberCounts:
        table = panel.once("members", lambda: _table(panel), bulk=True)
        marks = panel.once(("marks", kind), lambda: mark(table.closes), bulk=True)
        # Masked and not picked out: copying the columns of a group takes three times as long.
        chosen = np.isin(table.tickers, _tickers(panel, group))
        up, down, counted = (
            set_in_rows(part & chosen).astype(np.int64) for part in (marks.up, marks.down, marks.counted)
        )
        listed = np.searchsorted(np.sort(table.listed_from[chosen]), np.arange(panel.count), side="right")
        return MemberCounts(group, up, down, counted, listed.astype(np.int64), marks.needs)

    return panel.once(("counts", group, kind), make)


def _tickers(panel: Panel, group: str) -> list[str]:
    """Members of a group, each once."""
    if group == REST:
        tech = set(panel.market.members("tech"))
        return [ticker for ticker in dict.fromkeys(panel.market.members("sp500")) if ticker not in tech]
    return list(dict.fromkeys(panel.market.members(group)))


def _table(panel: Panel) -> _Table:
    """The closes of all groups; a member without a single close is never listed."""
    tickers = list(dict.fromkeys(ticker for group in GROUPS for ticker in panel.market.members(group)))
    closes = panel.closes(tickers)
    has_close = ~np.isnan(closes)
    first = np.where(has_close.any(axis=0), has_close.argmax(axis=0) if panel.count else 0, panel.count).astype(
        np.int64
    )
    for place, ticker in enumerate(tickers):
        if ticker in panel.market.first_close:
            date = np.array([panel.market.first_close[ticker]], dtype="datetime64[D]")
            first[place] = min(first[place], panel.first_at(date)[0])
    return _Table(closes, first, tickers)
