"""Shares of funds in the simulated market: flows follow returns with a delay."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bot.sources.simulated.closes import SimulatedPrices
from bot.sources.simulated.paths.time_grid import Floats, Stream, fading_sum, normals, slots
from bot.sources.simulated.paths.world import World
from signals.core.datasets import published

# Mean number of shares in millions, and exposure to the flow from other companies to the largest
# (minus: away from them).
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
_MORE = {
    "XLB": (60.0, -0.6),
    "XLE": (380.0, -0.6),
    "XLP": (210.0, -0.7),
    "XLRE": (180.0, -0.4),
    "XLU": (230.0, -0.5),
    "XLY": (105.0, 0.4),
    "IGV": (95.0, 0.9),
}
"""Further funds, whose random numbers are their own."""
TICKERS = (*_TRAITS, *_MORE)
_UNIT = 50_000
"""Shares are created and redeemed in blocks of this size."""


def shares(world: World, prices: SimulatedPrices, days: pd.DatetimeIndex) -> pd.DataFrame:
    """Rows of the dataset `funds` of `TICKERS` on `days`: net asset value is the close, public on
    the next morning.
    """
    at = slots(days)
    first = normals(world.seed, Stream.SHARES, world.grid, width=len(_TRAITS))
    more = normals(world.seed, Stream.MORE_SHARES, world.grid, width=len(_MORE))
    noise = np.concatenate([first, more], axis=1)
    # The lead of the largest companies over the others, smoothed over two months.
    lead = fading_sum(np.diff(world.common.mega, prepend=world.common.mega[0]) / 20, 0.95)
    tables = []
    for number, ticker in enumerate(TICKERS):
        million, pull = (_TRAITS | _MORE)[ticker]
        path = _path(0.7 * pull * lead + 0.0028 * noise[:, number])
        count = np.round(1e6 * million * np.exp(path[at]) / _UNIT) * _UNIT
        nav = prices.close[:, prices.tickers.index(ticker)]
        tables.append(pd.DataFrame({"date": days, "ticker": ticker, "nav": nav, "shares_outstanding": count}))
    rows = pd.concat(tables, ignore_index=True).assign(flow_usd=np.nan)
    return rows.assign(known_at=published("funds", rows)).sort_values(["known_at", "ticker"], ignore_index=True)


def _path(daily: Floats) -> Floats:
    """Log of the number of shares over its mean."""
    return fading_sum(daily, 0.995)
