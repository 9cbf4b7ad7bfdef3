"""Analysts' estimates and companies' reports, from daily snapshots of the largest companies.

The companies are those of `watched_names`, and of each group 80 % must be known. Zero revisions are
a value; a missing row is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from signals.asof import watched_names
from signals.asof.estimates import Snapshots, enough, snapshots
from signals.asof.series import STALE_SESSIONS
from signals.core.define import define, levels
from signals.core.model import Signal, Vote
from signals.core.panel import Panel, Positions
from signals.core.rolling import Floats, median_of_rows
from signals.core.series_ops import SeriesResult
from signals.core.units import Unit
from signals.families import earnings_guidance
from signals.families.earnings_surprises import SILENT_SESSIONS, beats


def revisions(panel: Panel, *, group: str) -> SeriesResult:
    """(up - down) / (up + down) of all names of `group` together: revisions of next fiscal year's
    earnings in 30 days, -1 to 1.

    Withheld when no analyst changed anything: there is no direction then.
    """
    estimates = snapshots(panel, watched_names.within(panel.market, group))
    up, down = estimates.column("up_30d"), estimates.column("down_30d")
    have = ~np.isnan(up) & ~np.isnan(down)
    ups, downs = (np.where(have, part, 0.0).sum(axis=1) for part in (up, down))
    counted, listed = have.sum(axis=1).astype(np.int64), have.shape[1]
    fit = enough(counted, listed) & (ups + downs > 0)
    values = np.full(panel.count, np.nan)
    values[fit] = (ups - downs)[fit] / (ups + downs)[fit]

    def why(position: int) -> str | None:
        if fit[position]:
            return None
        few = estimates.too_few(int(counted[position]), listed, position, have="have known revisions")
        return few or "no analyst changed an estimate of next year in 30 days"

    return SeriesResult(values, why, estimates.newest, counted, np.full(panel.count, listed))


@dataclass(frozen=True, slots=True)
class _Growth:
    """Median growth of some companies per session, percent, and how many have one."""

    snapshots: Snapshots
    median: Floats
    counted: Positions

    @property
    def listed(self) -> int:
        return int(self.snapshots.rows.shape[1])

    def too_few(self, position: int) -> str | None:
        return self.snapshots.too_few(
            int(self.counted[position]), self.listed, position, have="have an expected growth"
        )


def growth_gap(panel: Panel) -> SeriesResult:
    """Median expected growth of the seven less that of the rest of sp500, next fiscal year on this,
    percentage points.

    A name without a profit this year has no growth and counts as one that is not known. Each side
    needs 80%.
    """
    members = (ticker for group in ("tech", "rest") for ticker in watched_names.within(panel.market, group))
    seven = _growth(panel, watched_names.SEVEN)
    others = _growth(panel, [ticker for ticker in members if ticker not in watched_names.SEVEN])
    fit = enough(seven.counted, seven.listed) & enough(others.counted, others.listed)

    def why(position: int) -> str | None:
        return None if fit[position] else seven.too_few(position) or others.too_few(position)

    return SeriesResult(
        np.where(fit, seven.median - others.median, np.nan),
        why,
        np.fmax(seven.snapshots.newest, others.snapshots.newest),
        seven.counted + others.counted,
        np.full(panel.count, seven.listed + others.listed),
    )


def _growth(panel: Panel, tickers: Sequence[str]) -> _Growth:
    estimates = snapshots(panel, tickers)
    growth = estimates.column("growth_next_year")
    return _Growth(estimates, median_of_rows(growth), (~np.isnan(growth)).sum(axis=1).astype(np.int64))


def _revised(name: str, label: str, group: str, meaning: str, votes: tuple[Vote, ...]) -> Signal:
    return define(
        f"earnings.{name}",
        label,
        unit=Unit.BALANCE,
        meaning=meaning,
        inputs=("records:estimates", "group:tech" if group == "tech" else "group:sp500"),
        formula=partial(revisions, group=group),
        votes=votes,
        max_age=STALE_SESSIONS,
    )


SIGNALS: tuple[Signal, ...] = (
    _revised(
        *("tech_revisions", "Earnings revisions, tech", "tech"),
        "Analysts who raised next year's earnings of tech in 30 days less those who cut, over both; -1 all cut, 1 all raised.",
        levels(-0.1, 0.1, rec=1, rot=-1),
    ),
    _revised(
        *("rest_revisions", "Earnings revisions, rest", "rest"),
        "The same for the largest names of the S&P 500 outside tech; above tech's when earnings broaden.",
        levels(-0.1, 0.1, rot=1),
    ),
    define(
        "earnings.tech_beats",
        "Tech earnings beats",
        unit=Unit.PERCENT,
        meaning="Tech reports of 90 days with earnings above the last estimate; about 75% is normal, under 60% poor.",
        inputs=("records:surprises", "group:tech"),
        formula=partial(beats, group="tech"),
        votes=levels(60, 80, rec=1),
        max_age=SILENT_SESSIONS,
    ),
    *earnings_guidance.SIGNALS,
    define(
        "earnings.growth_gap",
        "EPS growth, Mag 7 vs. rest",
        unit=Unit.POINTS_PERCENT,
        decimals=1,
        meaning="Expected growth of next year's earnings, median of the Magnificent Seven less that of the rest of the S&P 500.",
        inputs=("records:estimates", "group:sp500"),
        formula=growth_gap,
        votes=levels(0, 10, rec=1, rot=-1),
        max_age=STALE_SESSIONS,
    ),
)
