"""Quarterly reports against the last estimate before them: the share of a group's reports that beat it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from signals.asof import datasets, watched_names
from signals.core.panel import Panel, Positions
from signals.core.rolling import Bools, compare
from signals.core.series_ops import SeriesResult

WINDOW_DAYS = 90
MIN_COVERAGE_PCT = 50
"""Share of the companies that must have reported in those days.

Reports of one company are up to 115 days apart, so in January a third of the companies regularly
have none in the window; 80 % would withhold the reading each year.
"""
SILENT_SESSIONS = 31
"""Some technology companies report at least every six weeks: if none has for longer, reports were
not fetched.
"""
REPORT_DAYS = 45
"""A report of unknown day is dated this long after its quarter, or when it was first seen if that
is earlier.
"""

_ZONE = "America/New_York"
_NEVER = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True)
class _ReportVersions:
    """Versions of reports in the order in which they began to count.

    Attributes:
        start: Position of the first session at which a version is valid.
        end: Position of the first session at which it no longer is.
        day: Number of the day of the report (days since 1970).
        ticker: The company.
        beaten: Whether earnings were above the estimate.
        begins: Position of the first session at which any report was known.
    """

    start: Positions
    end: Positions
    day: Positions
    ticker: NDArray[np.object_]
    beaten: Bools
    begins: int

    def counted(self, panel: Panel) -> Iterator[tuple[int, slice]]:
        """Each version that counts, with the sessions at which it is valid and in the window that ends with them."""
        first, beyond = (panel.first_at((self.day + days).astype("datetime64[D]")) for days in (0, WINDOW_DAYS))
        begin, end = np.maximum(self.start, first), np.minimum(self.end, beyond)
        for version in np.flatnonzero(begin < end).tolist():
            yield version, slice(int(begin[version]), int(end[version]))


@dataclass(frozen=True, slots=True)
class _ReportCounts:
    """Per session: reports in the window, how many of them beat, their companies, number of the
    newest one's day.
    """

    beaten: Positions
    total: Positions
    companies: Positions
    newest: Positions


def beats(panel: Panel, *, group: str) -> SeriesResult:
    """Share of reports of `group` of the last 90 days, today included, with earnings above the last
    estimate, percent.

    Half of the listed companies of a group must have reported in that time, and one of them in the
    last 31 sessions.
    """
    tickers = watched_names.within(panel.market, group)
    reports = _reports(panel, tickers)
    tally = _report_counts(panel, reports)
    observed = tally.newest.astype("datetime64[D]")
    age = datasets.ages(panel, observed)
    fit = (100 * tally.companies >= MIN_COVERAGE_PCT * len(tickers)) & (tally.total > 0) & (age <= SILENT_SESSIONS)
    values = np.full(panel.count, np.nan)
    values[fit] = 100.0 * tally.beaten[fit] / tally.total[fit]

    def why(position: int) -> str | None:
        if fit[position]:
            return None
        if not tickers:
            return "none of the companies watched is a member"
        if position < reports.begins:
            return datasets.nothing_yet(panel, "surprises", position)
        since = f"stored since {panel.day(reports.begins)}"
        if 100 * tally.companies[position] < MIN_COVERAGE_PCT * len(tickers):
            few = f"only {tally.companies[position]} of {len(tickers)} names have a known report of the last {WINDOW_DAYS} days"
            return f"{few} (at least {MIN_COVERAGE_PCT}% needed); {since}"
        return f"newest known report is of {observed[position]}, {age[position]} sessions old; at most {SILENT_SESSIONS}; {since}"

    return SeriesResult(values, why, observed, tally.companies, np.full(panel.count, len(tickers)))


def _reports(panel: Panel, tickers: list[str]) -> _ReportVersions:
    frame = datasets.rows(panel, "surprises")
    begins = int(frame[datasets.COUNTS_FROM].iloc[0]) if len(frame) else panel.count
    frame = frame[frame["ticker"].isin(tickers) & frame["actual"].notna() & frame["estimate"].notna()]
    keys = frame.groupby(["quarter", "ticker"], sort=False)
    start = frame[datasets.COUNTS_FROM].to_numpy(dtype=np.int64)
    end = keys[datasets.COUNTS_FROM].shift(-1).fillna(panel.count).to_numpy(dtype=np.int64)
    day = frame["reported"].fillna(_likely(frame["quarter"], keys["known_at"].transform("min")))
    numbers = day.to_numpy().astype("datetime64[D]").astype(np.int64)
    beaten = compare(*(frame[name].to_numpy(dtype=np.float64) for name in ("actual", "estimate"))) > 0
    return _ReportVersions(start, end, numbers, frame["ticker"].to_numpy(dtype=object), beaten, begins)


def _likely(quarter: pd.Series, seen: pd.Series) -> pd.Series:
    first_seen = seen.dt.tz_convert(_ZONE).dt.tz_localize(None).dt.normalize()
    usual = quarter + pd.Timedelta(days=REPORT_DAYS)
    likely: pd.Series = first_seen.where(first_seen < usual, usual)
    return likely


def _report_counts(panel: Panel, reports: _ReportVersions) -> _ReportCounts:
    beaten, total = (np.zeros(panel.count, dtype=np.int64) for _ in range(2))
    newest = np.full(panel.count, _NEVER)
    codes, names = pd.factorize(reports.ticker)
    reported = np.zeros((len(names), panel.count), dtype=bool)
    for version, sessions in reports.counted(panel):
        beaten[sessions] += reports.beaten[version]
        total[sessions] += 1
        reported[codes[version], sessions] = True
        newest[sessions] = np.maximum(newest[sessions], reports.day[version])
    return _ReportCounts(beaten, total, reported.sum(axis=0), newest)
