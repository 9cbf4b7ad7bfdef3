"""Shares of funds in the simulated market: money follows what has done well, and turns late."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bot.sources.simulated.closes import SimulatedPrices
from bot.sources.simulated.time_grid import Floats, Stream, fading_sum, normals, slots
from bot.sources.simulated.world import World
from signals.core.datasets import published

# Millions of shares at rest, and how much of the money that moves between giants and the rest comes here (minus: goes).
_TRAITS = {
    "QQQ": (640.0, 1.0),
    "XLK": (330.0, 1.2),
    "XLC": (240.0, 0.8),
    "SMH": (110.0, 1.6),
    "SPY": (1080.0, 0.0),
    "RSP": (420.0, -1.2),
    "IWM": (310.0, -1.0),
    "IVE": (200.0, -0.9),
    "XLF": (1050.0, -0.7),
    "XLI": (160.0, -0.8),
    "XLV": (250.0, -0.5),
}
TICKERS = tuple(_TRAITS)
_UNIT = 50_000
"""Shares are created and redeemed in blocks of this size."""


def shares(world: World, made: SimulatedPrices, days: pd.DatetimeIndex) -> pd.DataFrame:
    """Rows of the dataset `funds` of `TICKERS` on `days`: net asset value is the close, public on the next morning."""
    at = slots(days)
    noise = normals(world.seed, Stream.SHARES, world.grid, width=len(TICKERS))
    # Two months of the giants' lead over the rest, felt with the delay of people who read about it.
    lead = fading_sum(np.diff(world.common.mega, prepend=world.common.mega[0]) / 20, 0.95)
    tables = []
    for number, ticker in enumerate(TICKERS):
        million, pull = _TRAITS[ticker]
        path = _path(0.7 * pull * lead + 0.0028 * noise[:, number])
        count = np.round(1e6 * million * np.exp(path[at]) / _UNIT) * _UNIT
        nav = made.close[:, made.tickers.index(ticker)]
        tables.append(pd.DataFrame({"date": days, "ticker": ticker, "nav": nav, "shares_outstanding": count}))
    rows = pd.concat(tables, ignore_index=True).assign(flow_usd=np.nan)
    return rows.assign(known_at=published("funds", rows)).sort_values(["known_at", "ticker"], ignore_index=True)


def _path(daily: Floats) -> Floats:
    """Log of the count over its rest."""
    return fading_sum(daily, 0.995)
