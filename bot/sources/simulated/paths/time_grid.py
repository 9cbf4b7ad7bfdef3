"""Weekdays since the epoch, the axis of every simulated path, with their random numbers and a filter.

Shocks of a year depend on nothing but the seed, the stream and the year, so a date has the same
prices whatever the span that is computed. A session's move includes those of the holidays before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import IntEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]

EPOCH_YEAR = 1970
EPOCH = date(EPOCH_YEAR, 1, 1)
REFERENCE = date(2025, 1, 1)
"""The day on which every price would equal its base price without any deviation."""
PER_YEAR = 261.0
_BLOCK = 64


class Stream(IntEnum):
    """Independent sources of random numbers; the numbers are part of the seed and never change."""

    PHASES = 1
    MARKET = 2
    FACTORS = 3
    RATES = 4
    MONTHS = 5
    OPTIONS = 6
    HAVENS = 7
    YEARS = 8
    DAYS = 9
    CHARACTER = 10
    FUNDS = 11
    TIDE = 12
    CHAINS = 21
    PROJECTIONS = 22
    FACTORIES = 23
    SHARES = 24
    MORE_CHAINS = 25
    MORE_SHARES = 26
    ANALYSTS = 31
    REPORTS = 32
    FILINGS = 41
    GUIDANCE = 42
    HOLDINGS = 43


@dataclass(frozen=True, slots=True)
class TimeGrid:
    """Whole years of weekdays, `first_year` to `last_year`.

    Row 0 is the first weekday of `first_year`.
    """

    first_year: int
    last_year: int

    @property
    def years(self) -> range:
        """The calendar years that are covered."""
        return range(self.first_year, self.last_year + 1)

    @property
    def start(self) -> int:
        """Slot of row 0."""
        return year_start(self.first_year)

    @property
    def size(self) -> int:
        """Number of rows."""
        return year_start(self.last_year + 1) - self.start

    @property
    def slots(self) -> NDArray[np.int64]:
        """Slot of each row."""
        return np.arange(self.start, self.start + self.size)

    @property
    def years_since_reference(self) -> Floats:
        """Time of each row in years of 261 weekdays, 0 at `REFERENCE`."""
        return (self.slots - slot(REFERENCE)) / PER_YEAR


def covering(at: NDArray[np.int64]) -> TimeGrid:
    """The whole years around ascending slots."""
    days = np.busday_offset(np.datetime64(EPOCH, "D"), at[[0, -1]]).astype("datetime64[Y]").astype(int) + EPOCH_YEAR
    return TimeGrid(int(days[0]), int(days[1]))


def slots(days: pd.DatetimeIndex) -> NDArray[np.int64]:
    """Weekdays between the epoch and each day, the day itself left out.

    A weekend shares the slot of the Monday after it.
    """
    return np.asarray(np.busday_count(EPOCH, days.to_numpy().astype("datetime64[D]")), dtype=np.int64)


def slot(day: date) -> int:
    """Weekdays between the epoch and `day`, the day itself left out."""
    return int(np.busday_count(EPOCH, day))


def year_start(year: int) -> int:
    """Slot of the first weekday of a year."""
    return slot(date(year, 1, 1))


def generator(seed: int, stream: Stream, year: int = 0) -> np.random.Generator:
    """The random numbers of one stream in one year."""
    return np.random.Generator(np.random.PCG64([seed, int(stream), year]))


def normals(seed: int, stream: Stream, grid: TimeGrid, *, width: int) -> Floats:
    """Standard normal numbers, rows of the grid x `width`."""
    result = np.empty((grid.size, width))
    for year in grid.years:
        rows = slice(year_start(year) - grid.start, year_start(year + 1) - grid.start)
        generator(seed, stream, year).standard_normal(out=result[rows])
    return result


def fading_sum(steps: Floats, keep: float | Floats) -> Floats:
    """y[t] = keep y[t-1] + steps[t] down the rows, y[-1] = 0.

    `keep` is in (0.6, 1], one for all or one a column. Computed in blocks of 64 rows by cumulative
    sums, so that the powers of `keep` stay far from the limits of a float.
    """
    table = steps if steps.ndim == 2 else steps[:, None]
    powers = np.broadcast_to(np.asarray(keep, dtype=float), (table.shape[1],)) ** np.arange(1, _BLOCK + 1)[:, None]
    result = np.empty_like(table)
    state = np.zeros(table.shape[1])
    for top in range(0, len(table), _BLOCK):
        block = table[top : top + _BLOCK]
        up = powers[: len(block)]
        result[top : top + _BLOCK] = up * (state + np.cumsum(block / up, axis=0))
        state = result[top + len(block) - 1]
    return result.reshape(steps.shape)
