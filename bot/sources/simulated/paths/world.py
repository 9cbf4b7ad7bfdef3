"""The part of the simulation that depends on the seed alone, not on members or sessions: from the epoch to the end of a year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from bot.sources.simulated.paths.economy import Months, Yields, months, yields
from bot.sources.simulated.paths.regimes import Regimes, make_regimes
from bot.sources.simulated.paths.stocks import Factors, factors
from bot.sources.simulated.paths.time_grid import EPOCH_YEAR, REFERENCE, Floats, TimeGrid
from bot.sources.simulated.paths.volatility_and_commodities import haven_logs, option_series

Rows = slice | NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class World:
    """Paths of regimes, yields, factors and series.

    Rows are the weekdays of `grid`, which begins at the epoch.
    """

    seed: int
    grid: TimeGrid
    regimes: Regimes
    money: Yields
    common: Factors
    monthly: Months
    options: Mapping[str, Floats]
    havens: Mapping[str, Floats]


def make_world(until: date, *, seed: int) -> World:
    """The paths to the end of the year of `until`."""
    # Price indices and payrolls are scaled to the reference year, so the paths always include it.
    grid = TimeGrid(EPOCH_YEAR, max(until.year, REFERENCE.year))
    regimes = make_regimes(grid, seed=seed)
    money = yields(regimes, seed=seed)
    common = factors(regimes, seed=seed)
    return World(
        seed=seed,
        grid=grid,
        regimes=regimes,
        money=money,
        common=common,
        monthly=months(regimes, money, seed=seed),
        options=option_series(regimes, common.chips, seed=seed),
        havens=haven_logs(regimes, money, seed=seed),
    )
