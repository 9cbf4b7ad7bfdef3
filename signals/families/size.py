"""Small, mid and value against large and growth: up means that money goes beyond the largest companies."""

from __future__ import annotations

from functools import partial

from signals.core.define import by_z, define, levels, on_itself
from signals.core.model import Restart, Signal
from signals.core.panel import Panel
from signals.core.ratio_signals import define_pair_z, define_spread
from signals.core.series_ops import SeriesResult, beating_streak, difference, year_to_date
from signals.core.units import Unit


def year_gap(panel: Panel, *, first: str, second: str, adjusted: bool) -> SeriesResult:
    """Return of `first` since the last session of the previous calendar year minus that of
    `second`, in percentage points.
    """
    ours, theirs = (year_to_date(panel, ticker, adjusted=adjusted) for ticker in (first, second))
    return difference(ours, theirs, scale=100.0)


def _gap(pair: str, label: str, first: str, second: str, meaning: str) -> Signal:
    """Indices are compared on C, funds on A."""
    return define(
        f"size.{pair}.ytd_gap",
        label,
        unit=Unit.POINTS_PERCENT,
        decimals=1,
        meaning=meaning,
        inputs=(first, second),
        formula=partial(year_gap, first=first, second=second, adjusted=not first.startswith("^")),
        lookback=254,
        restarts=Restart.YEAR,
    )


SIGNALS: tuple[Signal, ...] = (
    define(
        "size.russell_sp500.streak",
        "Russell 2000 winning streak",
        unit=Unit.SESSIONS,
        meaning="Sessions in a row on which the Russell 2000 beat the S&P 500 (negative: lost); 8 or more are rare.",
        inputs=("^RUT", "^GSPC"),
        formula=partial(beating_streak, first="^RUT", second="^GSPC", adjusted=False),
        lookback=21,
        votes=levels(-3, 5, rot=1),
    ),
    define(
        "size.iwm_spy.streak",
        "Small caps vs. S&P 500, streak",
        unit=Unit.SESSIONS,
        meaning="Sessions in a row on which IWM beat SPY with dividends (negative: lost); 8 or more are rare.",
        inputs=("IWM", "SPY"),
        formula=partial(beating_streak, first="IWM", second="SPY", adjusted=True),
        lookback=21,
    ),
    _gap(
        *("iwm_spy", "Small caps vs. S&P 500, year to date", "IWM", "SPY"),
        "Return of small caps since New Year less that of the S&P 500; over 10 points marks a small-cap year.",
    ),
    _gap(
        *("russell_sp500", "Russell 2000 vs. S&P 500, year to date", "^RUT", "^GSPC"),
        "Russell 2000 since New Year less the S&P 500, without dividends; over 10 points marks a small-cap year.",
    ),
    _gap(
        *("russell_nasdaq", "Russell 2000 vs. Nasdaq, year to date", "^RUT", "^IXIC"),
        "Russell 2000 since New Year less the Nasdaq Composite; far below zero has gone with leadership of big tech.",
    ),
    _gap(
        *("ijh_spy", "Mid caps vs. S&P 500, year to date", "IJH", "SPY"),
        "Return of mid caps since New Year less that of the S&P 500; far below zero has gone with narrow markets.",
    ),
    define_spread(
        "size.iwm_spy",
        "Small caps vs. S&P 500",
        first="IWM",
        second="SPY",
        sessions=63,
        meaning="Three-month return of small caps less that of the S&P 500; high when money reaches the smallest companies.",
        votes=by_z(rot=1),
    ),
    define_spread(
        "size.ijh_spy",
        "Mid caps vs. S&P 500",
        first="IJH",
        second="SPY",
        sessions=63,
        meaning="Three-month return of mid caps less that of the S&P 500; high when an advance is broader.",
    ),
    *(
        define_spread(
            "size.lowvol_spy",
            "Low volatility vs. S&P 500",
            first="SPLV",
            second="SPY",
            sessions=sessions,
            meaning=f"{span} return of the calmest S&P 500 stocks less that of the index; high when money takes shelter.",
        )
        for sessions, span in ((21, "One-month"), (63, "Three-month"))
    ),
    define_spread(
        "size.quality_spy",
        "Quality vs. S&P 500",
        first="QUAL",
        second="SPY",
        sessions=63,
        meaning="Three-month return of profitable, little indebted companies less that of the S&P 500; high in late cycles.",
    ),
    define_spread(
        "size.momentum_spy",
        "Momentum vs. S&P 500",
        first="MTUM",
        second="SPY",
        sessions=63,
        meaning="Three-month return of last year's winners less that of the S&P 500; falls sharply when leadership changes.",
    ),
    define_pair_z(
        "size.iwm_spy",
        "Small caps/S&P 500",
        first="IWM",
        second="SPY",
        meaning="Small over large caps against their own year; under -2 has marked deep neglect of small caps.",
        votes=on_itself(rot=1),
    ),
    define_spread(
        "size.value_growth",
        "Value vs. growth",
        first="IVE",
        second="IVW",
        sessions=21,
        meaning="One-month return of S&P 500 value less that of growth; high when money leaves growth for value.",
    ),
    define_pair_z(
        "size.value_growth",
        "Value/growth",
        first="IVE",
        second="IVW",
        meaning="S&P 500 value over growth against its own year; over 2 has marked strong rotations into value.",
        votes=on_itself(rot=1),
    ),
)
