"""Quarters out of reported facts: year-to-date figures taken apart, fiscal ends laid on calendar quarters.

Pure: it knows days and numbers, no filer, no panel. A quarter is addressed by its number, `4 * year + 0..3`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

SHORTEST, LONGEST = 60, 120
"""Days that a quarter may span; a difference over more is of two quarters, because a report between is missing."""

_ENDS = ((3, 31), (6, 30), (9, 30), (12, 31))


@dataclass(frozen=True, slots=True)
class Fact:
    """One reported figure of the days from `start` to `end`, both included; a balance has `start` equal to `end`."""

    start: date
    end: date
    value: float


@dataclass(frozen=True, slots=True)
class Quarter:
    """One quarter's figure and the fiscal day on which it ended."""

    end: date
    value: float


@lru_cache(4096)
def nearest_quarter(end: date) -> int:
    """The number of the calendar quarter whose last day is nearest to `end`; the earlier one when two are as near.

    Oracle's quarter that ends on 31 August is the third of the calendar, NVIDIA's of 26 January the fourth of the year before.
    """
    year = end.year
    ends = [
        (date(each, month, day), 4 * each + place)
        for each in (year - 1, year)
        for place, (month, day) in enumerate(_ENDS)
    ]
    return min(ends, key=lambda item: (abs((item[0] - end).days), item[1]))[1]


def quarters(facts: Iterable[Fact]) -> dict[int, Quarter]:
    """Three-month figures by quarter number, from facts of one concept over three months or from a fiscal year's start on.

    Of facts with one start and end the first given stands: give the earliest filed first for what was known at the time. A
    reported quarter wins over a difference of two year-to-date figures; a difference counts only when it spans 60 to 120
    days, so the fourth quarter is the year less nine months. No facts give no quarters.
    """
    cumulated: dict[date, dict[date, float]] = {}
    for fact in facts:
        cumulated.setdefault(fact.start, {}).setdefault(fact.end, fact.value)
    found: dict[int, Quarter] = {}
    reported: dict[int, Quarter] = {}
    for start, by_end in cumulated.items():
        ends = sorted(by_end)
        for end in ends:
            if _is_quarter(start - timedelta(days=1), end):
                reported.setdefault(nearest_quarter(end), Quarter(end, by_end[end]))
        for before, end in pairwise(ends):
            if _is_quarter(before, end):
                found.setdefault(nearest_quarter(end), Quarter(end, by_end[end] - by_end[before]))
    return found | reported


def balances(facts: Iterable[Fact]) -> dict[int, Quarter]:
    """Balances by quarter number; of several for one quarter the latest day stands, of one day the first given."""
    found: dict[int, Quarter] = {}
    for fact in facts:
        number = nearest_quarter(fact.end)
        if number not in found or fact.end > found[number].end:
            found[number] = Quarter(fact.end, fact.value)
    return found


def chained(concepts: Sequence[Iterable[Fact]]) -> dict[int, Quarter]:
    """Quarters of a filer that may have changed its tag: concepts in order of preference, never summed.

    The concept that has the newest quarter leads (the preferred one when several have it); the others fill quarters it lacks.
    Where a tag changed within a fiscal year, its year-to-date figure less the other tag's is taken if that is positive.
    """
    groups = [list(facts) for facts in concepts]
    mixed = quarters(fact for facts in groups for fact in facts)
    alone = [quarters(facts) for facts in groups]
    alone.sort(key=lambda each: -max(each, default=0))
    result = {number: quarter for number, quarter in mixed.items() if quarter.value > 0}
    for each in reversed(alone):
        result |= each
    return result


def sum_of_year(found: Mapping[int, Quarter], newest: int) -> float | None:
    """Sum of the four quarters up to `newest`, None unless all are known."""
    year = [found[number].value for number in range(newest - 3, newest + 1) if number in found]
    return sum(year) if len(year) == 4 else None


def _is_quarter(before: date, end: date) -> bool:
    return SHORTEST <= (end - before).days <= LONGEST
