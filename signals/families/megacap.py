"""The Magnificent Seven: how many lead or fall together, their returns, and the months of their fund MAGS.

Every value of the seven needs all seven.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from signals.asof.watched_names import SEVEN
from signals.core.decimals import comparable
from signals.core.define import by_z, define, levels
from signals.core.model import Restart, Signal, Vote
from signals.core.panel import Panel, Positions
from signals.core.rolling import Floats, compare, growth, streak, window_product
from signals.core.series_ops import SeriesResult, either, month_to_date, returned, scaled, year_to_date
from signals.core.units import Unit
from signals.families.index import below_high, year_return

FUND = "MAGS"

TENTH = 10
"""The session of a month from which on its return says something about the month."""

MONTHS_BEFORE = 2
"""Lost months before this one."""


def count_beating(panel: Panel, *, index: str = "^GSPC", adjusted: bool = False) -> SeriesResult:
    """How many of the seven have a higher return than ^GSPC since last year's last session, on C."""
    market = year_to_date(panel, index, adjusted=adjusted)
    parts = [year_to_date(panel, ticker, adjusted=adjusted) for ticker in SEVEN]
    ahead = np.stack([compare(part.values, market.values) for part in parts])
    return SeriesResult(_count(ahead > 0, np.isnan(ahead)), either(*parts, market))


def down_2pct(panel: Panel) -> SeriesResult:
    """How many of the seven fell 2% or more today, on C."""
    parts = [returned(panel, ticker, 1, adjusted=False) for ticker in SEVEN]
    changes = np.stack([part.values for part in parts])
    return SeriesResult(_count(comparable(changes) <= -0.02, np.isnan(changes)), either(*parts))


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


@dataclass(frozen=True, slots=True)
class _Months:
    """Completed calendar months of MAGS, one entry an end of a month.

    Attributes:
        ends: Positions of the last sessions.
        losing: Losing months in a row up to each, NaN where its return is not known.
    """

    ends: Positions
    losing: Floats


def _months(panel: Panel, *, adjusted: bool = False) -> _Months:
    def make() -> _Months:
        ends = panel.month_ends
        returns = comparable(growth(panel.prices(FUND, adjusted=adjusted)[ends], 1))
        return _Months(ends, streak(np.where(np.isnan(returns), np.nan, (returns < 0).astype(np.float64))))

    return panel.once(("months of the fund", adjusted), make)


def losing_months(panel: Panel, *, adjusted: bool = False) -> SeriesResult:
    """Completed calendar months in a row, up to the last one, with a negative return of MAGS on C; held
    until the next month is complete.

    The month of the fund's first close has no month end before it, hence no return. A month end
    without a close leaves two months unknown: the reading is withheld while the last completed
    month is one of them, and the count starts anew after them.
    """
    months = _months(panel, adjusted=adjusted)
    ends, last = months.ends, panel.held(months.ends)
    complete = last >= 0
    values = np.full(panel.count, np.nan)
    values[complete] = months.losing[last[complete]]
    observed = np.full(panel.count, np.datetime64("NaT"), dtype="datetime64[D]")
    observed[complete] = panel.dates[ends[last[complete]]]

    def why(position: int) -> str | None:
        if not np.isnan(values[position]):
            return None
        if last[position] < 1:
            return f"needs two ends of months, sessions are known since {panel.day(0)}"
        newest, before = int(ends[last[position]]), int(ends[last[position] - 1])
        return panel.no_price(FUND, newest, adjusted=adjusted) or panel.no_price(FUND, before, adjusted=adjusted)

    return SeriesResult(values, why, observed)


def month_return(panel: Panel) -> SeriesResult:
    """Return of MAGS since the last session of the previous calendar month on C, in percent."""
    return scaled(month_to_date(panel, FUND, adjusted=False), 100.0)


def third_month(panel: Panel) -> SeriesResult:
    """1 from a month's tenth session on, while MAGS stands below the last close of the month before and
    the two or more months before this one were all lost; else 0.

    All on C.
    """
    own, months = month_to_date(panel, FUND, adjusted=False), _months(panel)
    bases = panel.month_base
    before = np.searchsorted(months.ends, bases, side="right") - 1
    losing = np.where(before >= 0, months.losing[before], np.nan) if len(months.ends) else np.full(panel.count, np.nan)
    session = np.arange(panel.count) - bases
    fires = (session >= TENTH) & (comparable(own.values) < 0) & (losing >= MONTHS_BEFORE)
    values = np.where(np.isnan(own.values) | np.isnan(losing), np.nan, fires.astype(np.float64))

    def why(position: int) -> str | None:
        if not np.isnan(values[position]) or (reason := own.why(position)):
            return None if not np.isnan(values[position]) else reason
        if before[position] < 1:
            return f"needs the month before the last one, sessions are known since {panel.day(0)}"
        return panel.no_price(FUND, int(months.ends[before[position] - 1]), adjusted=False)

    return SeriesResult(values, why)


