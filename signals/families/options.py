"""Volatility indices, put/call ratios and skews, each input joined by itself.

Figures of single underlyings are computed from snapshots of their chains, so their history begins
when storing the snapshots begins.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd

from signals.asof.option_chains import newest_chain
from signals.asof.series import STALE_SESSIONS, joined
from signals.core.define import Formula, by_z, define
from signals.core.model import Signal, Vote
from signals.core.panel import Panel
from signals.core.rolling import Floats, window_mean
from signals.core.series_ops import SeriesResult, difference, quotient
from signals.core.units import Unit

MONTH = 21

PUT_CALL_SYMBOLS = ("QQQ", "NVDA", "AAPL", "MSFT", "GOOGL", "AMZN", "META", "TSLA")
SKEW_SYMBOLS = ("QQQ", "NVDA")
IV_SYMBOLS = ("QQQ", "SPY", "NVDA")
CHAIN_SYMBOLS = tuple(dict.fromkeys((*PUT_CALL_SYMBOLS, *SKEW_SYMBOLS, *IV_SYMBOLS)))
"""Underlyings whose chains some signal reads."""


def term_structure(panel: Panel) -> SeriesResult:
    """VIX / VIX3M: above 1 the near future is feared more than the far."""
    return quotient(joined(panel, "VIX"), joined(panel, "VIX3M"))


def nasdaq_premium(panel: Panel) -> SeriesResult:
    """VXN - VIX in points."""
    return difference(joined(panel, "VXN"), joined(panel, "VIX"))


def put_call(panel: Panel, *, series: str) -> SeriesResult:
    """Mean over 21 sessions of `series` as joined onto them; each of the 21 needs a value that is
    not too old.
    """
    level = joined(panel, series)
    values = window_mean(level.values, MONTH)

    def why(position: int) -> str | None:
        if not np.isnan(values[position]):
            return None
        window = range(position, max(0, position - MONTH + 1) - 1, -1)
        gap = next((session for session in window if np.isnan(level.values[session])), position)
        reason = level.why(gap)
        if reason is None:
            return panel.too_short(MONTH, position)
        return reason if gap == position else f"needs {MONTH} sessions, on {panel.day(gap)}: {reason}"

    return SeriesResult(values, why, level.observed, estimated=level.estimated)


def put_over_call(panel: Panel, *, symbol: str) -> SeriesResult:
    """Puts over calls traded in expiries of `symbol` of 7 to 60 days, from the newest chain known;
    not without a call.
    """
    return newest_chain(panel, symbol, value=_volumes, lacks="calls traded")


def skew_25d(panel: Panel, *, symbol: str) -> SeriesResult:
    """30-day 25-delta put less call volatility of `symbol` in vol points, from the newest chain known."""
    return newest_chain(panel, symbol, value=_skew, lacks="usable quotes around 25 deltas and 30 days")


def iv_30d(panel: Panel, *, symbol: str) -> SeriesResult:
    """30-day volatility at the money of `symbol` in percent a year, from the newest chain known."""
    return newest_chain(panel, symbol, value=_at_the_money, lacks="usable quotes at the money around 30 days")


def _at_the_money(rows: pd.DataFrame) -> Floats:
    return rows["iv_atm"].to_numpy(dtype=np.float64)


def _skew(rows: pd.DataFrame) -> Floats:
    return rows["skew_25d"].to_numpy(dtype=np.float64)


def _volumes(rows: pd.DataFrame) -> Floats:
    calls = rows["call_volume"].to_numpy(dtype=np.float64)
    ratio: Floats = rows["put_volume"].to_numpy(dtype=np.float64) / np.where(calls > 0, calls, np.nan)
    return ratio


def _options(
    name: str,
    label: str,
    unit: Unit,
    decimals: int,
    inputs: tuple[str, ...],
    formula: Formula,
    meaning: str,
    *,
    lookback: int = 1,
    votes: tuple[Vote, ...] = (),
) -> Signal:
    return define(
        f"options.{name}",
        label,
        unit=unit,
        decimals=decimals,
        meaning=meaning,
        inputs=inputs,
        formula=formula,
        lookback=lookback,
        votes=votes,
        max_age=STALE_SESSIONS,
    )


SIGNALS: tuple[Signal, ...] = (
    _options(
        *("vix", "VIX", Unit.POINTS, 2, ("VIX",), partial(joined, series="VIX")),
        "Expected volatility of the S&P 500 over 30 days; over 30 has marked fear, under 13 ease.",
    ),
    _options(
        *("vix_term", "VIX/VIX3M ratio", Unit.RATIO, 3, ("VIX", "VIX3M"), term_structure),
        "Volatility expected over one month against three; above 1 has marked stress.",
        votes=by_z(rec=-1),
    ),
    _options(
        *("vxn_minus_vix", "VXN vs. VIX", Unit.POINTS, 2, ("VXN", "VIX"), nasdaq_premium),
        "Expected volatility of the Nasdaq-100 beyond that of the S&P 500; high when fear is about tech.",
    ),
    _options(
        *("skew", "SKEW index", Unit.POINTS, 1, ("SKEW",), partial(joined, series="SKEW")),
        "Price of protection against crashes; over 150 marks much hedging, under 120 little.",
    ),
    _options(
        *("equity_put_call_21d", "Equity put/call, 21-day mean", Unit.RATIO, 3, ("CBOE_EQUITY_PC",)),
        partial(put_call, series="CBOE_EQUITY_PC"),
        "Puts traded for each call on shares, mean of 21 sessions; over 0.75 has marked fear, under 0.5 exuberance.",
        lookback=MONTH,
    ),
    *(
        _options(
            *(f"put_call.{symbol.lower()}", f"{symbol} put/call", Unit.RATIO, 3, ("records:options",)),
            partial(put_over_call, symbol=symbol),
            f"Puts traded for each call on {symbol}, expiries of 7 to 60 days; high in fear, low in exuberance.",
        )
        for symbol in PUT_CALL_SYMBOLS
    ),
    *(
        _options(
            *(f"iv30.{symbol.lower()}", f"{symbol} implied volatility, 30 days", Unit.PERCENT, 1, ("records:options",)),
            partial(iv_30d, symbol=symbol),
            f"Volatility that options on {symbol} price in for 30 days, at the money; jumps when a large move is expected.",
        )
        for symbol in IV_SYMBOLS
    ),
    *(
        _options(
            *(f"skew_25d.{symbol.lower()}", f"{symbol} 25-delta skew", Unit.VOL_POINTS, 1, ("records:options",)),
            partial(skew_25d, symbol=symbol),
            f"Implied volatility of 30-day 25-delta puts on {symbol} less that of calls; high when protection is in demand.",
            votes=by_z(rec=-1),
        )
        for symbol in SKEW_SYMBOLS
    ),
)
