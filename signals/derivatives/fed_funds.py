"""The Fed's path as priced by futures on the effective federal funds rate.

A contract pays 100 less the mean of the rate over the days of its month, so 100 - price is the mean that is expected. A
decision on day d of a month of N days holds from day d + 1: N f = d r0 + (N - d) r1. Rates are in percent.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np
from numpy.typing import NDArray

from signals.asof import fomc_meetings
from signals.asof.series import joined
from signals.core.inputs import FUTURES, tickers_of
from signals.core.panel import Panel
from signals.core.rolling import Floats
from signals.core.series_ops import SeriesResult
from signals.derivatives.fed_projections import medians

RATE = "DFF"
CONTRACTS = f"{FUTURES}ZQ"
"""The input that stands for all contracts."""

STEP = 0.25
FEW_DAYS = 8
"""With fewer days left in the month after a decision its own contract depends too little on the new rate."""
MONTHS = 18
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
    """Per session: the expected rate at the end of the year of the Fed's next decision.

    The next decision is the first that the newest known effective rate does not contain yet.

    Attributes:
        rate: The effective rate.
        years: Year of the next decision, 0 where not known.
        year_end: Rate after the last decision of that year.
        why_not: From a position to the reason why there is no rate at the end of the year although
            the effective rate is known.
    """

    rate: SeriesResult
    years: NDArray[np.int64]
    year_end: Floats
    why_not: Callable[[int], str | None]

    def why(self, position: int) -> str | None:
        """Why there is no rate at the end of the year at a position."""
        return self.rate.why(position) or (self.why_not(position) if np.isnan(self.year_end[position]) else None)


def outlook(panel: Panel) -> Outlook:
    """The outlook of every session, from the effective rate, the meetings and the contracts known
    at its close.
    """
    return panel.once("outlook of the Fed", lambda: _outlook(panel))


def _outlook(panel: Panel) -> Outlook:
    rate = joined(panel, RATE)
    has_rate = ~np.isnan(rate.values)
    observed = np.full(panel.count, np.datetime64("NaT"), dtype="datetime64[D]")
    if rate.observed is not None:
        observed[has_rate] = rate.observed[has_rate]
    plans = fomc_meetings.plans(panel)
    plan_from = [position for position, _ in plans]

    @cache
    def means(year: int, month: int) -> list[float]:
        """The month's mean rate that its contract implied at each session."""
        implied: list[float] = (100.0 - panel.prices(contract(year, month), adjusted=False)).tolist()
        return implied

    def path(position: int) -> _Path:
        days = plans[bisect_right(plan_from, position) - 1][1]
        day: date = observed[position].astype(object)
        return _path(days, day, float(rate.values[position]), lambda year, month: means(year, month)[position])

    year_end = np.full(panel.count, np.nan)
    for position in np.flatnonzero(has_rate & _priced(panel)).tolist():
        year_end[position] = path(position).rate

    def why_not(position: int) -> str | None:
        rates = path(position)
        return rates.reason or (None if rates.missing is None else _no_price(panel, rates.missing, position))

    return Outlook(rate, _years(panel, plans, observed), year_end, why_not)


def _priced(panel: Panel) -> NDArray[np.bool_]:
    """Sessions on which some contract has a price: for most of the past none has."""
    names = sorted(tickers_of([CONTRACTS], panel.market.close.columns))
    priced: NDArray[np.bool_] = np.any(~np.isnan(panel.closes(names)), axis=1)
    return priced


def _years(
    panel: Panel, plans: Sequence[tuple[int, tuple[date, ...]]], observed: NDArray[np.datetime64]
) -> NDArray[np.int64]:
    """Year of the first decision on or after each day, by the plan of its session; 0 where there is none."""
    years = np.zeros(panel.count, dtype=np.int64)
    for begin, (end, _), (_, days) in zip(
        (position for position, _ in plans), (*plans[1:], (panel.count, ())), plans, strict=True
    ):
        decisions = np.array([*days, "NaT"], dtype="datetime64[D]")
        coming = np.searchsorted(decisions[:-1].astype(np.int64), observed[begin:end].astype(np.int64), side="left")
        numbers = decisions.astype("datetime64[Y]").astype(np.int64)[coming] + 1970
        years[begin:end] = np.where(np.isnat(observed[begin:end]) | (coming == len(days)), 0, numbers)
    return years


@dataclass(frozen=True, slots=True)
class _Path:
    """The rate after the year's last decision, NaN without; then a reason, or the month whose contract lacks."""

    rate: float
    reason: str | None = None
    missing: tuple[int, int] | None = None


def _path(days: tuple[date, ...], observed: date, rate: float, average: Average) -> _Path:
    """From the decision days and the rate of the day `observed` to the end of the next decision's year."""
    coming = bisect_left(days, observed)
    if coming == len(days):
        return _Path(float("nan"), f"no meeting of the Fed after {observed} is known")
    year = days[coming].year
    meetings = [day for day in days[coming:] if day.year == year]
    if meetings[-1].month != 12:
        return _Path(float("nan"), f"the Fed's meetings of {year} are known only up to {meetings[-1]}")
    after, missing = rate_after(rate, meetings, average)
    return _Path(after, missing=missing)


def _no_price(panel: Panel, month: tuple[int, int], position: int) -> str:
    name = contract(*month)
    return panel.no_price(name, position, adjusted=False) or f"{name} does not tell the rates of its month apart"


def priced_cuts(panel: Panel) -> SeriesResult:
    """(effective rate - rate after the year's last decision)/0.25, chained meeting by meeting: cuts of a
    quarter point that are priced until then; rises are negative.
    """
    path = outlook(panel)
    return SeriesResult((path.rate.values - path.year_end) / STEP, path.why, path.rate.observed)


def projection_gap(panel: Panel) -> SeriesResult:
    """Median projection for the end of the year less the rate that futures imply for it, in
    percentage points.

    Positive: the market expects less than the Fed's members.
    """
    path = outlook(panel)
    projected = medians(panel).at_all(path.years)

    def why(position: int) -> str | None:
        if not np.isnan(projected[position] - path.year_end[position]):
            return None
        return path.why(position) or medians(panel).why(panel, position, int(path.years[position]))

    return SeriesResult(projected - path.year_end, why, path.rate.observed)


def projection_change(panel: Panel) -> SeriesResult:
    """Median projection for the end of the year less the one of the projections before, in percentage
    points.

    The year is that of the Fed's next decision. Projections that changed no year's median are not
    told apart from those before them.
    """
    path = outlook(panel)
    now, before = medians(panel).at_all(path.years), medians(panel).before_all(path.years)

    def why(position: int) -> str | None:
        if not np.isnan(now[position] - before[position]):
            return None
        year = int(path.years[position])
        if not year:
            return path.rate.why(position) or path.why_not(position)
        if np.isnan(now[position]):
            return medians(panel).why(panel, position, year)
        return f"no projection of the Fed for the end of {year} is known from before the newest ones"

    return SeriesResult(now - before, why, path.rate.observed)
