"""The eleven sector funds: returns, the rank of tech, their dispersion, and RRG-style ratio and momentum.

All on A. Ranks and dispersion need all eleven.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from signals.core.define import define, levels
from signals.core.model import Signal, Unit
from signals.core.panel import Panel, Positions
from signals.core.rolling import NOISE, Floats, growth, window_deviation, window_mean
from signals.core.series_ops import SeriesResult, Why, either, returned, scaled, year_to_date

SECTORS = {
    "XLB": "Materials",
    "XLC": "Communication",
    "XLE": "Energy",
    "XLF": "Financials",
    "XLI": "Industrials",
    "XLK": "Technology",
    "XLP": "Staples",
    "XLRE": "Real estate",
    "XLU": "Utilities",
    "XLV": "Health care",
    "XLY": "Discretionary",
}
TECH = ("XLK", "XLC")
MONTH = 21
RRG_WEEKS = 14


def fund_return(panel: Panel, *, ticker: str, sessions: int) -> SeriesResult:
    """`sessions`-session return of `ticker` on A, in percent."""
    return scaled(returned(panel, ticker, sessions), 100.0)


def fund_year(panel: Panel, *, ticker: str) -> SeriesResult:
    """Return of `ticker` since the last session of the previous calendar year on A, in percent."""
    return scaled(year_to_date(panel, ticker, adjusted=True), 100.0)


def tech_rank(panel: Panel) -> SeriesResult:
    """Mean of the ranks of XLK and XLC among the eleven by 21-session return, 1 = best; funds that
    tie share their mean rank.
    """
    returns, why = _month(panel)
    ranks = []
    for ticker in TECH:
        own = returns[list(SECTORS).index(ticker)]
        equal = (np.abs(returns - own) <= NOISE).sum(axis=0)
        better = (returns > own + NOISE).sum(axis=0)
        ranks.append(better + (equal + 1) / 2)
    return SeriesResult(np.where(np.isnan(returns).any(axis=0), np.nan, np.mean(ranks, axis=0)), why)


def dispersion(panel: Panel) -> SeriesResult:
    """Best minus worst 21-session return of the eleven, in percentage points."""
    returns, why = _month(panel)
    return SeriesResult(100.0 * (returns.max(axis=0) - returns.min(axis=0)), why)


def _month(panel: Panel) -> tuple[Floats, Why]:
    """Returns of 21 sessions as fractions, funds x sessions, and why one of them is missing."""
    parts = [returned(panel, ticker, MONTH) for ticker in SECTORS]
    return np.stack([part.values for part in parts]), either(*parts)


def rrg_ratio(panel: Panel, *, ticker: str) -> SeriesResult:
    """100 + (RS - mean)/sd of RS = 100 A of `ticker` over A of SPY, over 14 completed weeks
    including the latest.
    """
    return _weekly(panel, ticker, _ratio(_strength(panel, ticker)), weeks=RRG_WEEKS)


def rrg_momentum(panel: Panel, *, ticker: str) -> SeriesResult:
    """100 + (ROC - mean)/sd over 14 weeks, where ROC = rrg_ratio over that of one week earlier, minus 1."""
    rate = growth(_ratio(_strength(panel, ticker)), 1)
    return _weekly(panel, ticker, _ratio(rate), weeks=2 * RRG_WEEKS)


def _strength(panel: Panel, ticker: str) -> Floats:
    """RS at the last session of each completed week, NaN where one of the two has no close on that
    session.
    """
    own, index = (panel.prices(name, adjusted=True)[panel.week_ends] for name in (ticker, "SPY"))
    return 100.0 * own / np.where(index == 0, np.nan, index)


def _ratio(values: Floats) -> Floats:
    """100 + z over 14 weeks; NaN for the 14 windows that contain a week without a value: nothing is
    carried forward.
    """
    return 100.0 + (values - window_mean(values, RRG_WEEKS)) / window_deviation(values, RRG_WEEKS)


def _weekly(panel: Panel, ticker: str, values: Floats, *, weeks: int) -> SeriesResult:
    """A value of completed weeks, held over the sessions of the running week."""
    ends = panel.week_ends
    last = panel.held(ends)
    complete = last >= 0
    daily = np.full(panel.count, np.nan)
    daily[complete] = values[last[complete]]
    observed = np.full(panel.count, np.datetime64("NaT"), dtype="datetime64[D]")
    observed[complete] = panel.dates[ends[last[complete]]]
    return SeriesResult(daily, partial(_why_weekly, panel, ticker, daily, ends, weeks), observed)


def _why_weekly(panel: Panel, ticker: str, daily: Floats, ends: Positions, weeks: int, position: int, /) -> str | None:
    if not np.isnan(daily[position]):
        return None
    weekly_ends = ends[ends <= position][-weeks:]
    for name in (ticker, "SPY"):
        for end in weekly_ends[::-1].tolist():
            if reason := panel.no_price(name, end, adjusted=True):
                return f"needs {weeks} weeks: {reason}"
    if len(weekly_ends) < weeks:
        return f"needs {weeks} completed weeks, {len(weekly_ends)} are known since {panel.day(0)}"
    return f"{ticker} over SPY did not move for {RRG_WEEKS} weeks"


def _returns(ticker: str) -> tuple[Signal, ...]:
    """The four returns of one sector fund."""
    name, start = SECTORS[ticker], f"sectors.{ticker.lower()}"
    return (
        *(
            define(
                f"{start}.return_{sessions}d",
                f"{name}, {span}",
                unit=Unit.PERCENT,
                meaning=f"Return of {ticker} over {span} with dividends; the extremes among the eleven show where money goes.",
                inputs=(ticker,),
                formula=partial(fund_return, ticker=ticker, sessions=sessions),
                lookback=sessions + 1,
            )
            for sessions, span in ((1, "1 day"), (5, "5 days"), (21, "21 days"))
        ),
        define(
            f"{start}.return_ytd",
            f"{name}, this year",
            unit=Unit.PERCENT,
            meaning=f"Return of {ticker} since New Year with dividends; the extremes among the eleven show who leads the year.",
            inputs=(ticker,),
            formula=partial(fund_year, ticker=ticker),
            lookback=254,
        ),
    )


SIGNALS: tuple[Signal, ...] = (
    *(signal for ticker in SECTORS for signal in _returns(ticker)),
    define(
        "sectors.tech_rank_21d",
        "Rank of tech, 21 days",
        unit=Unit.RANK,
        meaning="Mean rank of technology and communication among eleven sectors by one-month return; 1 leads, 11 lags.",
        inputs=tuple(SECTORS),
        formula=tech_rank,
        lookback=22,
        votes=levels(4, 8, rec=-1, rot=1),
    ),
    define(
        "sectors.dispersion_21d",
        "Sector dispersion, 21 days",
        unit=Unit.POINTS_PERCENT,
        decimals=1,
        meaning="Best less worst one-month return of the eleven sectors; over 20 points has marked turmoil or rotation.",
        inputs=tuple(SECTORS),
        formula=dispersion,
        lookback=22,
    ),
    define(
        "sectors.xlk.rrg_ratio",
        "Technology, RRG-style ratio",
        unit=Unit.POINTS,
        meaning="Strength of technology against SPY over 14 weeks, RRG-style; above 100 leads, under 98 has marked weakness.",
        inputs=("XLK", "SPY"),
        formula=partial(rrg_ratio, ticker="XLK"),
        lookback=76,
        votes=levels(98, 102, rec=1, rot=-1),
    ),
    define(
        "sectors.xlk.rrg_momentum",
        "Technology, RRG-style momentum",
        unit=Unit.POINTS,
        meaning="Pace of technology's relative strength over 14 weeks, RRG-style; turns before the ratio, under 98 is a slump.",
        inputs=("XLK", "SPY"),
        formula=partial(rrg_momentum, ticker="XLK"),
        lookback=146,
        votes=levels(98, 102, rec=1, rot=-1),
    ),
)
