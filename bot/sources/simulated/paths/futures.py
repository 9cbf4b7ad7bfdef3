"""Expectations of the simulated Fed's rate: futures, its members' projections, and its meetings.

Expectations close the gap between the rate and the Fed's desired rate by the same share at every
meeting; only what is known at a day's close enters its prices.
"""

from __future__ import annotations

from datetime import date, datetime, time

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bot.calendar.clock import NEW_YORK
from bot.sources.simulated.paths.economy import meetings
from bot.sources.simulated.paths.time_grid import EPOCH, Floats, Stream, normals, slots
from bot.sources.simulated.paths.world import World
from bot.sources.simulated.series import effective
from signals.asof import fomc_meetings
from signals.derivatives import fed_funds

_KEEP = 0.55
"""Share of the gap that is still expected after one more meeting."""
_TICK = 0.005
_BELOW = 0.17
"""Distance of the effective rate under the upper bound."""
_SEP_YEARS = 3
_SEP_BEFORE = 500
"""Days before the first session from which there are projections."""
_AT = time(14, 0)

Dates = NDArray[np.datetime64]


def contracts(world: World, days: pd.DatetimeIndex) -> pd.DataFrame:
    """Closes of the futures on the federal funds rate, `days` x tickers: each trades in its month
    and the 17 before.
    """
    tickers = fed_funds.contracts(days[0].date(), days[-1].date())
    first = np.datetime64(days[0], "M")
    month = days.to_numpy().astype("datetime64[M]")
    prices = np.full((len(days), len(tickers)), np.nan)
    rows = np.arange(len(days))
    for ahead in range(fed_funds.MONTHS):
        prices[rows, (month - first).astype(int) + ahead] = 100.0 - _mean(world, days, month + ahead)
    return pd.DataFrame(np.round(prices / _TICK) * _TICK, index=days, columns=list(tickers)).round(3)


def _mean(world: World, days: pd.DatetimeIndex, month: Dates) -> Floats:
    """Mean rate of a month as expected at each day's close: past days as they were, the others as
    expected.
    """
    today = days.to_numpy().astype("datetime64[D]")
    begin, end = month.astype("datetime64[D]"), (month + 1).astype("datetime64[D]")
    rate, gap = _outlook(world, days)
    decisions = np.array(meetings(days[0].year, days[-1].year + 2), dtype="datetime64[D]")
    length = (end - begin).astype(float)
    since = np.maximum(begin, today + 1)
    # Days on which a decision after today does not hold yet, and those on which it does: it holds
    # from the day after.
    before = _count(decisions, since - 1) - _count(decisions, today)
    within = _count(decisions, end - 1) - _count(decisions, since - 1)
    place = np.clip(np.searchsorted(decisions, since), 0, len(decisions) - 1)
    turn = np.where(within > 0, np.minimum(decisions[place] + 1, end), end)
    old, new = (turn - since).astype(float), (end - turn).astype(float)
    left = old * (rate + gap * (1 - _KEEP**before)) + new * (rate + gap * (1 - _KEEP ** (before + 1)))
    # Sums begin where `days` do; rounded, they are the same whatever the span.
    result: Floats = np.round((left + _sum_so_far(world, days, begin)) / length, 6)
    return result


def _count(decisions: Dates, until: Dates) -> NDArray[np.int64]:
    return np.searchsorted(decisions, until, side="right").astype(np.int64)


def _outlook(world: World, days: pd.DatetimeIndex) -> tuple[Floats, Floats]:
    """The effective rate from the next day on and its gap to the Fed's desired rate, known at each
    day's close.
    """
    at = slots(days)
    upper = world.money.upper[np.minimum(at + 1, world.grid.size - 1)]
    return upper - _BELOW, world.money.desired[at] - (upper - 0.125)


def _sum_so_far(world: World, days: pd.DatetimeIndex, begin: Dates) -> Floats:
    """Sum of the effective rates from the first of a month to each day, 0 for months to come."""
    first = max(days[0].replace(day=1), pd.Timestamp(EPOCH))
    every = pd.date_range(first, days[-1], freq="D")
    total = np.concatenate([[0.0], np.cumsum(effective(world, every))])
    today = (days - first).days.to_numpy()
    start = (pd.DatetimeIndex(begin) - first).days.to_numpy()
    result: Floats = np.where(start <= today, total[today + 1] - total[np.clip(start, 0, len(every))], 0.0)
    return result


def projections(world: World, days: pd.DatetimeIndex) -> pd.DataFrame:
    """Medians for the ends of this and the next two years, known at 14:00 New York of each meeting
    with projections.
    """
    start = max(days[0] - pd.Timedelta(days=_SEP_BEFORE), pd.Timestamp(EPOCH))
    meeting_days = [
        day
        for day in fomc_meetings.with_projections(meetings(start.year, days[-1].year))
        if start <= pd.Timestamp(day) <= days[-1]
    ]
    at = pd.DatetimeIndex(meeting_days)
    rate, gap = _outlook(world, at)
    noise = normals(world.seed, Stream.PROJECTIONS, world.grid, width=_SEP_YEARS)[slots(at)]
    rows = []
    for row, day in enumerate(meeting_days):
        known_at = pd.Timestamp(datetime.combine(day, _AT, NEW_YORK)).tz_convert("UTC")
        for ahead in range(_SEP_YEARS):
            decisions = sum(other > day for other in meetings(day.year, day.year + ahead))
            middle = rate[row] + _BELOW - 0.125 + (gap[row] + 0.15 * noise[row, ahead]) * (1 - _KEEP**decisions)
            rows.append((pd.Timestamp(day.year + ahead, 12, 31), round(max(middle, 0.1), 1), known_at))
    return pd.DataFrame(rows, columns=["year_end", "median", "known_at"])


def plan(days: pd.DatetimeIndex) -> pd.DataFrame:
    """The simulated meetings instead of the real ones, each year's known since New Year's Day of
    the year before.
    """
    rows = []
    for year in range(days[0].year, days[-1].year + 2):
        mine, real = set(meetings(year, year)), {day for day in fomc_meetings.planned() if day.year == year}
        known_at = pd.Timestamp(date(year - 1, 1, 1), tz="UTC")
        rows += [(pd.Timestamp(day), 1.0, known_at) for day in sorted(mine - real)]
        rows += [(pd.Timestamp(day), 0.0, known_at) for day in sorted(real - mine)]
    return pd.DataFrame(rows, columns=["date", "planned", "known_at"])
