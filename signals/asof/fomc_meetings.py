"""The Fed's meetings: the plan as the Fed announced it, and the changes known since.

Only planned meetings are listed. The cuts of March 2020 between meetings are not, because they were
not announced before; the meeting of March 18, 2020, which they replaced, is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date

from signals.asof.datasets import COUNTS_FROM, rows
from signals.core.panel import Panel

_PLANNED: Mapping[int, str] = {
    2015: "01-28 03-18 04-29 06-17 07-29 09-17 10-28 12-16",
    2016: "01-27 03-16 04-27 06-15 07-27 09-21 11-02 12-14",
    2017: "02-01 03-15 05-03 06-14 07-26 09-20 11-01 12-13",
    2018: "01-31 03-21 05-02 06-13 08-01 09-26 11-08 12-19",
    2019: "01-30 03-20 05-01 06-19 07-31 09-18 10-30 12-11",
    2020: "01-29 03-18 04-29 06-10 07-29 09-16 11-05 12-16",
    2021: "01-27 03-17 04-28 06-16 07-28 09-22 11-03 12-15",
    2022: "01-26 03-16 05-04 06-15 07-27 09-21 11-02 12-14",
    2023: "02-01 03-22 05-03 06-14 07-26 09-20 11-01 12-13",
    2024: "01-31 03-20 05-01 06-12 07-31 09-18 11-07 12-18",
    2025: "01-29 03-19 05-07 06-18 07-30 09-17 10-29 12-10",
    2026: "01-28 03-18 04-29 06-17 07-29 09-16 10-28 12-09",
    2027: "01-27 03-17 04-28 06-09 07-28 09-15 10-27 12-08",
}
"""Last days of the meetings, on which decisions are announced
(federalreserve.gov/monetarypolicy/fomccalendars.htm).
"""

A_YEAR = 8
"""Meetings of a full year: only a calendar that has that many in a year can say that a day in it is none any more."""

PROJECTION_MONTHS = (3, 6, 9, 12)
"""Months whose meeting comes with the members' projections (SEP)."""


def planned() -> tuple[date, ...]:
    """Every decision day of the checked-in plan, ascending, 2015 to 2027."""
    return tuple(date.fromisoformat(f"{year}-{day}") for year, days in _PLANNED.items() for day in days.split())


def full_years(days: Collection[date]) -> frozenset[int]:
    """The years that have all their meetings among some days."""
    count = Counter(day.year for day in days)
    return frozenset(year for year in count if count[year] >= A_YEAR)


def with_projections(days: Sequence[date]) -> tuple[date, ...]:
    """Those of the decision days that come with projections."""
    return tuple(day for day in days if day.month in PROJECTION_MONTHS)


def plans(panel: Panel) -> list[tuple[int, tuple[date, ...]]]:
    """Plans as (position from which it was known, decision days ascending), oldest first.

    The first one is the checked-in plan. Each row of the dataset `meetings` adds or removes a day
    from the first session whose close + 20 minutes is not before its `known_at`; rows that count
    only after the last session are left out.
    """
    return panel.once("meetings of the Fed", lambda: _plans(panel))


def _plans(panel: Panel) -> list[tuple[int, tuple[date, ...]]]:
    days = set(planned())
    plans = [(0, tuple(sorted(days)))]
    changes = rows(panel, "meetings")
    for position, day, is_planned in zip(
        changes[COUNTS_FROM].tolist(), changes["date"], changes["planned"], strict=True
    ):
        (days.add if is_planned else days.discard)(day.date())
        if plans[-1][0] == position:
            plans.pop()
        plans.append((position, tuple(sorted(days))))
    return plans
