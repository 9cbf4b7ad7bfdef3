"""Medians of the projections of the Fed's members for the ends of years, as they were known after each close."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from signals.asof.datasets import COUNTS_FROM, rows
from signals.core.panel import Panel
from signals.core.rolling import Floats

STALE_PROJECTIONS = 300
"""Calendar days after the newest projections at which they are too old: they are published every
three months.
"""

NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Medians:
    """Rows of the projections: by year the positions from which each counted, its value and its day.

    `changed_from`, `changed_on`: position and day at which each row, of any year, became known.
    """

    by_year: dict[int, tuple[list[int], list[float], list[date]]]
    changed_from: list[int]
    changed_on: list[date]
    days: NDArray[np.datetime64]

    def at(self, position: int, year: int) -> float:
        """The newest median for a year, NaN where none is known or all projections are too old."""
        counts_from, values, _ = self.by_year.get(year, ([], [], []))
        place = bisect_right(counts_from, position) - 1
        return values[place] if place >= 0 and self._age(position) <= STALE_PROJECTIONS else NAN

    def before(self, position: int, year: int) -> float:
        """The median for a year before the day of the newest projections, NaN where none was known."""
        newest = bisect_right(self.changed_from, position) - 1
        if newest < 0:
            return NAN
        _, values, days = self.by_year.get(year, ([], [], []))
        place = bisect_left(days, self.changed_on[newest]) - 1
        return values[place] if place >= 0 else NAN

    def at_all(self, years: NDArray[np.int64]) -> Floats:
        """`at` of each position and its year."""
        return np.array([self.at(position, year) for position, year in enumerate(years.tolist())], dtype=np.float64)

    def before_all(self, years: NDArray[np.int64]) -> Floats:
        """`before` of each position and its year."""
        return np.array([self.before(position, year) for position, year in enumerate(years.tolist())], dtype=np.float64)

    def _age(self, position: int) -> int:
        newest = self.changed_on[bisect_right(self.changed_from, position) - 1]
        today: date = self.days[position].astype(object)
        return (today - newest).days

    def why(self, panel: Panel, position: int, year: int) -> str:
        """Why there is no median."""
        if not self.changed_from:
            return "no projections of the Fed have been stored"
        if bisect_right(self.changed_from, position) == 0:
            return f"projections of the Fed are known since {panel.day(self.changed_from[0])}"
        if self._age(position) > STALE_PROJECTIONS:
            return f"newest projections of the Fed are {self._age(position)} days old; at most {STALE_PROJECTIONS}"
        return f"no projection of the Fed for the end of {year} is known"


def medians(panel: Panel) -> Medians:
    """The medians of all projections that the market has."""
    return panel.once("projections of the Fed", lambda: _medians(panel))


def _medians(panel: Panel) -> Medians:
    result = Medians({}, [], [], panel.dates)
    projections = rows(panel, "projections")
    columns = (
        projections[COUNTS_FROM].tolist(),
        projections["year_end"],
        projections["median"].tolist(),
        projections["known_at"],
    )
    for position, day, value, known_at in zip(*columns, strict=True):
        counts_from, values, days = result.by_year.setdefault(day.year, ([], [], []))
        counts_from.append(position)
        values.append(value)
        days.append(known_at.date())
        result.changed_from.append(position)
        result.changed_on.append(known_at.date())
    return result
