"""Joins observations of a series to sessions: what was known after each close, and how old it may be.

A row with its own `known_at` counts from the first session whose close + 20 minutes is not before
it. The rules below, and the table of late releases, are used for rows without one, and their
readings say that the date is estimated. Of several rows for one date, the one that began to count
last is valid. A row without own `known_at` is dropped in favour of the first row of that date with
one when both have the same value, because then the real release date is known.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from signals.asof.late_releases import with_late_releases
from signals.core.panel import Panel, Positions
from signals.core.rolling import NOISE, Bools, Floats
from signals.core.series_ops import SeriesResult

TODAYS_REVISION = "today's revision, not the figure first published"
STALE_SESSIONS = 5
"""A daily series whose newest observation is older than this is withheld."""

STALE_DAYS = 106
"""A monthly series whose newest observation is dated longer ago than this is withheld: orders (M3)
count 66 days after their date and the next ones a month later, and a release may be late.
"""

_SAME_SESSION = frozenset({"VIX", "VIX9D", "VIX3M", "VXN", "SKEW", "DFEDTARU", "DFEDTARL"})
_MONTHLY_LAG = {"CPI": 45, "PCE": 61, "UNRATE": 38, "PAYEMS": 38, "CAPUTL": 48, "A34S": 66}
"""Calendar days from the first of the month described to its release, by start of the id: the
latest of ordinary months.

