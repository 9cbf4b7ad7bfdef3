"""The large indices themselves: returns, distance from the high of a year, days on which all of them fell.

All on C.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from signals.core.decimals import comparable
from signals.core.define import define
from signals.core.model import Restart, Signal
from signals.core.panel import Panel
from signals.core.rolling import streak
from signals.core.series_ops import SeriesResult, drawdown, returned, scaled, year_to_date
from signals.core.units import Unit

INDICES = ("^GSPC", "^IXIC", "^RUT")
"""The best known indices: S&P 500, Nasdaq Composite, Russell 2000."""


def session_return(panel: Panel, *, ticker: str, sessions: int) -> SeriesResult:
    """`sessions`-session return of `ticker` on C, in percent."""
    return scaled(returned(panel, ticker, sessions, adjusted=False), 100.0)


def year_return(panel: Panel, *, ticker: str) -> SeriesResult:
    """Return of `ticker` since the last session of the previous calendar year on C, in percent."""
    return scaled(year_to_date(panel, ticker, adjusted=False), 100.0)


def below_high(panel: Panel, *, ticker: str) -> SeriesResult:
    """C of `ticker` against its highest C of the 252 sessions that end today, in percent: 0 or negative.

    Needs the closes of all 252.
    """
    return scaled(drawdown(panel, ticker), 100.0)


def all_down_streak(panel: Panel) -> SeriesResult:
    """Sessions in a row up to today on which ^GSPC, ^IXIC and ^DJI all fell.

    On sessions for which the change of ^DJI is not known, that of DIA (on A) is used. Where an
    index is missing the reading is withheld and the count starts anew after it.
    """
    parts = [returned(panel, ticker, 1, adjusted=False) for ticker in ("^GSPC", "^IXIC")]
    dow, fund = returned(panel, "^DJI", 1, adjusted=False), returned(panel, "DIA", 1, adjusted=True)
    changes = np.stack([*(part.values for part in parts), np.where(np.isnan(dow.values), fund.values, dow.values)])
    unknown = np.isnan(changes).any(axis=0)
    fell = np.where(unknown, np.nan, (comparable(changes) < 0).all(axis=0).astype(np.float64))

    def why(position: int) -> str | None:
        missing = dow.why(position)
        third = f"{missing}, and {fund.why(position)}" if missing and fund.why(position) else None
        return parts[0].why(position) or parts[1].why(position) or third

    return SeriesResult(streak(fell), why)


_YEAR_MEANINGS = {
    "sp500": "without dividends; losses beyond 20% are bear markets.",
    "nasdaq": "without dividends; far above the S&P 500 when tech leads.",
    "ndx": "without dividends; ahead of the Nasdaq Composite when its largest stocks lead.",
    "dow": "without dividends; ahead of the Nasdaq when old industries lead.",
    "russell": "without dividends; ahead of the S&P 500 when markets broaden.",
}


def _of_index(name: str, label: str, ticker: str) -> tuple[Signal, ...]:
    """The four signals of one index."""
    returns = (
        define(
            f"index.{name}.return_{sessions}d",
            f"{label}, {span}",
            unit=Unit.PERCENT,
            decimals=2,
            meaning=f"Change of the {label} over {span}, without dividends; beyond {far}% either way is rare.",
            inputs=(ticker,),
            formula=partial(session_return, ticker=ticker, sessions=sessions),
            lookback=sessions + 1,
        )
        for sessions, span, far in ((1, "1 day", 2), (5, "5 days", 4))
    )
    return (
        *returns,
        define(
            f"index.{name}.ytd",
            f"{label}, year to date",
            unit=Unit.PERCENT,
            meaning=f"{label} since the last session of last year, {_YEAR_MEANINGS[name]}",
            inputs=(ticker,),
            formula=partial(year_return, ticker=ticker),
            lookback=254,
            restarts=Restart.YEAR,
        ),
        define(
            f"index.{name}.drawdown",
            f"{label}, drawdown",
            unit=Unit.PERCENT,
            meaning=f"{label} against its highest close of a year; -10% is called a correction, -20% a bear market.",
            inputs=(ticker,),
            formula=partial(below_high, ticker=ticker),
            lookback=252,
        ),
    )


SIGNALS: tuple[Signal, ...] = (
    *_of_index("sp500", "S&P 500", "^GSPC"),
    *_of_index("nasdaq", "Nasdaq Composite", "^IXIC"),
    *_of_index("ndx", "Nasdaq-100", "^NDX"),
    *_of_index("dow", "Dow Jones", "^DJI"),
    *_of_index("russell", "Russell 2000", "^RUT"),
    define(
        "index.all_down_streak",
        "All indexes down, streak",
        unit=Unit.SESSIONS,
        meaning="Sessions in a row on which S&P 500, Nasdaq and Dow all fell; four or more have marked sell-offs.",
        inputs=("^GSPC", "^IXIC", "^DJI", "DIA"),
        formula=all_down_streak,
        lookback=21,
    ),
)
