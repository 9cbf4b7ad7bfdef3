"""Purchases and sales of tech by large managers, from their quarterly 13F reports.

The figures are 45 to 135 days old and serve as context only: they have no votes, and every reading
names its quarter. Short positions, options and bonds are not included. Members of tech are today's.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from signals.asof.datasets import COUNTS_FROM, nothing_yet, rows
from signals.core.decimals import CENT_PLACES
from signals.core.define import define
from signals.core.model import Cadence, Signal
from signals.core.panel import Panel
from signals.core.rolling import Floats
from signals.core.series_ops import SeriesResult
from signals.core.units import Unit

STALE_DAYS = 145
"""Days after a quarter's end at which the next one's reports must be there: 92 of the quarter, 45
to file, a week.
"""

SPLITS = np.array(sorted({1.0, 1.5, *range(2, 31), 40.0, 50.0} | {1 / n for n in (2, 3, 4, 5, 8, 10, 15, 20)}))
"""Split factors, ascending."""

NEAR = 0.04
"""How near the factor that prices imply must be to a split: reports round, and managers price at
different closes.
"""

COVERED = 0.9
"""Share of managers' holdings that must be in stocks whose change can be computed."""

_DATASET = "holdings"
_PRICE_DAYS = 7
"""A quarter may end up to so many days after its last session."""


@dataclass(frozen=True, slots=True)
class HoldingsChange:
    """Changes over one quarter, summed over the managers that reported both it and the one before.

    Attributes:
        quarter: Last day of the quarter.
        net_usd: Bought less sold, at the quarter's last price.
        buyers: Managers whose own sum is over zero.
        sellers: Managers whose own sum is under zero.
        managers: Managers that reported both quarters.
        before: Managers that reported the quarter before.
        doubtful: Stocks left out because closes are missing or a split could not be told from a
            sale.
        covered: Share, 0-1, of the holdings that is in the other stocks.
        filed: The last day of filing among the reports.
        restated: Managers that have corrected one of both quarters.
    """

    quarter: np.datetime64
    net_usd: float
    buyers: int
    sellers: int
    managers: int
    before: int
    doubtful: tuple[str, ...]
    covered: float
    filed: np.datetime64
    restated: int


