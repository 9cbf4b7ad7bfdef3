"""Sums of one fund's flows over windows of sessions, as they were known after each close.

Published flows replace flows from share counts where the count is unknown. All sessions between two
corrections are computed at once; where a row came late or replaced another, the sessions before and
after it are computed separately, so that no session uses a row before it was public.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from signals.asof import datasets
from signals.asof.share_creations import GAP, FundRows, ShareCounts, counts, newest_by_session
from signals.core.panel import Panel, Positions
from signals.core.rolling import Floats

STALE = 4
"""Sessions after which the newest row of a fund is too old."""

LAG = 1
"""`shares_lag_sessions`: a count of one session contains the orders of this many sessions earlier.

All issuers book orders on the next session.
"""

COVERED = 0.9
"""Share of a window's sessions whose flow must be known.

Tables of published flows leave out days.
"""

MOVING, CHANGES = 40, 2
"""A fund's count must have changed at least `CHANGES` times within `MOVING` sessions, or it is no
longer updated.
"""

NEVER_ISSUERS = frozenset({"yahoo"})
"""Sources whose counts are not used: Yahoo's did not change in 20 sessions for any of 20 funds."""

_MARGIN = 20


class NoSumReason(IntEnum):
    """Why a fund has no sum at a session."""

    NO = 0
    NOTHING = 1
    OLD = 2
    SHORT = 3
    FROZEN = 4


@dataclass(frozen=True, slots=True)
class Sums:
    """Per session a fund's flows over the window that ends with its newest row.

    Attributes:
        flows: USD, NaN where `reasons` is not `NO`.
        assets: At the window's start, USD, NaN where they or the flows are unknown.
        newest: Position of the newest row used, -1 before any.
        until: Position of the session of the newest flow, -1 before any.
        reasons: Why there is no sum, values of `NoSumReason`.
    """

    flows: Floats
    assets: Floats
    newest: Positions
    until: Positions
    reasons: NDArray[np.int64]

    @classmethod
    def blank(cls, count: int) -> Sums:
        """Nothing known at `count` sessions."""
        none, never = np.full(count, np.nan), np.full(count, -1, dtype=np.int64)
        return cls(none, none.copy(), never, never.copy(), np.full(count, NoSumReason.NOTHING, dtype=np.int64))


def sums(panel: Panel, ticker: str, sessions: int) -> Sums:
    """A fund's flows over `sessions` sessions, as known after each close."""
    return panel.once(("fund sums", ticker, sessions), lambda: _sums(panel, ticker, sessions))


def _sums(panel: Panel, ticker: str, sessions: int) -> Sums:
    fund = panel.once(("fund rows", ticker), lambda: _rows_of(panel, ticker))
    result = Sums.blank(panel.count)
    if not len(fund.positions):
        return result
    front = np.maximum.accumulate(fund.positions)
    newest = _newest(panel, fund.counts_from, front)
    late = np.flatnonzero(fund.positions[1:] <= front[:-1]) + 1
    cuts = np.unique(np.concatenate([fund.counts_from[:1], fund.counts_from[late], [panel.count]]))
    for begin, end in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True):
        known = (fund.counts_from < end) & (fund.positions >= begin - max(sessions, MOVING) - LAG - _MARGIN)
        if known.any():
            _fill(result, fund.where(known), newest, slice(begin, end), sessions)
        else:
            result.newest[begin:end], result.reasons[begin:end] = newest[begin:end], NoSumReason.OLD
    return result


