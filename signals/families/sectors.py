"""The eleven sector funds: returns, ranks, dispersion, RRG-style ratio and momentum; software, chips and banks.

All on A. Ranks and dispersion need all eleven.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from signals.core.decimals import comparable
from signals.core.define import by_z, define, levels
from signals.core.model import Restart, Signal
from signals.core.panel import Panel, Positions
from signals.core.ratio_signals import define_pair_z, define_spread
from signals.core.rolling import Floats, growth, window_deviation, window_mean
from signals.core.series_ops import SeriesResult, Why, either, returned, scaled, year_to_date
from signals.core.units import Unit

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
DEFENSIVE = ("XLP", "XLU", "XLV")
MONTH = 21
RRG_WEEKS = 14


def fund_return(panel: Panel, *, ticker: str, sessions: int) -> SeriesResult:
    """`sessions`-session return of `ticker` on A, in percent."""
    return scaled(returned(panel, ticker, sessions), 100.0)


def fund_year(panel: Panel, *, ticker: str) -> SeriesResult:
    """Return of `ticker` since the last session of the previous calendar year on A, in percent."""
    return scaled(year_to_date(panel, ticker, adjusted=True), 100.0)


def mean_rank(panel: Panel, *, funds: tuple[str, ...]) -> SeriesResult:
    """Mean of the ranks of `funds` among the eleven by 21-session return, 1 = best; funds that tie share
    their mean rank.
    """
    month = _month(panel)
    places = [list(SECTORS).index(ticker) for ticker in funds]
    return SeriesResult(month.ranks[places].mean(axis=0), month.why)


def dispersion(panel: Panel) -> SeriesResult:
    """Best minus worst 21-session return of the eleven, in percentage points."""
    month = _month(panel)
    return SeriesResult(100.0 * (month.returns.max(axis=0) - month.returns.min(axis=0)), month.why)


@dataclass(frozen=True, slots=True)
class _Month:
    """The eleven over 21 sessions, funds x sessions.

    Attributes:
        returns: As fractions.
        ranks: 1 = best, mean ranks for ties; NaN on sessions on which one of the eleven is missing.
        why: Why one of them is missing.
    """

    returns: Floats
    ranks: Floats
    why: Why


def _month(panel: Panel) -> _Month:
    def make() -> _Month:
        parts = [returned(panel, ticker, MONTH) for ticker in SECTORS]
        returns = np.stack([part.values for part in parts])
        compared = comparable(returns)
        better = (compared[None] > compared[:, None]).sum(axis=1)
        equal = (compared[None] == compared[:, None]).sum(axis=1)
        ranks = np.where(np.isnan(returns).any(axis=0), np.nan, better + (equal + 1) / 2)
        return _Month(returns, ranks, either(*parts))

    return panel.once("sectors over a month", make)


def rrg_ratio(panel: Panel, *, ticker: str) -> SeriesResult:
    """100 + (RS - mean)/sd of RS = 100 A of `ticker` over A of SPY, over 14 completed weeks
    including the latest.
    """
    return _weekly(panel, ticker, _weekly_ratio(panel, ticker), weeks=RRG_WEEKS)


def rrg_momentum(panel: Panel, *, ticker: str) -> SeriesResult:
    """100 + (ROC - mean)/sd over 14 weeks, where ROC = rrg_ratio over that of one week earlier, minus 1."""
    rate = growth(_weekly_ratio(panel, ticker), 1)
    return _weekly(panel, ticker, _ratio(rate), weeks=2 * RRG_WEEKS)


def _weekly_ratio(panel: Panel, ticker: str) -> Floats:
    """RRG-style ratio at the last session of each completed week, NaN where a week of the window lacks one
    of the two.
    """

    def make() -> Floats:
        own, index = (panel.prices(name, adjusted=True)[panel.week_ends] for name in (ticker, "SPY"))
        return _ratio(100.0 * own / np.where(index == 0, np.nan, index))

    return panel.once(("weekly ratio", ticker), make)


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
            f"{name}, year to date",
            unit=Unit.PERCENT,
            meaning=f"Return of {ticker} since New Year with dividends; the extremes among the eleven show who leads the year.",
            inputs=(ticker,),
            formula=partial(fund_year, ticker=ticker),
            lookback=254,
            restarts=Restart.YEAR,
        ),
    )


def _rrg(ticker: str) -> tuple[Signal, ...]:
    """RRG-style ratio and momentum of one sector fund; those of technology vote."""
    name, start = SECTORS[ticker], f"sectors.{ticker.lower()}"
    votes = levels(99, 101, rec=1, rot=-1) if ticker == "XLK" else ()
    return (
        define(
            f"{start}.rrg_ratio",
            f"{name}, RRG ratio",
            unit=Unit.POINTS,
            meaning=f"Strength of {ticker} against SPY over 14 weeks, RRG-style; above 100 is above its mean, under 98 weak.",
            inputs=(ticker, "SPY"),
            formula=partial(rrg_ratio, ticker=ticker),
            lookback=76,
            votes=votes,
        ),
        define(
            f"{start}.rrg_momentum",
            f"{name}, RRG momentum",
            unit=Unit.POINTS,
            meaning=f"Pace of {ticker}'s strength against SPY over 14 weeks, RRG-style; turns before the ratio does.",
            inputs=(ticker, "SPY"),
            formula=partial(rrg_momentum, ticker=ticker),
            lookback=146,
            votes=votes,
        ),
    )


SIGNALS: tuple[Signal, ...] = (
    *(signal for ticker in SECTORS for signal in _returns(ticker)),
    define(
        "sectors.tech_rank_21d",
        "Tech (XLK, XLC) rank, 21 days",
        unit=Unit.RANK,
        meaning="Mean rank of technology and communication among eleven sectors by one-month return; 1 leads, 11 lags.",
        inputs=tuple(SECTORS),
        formula=partial(mean_rank, funds=TECH),
        lookback=22,
        votes=levels(4, 8, rec=-1, rot=1),
    ),
    define(
        "sectors.defensive_rank_21d",
        "Defensive sectors' rank, 21 days",
        unit=Unit.RANK,
        meaning="Mean rank of staples, utilities and health care among eleven sectors by one-month return; 3 when they lead.",
        inputs=tuple(SECTORS),
        formula=partial(mean_rank, funds=DEFENSIVE),
        lookback=22,
    ),
    define(
        "sectors.dispersion_21d",
        "Best vs. worst sector, 21 days",
        unit=Unit.POINTS_PERCENT,
        decimals=1,
        meaning="Best less worst one-month return of the eleven sectors; over 20 points has marked turmoil or rotation.",
        inputs=tuple(SECTORS),
        formula=dispersion,
        lookback=22,
    ),
    *(signal for ticker in SECTORS for signal in _rrg(ticker)),
    *(
        define_spread(
            "sectors.igv_smh",
            "Software vs. semiconductors",
            first="IGV",
            second="SMH",
            sessions=sessions,
            meaning=f"{span} return of software less that of semiconductors; far from zero, money rotates inside tech.",
        )
        for sessions, span in ((21, "One-month"), (63, "Three-month"))
    ),
    define_pair_z(
        "sectors.igv_smh",
        "Software/semiconductors",
        first="IGV",
        second="SMH",
        meaning="Software over semiconductors against their own year; beyond +-2 has marked extremes inside tech.",
    ),
    define_spread(
        "sectors.kre_spy",
        "Regional banks vs. S&P 500",
        first="KRE",
        second="SPY",
        sessions=21,
        meaning="One-month return of regional banks less that of the S&P 500; high when money turns to the home economy.",
    ),
    define_spread(
        "sectors.kre_spy",
        "Regional banks vs. S&P 500",
        first="KRE",
        second="SPY",
        sessions=63,
        meaning="Three-month return of regional banks less that of the S&P 500; high when money turns to the home economy.",
        votes=by_z(rot=1),
    ),
)
