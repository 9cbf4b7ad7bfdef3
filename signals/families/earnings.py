"""What analysts expect and companies deliver, from daily snapshots of the largest names.

Names are those of `watched`, and of each group 80 % must be known. Zero revisions are an answer; no answer is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from signals.asof import watched_names
from signals.asof.estimates import Snapshots, enough, snapshots
from signals.asof.series import STALE_SESSIONS
from signals.core.define import entry, levels
from signals.core.model import Signal, Unit, Vote
from signals.core.panel import Panel, Positions
from signals.core.rolling import Floats, median_of_rows
from signals.core.series_ops import Line
from signals.families import earnings_guidance
from signals.families.earnings_surprises import SILENT_SESSIONS, beats


def revisions(panel: Panel, *, group: str) -> Line:
    """(up - down) / (up + down) of all names of `group` together: revisions of next fiscal year's earnings in 30 days, -1 to 1.

    Withheld when no analyst changed anything: there is no direction then.
    """
    found = snapshots(panel, watched_names.within(panel.market, group))
    up, down = found.column("up_30d"), found.column("down_30d")
    have = ~np.isnan(up) & ~np.isnan(down)
    ups, downs = (np.where(have, part, 0.0).sum(axis=1) for part in (up, down))
    counted, listed = have.sum(axis=1).astype(np.int64), have.shape[1]
    fit = enough(counted, listed) & (ups + downs > 0)
    values = np.full(panel.count, np.nan)
    values[fit] = (ups - downs)[fit] / (ups + downs)[fit]

    def why(position: int) -> str | None:
        if fit[position]:
            return None
        few = found.too_few(int(counted[position]), listed, position, have="have known revisions")
        return few or "no analyst changed an estimate of next year in 30 days"

    return Line(values, why, found.newest, counted, np.full(panel.count, listed))


@dataclass(frozen=True, slots=True)
class _Growth:
    """Median growth of some names a session, percent, and how many it is made of."""

    found: Snapshots
    median: Floats
    counted: Positions

    @property
    def listed(self) -> int:
        return int(self.found.rows.shape[1])

    def too_few(self, position: int) -> str | None:
        return self.found.too_few(int(self.counted[position]), self.listed, position, have="have an expected growth")


def growth_gap(panel: Panel) -> Line:
    """Median expected growth of the seven less that of the rest of sp500, next fiscal year on this, percentage points.

    A name without a profit this year has no growth and counts as one that is not known. Each side needs 80 %.
    """
    members = (ticker for group in ("tech", "rest") for ticker in watched_names.within(panel.market, group))
    seven = _growth(panel, watched_names.SEVEN)
    rest = _growth(panel, [ticker for ticker in members if ticker not in watched_names.SEVEN])
    fit = enough(seven.counted, seven.listed) & enough(rest.counted, rest.listed)

    def why(position: int) -> str | None:
        return None if fit[position] else seven.too_few(position) or rest.too_few(position)

    return Line(
        np.where(fit, seven.median - rest.median, np.nan),
        why,
        np.fmax(seven.found.newest, rest.found.newest),
        seven.counted + rest.counted,
        np.full(panel.count, seven.listed + rest.listed),
    )


def _growth(panel: Panel, tickers: Sequence[str]) -> _Growth:
    found = snapshots(panel, tickers)
    growth = found.column("growth_next_year")
    return _Growth(found, median_of_rows(growth), (~np.isnan(growth)).sum(axis=1).astype(np.int64))


def _revised(name: str, label: str, group: str, meaning: str, votes: tuple[Vote, ...]) -> Signal:
    return entry(
        f"earnings.{name}",
        label,
        unit=Unit.BALANCE,
        meaning=meaning,
        inputs=("records:estimates", "group:tech" if group == "tech" else "group:sp500"),
        line=partial(revisions, group=group),
        votes=votes,
        max_age=STALE_SESSIONS,
    )


SIGNALS: tuple[Signal, ...] = (
    _revised(
        *("tech_revisions", "Revisions of tech earnings", "tech"),
        "Analysts who raised next year's earnings of tech in 30 days less those who cut, over both; -1 all cut, 1 all raised.",
        levels(-0.1, 0.1, rec=1, rot=-1),
    ),
    _revised(
        *("rest_revisions", "Revisions of other earnings", "rest"),
        "The same for the largest names of the S&P 500 outside tech; above tech's when earnings broaden.",
        levels(-0.1, 0.1, rot=1),
    ),
    entry(
        "earnings.tech_beats",
        "Tech reports above estimates",
        unit=Unit.PERCENT,
        meaning="Tech reports of 90 days with earnings above the last estimate; about 75 % is usual, under 60 % poor.",
        inputs=("records:surprises", "group:tech"),
        line=partial(beats, group="tech"),
        votes=levels(60, 80, rec=1),
        max_age=SILENT_SESSIONS,
    ),
    *earnings_guidance.SIGNALS,
    entry(
        "earnings.growth_gap",
        "Growth of the seven less rest",
        unit=Unit.POINTS_PERCENT,
        decimals=1,
        meaning="Expected growth of next year's earnings, median of the seven giants less that of the rest of the S&P 500.",
        inputs=("records:estimates", "group:sp500"),
        line=growth_gap,
        votes=levels(0, 10, rec=1, rot=-1),
        max_age=STALE_SESSIONS,
    ),
)