def _rows_of(panel: Panel, ticker: str) -> FundRows:
    """A fund's rows that describe a session.

    They are in the order in which they begin to count and then by date. No row counts before the
    session that it describes.
    """
    groups = panel.once(("funds by ticker",), lambda: _by_ticker(panel))
    fund_rows = groups.get(ticker, datasets.rows(panel, "funds").iloc[:0])
    days = fund_rows["date"].to_numpy().astype("datetime64[D]")
    positions = panel.first_at(days)
    inside = positions < panel.count
    inside[inside] = panel.dates[positions[inside]] == days[inside]
    counts_from = np.maximum(fund_rows[datasets.COUNTS_FROM].to_numpy(dtype=np.int64), positions)
    at = np.flatnonzero(inside)
    at = at[np.lexsort((at, positions[at], counts_from[at]))]
    shares, nav, flow = (
        fund_rows[name].to_numpy(dtype=np.float64)[at] for name in ("shares_outstanding", "nav", "flow_usd")
    )
    return FundRows(positions[at], counts_from[at], shares, nav, flow)


def _by_ticker(panel: Panel) -> dict[str, pd.DataFrame]:
    published = datasets.rows(panel, "funds")
    usable = published[~published["source"].isin(list(NEVER_ISSUERS))]
    return {str(ticker): rows for ticker, rows in usable.groupby("ticker", sort=False)}


def _newest(panel: Panel, counts_from: Positions, front: Positions) -> Positions:
    """For each session the position of the newest row known by then, -1 before the first."""
    place = panel.held(counts_from)
    return np.where(place >= 0, front[place], -1)


def _fill(result: Sums, fund: FundRows, newest: Positions, at: slice, sessions: int) -> None:
    """Compute the sessions `at`, during which no row is replaced and new rows describe later
    sessions only.
    """
    known = newest_by_session(fund)
    rows, flow = known.positions, known.flow
    counted, published = (known.shares > 0) & (known.nav > 0), ~np.isnan(flow)
    base = int(rows[0]) - GAP - LAG
    series = _Series.of(
        counts(rows[counted], known.shares[counted], known.nav[counted]), rows[published], flow[published], base
    )
    parts = series.at(newest[at], np.arange(at.start, at.stop), sessions)
    result.flows[at], result.assets[at] = parts.flows, parts.assets
    result.newest[at], result.until[at], result.reasons[at] = parts.newest, parts.until, parts.reasons


