"""The VIX family, put/call ratios, gold, silver and oil, all driven by the regimes."""

from __future__ import annotations

import numpy as np

from bot.sources.simulated.paths.economy import Yields
from bot.sources.simulated.paths.regimes import Regimes
from bot.sources.simulated.paths.time_grid import Floats, Stream, fading_sum, normals


def option_series(regimes: Regimes, chips: Floats, *, seed: int) -> dict[str, Floats]:
    """Series id -> value per row of the time grid, not rounded.

    `chips` is the level of the semiconductor factor (log).
    """
    noise = normals(seed, Stream.OPTIONS, regimes.grid, width=9)
    lively = np.sqrt(252 * (0.55 * regimes.variance + 0.45 * regimes.target)) * 100
    scare = fading_sum(-3.2 * regimes.returns, 0.90)
    vix = np.exp(0.74 * np.log(lively) + 0.26 * np.log(17.5) + 0.07 + scare + fading_sum(0.022 * noise[:, 0], 0.95))
    above = vix - 8.6
    vix = 8.6 + 73.0 * np.tanh((above + np.hypot(above, 1.0)) / 146.0)
    slow = fading_sum(0.02 * np.log(vix), 0.98)
    near = np.log(vix) - np.log(19.5)
    quarter = np.log(21.3) + 0.66 * near + 0.12 * (slow - np.log(vix)) + fading_sum(0.006 * noise[:, 1], 0.9)
    ninth = np.log(vix) + 0.22 * (np.log(vix) - slow) - 0.035 + 0.05 * noise[:, 2]
    stir = np.abs(fading_sum(np.diff(chips, prepend=0.0), 0.95))
    spread = 3.4 + 0.06 * vix + fading_sum(0.22 * noise[:, 3], 0.985) + 30 * stir
    skew = 134 + fading_sum(2.3 * noise[:, 4], 0.97) - 9 * near + 2.4 * noise[:, 5]
    fear = fading_sum(-2.2 * regimes.returns, 0.75)
    shared = fading_sum(0.013 * noise[:, 6], 0.985)
    return {
        "VIX": vix,
        "VIX9D": np.exp(ninth),
        "VIX3M": np.exp(quarter),
        "VXN": vix + spread,
        "SKEW": np.clip(skew, 105, 175),
        "CBOE_TOTAL_PC": 0.92 + 1.2 * fear + shared + 0.07 * noise[:, 6],
        "CBOE_INDEX_PC": 1.20 + 0.5 * fear + shared + 0.16 * noise[:, 7],
        "CBOE_EQUITY_PC": 0.63 + 1.1 * fear + shared + 0.05 * noise[:, 8],
    }


HAVENS = ("GC=F", "SI=F", "CL=F")


def haven_logs(regimes: Regimes, money: Yields, *, seed: int) -> dict[str, Floats]:
    """Ticker -> log of the price in dollars per row of the time grid, for gold, silver and oil."""
    noise = normals(seed, Stream.HAVENS, regimes.grid, width=3)
    years = regimes.grid.years_since_reference
    real = np.diff(money.real_ten, prepend=money.real_ten[0])
    metal = 0.0082 * noise[:, 0] * (0.7 + 0.3 * regimes.heat) - 0.05 * real
    gold = np.log(3050.0) + 0.045 * years + fading_sum(metal, 0.9988)
    steps = 1.25 * metal + 0.0140 * noise[:, 1] + 0.22 * regimes.returns
    silver = np.log(68.0) + 0.030 * years + fading_sum(steps, 0.9978)
    crude = 0.019 * noise[:, 2] * (0.75 + 0.25 * regimes.heat) + 0.35 * regimes.returns
    oil = np.log(71.0) + 0.005 * years + fading_sum(crude, 0.9965)
    return dict(zip(HAVENS, (gold, silver, oil), strict=True))