def _count(true: np.ndarray, unknown: np.ndarray) -> Floats:
    return np.where(unknown.any(axis=0), np.nan, true.sum(axis=0).astype(np.float64))


def _spread(sessions: int, meaning: str, votes: tuple[Vote, ...] = ()) -> Signal:
    return define(
        f"megacap.spread_{sessions}d",
        f"Mag 7 vs. S&P 500, {sessions} day{'' if sessions == 1 else 's'}",
        unit=Unit.POINTS_PERCENT,
        meaning=meaning,
        inputs=(*SEVEN, "SPY"),
        formula=partial(basket_spread, sessions=sessions),
        lookback=sessions + 1,
        votes=votes,
    )


def _of_company(ticker: str) -> tuple[Signal, ...]:
    """The year and the drawdown of one of the seven."""
    return (
        define(
            f"megacap.{ticker.lower()}.ytd",
            f"{ticker}, year to date",
            unit=Unit.PERCENT,
            meaning=f"{ticker} since the last session of last year, without dividends; held against the S&P 500's year.",
            inputs=(ticker,),
            formula=partial(year_return, ticker=ticker),
            lookback=254,
            restarts=Restart.YEAR,
        ),
        define(
            f"megacap.{ticker.lower()}.drawdown",
            f"{ticker}, drawdown",
            unit=Unit.PERCENT,
            meaning=f"{ticker} against its highest close of a year; beyond -20% it is in a bear market of its own.",
            inputs=(ticker,),
            formula=partial(below_high, ticker=ticker),
            lookback=252,
        ),
    )


SIGNALS: tuple[Signal, ...] = (
    define(
        "megacap.count_beating_ytd",
        "Mag 7 beating S&P 500, year to date",
        unit=Unit.SEVEN,
        meaning="How many of the Magnificent Seven beat the S&P 500 since New Year; 2 or fewer means that others lead.",
        inputs=(*SEVEN, "^GSPC"),
        formula=count_beating,
        lookback=254,
        restarts=Restart.YEAR,
        votes=levels(2, 5, rec=1, rot=-1),
    ),
    _spread(
        1,
        "One-day return of an equal-weight basket of the Magnificent Seven less SPY; beyond +-2 points they go their own way.",
    ),
    _spread(
        21,
        "One-month return of an equal-weight basket of the Magnificent Seven less SPY; far below zero when money leaves.",
    ),
    _spread(
        63,
        "Three-month return of an equal-weight basket of the Magnificent Seven less SPY; high when few stocks carry the market.",
        by_z(rec=1, rot=-1),
    ),
    define(
        "megacap.down_2pct",
        "Mag 7 down 2% or more",
        unit=Unit.SEVEN,
        meaning="How many of the Magnificent Seven fell 2% or more today; 5 or more have marked days of flight from big tech.",
        inputs=SEVEN,
        formula=down_2pct,
        lookback=2,
    ),
    define(
        "megacap.mags_losing_months",
        "MAGS, losing months in a row",
        unit=Unit.MONTHS,
        meaning="Completed months in a row in which the fund of the Magnificent Seven lost; 3 or more are rare.",
        inputs=(FUND,),
        formula=losing_months,
        lookback=64,
    ),
    define(
        "megacap.mags_mtd",
        "MAGS, month to date",
        unit=Unit.PERCENT,
        decimals=2,
        meaning="Fund of the Magnificent Seven since last month's last close, as screens show; its sign decides a losing month.",
        inputs=(FUND,),
        formula=month_return,
        lookback=24,
        restarts=Restart.MONTH,
    ),
    define(
        "megacap.mags_third_month",
        "MAGS, third losing month",
        unit=Unit.FLAG,
        meaning="1 while the fund of the Magnificent Seven heads for at least its third losing month in a row; rare.",
        inputs=(FUND,),
        formula=third_month,
        lookback=87,
    ),
    *(signal for ticker in SEVEN for signal in _of_company(ticker)),
)
