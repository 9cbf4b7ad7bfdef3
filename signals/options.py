"""What options say of fear (`sources.md` F6): volatility indices and the put/call ratio, each leg joined by itself."""

from __future__ import annotations

from functools import partial

import numpy as np

from signals.asof import STALE_SESSIONS, joined
from signals.entry import Formula, by_z, entry
from signals.lines import Line, difference, quotient
from signals.panel import Panel
from signals.reading import Signal, Unit, Vote
from signals.rolling import window_mean

MONTH = 21


def term_structure(panel: Panel) -> Line:
    """VIX / VIX3M: above 1 the near future is feared more than the far."""
    return quotient(joined(panel, "VIX"), joined(panel, "VIX3M"))


def nasdaq_premium(panel: Panel) -> Line:
    """VXN - VIX in points."""
    return difference(joined(panel, "VXN"), joined(panel, "VIX"))


def put_call(panel: Panel, *, series: str) -> Line:
    """Mean over 21 sessions of a ratio as joined onto sessions; each of the 21 needs a value that is not too old."""
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

    return Line(values, why, level.observed)


def _options(
    name: str,
    label: str,
    unit: Unit,
    decimals: int,
    inputs: tuple[str, ...],
    line: Formula,
    meaning: str,
    *,
    lookback: int = 1,
    votes: tuple[Vote, ...] = (),
) -> Signal:
    return entry(
        f"options.{name}",
        label,
        unit=unit,
        decimals=decimals,
        meaning=meaning,
        inputs=inputs,
        line=line,
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
        *("vix_term", "VIX over VIX3M", Unit.RATIO, 3, ("VIX", "VIX3M"), term_structure),
        "Volatility expected over one month against three; above 1 has marked stress.",
        votes=by_z(rec=-1),
    ),
    _options(
        *("vxn_minus_vix", "VXN less VIX", Unit.POINTS, 2, ("VXN", "VIX"), nasdaq_premium),
        "Expected volatility of the Nasdaq-100 beyond that of the S&P 500; high when fear is about tech.",
    ),
    _options(
        *("skew", "SKEW index", Unit.POINTS, 1, ("SKEW",), partial(joined, series="SKEW")),
        "Price of protection against crashes; over 150 marks much hedging, under 120 little.",
    ),
    _options(
        *("equity_put_call_21d", "Equity put/call, 21 days", Unit.RATIO, 3, ("CBOE_EQUITY_PC",)),
        partial(put_call, series="CBOE_EQUITY_PC"),
        "Puts traded for each call on shares, mean of 21 sessions; over 0.75 has marked fear, under 0.5 exuberance.",
        lookback=MONTH,
    ),
)