class _QuarterlyHoldings:
    """Known holdings, quarters x managers x tickers, NaN where unknown.

    Rows are added as they begin to count.
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        self.rows = frame
        places = [pd.factorize(frame[name], sort=True) for name in ("quarter", "manager", "ticker")]
        self._at = tuple(codes for codes, _ in places)
        self.quarters: NDArray[np.datetime64] = np.asarray(places[0][1]).astype("datetime64[D]")
        self.tickers = [str(name) for name in places[2][1]]
        shape = tuple(len(values) for _, values in places)
        self.shares: Floats = np.full(shape, np.nan)
        self.worth: Floats = np.full(shape, np.nan)
        self.filed = np.full(shape[:2], np.datetime64("NaT"), dtype="datetime64[D]")
        self.restated = np.zeros(shape[:2], dtype=bool)

    def add(self, top: int, end: int) -> None:
        """Add the rows from `top` up to `end` (excluded).

        A later row of one key replaces an earlier one.
        """
        added = self.rows.iloc[top:end]
        at = tuple(codes[top:end] for codes in self._at)
        shares, before = added["shares"].to_numpy(dtype=np.float64), self.shares[at]
        np.logical_or.at(self.restated, at[:2], ~np.isnan(before) & (before != shares))
        self.shares[at] = shares
        self.worth[at] = added["value_usd"].to_numpy(dtype=np.float64)
        self.filed[at[:2]] = added["filed"].to_numpy().astype("datetime64[D]")


def changes(panel: Panel) -> list[HoldingsChange | None]:
    """For each session the newest quarter that at least half of the managers of the quarter before
    have reported.
    """
    return panel.once("13F changes", lambda: _changes(panel))


def _changes(panel: Panel) -> list[HoldingsChange | None]:
    holdings = rows(panel, _DATASET)
    holdings = holdings[holdings["ticker"].isin(panel.market.members("tech")) & holdings["shares"].notna()]
    reports = _QuarterlyHoldings(holdings)
    counts_from = holdings[COUNTS_FROM].to_numpy(dtype=np.int64)
    starts, tops = np.unique(counts_from, return_index=True)
    newest: list[HoldingsChange | None] = [None] * panel.count
    bounds = [*zip(starts.tolist(), tops.tolist(), strict=True), (panel.count, len(holdings))]
    for (start, top), (stop, end) in pairwise(bounds):
        reports.add(top, end)
        newest[start:stop] = [_newest(panel, reports)] * (stop - start)
    return newest


def _newest(panel: Panel, reports: _QuarterlyHoldings) -> HoldingsChange | None:
    have: NDArray[np.bool_] = np.any(~np.isnan(reports.shares), axis=2)
    for place in range(len(reports.quarters) - 1, 0, -1):
        if (reports.quarters[place] - reports.quarters[place - 1]).astype(int) > 93:
            continue
        both = have[place] & have[place - 1]
        if both.any() and 2 * both.sum() >= have[place - 1].sum():
            return _change(panel, reports, place, both, int(have[place - 1].sum()))
    return None


def _change(
    panel: Panel, reports: _QuarterlyHoldings, place: int, both: NDArray[np.bool_], before: int
) -> HoldingsChange:
    shares, worth = (table[place - 1 : place + 1, both] for table in (reports.shares, reports.worth))
    with np.errstate(divide="ignore", invalid="ignore"):
        prices = _medians(np.where((shares > 0) & (worth > 0), worth / shares, np.nan))
    closes = np.array([_closes(panel, reports.tickers, day) for day in reports.quarters[place - 1 : place + 1]])
    split, price = _terms(prices, closes)
    moved = (shares[1] - shares[0] * split) * price
    reported = ~np.isnan(shares).any(axis=0)
    idle = (shares[0] == 0) & (shares[1] == 0)
    moved[idle] = 0.0
    by_manager = np.where(reported, np.nan_to_num(moved), 0.0).sum(axis=1)
    doubtful = (reported & np.isnan(moved)).any(axis=0)
    held = np.nansum(worth, axis=(0, 1))
    return HoldingsChange(
        quarter=reports.quarters[place],
        net_usd=float(by_manager.sum()),
        buyers=int((by_manager > 0).sum()),
        sellers=int((by_manager < 0).sum()),
        managers=int(both.sum()),
        before=before,
        doubtful=tuple(np.array(reports.tickers)[doubtful].tolist()),
        covered=float(held[~doubtful].sum() / held.sum()) if held.sum() > 0 else 1.0,
        filed=reports.filed[place, both].max(),
        restated=int(np.any(reports.restated[place - 1 : place + 1, both], axis=0).sum()),
    )


def _medians(prices: Floats) -> Floats:
    """Median over managers, quarters x tickers, NaN where no manager holds the stock."""
    result = np.full((prices.shape[0], prices.shape[2]), np.nan)
    some: NDArray[np.bool_] = np.any(~np.isnan(prices), axis=1)
    for quarter, held in enumerate(some):
        result[quarter, held] = np.nanmedian(prices[quarter][:, held], axis=0)
    return result


def _terms(prices: Floats, closes: Floats) -> tuple[Floats, Floats]:
    """Split factors over the quarter and prices at its end by ticker, NaN where they cannot be determined.

    Closes are adjusted for splits and reported prices are not, so the factor is the fall of
    reported prices that closes do not have. A stock that no manager held at one of the ends is
    taken not to have been split.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        close_growth = closes[1] / closes[0]
        implied = prices[0] / prices[1] * close_growth
        nearest = SPLITS[np.argmin(np.abs(np.log(implied[:, None] / SPLITS)), axis=1)]
        sure = np.abs(implied / nearest - 1) <= NEAR
    one_end = np.isnan(prices).any(axis=0)
    split = np.where(one_end, 1.0, np.where(sure, nearest, np.nan))
    return split, np.where(np.isnan(prices[1]), prices[0] * close_growth, prices[1])


