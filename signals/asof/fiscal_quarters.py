"""Quarters from reported facts: year-to-date figures are split, fiscal ends assigned to calendar quarters.

Pure functions of days and numbers, without companies or a panel. A quarter is addressed by its
number, `4 * year + 0..3`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

SHORTEST, LONGEST = 60, 120
"""Days that a quarter may span.

A longer difference covers two quarters, because a report between them is missing.
"""

_ENDS = ((3, 31), (6, 30), (9, 30), (12, 31))


@dataclass(frozen=True, slots=True)
class Fact:
    """One reported figure of the days from `start` to `end`, both included.

    A balance has `start` equal to `end`.
    """

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
    """The number of the calendar quarter whose last day is nearest to `end`.

    The earlier one when two are as near. Oracle's quarter that ends on August 31 is the third of
    the calendar, NVIDIA's of January 26 the fourth of the year before.
    """
    ends = [
        (date(year, month, day), 4 * year + place)
        for year in (end.year - 1, end.year)
        for place, (month, day) in enumerate(_ENDS)
    ]
    return min(ends, key=lambda item: (abs((item[0] - end).days), item[1]))[1]


def quarters(facts: Iterable[Fact]) -> dict[int, Quarter]:
    """Three-month figures by quarter number, from facts of one concept.

    The facts cover three months, or run from the start of a fiscal year. Of facts with the same
    start and end the first given is used: give the earliest filed first for what was known at the
    time. A reported quarter takes precedence over a difference of two year-to-date figures. A
    difference counts only when it spans 60 to 120 days, so the fourth quarter is the year less nine
    months. No facts give no quarters.
    """
    cumulated: dict[date, dict[date, float]] = {}
    for fact in facts:
        cumulated.setdefault(fact.start, {}).setdefault(fact.end, fact.value)
    differences: dict[int, Quarter] = {}
    reported: dict[int, Quarter] = {}
    for start, by_end in cumulated.items():
        ends = sorted(by_end)
        for end in ends:
            if _is_quarter(start - timedelta(days=1), end):
                reported.setdefault(nearest_quarter(end), Quarter(end, by_end[end]))
        for before, end in pairwise(ends):
            if _is_quarter(before, end):
                differences.setdefault(nearest_quarter(end), Quarter(end, by_end[end] - by_end[before]))
    return differences | reported


def balances(facts: Iterable[Fact]) -> dict[int, Quarter]:
    """Balances by quarter number.

    Of several for one quarter the latest day is used, of one day the first given.
    """
    newest: dict[int, Quarter] = {}
    for fact in facts:
        number = nearest_quarter(fact.end)
        if number not in newest or fact.end > newest[number].end:
            newest[number] = Quarter(fact.end, fact.value)
    return newest


def chained(concepts: Sequence[Iterable[Fact]]) -> dict[int, Quarter]:
    """Quarters of a company that may have changed its tag: concepts in order of preference, never summed.

    The concept that has the newest quarter takes precedence (the preferred one when several have
    it); the others fill the quarters that it lacks. Where a tag changed within a fiscal year, its
    year-to-date figure less the other tag's is used if that is positive.
    """
    groups = [told for facts in concepts if (told := list(facts))]
    by_concept = [quarters(facts) for facts in groups]
    if len(groups) < 2:
        return by_concept[0] if by_concept else {}
    mixed = quarters(fact for facts in groups for fact in facts)
    by_concept.sort(key=lambda own: -max(own, default=0))
    result = {number: quarter for number, quarter in mixed.items() if quarter.value > 0}
    for own in reversed(by_concept):
        result |= own
    return result


def sum_of_year(quarters: Mapping[int, Quarter], newest: int) -> float | None:
    """Sum of the four quarters up to `newest`, None unless all are known."""
    year = [quarters[number].value for number in range(newest - 3, newest + 1) if number in quarters]
    return sum(year) if len(year) == 4 else None


def _is_quarter(before: date, end: date) -> bool:
    return SHORTEST <= (end - before).days <= LONGEST
