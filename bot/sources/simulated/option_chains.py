"""Option chains of single underlyings in the simulated market, as their daily summaries."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bot.sources.simulated.paths.time_grid import Floats, Stream, fading_sum, normals, slots
from bot.sources.simulated.paths.world import World

# Per symbol: mean put/call ratio, calls a day, volatility over that of the Nasdaq-100, mean skew in
# vol points.
_TRAITS = {
    "QQQ": (1.25, 900_000.0, 0.97, 5.2),
    "NVDA": (0.55, 950_000.0, 1.95, 2.2),
    "AAPL": (0.62, 420_000.0, 1.15, 3.0),
    "MSFT": (0.58, 210_000.0, 1.10, 3.2),
    "GOOGL": (0.52, 190_000.0, 1.30, 2.9),
    "AMZN": (0.56, 300_000.0, 1.35, 2.8),
    "META": (0.66, 180_000.0, 1.50, 3.1),
    "TSLA": (0.70, 850_000.0, 2.50, 1.6),
}
_MORE = {"SPY": (1.45, 1_900_000.0, 0.76, 4.6)}
"""Further underlyings, whose random numbers are their own."""
SYMBOLS = (*_TRAITS, *_MORE)
_BEFORE_CLOSE = pd.Timedelta(minutes=15)
_MEAN_REST = 21.5
"""Volatility of the Nasdaq-100 in ordinary times."""


def chains(world: World, days: pd.DatetimeIndex, closes: pd.DatetimeIndex) -> pd.DataFrame:
    """Rows of the dataset `options` of `SYMBOLS` on `days`, each known since 15 minutes before that
    day's close.
    """
    at = slots(days)
    first = normals(world.seed, Stream.CHAINS, world.grid, width=4 * len(_TRAITS))
    more = normals(world.seed, Stream.MORE_CHAINS, world.grid, width=4 * len(_MORE))
    noise = np.concatenate([first, more], axis=1)
    nasdaq = world.options["VXN"]
    near = np.log(nasdaq / _MEAN_REST)
    fear = fading_sum(-2.0 * world.regimes.returns, 0.75)
    tables = []
    for number, symbol in enumerate(SYMBOLS):
        own = noise[:, 4 * number : 4 * number + 4]
        columns = _columns(symbol, near, fear, nasdaq, own)
        tables.append(pd.DataFrame({name: values[at] for name, values in columns.items()}))
        tables[-1].insert(0, "symbol", symbol)
        tables[-1].insert(0, "date", days)
        tables[-1]["known_at"] = (closes - _BEFORE_CLOSE).as_unit("ns")
    return pd.concat(tables).sort_values(["known_at", "symbol"], ignore_index=True)


def _columns(symbol: str, near: Floats, fear: Floats, nasdaq: Floats, own: Floats) -> dict[str, Floats]:
    """Columns of one symbol per row of the time grid."""
    ratio, calls, lively, skew = (_TRAITS | _MORE)[symbol]
    put_call = ratio * np.exp(1.3 * fear + fading_sum(0.05 * own[:, 0], 0.9) + 0.08 * own[:, 1])
    call_volume = np.round(calls * np.exp(0.5 * near + 0.22 * own[:, 2]))
    crowd = 7.0 * calls * np.exp(fading_sum(0.02 * own[:, 2], 0.99))
    return {
        "put_volume": np.round(put_call * call_volume),
        "call_volume": call_volume,
        "put_open_interest": np.round(0.85 * ratio * crowd),
        "call_open_interest": np.round(crowd),
        "skew_25d": np.round(skew * np.exp(0.35 * near) + fading_sum(0.16 * own[:, 3], 0.96) + 5.0 * fear, 2),
        "iv_atm": np.round(lively * nasdaq * np.exp(fading_sum(0.012 * own[:, 3], 0.97)), 2),
    }
