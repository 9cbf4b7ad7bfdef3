"""Paths of the members: their exposure to the index, the factors and their sector, and an own part.

A member's own path is pinned at the first weekday of each year to a level that depends on the seed
and the years before it; within the year it is a random walk bent so that it meets the next pin. So
any span of years can be computed by itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.sources.simulated.instruments import SECTORS, Instruments
from bot.sources.simulated.paths.regimes import Regimes
from bot.sources.simulated.paths.time_grid import (
    PER_YEAR,
    REFERENCE,
    Floats,
    Stream,
    TimeGrid,
    covering,
    fading_sum,
    generator,
    normals,
    slot,
    year_start,
)

QUARTER = PER_YEAR / 4
TREND = 0.072
"""Log growth a year of everything in the index, dividends included."""
_FACTOR_RISK_PCT = {"mega_pct": 0.56, "small_pct": 0.46, "chips_pct": 0.75, "value_pct": 0.30}
"""Daily sd of each factor by the field of its drift in a phase, in the order of their random numbers."""
_FACTOR_KEEP = 0.9972
_GROWTH_YEARS = 9.0
_PIN_KEEP, _PIN_YEARS = 0.78, 12
_REPORT_DAY = 2.8
"""Factor on the volatility of the day after a quarterly report."""
_REPORT_SEASON = 24
_FLAT, _STEEP, _MOST = 0.73, 0.083, 5.0
"""Transform normal numbers to a variance of about 1 and fat but bounded tails with a few multiplications."""


@dataclass(frozen=True, slots=True)
class Factors:
    """Log levels per row of the time grid.

    `sectors` has one column a sector; `small_own` and `mid_own` are of the funds of small and mid
    caps.
    """

    market: Floats
    mega: Floats
    small: Floats
    chips: Floats
    value: Floats
    sectors: Floats
    small_own: Floats
    mid_own: Floats


def factors(regimes: Regimes, *, seed: int) -> Factors:
    """The common factors of the whole time grid."""
    noise = normals(seed, Stream.FACTORS, regimes.grid, width=6 + len(SECTORS)) * regimes.heat[:, None]
    levels = [
        fading_sum((regimes.drift(name) + size * noise[:, column]) / 100, _FACTOR_KEEP)
        for column, (name, size) in enumerate(_FACTOR_RISK_PCT.items())
    ]
    own = fading_sum(noise[:, 4:6] * np.array([0.0026, 0.0018]), 0.995)
    return Factors(
        market=regimes.level,
        mega=levels[0],
        small=levels[1],
        chips=levels[2],
        value=levels[3],
        sectors=fading_sum(noise[:, 6:] * 0.0050, 0.9975),
        small_own=own[:, 0],
        mid_own=own[:, 1],
    )


def member_logs(instruments: Instruments, common: Factors, heat: Floats, *, at: NDArray[np.int64], seed: int) -> Floats:
    """Log of each member's total-return price, slots `at` (ascending) x members.

    `common` and `heat` are over the whole grid.
    """
    years = (at - slot(REFERENCE)) / PER_YEAR
    bend = _GROWTH_YEARS * np.tanh(years / _GROWTH_YEARS)
    grid = covering(at)
    result = _own_paths(instruments, heat[grid.slots], grid=grid, seed=seed)[at - grid.start]
    result += np.log(instruments.price)
    result += (TREND * years)[:, None]
    result += bend[:, None] * instruments.growth
    for path, exposure in (
        (common.market, instruments.beta),
        (common.mega, instruments.mega),
        (common.small, instruments.small),
        (common.chips, instruments.chips),
        (common.value, instruments.value),
    ):
        result += path[at][:, None] * exposure
    result += common.sectors[at][:, instruments.sector]
    return result


def _own_paths(instruments: Instruments, heat: Floats, *, grid: TimeGrid, seed: int) -> Floats:
    result = np.empty((grid.size, len(instruments.tickers)))
    pins = _pins(instruments, grid, seed)
    reports = _report_days(instruments, grid)
    for number, year in enumerate(grid.years):
        top, size = year_start(year) - grid.start, year_start(year + 1) - year_start(year)
        rows = slice(top, top + size)
        steps = generator(seed, Stream.DAYS, year).standard_normal((size, len(instruments.tickers)))
        steps *= _FLAT + _STEEP * steps * steps
        np.clip(steps, -_MOST, _MOST, out=steps)
        steps *= instruments.own_risk
        steps *= np.sqrt(heat[rows])[:, None]
        steps[reports[rows]] *= _REPORT_DAY
        walk = np.cumsum(steps, axis=0, out=result[rows])
        share = np.arange(1, size + 1)[:, None] / size
        walk += share * (pins[number + 1] - pins[number] - walk[-1])
        walk += pins[number]
    for twin, leader in instruments.twins:
        result[:, twin] = result[:, leader]
    return result


def _pins(instruments: Instruments, grid: TimeGrid, seed: int) -> Floats:
    """Own level of each member at the turn of each year, the first of the grid to the one after its last."""
    first = grid.first_year - _PIN_YEARS
    years = range(first, grid.last_year + 1)
    risk = instruments.own_risk * np.sqrt(PER_YEAR) * 0.85
    shocks = [generator(seed, Stream.YEARS, year).standard_normal(len(risk)) * risk for year in years]
    weights = (_PIN_KEEP ** np.arange(_PIN_YEARS)[::-1])[:, None]
    yearly = np.stack(shocks)
    return np.stack([(weights * yearly[turn : turn + _PIN_YEARS]).sum(axis=0) for turn in range(len(grid.years) + 1)])


def _report_days(instruments: Instruments, grid: TimeGrid) -> NDArray[np.bool_]:
    day = generator(0, Stream.CHARACTER, 1).integers(0, _REPORT_SEASON, len(instruments.tickers)) + 8.0
    position = (grid.slots - slot(REFERENCE))[:, None]
    return np.asarray(np.mod(np.rint(position - day), np.rint(QUARTER)) == 0)


def payments(at: NDArray[np.int64], phase: Floats) -> Floats:
    """Number of quarterly dividends paid since the reference day, slots x one column per entry of `phase`.

    `phase` is the weekday within the quarter on which the dividend goes ex.
    """
    paid = (at - slot(REFERENCE))[:, None] + phase
    paid /= QUARTER
    return np.floor(paid, out=paid)