@dataclass(frozen=True, slots=True)
class _Series:
    """Running sums of one fund's flows; index 0 is the position `base`, before all rows.

    Attributes:
        base: Position of index 0.
        counted: The share counts.
        published_at: Positions of the sessions with a published flow, ascending.
        mixed: Running sum of flows from counts, and of published ones on sessions without a count.
        mixed_covers: Number of sessions that `mixed` covers.
        published: Running sum of published flows alone.
        published_covers: Number of sessions that `published` covers.
    """

    base: int
    counted: ShareCounts
    published_at: Positions
    mixed: Floats
    mixed_covers: Positions
    published: Floats
    published_covers: Positions

    @classmethod
    def of(cls, counted: ShareCounts, published_at: Positions, flow: Floats, base: int) -> _Series:
        last = max([base, *counted.rows[-1:].tolist(), *published_at[-1:].tolist()])
        length = last - base + 1
        published, there = np.zeros(length), np.zeros(length, dtype=bool)
        published[published_at - base], there[published_at - base] = flow, True
        mixed, begun = np.zeros(length), np.zeros(length + 1, dtype=np.int64)
        known = ~np.isnan(counted.flows[1:])
        before, row = (rows[known] - LAG - base for rows in (counted.rows[:-1], counted.rows[1:]))
        mixed[row] = counted.flows[1:][known]
        # A flow covers the sessions after its count before, up to its own; no two of them overlap.
        begun[before + 1] += 1
        begun[row + 1] -= 1
        covered = np.cumsum(begun[:-1]) > 0
        mixed = np.where(covered, mixed, published)
        return cls(
            base,
            counted,
            published_at,
            np.cumsum(mixed),
            np.cumsum(covered | there),
            np.cumsum(published),
            np.cumsum(there),
        )

    def at(self, newest: Positions, where: Positions, sessions: int) -> Sums:
        """The sums at the sessions `where`, whose newest known rows are `newest`."""
        last = self._last_count(newest)
        has_count = last >= 0
        row = self.counted.rows[last] if len(self.counted.rows) else np.full(len(last), -1)
        of_counts = np.where(has_count, row - LAG, self.base)
        place = np.searchsorted(self.published_at, newest, side="right") - 1
        of_published = (
            np.where(place >= 0, self.published_at[place], self.base)
            if len(self.published_at)
            else np.full_like(newest, self.base)
        )
        until = np.maximum(of_counts, of_published)
        used = np.maximum(np.where(has_count, row, -1), np.where(of_published > self.base, of_published, -1))
        start = until - sessions
        flows, covers = self._between(start, of_counts, until)
        assets = self._assets(start + LAG, last)
        reasons = np.full(len(where), int(NoSumReason.NO), dtype=np.int64)
        reasons[has_count & (of_counts >= of_published) & self._frozen(last)] = NoSumReason.FROZEN
        reasons[covers < int(np.ceil(COVERED * sessions))] = NoSumReason.SHORT
        reasons[where - used > STALE] = NoSumReason.OLD
        reasons[(used < 0) | (newest < 0)] = NoSumReason.NOTHING
        flows[reasons != NoSumReason.NO] = np.nan
        assets[reasons != NoSumReason.NO] = np.nan
        return Sums(flows, assets, used, np.where(used < 0, -1, until), reasons)

    def _last_count(self, newest: Positions) -> Positions:
        """For each session the place of the newest count that is confirmed by then, -1 where there
        is none.
        """
        last = np.searchsorted(self.counted.rows, newest, side="right").astype(np.int64) - 1
        if len(self.counted.rows):
            # A jump is used only once the row after it is known.
            last = np.where((last >= 0) & self.counted.doubtful[last], last - 1, last)
        return last

    def _between(self, start: Positions, of_counts: Positions, until: Positions) -> tuple[Floats, Positions]:
        """Sums of the flows of sessions after `start` up to `until`, and how many sessions they cover.

        Up to `of_counts` flows come from counts; after it only published flows are known.
        """
        middle = np.clip(of_counts, np.minimum(start, until), until)
        flows = self._upto(self.mixed, middle) - self._upto(self.mixed, np.minimum(start, middle))
        covers = self._upto(self.mixed_covers, middle) - self._upto(self.mixed_covers, np.minimum(start, middle))
        flows = flows + self._upto(self.published, until) - self._upto(self.published, middle)
        covers = covers + self._upto(self.published_covers, until) - self._upto(self.published_covers, middle)
        return flows.astype(np.float64), covers.astype(np.int64)

    def _upto(self, running: NDArray[np.generic], position: Positions) -> NDArray[np.float64]:
        index = position - self.base
        inside = np.clip(index, 0, len(running) - 1)
        values: NDArray[np.float64] = np.where(index >= 0, running[inside].astype(np.float64), 0.0)
        return values

    def _assets(self, row: Positions, last: Positions) -> Floats:
        """Assets by the newest confirmed count at or before `row`, NaN where it is more than `GAP`
        sessions away.
        """
        if not len(self.counted.rows):
            return np.full(len(row), np.nan)
        place = np.minimum(np.searchsorted(self.counted.rows, row, side="right") - 1, last)
        near = (place >= 0) & (row - self.counted.rows[place] <= GAP)
        return np.where(near, self.counted.assets[place], np.nan)

    def _frozen(self, last: Positions) -> NDArray[np.bool_]:
        if not len(self.counted.rows):
            return np.zeros(len(last), dtype=bool)
        changes = np.concatenate([[0], np.cumsum(self.counted.changed)])
        first = np.searchsorted(self.counted.rows, self.counted.rows - MOVING, side="right")
        frozen: NDArray[np.bool_] = (changes[1:] - changes[first] < CHANGES)[last]
        return frozen
