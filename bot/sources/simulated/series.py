"""Yields, policy rates, option measures and monthly figures as frames of dated observations."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bot.sources.simulated.paths.time_grid import EPOCH, Floats, Stream, generator, slots
from bot.sources.simulated.paths.world import World

YIELDS = ("DGS2", "DGS10", "DFII10", "T10YIE")
DAILY = ("DFF", "DFEDTARU", "DFEDTARL")
OPTIONS = ("VIX", "VIX9D", "VIX3M", "VXN", "SKEW", "CBOE_TOTAL_PC", "CBOE_INDEX_PC", "CBOE_EQUITY_PC")
MONTHLY = ("CPIAUCSL", "CPILFESL", "PCEPI", "PCEPILFE", "UNRATE", "PAYEMS", "CAPUTLG3344S", "A34SNO")
SERIES = (*YIELDS, *DAILY, *OPTIONS, *MONTHLY)
_MONTHS_BEFORE = 14
"""Months before the first session with observations: a yearly change needs them at once."""


def series(world: World, days: pd.DatetimeIndex, bond_days: pd.DatetimeIndex) -> dict[str, pd.DataFrame]:
    """Series id -> frame with columns `value` and `known_at` (NaT: by rule), index the date described.

    Options have values on `days`, yields on `bond_days` among them, policy rates on every calendar day between them,
    monthly figures from 14 months before the first of `days`. Percent, points and ratios as the
    real series; nothing is dated after the last of `days`.
    """
    frames = {**_yields(world, bond_days), **_policy(world, days), **_options(world, days), **_months(world, days)}
    return {name: frames[name] for name in SERIES}


def _yields(world: World, days: pd.DatetimeIndex) -> dict[str, pd.DataFrame]:
    at = slots(days)
    real = np.round(world.money.real_ten[at], 2)
    ten = np.round(world.money.real_ten[at] + world.money.breakeven[at], 2)
    return {
        "DGS2": _frame(np.round(world.money.two_years[at], 2), days),
        "DGS10": _frame(ten, days),
        "DFII10": _frame(real, days),
        "T10YIE": _frame(np.round(ten - real, 2), days),
    }


def _policy(world: World, days: pd.DatetimeIndex) -> dict[str, pd.DataFrame]:
    days_ = pd.date_range(days[0], days[-1], freq="D")
    upper = world.money.upper[_held(days_)]
    return {
        "DFF": _frame(effective(world, days_), days_),
        "DFEDTARU": _frame(upper, days_),
        "DFEDTARL": _frame(upper - 0.25, days_),
    }


def effective(world: World, days_: pd.DatetimeIndex) -> Floats:
    """The effective federal funds rate on calendar days, percent: a little under the middle of the
    target range.
    """
    at = _held(days_)
    drawn = generator(world.seed, Stream.FUNDS).integers(-1, 2, world.grid.size).astype(np.float64)
    rate: Floats = np.round(world.money.upper[at] - 0.17 + 0.01 * drawn[at], 2)
    return rate


def _held(days_: pd.DatetimeIndex) -> NDArray[np.int64]:
    """Row of each calendar day; a weekend has the row of Friday, one before the slot of Monday that
    it shares.
    """
    return slots(days_) - (days_.dayofweek >= 5)


def _options(world: World, days: pd.DatetimeIndex) -> dict[str, pd.DataFrame]:
    at = slots(days)
    values_by_series = {name: np.asarray(values[at], dtype=np.float64) for name, values in world.options.items()}
    return {name: _frame(np.round(values, 2), days) for name, values in values_by_series.items()}


def _months(world: World, days: pd.DatetimeIndex) -> dict[str, pd.DataFrame]:
    dates = world.monthly.dates
    first = max(days[0] - pd.DateOffset(months=_MONTHS_BEFORE), pd.Timestamp(EPOCH))
    inside = slice(dates.searchsorted(first), dates.searchsorted(days[-1], side="right"))
    return {name: _frame(values[inside], dates[inside]) for name, values in world.monthly.values.items()}


def _frame(values: Floats, index: pd.DatetimeIndex) -> pd.DataFrame:
    unknown = pd.DatetimeIndex(np.full(len(index), np.datetime64("NaT", "ns"))).tz_localize("UTC")
    return pd.DataFrame({"value": values, "known_at": unknown}, index=index.rename("observed"))