def _closes(panel: Panel, tickers: list[str], day: np.datetime64) -> list[float]:
    place = int(np.searchsorted(panel.dates, day, side="right")) - 1
    if place < 0 or (day - panel.dates[place]).astype(int) > _PRICE_DAYS:
        return [float("nan")] * len(tickers)
    return [float(panel.prices(ticker, adjusted=False)[place]) for ticker in tickers]


def net_change(panel: Panel) -> SeriesResult:
    """Sum of (shares - shares a quarter before x split) x price at the quarter's end, managers that
    reported both, USD.
    """
    return _result(panel, buyers=False)


def net_buyers(panel: Panel) -> SeriesResult:
    """Managers whose own sum of such changes is over zero less those whose sum is under zero."""
    return _result(panel, buyers=True)


def _result(panel: Panel, *, buyers: bool) -> SeriesResult:
    newest = changes(panel)
    nothing = np.datetime64("NaT")
    quarters = np.array([nothing if change is None else change.quarter for change in newest], dtype="datetime64[D]")
    values = np.full(panel.count, np.nan)
    for position, change in enumerate(newest):
        if change is not None and _age(panel, change, position) <= STALE_DAYS and change.covered >= COVERED:
            values[position] = change.buyers - change.sellers if buyers else change.net_usd

    def why(position: int) -> str | None:
        if not np.isnan(values[position]):
            return None
        change = newest[position]
        if change is not None and change.covered < COVERED:
            tickers = " ".join(change.doubtful[:5]) + (" ..." if len(change.doubtful) > 5 else "")
            return f"closes at the ends of the quarter to {change.quarter} are missing or fit no split: {tickers}"
        if change is not None:
            return f"newest quarter reported is {change.quarter}, {_age(panel, change, position)} days ago; at most {STALE_DAYS}"
        if not (rows(panel, _DATASET)[COUNTS_FROM] <= position).any():
            return nothing_yet(panel, _DATASET, position)
        return "no two quarters that follow each other are known of at least half of the managers"

    def notes(position: int) -> tuple[str, ...]:
        change = newest[position]
        if change is None or np.isnan(values[position]):
            return ()
        summary = (
            f"13F reports of the quarter to {change.quarter}, filed until {change.filed}",
            f"{change.managers} of {change.before} managers: {change.buyers} bought, {change.sellers} sold",
        )
        return (
            *summary,
            *([f"{change.restated} of them restated"] if change.restated else []),
            *([f"without {' '.join(change.doubtful)}: no closes, or a split in doubt"] if change.doubtful else []),
        )

    return SeriesResult(values, why, quarters, notes=notes)


def _age(panel: Panel, change: HoldingsChange, position: int) -> int:
    return int((panel.dates[position] - change.quarter).astype(np.int64))


_reported = partial(define, inputs=("records:holdings", "group:tech"), cadence=Cadence.QUARTERLY, max_age=STALE_DAYS)

SIGNALS: tuple[Signal, ...] = (
    _reported(
        "filings.tech_net_change",
        "Managers' net buying of tech",
        unit=Unit.USD,
        places=CENT_PLACES,
        meaning="What the watched managers bought of tech less what they sold in a quarter; public up to 45 days after its end.",
        formula=net_change,
    ),
    _reported(
        "filings.tech_buyers",
        "Net buyers of tech, managers",
        unit=Unit.COUNT,
        meaning="Managers that bought more tech than they sold in a quarter less those that sold more than they bought.",
        formula=net_buyers,
    ),
)