Capacity utilisation (G.17) is published around the 16th of the next month, at the latest on the
18th; orders (M3) five weeks after the month's end.
"""
_UNREVISED = np.timedelta64(28, "D")
"""For so long after its release a monthly figure is the one first published."""


def counts_same_session(series: str) -> bool:
    """Whether an observation counts on the session of its own date.

    The others count from the next one.
    """
    return series in _SAME_SESSION


def monthly_lag(series: str) -> int | None:
    """Calendar days after its date at which an observation of a monthly series counts.

    None for daily series.
    """
    return next((days for prefix, days in _MONTHLY_LAG.items() if series.startswith(prefix)), None)


@dataclass(frozen=True, slots=True)
class Observations:
    """The rows of one series in the order in which they began to count.

    Attributes:
        series: Id of the series.
        counts_from: Position of the session from which a row counts; rows that count later than the
            last session are left out.
        dates: The dates that the rows describe.
        values: Never NaN.
        by_rule: Whether a row counts from a date that the rule estimates.
        todays: Whether a row is today's revision: fetched so long after its release that it may
            have been revised since.
    """

    series: str
    counts_from: Positions
    dates: NDArray[np.datetime64]
    values: Floats
    by_rule: Bools
    todays: Bools


def joined(panel: Panel, series: str) -> SeriesResult:
    """The newest observation of `series` that counts by each session; none (NaN) where that is too old."""
    return panel.once(("joined", series), lambda: _join(panel, observations(panel, series)))


def _join(panel: Panel, rows: Observations) -> SeriesResult:
    newest_so_far = np.maximum.accumulate(rows.dates) if len(rows.dates) else rows.dates
    front = rows.dates == newest_so_far
    counts_from, dates, values = rows.counts_from[front], rows.dates[front], rows.values[front]
    by_rule, todays = rows.by_rule[front], rows.todays[front]
    place = panel.held(counts_from)
    has_row = place >= 0
    result = np.full(panel.count, np.nan)
    newest = np.full(panel.count, np.datetime64("NaT"), dtype="datetime64[D]")
    result[has_row] = values[place[has_row]]
    newest[has_row] = dates[place[has_row]]
    result[has_row & (_age(panel, rows.series, newest) > stale_after(rows.series))] = np.nan
    firsts = _firsts(rows)
    estimated = np.zeros(panel.count, dtype=np.bool_)
    estimated[has_row] = by_rule[place[has_row]]

    def notes(position: int) -> tuple[str, ...]:
        if np.isnan(result[position]):
            return ()
        if todays[place[position]]:
            return (_todays_revision(rows.series, newest[position]),)
        first = firsts.get(newest[position])
        if first is None or abs(first - result[position]) <= NOISE * abs(first):
            return ()
        return (f"{rows.series} of {newest[position]} revised from {first:.10g}",)

    why = partial(_why, panel, rows.series, result, newest)
    return SeriesResult(result, why, newest, notes=notes, estimated=estimated)


def _todays_revision(series: str, day: np.datetime64) -> str:
    return f"{series} of {day.astype('datetime64[M]')}: {TODAYS_REVISION}"


def _firsts(rows: Observations) -> dict[np.datetime64, float]:
    """The first value of each date that has more than one row."""
    dates, first, counts = np.unique(rows.dates, return_index=True, return_counts=True)
    again = counts > 1
    return dict(zip(dates[again], rows.values[first[again]].tolist(), strict=True))


def _age(panel: Panel, series: str, newest: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """Calendar days (monthly) or sessions (daily) from the newest observation to each session."""
    if monthly_lag(series) is not None:
        return (panel.dates - newest).astype(np.int64)
    return np.arange(panel.count) - (panel.first_after(newest) - 1)


def stale_after(series: str) -> int:
    """Calendar days (monthly) or sessions (daily) after its date at which the newest observation is
    too old.
    """
    return STALE_SESSIONS if monthly_lag(series) is None else STALE_DAYS


def _why(panel: Panel, series: str, values: Floats, newest: NDArray[np.datetime64], position: int, /) -> str | None:
    if not np.isnan(values[position]):
        return None
    if series not in panel.market.series or panel.market.series[series].empty:
        return f"{series} has no observations"
    if np.isnat(newest[position]):
        return f"{series} has no observation that was known on {panel.day(position)}"
    age = int(_age(panel, series, newest)[position])
    unit = "sessions" if monthly_lag(series) is None else "days"
    return f"newest {series} is {newest[position]}, {age} {unit} old; at most {stale_after(series)}"


def observations(panel: Panel, series: str) -> Observations:
    """The rows of a series that count by the last session.

    None for a series that the market does not have.
    """
    frame = panel.market.series.get(series)
    if frame is None or frame.empty or not panel.count:
        empty = np.array([], dtype="datetime64[D]")
        none = np.array([], dtype=np.bool_)
        return Observations(series, np.array([], dtype=np.int64), empty, np.array([], dtype=np.float64), none, none)
    frame = _without_replaced(frame[frame["value"].notna()])
    dates = pd.DatetimeIndex(frame.index).to_numpy().astype("datetime64[D]")
    known_at = pd.DatetimeIndex(frame["known_at"]).as_unit("ns").asi8
    own = frame["known_at"].notna().to_numpy()
    counts_from = np.where(own, panel.first_final_at(known_at), _by_rule(panel, series, dates))
    # The rule only estimates when a row became public: of two rows that begin on one session, the
    # dated one is the newer.
    order = np.lexsort((np.arange(len(dates)), np.where(own, known_at, 0), own, dates, counts_from))
    order = order[counts_from[order] < panel.count]
    values = frame["value"].to_numpy(dtype=np.float64)
    todays = ~own & _fetched_long_after(panel, series, dates)
    return Observations(
        series, counts_from[order].astype(np.int64), dates[order], values[order], ~own[order], todays[order]
    )


def _by_rule(panel: Panel, series: str, dates: NDArray[np.datetime64]) -> Positions:
    """Position of the first session at which the rules let an observation count.

    The count of sessions when later. Series without a rule of their own count from the first
    session after their date, like the yields.
    """
    released = _released(series, dates)
    if released is not None:
        return panel.first_at(released)
    return panel.first_at(dates) if series in _SAME_SESSION else panel.first_after(dates)


def _released(series: str, dates: NDArray[np.datetime64]) -> NDArray[np.datetime64] | None:
    """The day of release of each date of a monthly series; None for a daily one."""
    lag = monthly_lag(series)
    return None if lag is None else with_late_releases(series, dates, dates + np.timedelta64(lag, "D"))


def _fetched_long_after(panel: Panel, series: str, dates: NDArray[np.datetime64]) -> Bools:
    """Which rows of a monthly series were fetched after the next month's release, the first to
    revise them.

    Values of daily series are not revised.
    """
    released, fetched = _released(series, dates), panel.market.fetched_at.get(series)
    if released is None or fetched is None:
        return np.zeros(len(dates), dtype=np.bool_)
    on = pd.DatetimeIndex(fetched.reindex(pd.DatetimeIndex(dates))).tz_localize(None).to_numpy().astype("datetime64[D]")
    late: Bools = on > released + _UNREVISED
    return late


def _without_replaced(frame: pd.DataFrame) -> pd.DataFrame:
    """Drops rows that only estimate when a value became public where the real instant is known."""
    if not frame.index.has_duplicates or not frame["known_at"].notna().any():
        return frame
    own = frame[frame["known_at"].notna()].sort_values("known_at", kind="stable")
    first = own[~own.index.duplicated()]["value"].reindex(frame.index)
    return frame[frame["known_at"].notna() | (frame["value"] != first.to_numpy())]


def over_months(panel: Panel, series: str, *, months: int, combine: Callable[[Floats, Floats], Floats]) -> SeriesResult:
    """`combine(newest value, value of `months` earlier)` of a monthly series, both as known after each close.

    Months are counted from the month of the newest observation; if the earlier one is not known
    there is no value until the next observation comes. The age limit is that of `joined`.
    """
    level = joined(panel, series)
    steps = _month_steps(observations(panel, series), months)
    place = panel.held(steps.counts_from)
    now, before = np.full(panel.count, np.nan), np.full(panel.count, np.nan)
    now[place >= 0], before[place >= 0] = steps.now[place[place >= 0]], steps.before[place[place >= 0]]
    values = np.where(np.isnan(level.values), np.nan, combine(now, before))

    def why(position: int) -> str | None:
        if not np.isnan(values[position]):
            return None
        newest = steps.month[place[position]] if place[position] >= 0 else 0
        missing = np.datetime64(int(newest) - months, "M")
        return level.why(position) or f"{series} of {missing} is missing, {months} months before the newest"

    def notes(position: int) -> tuple[str, ...]:
        own = level.notes(position) if level.notes else ()
        if own or np.isnan(values[position]) or not steps.todays_before[place[position]]:
            return own
        return (_todays_revision(series, np.datetime64(int(steps.month[place[position]]) - months, "M")),)

    return SeriesResult(values, why, level.observed, notes=notes, estimated=level.estimated)


@dataclass(frozen=True, slots=True)
class _Steps:
    """After each row that counts: the newest month, its value and that of some months earlier, NaN
    where unknown, and whether the earlier one is today's revision.
    """

    counts_from: Positions
    month: Positions
    now: Floats
    before: Floats
    todays_before: Bools


def _month_steps(rows: Observations, months: int) -> _Steps:
    place_of: dict[int, int] = {}
    count = len(rows.values)
    now, before = np.full(count, np.nan), np.full(count, np.nan)
    newest, todays = np.empty(count, dtype=np.int64), np.zeros(count, dtype=np.bool_)
    of_month = rows.dates.astype("datetime64[M]").astype(np.int64).tolist()
    for place, month in enumerate(of_month):
        place_of[month] = place
        newest[place] = latest = max(place_of)
        now[place] = rows.values[place_of[latest]]
        earlier = place_of.get(latest - months)
        if earlier is not None:
            before[place], todays[place] = rows.values[earlier], rows.todays[earlier]
    return _Steps(rows.counts_from, newest, now, before, todays)
