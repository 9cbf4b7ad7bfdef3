"""Closes and adjusted closes of members and funds on the requested sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bot.sources.simulated.funds import FUNDS, fund_logs
from bot.sources.simulated.instruments import Instruments
from bot.sources.simulated.paths.stocks import QUARTER, member_logs, payments
from bot.sources.simulated.paths.time_grid import REFERENCE, Floats, Stream, generator, slot, slots
from bot.sources.simulated.paths.world import World

ADJUSTED_TO = date(2030, 12, 31)
"""Adjusted closes count the dividends up to this day whatever the span, so that spans computed
separately fit together.
"""

_END = np.array([slot(ADJUSTED_TO)])
_DECIMALS = {"GC=F": 1, "SI=F": 3}


@dataclass(frozen=True, slots=True)
class SimulatedPrices:
    """Dollars, sessions x `tickers`; NaN before a member's listing and nowhere else."""

    tickers: tuple[str, ...]
    close: Floats
    adjusted: Floats


def prices(world: World, instruments: Instruments, days: pd.DatetimeIndex) -> SimulatedPrices:
    """All bars of `days`, which must be ascending and not empty: funds in the order of `FUNDS`,
    then the members.
    """
    at = slots(days)
    total = member_logs(instruments, world.common, world.regimes.heat, at=at, seed=world.seed)
    phase = generator(0, Stream.CHARACTER, 2).integers(0, int(QUARTER), len(instruments.tickers)).astype(float)
    # In place where it can be: these are the largest tables of the market.
    logs = payments(at, phase)
    logs *= instruments.dividend
    np.subtract(total, logs, out=logs)
    funds = _funds(world, instruments, logs, at)
    unlisted = days.to_numpy()[:, None] < instruments.listed.to_numpy()
    close = _ticks(np.exp(logs, out=logs))
    close[unlisted] = np.nan
    total -= payments(_END, phase) * instruments.dividend
    adjusted = np.exp(total, out=total)
    np.round(adjusted, 4, out=adjusted)
    adjusted[unlisted] = np.nan
    return SimulatedPrices(
        tickers=(*(fund.ticker for fund in FUNDS), *instruments.tickers),
        close=np.concatenate([funds[0], close], axis=1),
        adjusted=np.concatenate([funds[1], adjusted], axis=1),
    )


def _ticks(close: Floats) -> Floats:
    """Rounded to cents, under 10 dollars to hundredths of a cent, because a cent would be too large
    a move there.
    """
    cents, small = np.round(close, 2), close < 10
    cents[small] = np.round(close[small], 4)
    return cents


def _funds(world: World, instruments: Instruments, logs: Floats, at: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Closes and adjusted closes, days x `FUNDS`: a fund accrues its members' dividends and pays
    them each quarter.
    """
    paths = fund_logs(instruments, logs, world, at)
    quarters = (at - slot(REFERENCE)) / QUARTER
    close, adjusted = np.empty((2, len(at), len(FUNDS)))
    for column, fund in enumerate(FUNDS):
        phase = np.array([float(52 + column % 5)])
        start = np.log(fund.base) if fund.base else 0.0
        total = paths[fund.path] + start + quarters * fund.dividend
        close[:, column] = total - payments(at, phase)[:, 0] * fund.dividend
        adjusted[:, column] = total - payments(_END, phase)[0, 0] * fund.dividend
    places = [_DECIMALS.get(fund.ticker, 2) for fund in FUNDS]
    scale = 10.0 ** np.array(places)
    still = np.array([fund.dividend == 0 for fund in FUNDS])
    rounded = np.rint(np.exp(close) * scale) / scale
    return rounded, np.where(still, rounded, np.round(np.exp(adjusted), 4))
