"""Summary of one option chain: volumes, open interest, 25-delta skew and volatility at the money.

Pure functions from a table of quotes to numbers. What cannot be computed is NaN, never zero: for an
empty chain, one without usable quotes near the target delta, one whose expiries do not enclose 30
days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from signals.core.rolling import Floats

COLUMNS = ("expiry", "side", "strike", "bid", "ask", "iv", "delta", "volume", "open_interest")
"""Columns of a table of quotes, one contract a row.

`expiry`: naive midnight. `side`: `C` or `P`. `bid`, `ask`: USD. `iv`: a fraction a year. `delta`:
negative for puts. `volume`: contracts of the session; `open_interest`: contracts at the end of the
session before. NaN is unknown; for a volume it means that nothing was traded, unless the whole side
has none.
"""

SOONEST_DAYS, LATEST_DAYS = 7, 60
"""Calendar days to the expiries whose volumes and open interest are summed up."""
TARGET_DAYS = 30
"""Calendar days of the volatilities in a summary, interpolated between two expiries."""
WIDEST = 0.40
"""A quote whose spread is this share of its middle or more is not used for volatility."""
_CENTS = 1e-9
"""USD: far under a cent, so that a spread of exactly 40% does not pass by the rounding of binary
fractions.
"""
LEAST_IV = 0.001
"""Implied volatilities up to this are placeholders (1e-5, 0) of contracts for which none could be
computed.
"""


@dataclass(frozen=True, slots=True)
class Summary:
    """A chain in numbers: contracts of expiries of 7 to 60 days, and 30-day volatilities in vol
    points (25.0 = 25 % a year).
    """

    put_volume: float
    call_volume: float
    put_open_interest: float
    call_open_interest: float
    skew_25d: float
    iv_atm: float


def summary(quotes: pd.DataFrame, session: date) -> Summary:
    """Sum up a chain with the columns of `COLUMNS` as of a session."""
    days = (pd.DatetimeIndex(quotes["expiry"]) - pd.Timestamp(session)).days.to_numpy()
    near = quotes[(days >= SOONEST_DAYS) & (days <= LATEST_DAYS)]
    puts, calls = near[near["side"] == "P"], near[near["side"] == "C"]
    smiles = _smiles(quotes.assign(days=days))
    put, call = _at_thirty(smiles, "put_25"), _at_thirty(smiles, "call_25")
    return Summary(
        put_volume=_total(puts["volume"]),
        call_volume=_total(calls["volume"]),
        put_open_interest=_total(puts["open_interest"]),
        call_open_interest=_total(calls["open_interest"]),
        skew_25d=100.0 * (put - call),
        iv_atm=100.0 * _at_thirty(smiles, "middle"),
    )


def _total(values: pd.Series) -> float:
    """The sum of the known values; NaN where none is known."""
    return float(values.sum(min_count=1))


def _smiles(quotes: pd.DataFrame) -> pd.DataFrame:
    """Per expiry of 7 days or more: implied volatility at put delta -0.25, call delta 0.25 and the
    money, index `days`.
    """
    middle = (quotes["bid"] + quotes["ask"]) / 2
    usable = (
        (quotes["days"] >= SOONEST_DAYS)
        & (quotes["bid"] > 0)
        & (quotes["ask"] >= quotes["bid"])
        & (quotes["ask"] - quotes["bid"] < WIDEST * middle - _CENTS)
        & (quotes["open_interest"] > 0)
        & (quotes["iv"] > LEAST_IV)
        & quotes["delta"].abs().between(0.0, 1.0, inclusive="neither")
    )
    rows = []
    for days, expiry in quotes[usable].groupby("days"):
        puts, calls = expiry[expiry["side"] == "P"], expiry[expiry["side"] == "C"]
        money = np.array([at_delta(puts, -0.50), at_delta(calls, 0.50)])
        money_known = money[~np.isnan(money)]
        rows.append(
            (days, at_delta(puts, -0.25), at_delta(calls, 0.25), money_known.mean() if len(money_known) else np.nan)
        )
    return pd.DataFrame(rows, columns=["days", "put_25", "call_25", "middle"]).set_index("days").astype("float64")


def at_delta(quotes: pd.DataFrame, delta: float) -> float:
    """Implied volatility at a delta, linear in delta between the neighbours.

    NaN where there is none on one side.
    """
    ordered = quotes.sort_values("delta")
    deltas: Floats = ordered["delta"].to_numpy(dtype=np.float64)
    if not len(deltas) or not deltas[0] <= delta <= deltas[-1]:
        return float("nan")
    return float(np.interp(delta, deltas, ordered["iv"].to_numpy(dtype=np.float64)))


def _at_thirty(smiles: pd.DataFrame, which: str) -> float:
    """Volatility at 30 days, linear in total variance between the two expiries around it; NaN without them.

    Only expiries with both wings (25-delta put and call) are used.
    """
    complete = smiles.dropna(subset=["put_25", "call_25", which])
    before, after = complete[complete.index <= TARGET_DAYS], complete[complete.index >= TARGET_DAYS]
    if before.empty or after.empty:
        return float("nan")
    days = np.array([before.index[-1], after.index[0]], dtype=np.float64)
    variances = np.array([before[which].iloc[-1], after[which].iloc[0]]) ** 2 * days
    return float(np.sqrt(np.interp(TARGET_DAYS, days, variances) / TARGET_DAYS))
