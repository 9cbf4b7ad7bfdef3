"""Deltas of options after Black and Scholes (1973), for chains that come without deltas."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from signals.core.rolling import Floats

YEAR_DAYS = 365.0


def delta(forward: Floats, strike: Floats, years: Floats, iv: Floats, puts: NDArray[np.bool_]) -> Floats:
    """Change of a European option's price with that of its underlying, negative for puts.

    N(d1) with d1 = ln(F / K) / (iv sqrt T) + iv sqrt T / 2, less 1 for puts (Hull, Options, Futures
    and Other Derivatives). All arguments have one length.

    Args:
        forward: Price of the underlying for delivery at expiry, so that no rate and no dividend is
            needed; S e^(r T) for a share without dividends.
        strike: The strike, in the unit of `forward`.
        years: Years to expiry.
        iv: Implied volatility, a fraction a year.
        puts: True for puts.

    Returns:
        -1 to 1; NaN where an argument is zero, negative or missing.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = iv * np.sqrt(years)
        below = _cumulative(np.log(forward / strike) / spread + spread / 2)
    usable = (iv > 0) & (years > 0) & (forward > 0) & (strike > 0)
    result: Floats = np.where(usable, below - puts, np.nan)
    return result


def _cumulative(x: Floats) -> Floats:
    """The standard normal distribution."""
    return np.array([(1.0 + math.erf(value / math.sqrt(2.0))) / 2.0 for value in x.tolist()], dtype=np.float64)


def forwards(quotes: pd.DataFrame, spot: float) -> pd.Series:
    """Price of the underlying for delivery at each expiry, by put-call parity, index `expiry`.

    F = K + C - P, at the strike whose put and call are nearest to each other in price, where
    discounting changes least; `spot` where no strike has both quotes.

    Args:
        quotes: Columns `expiry`, `side`, `strike`, `bid`, `ask`.
        spot: Price of the underlying now.
    """
    priced = quotes[(quotes["bid"] > 0) & (quotes["ask"] >= quotes["bid"])]
    middles = priced.assign(middle=(priced["bid"] + priced["ask"]) / 2)
    sides = middles.pivot_table(index=["expiry", "strike"], columns="side", values="middle").reindex(columns=["C", "P"])
    gaps = (sides["C"] - sides["P"]).dropna().rename("gap").reset_index()
    nearest = gaps.assign(apart=gaps["gap"].abs()).sort_values("apart").drop_duplicates("expiry")
    prices = pd.Series((nearest["strike"] + nearest["gap"]).to_numpy(), index=pd.DatetimeIndex(nearest["expiry"]))
    return prices.reindex(pd.DatetimeIndex(quotes["expiry"].unique())).fillna(spot)
