"""The Fed's target range, yields, and the monthly figures of inflation and employment.

A slowly moving desired policy rate drives all of them. The Fed follows it at its meetings, the
two-year yield leads the Fed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bot.sources.simulated.paths.regimes import BEAR, SELLOFF, Regimes
from bot.sources.simulated.paths.time_grid import REFERENCE, Floats, Stream, fading_sum, normals, slot, slots

MEETING_MONTHS = (1, 3, 5, 6, 7, 9, 11, 12)
_STEP = 0.25
_NEUTRAL = 2.7


@dataclass(frozen=True, slots=True)
class Yields:
    """Per row of the grid, percent, not rounded.

    `upper` is the upper end of the Fed's range, `desired` its desired rate.
    """

    desired: Floats
    upper: Floats
    two_years: Floats
    real_ten: Floats
    breakeven: Floats


def yields(regimes: Regimes, *, seed: int) -> Yields:
    """The policy rate and the yields of the whole time grid."""
    noise = normals(seed, Stream.RATES, regimes.grid, width=5) * (0.75 + 0.25 * regimes.heat[:, None])
    lean = fading_sum(regimes.drift("policy_bp") / 100 + 0.018 * noise[:, 0], 0.9991)
    desired = np.clip(_NEUTRAL + lean, 0.12, 5.6)
    upper = _policy(regimes, desired)
    real = fading_sum(regimes.drift("real_yield_bp") / 100 + 0.046 * noise[:, 1], 0.9982)
    real_ten = 0.72 + 0.28 * (desired - _NEUTRAL) + real
    steps = 0.012 * regimes.returns * 100 + 0.026 * noise[:, 2] + regimes.drift("breakeven_bp") / 100
    breakeven = 2.22 + 0.5 * np.tanh(fading_sum(steps, 0.992) / 0.5)
    wobble = fading_sum(0.042 * noise[:, 3], 0.97) + 0.35 * fading_sum(0.046 * noise[:, 1], 0.97)
    two_years = np.maximum(desired + 0.12 + wobble, 0.06 + 0.02 * np.abs(wobble))
    return Yields(desired, upper, two_years, real_ten, breakeven)


def _policy(regimes: Regimes, desired: Floats) -> Floats:
    grid = regimes.grid
    upper = np.empty(grid.size)
    now, since = float(np.round((desired[0] + 0.125) / _STEP) * _STEP), 0
    for day in meetings(grid.first_year, grid.last_year):
        # A decision on Wednesday holds from the day after.
        row = slot(day) - grid.start + 1
        upper[since:row] = now
        now, since = max(now + _decision(float(desired[row - 1]) - (now - 0.125)), _STEP), row
    upper[since:] = now
    return upper


def _decision(gap: float) -> float:
    size = abs(gap)
    steps = 0 if size < 0.2 else 1 if size < 0.65 else 2 if size < 1.2 else 3
    return steps * _STEP * (1 if gap > 0 else -1)


def meetings(first_year: int, last_year: int) -> list[date]:
    """Days on which the simulated Fed decides: third Wednesdays of eight months a year."""
    days = []
    for year in range(first_year, last_year + 1):
        for month in MEETING_MONTHS:
            first = date(year, month, 1)
            days.append(first + timedelta(days=(2 - first.weekday()) % 7 + 14))
    return days


@dataclass(frozen=True, slots=True)
class Months:
    """Monthly figures, dated on the first of the month they describe: id -> values on `dates`."""

    dates: pd.DatetimeIndex
    values: dict[str, Floats]


def months(regimes: Regimes, money: Yields, *, seed: int) -> Months:
    """Price indices, unemployment (percent) and payrolls (thousands) of every month of the time grid."""
    grid = regimes.grid
    dates = pd.date_range(date(grid.first_year, 1, 1), date(grid.last_year, 12, 1), freq="MS")
    row = np.clip(slots(dates) - grid.start, 0, grid.size - 1)
    noise = normals(seed, Stream.MONTHS, grid, width=6)[row]
    slump = _slump(regimes)[row]
    core = (2.35 + 0.42 * (money.desired[row] - _NEUTRAL) + fading_sum(0.45 * noise[:, 0], 0.88)) / 1200
    head = core + fading_sum(0.0011 * noise[:, 1], 0.65)
    base = int(dates.searchsorted(pd.Timestamp(REFERENCE)))
    jobs = np.round(155 - 520 * slump + 55 * noise[:, 2])
    unemployment = 4.2 - 0.22 * (money.desired[row] - _NEUTRAL) + 4.2 * fading_sum(0.06 * slump, 0.94)
    values = {
        "CPIAUCSL": np.round(_index(head + 0.0002 * noise[:, 3], base, 318.0), 3),
        "CPILFESL": np.round(_index(core + 0.0004 * noise[:, 3], base, 325.0), 3),
        "PCEPI": np.round(_index(head * 0.9 + 0.0002 * noise[:, 4], base, 125.0), 3),
        "PCEPILFE": np.round(_index(core * 0.9 + 0.0003 * noise[:, 4], base, 124.5), 3),
        "UNRATE": np.round(np.clip(unemployment + fading_sum(0.07 * noise[:, 5], 0.8), 3.1, 11.0), 1),
        "PAYEMS": 158_900.0 + np.cumsum(jobs) - np.cumsum(jobs)[base],
    }
    factory_noise = normals(seed, Stream.FACTORIES, grid, width=2)[row]
    return Months(
        dates,
        values
        | _factories(
            slump, np.asarray(dates.year - REFERENCE.year + dates.month / 12, dtype=np.float64), factory_noise
        ),
    )


def _factories(slump: Floats, years: Floats, noise: Floats) -> dict[str, Floats]:
    """Chip makers' use of their capacity (percent) and orders of computers and electronics (million
    dollars a month).
    """
    cycle = 3.4 * np.sin(2 * np.pi * years / 4.1) + fading_sum(0.7 * noise[:, 0], 0.85)
    trend = 0.024 * years - 0.16 * slump + 0.03 * np.sin(2 * np.pi * (years - 0.4) / 4.1)
    capacity = np.asarray(np.round(np.clip(74.0 - 14.0 * slump + cycle, 40.0, 95.0), 4), dtype=np.float64)
    orders = np.asarray(np.round(26_500.0 * np.exp(trend + fading_sum(0.008 * noise[:, 1], 0.6))), dtype=np.float64)
    return {"CAPUTLG3344S": capacity, "A34SNO": orders}


def _slump(regimes: Regimes) -> Floats:
    """0-1: the share of the last half year with a falling market, lagged by a quarter."""
    falling: NDArray[np.bool_] = (regimes.phase == SELLOFF) | (regimes.phase == BEAR)
    smoothed = fading_sum(falling / 90.0, 1 - 1 / 90)
    return np.concatenate([np.zeros(65), smoothed[:-65]])


def _index(monthly: Floats, base: int, level: float) -> Floats:
    total = np.cumsum(monthly)
    result: Floats = level * np.exp(total - total[base])
    return result
