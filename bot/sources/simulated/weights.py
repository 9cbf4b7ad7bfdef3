"""How concentrated the simulated SPY is, as the list of its holdings of each day says."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bot.sources.simulated.closes import SimulatedPrices
from bot.sources.simulated.instruments import Instruments
from signals.asof.fund_weights import DATASET, FUND, LARGEST, SHARE_CLASSES
from signals.core.datasets import published


def weights(instruments: Instruments, prices: SimulatedPrices, days: pd.DatetimeIndex) -> pd.DataFrame:
    """Rows of the dataset `weights` on `days`, public on the next morning: members of the S&P 500 by size."""
    inside = instruments.inside("sp500")
    columns = [prices.tickers.index(ticker) for ticker in np.array(instruments.tickers)[inside]]
    # In place, because these are tables of days x members.
    worth = np.nan_to_num(prices.close[:, columns], copy=False)
    worth *= instruments.shares[inside]
    total = worth.sum(axis=1, keepdims=True)
    percent = np.divide(np.multiply(worth, 100.0, out=worth), total, out=worth)
    seven = np.isin(np.array(instruments.tickers)[inside], list(SHARE_CLASSES))
    largest = np.sort(percent, axis=1)[:, -LARGEST:]
    rows = pd.DataFrame(
        {
            "date": days,
            "fund": FUND,
            "seven": np.round(percent[:, seven].sum(axis=1), 4),
            "top_ten": np.round(largest.sum(axis=1), 4),
        }
    )
    return rows.assign(known_at=published(DATASET, rows))
