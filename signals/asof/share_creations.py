"""Flows into and out of one fund: shares created and redeemed, from counts of its shares or as published.

flow = (shares - shares of the row before x split) x net asset value, USD, positive = creations.
Orders of a session are booked into the count of a later one, so a flow from counts belongs to the
session `LAG` sessions before its row.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from signals.core.panel import Positions
from signals.core.rolling import Floats

CONTINUOUS = 0.15
"""Relative change of assets up to which a jump of the count is a split.

Also the daily flow, as a share of assets, above which a count needs confirmation by the next one.
"""

SPLIT_UP, SPLIT_DOWN = 1.4, 0.71
"""Ratios of counts from which on a change may be a split."""

IMPOSSIBLE = 5.0
"""No fund grows or shrinks by this factor within a day: such a count is an error however often it
is repeated.
"""

GAP = 5
"""Sessions between two counts beyond which their difference is not one flow, because counts in
between are missing.
"""

_WHOLE = np.array([1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 25, 30, 40, 50, 100])
CLEAN = np.concatenate([1 / _WHOLE[::-1], _WHOLE])
"""Split factors, ascending: 2 for 2:1."""


@dataclass(frozen=True, slots=True)
class FundRows:
    """Rows of one fund.

    Attributes:
        positions: Of the sessions that they describe.
        counts_from: Positions of the sessions from which they count.
        shares: Outstanding, in units; NaN where unknown, as the next two.
        nav: Net asset value a share in USD.
        flow: Published flow of the session in USD, positive = creations.
    """

    positions: Positions
    counts_from: Positions
    shares: Floats
    nav: Floats
    flow: Floats

    def where(self, which: Positions | NDArray[np.bool_]) -> FundRows:
        """Some of them: by places, in that order, or by a mask."""
        return FundRows(
            self.positions[which], self.counts_from[which], self.shares[which], self.nav[which], self.flow[which]
        )


@dataclass(frozen=True, slots=True)
class ShareCounts:
    """The plausible counts of one fund, oldest first.

    Attributes:
        rows: Positions of their sessions.
        assets: Shares x net asset value, USD.
        flows: Since the count before, USD, NaN for the first one and across a gap.
        changed: Whether the count differs from the one before, splits aside.
        doubtful: Whether the count is a jump that only the row after it confirmed, so that it must
            not be used before that row was known.
    """

    rows: Positions
    assets: Floats
    flows: Floats
    changed: NDArray[np.bool_]
    doubtful: NDArray[np.bool_]


def counts(rows: Positions, shares: Floats, nav: Floats) -> ShareCounts:
    """Flows between counts.

    A jump of more than 15 % of assets that is no split is dropped unless the next count is close to
    it; a jump in the last row cannot be confirmed yet and is `doubtful`.

    Args:
        rows: Ascending positions.
        shares: In units, above zero.
        nav: Net asset value a share in USD, above zero.
    """
    keep, confirmed_late = np.arange(len(rows)), np.zeros(len(rows), dtype=bool)
    while True:
        jump = _first_jump(shares[keep], nav[keep], confirmed_late[keep])
        if jump is None:
            break
        if _stays(shares[keep], nav[keep], jump):
            confirmed_late[keep[jump]] = True
        else:
            keep = np.delete(keep, jump)
    rows, shares, nav = rows[keep], shares[keep], nav[keep]
    flows = np.full(len(rows), np.nan)
    created = _created(shares, nav)
    flows[1:] = np.where(np.diff(rows) <= GAP, created * nav[1:], np.nan)
    changed = np.zeros(len(rows), dtype=bool)
    changed[1:] = np.abs(created) > 1e-9 * shares[1:]
    return ShareCounts(rows, shares * nav, flows, changed, confirmed_late[keep])


def _created(shares: Floats, nav: Floats) -> Floats:
    return shares[1:] - shares[:-1] * split_factors(shares, nav)


def _first_jump(shares: Floats, nav: Floats, checked: NDArray[np.bool_]) -> int | None:
    """Place of the first count that jumps by more than `CONTINUOUS` and was not checked yet."""
    if len(shares) < 2:
        return None
    share_of_assets = _created(shares, nav) * nav[1:] / (shares[:-1] * nav[:-1])
    jumps = np.flatnonzero((np.abs(share_of_assets) > CONTINUOUS) & ~checked[1:])
    return int(jumps[0]) + 1 if len(jumps) else None


def _stays(shares: Floats, nav: Floats, place: int) -> bool:
    """Whether the count after a jump is close to it, or there is none yet."""
    assets = shares * nav
    if not 1 / IMPOSSIBLE < assets[place] / assets[place - 1] < IMPOSSIBLE:
        return False
    if place + 1 == len(shares):
        return True
    after = _created(shares[place : place + 2], nav[place : place + 2])[0] / shares[place + 1]
    return bool(abs(after) <= CONTINUOUS)


def split_factors(shares: Floats, nav: Floats) -> Floats:
    """For each count after the first the factor of a split since the one before, 1 where there was none.

    A split is a jump of the count to 1.4 times or 0.71 times, near a clean multiple, while assets
    stay within 15%.
    """
    jump = shares[1:] / shares[:-1]
    of_price = nav[:-1] / nav[1:]
    may = np.flatnonzero(((jump >= SPLIT_UP) | (jump <= SPLIT_DOWN)) & (np.abs(jump / of_price - 1) <= CONTINUOUS))
    nearest = CLEAN[np.abs(np.log(CLEAN)[None, :] - np.log(of_price[may])[:, None]).argmin(axis=1)]
    result = np.ones(len(jump))
    result[may] = np.where(np.abs(jump[may] / nearest - 1) <= CONTINUOUS, nearest, 1.0)
    return result


def newest_by_session(fund: FundRows) -> FundRows:
    """The newest of the rows of each session, ascending by position; `fund` has the order in which
    they became known.
    """
    newest_first = np.arange(len(fund.positions))[::-1]
    _, first = np.unique(fund.positions[newest_first], return_index=True)
    return fund.where(newest_first[first])
