"""The large indices themselves: this year's return and days on which all of them fell. All on C."""

from __future__ import annotations

from functools import partial

import numpy as np

from signals.core.define import define
from signals.core.model import Signal, Unit
from signals.core.panel import Panel
from signals.core.rolling import streak
from signals.core.series_ops import SeriesResult, returned, scaled, year_to_date

INDICES = ("^GSPC", "^IXIC", "^RUT")
"""The best known indices: S&P 500, Nasdaq Composite, Russell 2000."""


def year_return(panel: Panel, *, ticker: str) -> SeriesResult:
    """Return of `ticker` since the last session of the previous calendar year on C, in percent."""
    return scaled(year_to_date(panel, ticker, adjusted=False), 100.0)


def all_down_streak(panel: Panel) -> SeriesResult:
    """Sessions in a row up to today on which ^GSPC, ^IXIC and ^DJI all fell.

    On sessions for which the change of ^DJI is not known, that of DIA (on A) is used. Where an
    index is missing the reading is withheld and the count starts anew after it.
    """
    parts = [returned(panel, ticker, 1, adjusted=False) for ticker in ("^GSPC", "^IXIC")]
    dow, fund = returned(panel, "^DJI", 1, adjusted=False), returned(panel, "DIA", 1, adjusted=True)
    changes = np.stack([*(part.values for part in parts), np.where(np.isnan(dow.values), fund.values, dow.values)])
    unknown = np.isnan(changes).any(axis=0)
    fell = np.where(unknown, np.nan, (changes < 0).all(axis=0).astype(np.float64))

    def why(position: int) -> str | None:
        missing = dow.why(position)
        third = f"{missing}, and {fund.why(position)}" if missing and fund.why(position) else None
        return parts[0].why(position) or parts[1].why(position) or third

    return SeriesResult(streak(fell), why)


def _year(name: str, label: str, ticker: str, meaning: str) -> Signal:
    return define(
        f"index.{name}.ytd",
        label,
        unit=Unit.PERCENT,
        meaning=meaning,
        inputs=(ticker,),
        formula=partial(year_return, ticker=ticker),
        lookback=254,
    )


SIGNALS: tuple[Signal, ...] = (
    _year(
        *("sp500", "S&P 500, this year", "^GSPC"),
        "S&P 500 since the last session of last year, without dividends; losses beyond 20 % are bear markets.",
    ),
    _year(
        *("nasdaq", "Nasdaq Composite, this year", "^IXIC"),
        "Nasdaq Composite since the last session of last year, without dividends; far above the S&P 500 when tech leads.",
    ),
    _year(
        *("russell", "Russell 2000, this year", "^RUT"),
        "Russell 2000 since the last session of last year, without dividends; ahead of the S&P 500 when markets broaden.",
    ),
    define(
        "index.all_down_streak",
        "All indices down, in a row",
        unit=Unit.SESSIONS,
        meaning="Sessions in a row on which S&P 500, Nasdaq and Dow all fell; four or more have marked sell-offs.",
        inputs=("^GSPC", "^IXIC", "^DJI", "DIA"),
        formula=all_down_streak,
        lookback=21,
    ),
)
