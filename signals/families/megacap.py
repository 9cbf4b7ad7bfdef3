"""The Magnificent Seven: how many lead or fall together, their return, and the losing months of their fund MAGS.

Every value of the seven needs all seven.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from signals.asof.watched_names import SEVEN
from signals.core.define import by_z, define, levels
from signals.core.model import Signal, Unit, Vote
from signals.core.panel import Panel
from signals.core.rolling import NOISE, Floats, compare, streak, window_product
from signals.core.series_ops import SeriesResult, either, returned, year_to_date

FUND = "MAGS"


def count_beating(panel: Panel) -> SeriesResult:
    """How many of the seven have a higher return than ^GSPC since last year's last session, on C."""
    index = year_to_date(panel, "^GSPC", adjusted=False)
    parts = [year_to_date(panel, ticker, adjusted=False) for ticker in SEVEN]
    ahead = np.stack([compare(1 + part.values, 1 + index.values) for part in parts])
    return SeriesResult(_count(ahead > 0, np.isnan(ahead)), either(*parts, index))


def down_2pct(panel: Panel) -> SeriesResult:
    """How many of the seven fell 2 % or more today, on C."""
    parts = [returned(panel, ticker, 1, adjusted=False) for ticker in SEVEN]
    changes = np.stack([part.values for part in parts])
    return SeriesResult(_count(changes <= -0.02 + NOISE, np.isnan(changes)), either(*parts))


def basket_spread(panel: Panel, *, sessions: int) -> SeriesResult:
    """`sessions`-session return of a basket of the seven less that of SPY on A, in percentage points.

    The basket's daily return is the mean of the seven returns; those of the sessions are
    compounded.
    """
    parts = [returned(panel, ticker, 1) for ticker in SEVEN]
    daily = panel.once("seven daily", lambda: 1.0 + np.stack([part.values for part in parts]).mean(axis=0))
    index = returned(panel, "SPY", sessions)
    values = 100.0 * (window_product(daily, sessions) - 1.0 - index.values)

    def why(position: int) -> str | None:
        if not np.isnan(values[position]):
            return None
        gaps = range(position, max(0, position - sessions + 1) - 1, -1)
        missing = next((reason for gap in gaps if (reason := either(*parts)(gap))), None)
        return panel.too_short(sessions + 1, position) or missing or index.why(position)

    return SeriesResult(values, why)


def losing_months(panel: Panel) -> SeriesResult:
    """Completed calendar months in a row, up to the last one, in which MAGS lost on A; held until
    the next month is complete.

    The month of the fund's first close has no month end before it, hence no return. A month end
    without a close leaves two months unknown: the reading is withheld while the last completed
    month is one of them, and the count starts anew after them.
    """
    ends = panel.month_ends
    closes = panel.prices(FUND, adjusted=True)[ends]
    lost = np.full(len(ends), np.nan)
    both = ~np.isnan(closes[1:]) & ~np.isnan(closes[:-1])
    lost[1:][both] = (closes[1:] < closes[:-1])[both]
    last = panel.held(ends)
    complete = last >= 0
    values = np.full(panel.count, np.nan)
    values[complete] = streak(lost)[last[complete]]
    observed = np.full(panel.count, np.datetime64("NaT"), dtype="datetime64[D]")
    observed[complete] = panel.dates[ends[last[complete]]]

    def why(position: int) -> str | None:
        if not np.isnan(values[position]):
            return None
        if last[position] < 1:
            return f"needs two ends of months, sessions are known since {panel.day(0)}"
        newest, before = int(ends[last[position]]), int(ends[last[position] - 1])
        return panel.no_price(FUND, newest, adjusted=True) or panel.no_price(FUND, before, adjusted=True)

    return SeriesResult(values, why, observed)


def _count(true: np.ndarray, unknown: np.ndarray) -> Floats:
    return np.where(unknown.any(axis=0), np.nan, true.sum(axis=0).astype(np.float64))


def _spread(sessions: int, meaning: str, votes: tuple[Vote, ...] = ()) -> Signal:
    return define(
        f"megacap.spread_{sessions}d",
        f"Magnificent 7 less SPY, {sessions}-day",
        unit=Unit.POINTS_PERCENT,
        meaning=meaning,
        inputs=(*SEVEN, "SPY"),
        formula=partial(basket_spread, sessions=sessions),
        lookback=sessions + 1,
        votes=votes,
    )


SIGNALS: tuple[Signal, ...] = (
    define(
        "megacap.count_beating_ytd",
        "Magnificent 7 ahead this year",
        unit=Unit.SEVEN,
        meaning="How many of the seven giants beat the S&P 500 since New Year; 2 or fewer means that leadership has passed on.",
        inputs=(*SEVEN, "^GSPC"),
        formula=count_beating,
        lookback=254,
        votes=levels(2, 5, rec=1, rot=-1),
    ),
    _spread(
        1, "Today's return of the seven giants less SPY; beyond +-2 points marks days on which they go their own way."
    ),
    _spread(21, "One-month return of the seven giants less SPY; far below zero when money leaves big tech."),
    _spread(
        63,
        "Three-month return of the seven giants less SPY; high when few giants carry the market.",
        by_z(rec=1, rot=-1),
    ),
    define(
        "megacap.down_2pct",
        "Magnificent 7 down 2 % or more",
        unit=Unit.SEVEN,
        meaning="How many of the seven giants fell 2 % or more today; 5 or more have marked days of flight from big tech.",
        inputs=SEVEN,
        formula=down_2pct,
        lookback=2,
    ),
    define(
        "megacap.mags_losing_months",
        "MAGS losing months in a row",
        unit=Unit.MONTHS,
        meaning="Completed months in a row in which the fund of the seven giants lost; 3 or more are rare.",
        inputs=(FUND,),
        formula=losing_months,
        lookback=64,
        votes=levels(0, 2, rot=1),
    ),
)
