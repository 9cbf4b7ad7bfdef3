"""The Fed's path as priced by futures on the effective federal funds rate.

A contract pays 100 less the mean of the rate over the days of its month, so 100 - price is the mean that is expected. A
decision on day d of a month of N days holds from day d + 1: N f = d r0 + (N - d) r1. Rates are in percent.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache

import numpy as np
from numpy.typing import NDArray

from signals.asof import fomc_meetings
from signals.asof.datasets import COUNTS_FROM, rows
from signals.asof.series import joined
from signals.core.panel import Panel
from signals.core.rolling import Floats
from signals.core.series_ops import SeriesResult

RATE = "DFF"
STEP = 0.25
FEW_DAYS = 8
"""With fewer days left in the month after a decision its own contract depends too little on the new rate."""
MONTHS = 18
STALE_PROJECTIONS = 300
"""Calendar days after the newest projections at which they are too old: they are published every
three months.
"""

_CODES = "FGHJKMNQUVXZ"

Average = Callable[[int, int], float]
"""From year and month to the mean rate that its contract implies, NaN where it has no price."""


def contract(year: int, month: int) -> str:
    """Yahoo's ticker of the future on the federal funds rate of a month: December 2026 is ZQZ26.CBT."""
    return f"ZQ{_CODES[month - 1]}{year % 100:02d}.CBT"


def contracts(first: date, last: date | None = None, *, months: int = MONTHS) -> tuple[str, ...]:
    """Tickers from the month of `first` to the one `months - 1` after that of `last` (of `first`
    unless given).
    """
    begin, end = (day.year * 12 + day.month - 1 for day in (first, last or first))
    return tuple(contract(*_month(number)) for number in range(begin, end + months))


def _month(number: int) -> tuple[int, int]:
    return number // 12, number % 12 + 1


def after_decision(average: float, *, before: float, day: int, days: int) -> float:
    """r1 = (N f - d r0)/(N - d): the rate after a decision on `day` of a month of `days`, given the
    month's mean.
    """
    return (days * average - day * before) / (days - day)


def rate_after(start: float, meetings: Sequence[date], average: Average) -> tuple[float, tuple[int, int] | None]:
    """The rate after the last of ascending `meetings`, chained from `start`.

    A meeting that leaves fewer than 8 days of its month is read from the contract of the next
    month, if that has no meeting. In a month without a meeting between two meetings the mean is the
    rate itself, so the chain starts anew there if its contract has a price: otherwise an error of
    the rate before would grow d/(N - d) times with every later meeting in the middle of a month. Of
    two meetings in one month only the later counts.

    Returns:
        The rate in percent and None, or NaN and the (year, month) whose contract is missing.
    """
    numbers = {day.year * 12 + day.month - 1: day for day in meetings}
    rate, missing, before = start, None, None
    for number, day in numbers.items():
        if before is not None and number - before > 1 and (between := average(*_month(number - 1))) == between:
            rate, missing = between, None
        days = monthrange(day.year, day.month)[1]
        late = days - day.day < FEW_DAYS and number + 1 not in numbers
        read_from = _month(number + 1 if late else number)
        mean = average(*read_from)
        if mean != mean or (not late and day.day == days):
            rate, missing = float("nan"), missing or read_from
        else:
            rate = mean if late else after_decision(mean, before=rate, day=day.day, days=days)
            missing = None if late else missing
        before = number
    return rate, missing


@dataclass(frozen=True, slots=True)
class Outlook:
    """Per session: the expected rates up to the end of the year of the Fed's next decision.

    The next decision is the first that the newest known effective rate does not contain yet.

    Attributes:
        rate: The effective rate.
        observed: Dates of the effective rates.
        years: Year of the next decision, 0 where not known.
        december: Mean rate of that December.
        year_end: Rate after the last decision of that year.
        reasons: Position, and 0 for `december` or 1 for `year_end` -> why that is NaN although the
            effective rate is known.
    """

    rate: SeriesResult
    observed: NDArray[np.datetime64]
    years: NDArray[np.int64]
    december: Floats
    year_end: Floats
    reasons: dict[tuple[int, int], str] = field(default_factory=dict)

    def why(self, position: int, which: int) -> str | None:
        """Why there is no mean of December (0) or no rate at the end of the year (1) at a position."""
        return self.rate.why(position) or self.reasons.get((position, which))


def outlook(panel: Panel) -> Outlook:
    """The outlook of every session, from the effective rate, the meetings and the contracts known
    at its close.
    """
    return panel.once("outlook of the Fed", lambda: _outlook(panel))


def _outlook(panel: Panel) -> Outlook:
    rate = joined(panel, RATE)
    result = Outlook(
        rate,
        np.full(panel.count, np.datetime64("NaT"), dtype="datetime64[D]") if rate.observed is None else rate.observed,
        np.zeros(panel.count, dtype=np.int64),
        np.full(panel.count, np.nan),
        np.full(panel.count, np.nan),
    )
    plans = fomc_meetings.plans(panel)
    plan_from = [position for position, _ in plans]

    @cache
    def means(year: int, month: int) -> list[float]:
        """The month's mean rate that its contract implied at each session."""
        implied: list[float] = (100.0 - panel.prices(contract(year, month), adjusted=False)).tolist()
        return implied

    for position in np.flatnonzero(~np.isnan(rate.values)).tolist():
        days = plans[bisect_right(plan_from, position) - 1][1]
        _describe(panel, result, position, days, means)
    return result


def _describe(
    panel: Panel, result: Outlook, position: int, days: tuple[date, ...], means: Callable[[int, int], list[float]]
) -> None:
    observed: date = result.observed[position].astype(object)
    coming = bisect_left(days, observed)
    if coming == len(days):
        sentence = f"no meeting of the Fed after {observed} is known"
        result.reasons[position, 0] = result.reasons[position, 1] = sentence
        return
    year = days[coming].year
    meetings = [day for day in days[coming:] if day.year == year]
    result.years[position] = year

    def average(year: int, month: int) -> float:
        return means(year, month)[position]

    result.december[position] = average(year, 12)
    if np.isnan(result.december[position]):
        result.reasons[position, 0] = _no_price(panel, (year, 12), position)
    if meetings[-1].month != 12:
        result.reasons[position, 1] = f"the Fed's meetings of {year} are known only up to {meetings[-1]}"
        return
    rate, missing = rate_after(float(result.rate.values[position]), meetings, average)
    result.year_end[position] = rate
    if missing is not None:
        result.reasons[position, 1] = _no_price(panel, missing, position)


def _no_price(panel: Panel, month: tuple[int, int], position: int) -> str:
    name = contract(*month)
    return panel.no_price(name, position, adjusted=False) or f"{name} does not tell the rates of its month apart"


def priced_cuts(panel: Panel) -> SeriesResult:
    """(effective rate - mean rate of December)/0.25: cuts of a quarter point that are priced until
    then; rises are negative.
    """
    path = outlook(panel)
    values = (path.rate.values - path.december) / STEP
    return SeriesResult(values, lambda position: path.why(position, 0), path.rate.observed)


def projection_gap(panel: Panel) -> SeriesResult:
    """Median projection for the end of the year less the rate that futures imply for it, in
    percentage points.

    Positive: the market expects less than the Fed's members.
    """
    path = outlook(panel)
    medians = _medians(panel)
    projected = np.array(
        [medians.at(position, int(year)) for position, year in enumerate(path.years)], dtype=np.float64
    ).reshape(panel.count)

    def why(position: int) -> str | None:
        if not np.isnan(projected[position] - path.year_end[position]):
            return None
        return path.why(position, 1) or medians.why(panel, position, int(path.years[position]))

    return SeriesResult(projected - path.year_end, why, path.rate.observed)


@dataclass(frozen=True, slots=True)
class _Medians:
    """Rows of the projections: by year the positions from which each counted and its value.

    `changed_from`, `changed_on`: position and day at which each row, of any year, became known.
    """

    by_year: dict[int, tuple[list[int], list[float]]]
    changed_from: list[int]
    changed_on: list[date]
    days: NDArray[np.datetime64]

    def at(self, position: int, year: int) -> float:
        """The newest median for a year, NaN where none is known or all projections are too old."""
        counts_from, values = self.by_year.get(year, ([], []))
        place = bisect_right(counts_from, position) - 1
        return values[place] if place >= 0 and self._age(position) <= STALE_PROJECTIONS else float("nan")

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


def _medians(panel: Panel) -> _Medians:
    result = _Medians({}, [], [], panel.dates)
    projections = rows(panel, "projections")
    columns = (
        projections[COUNTS_FROM].tolist(),
        projections["year_end"],
        projections["median"].tolist(),
        projections["known_at"],
    )
    for position, day, value, known_at in zip(*columns, strict=True):
        counts_from, values = result.by_year.setdefault(day.year, ([], []))
        counts_from.append(position)
        values.append(value)
        result.changed_from.append(position)
        result.changed_on.append(known_at.date())
    return result
