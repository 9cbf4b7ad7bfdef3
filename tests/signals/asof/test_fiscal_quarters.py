"""Quarters taken out of year-to-date figures, by hand, as properties, and from NVIDIA's and Alphabet's own filings."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.asof.fiscal_quarters import Fact, balances, chained, nearest_quarter, quarters, sum_of_year
from tests import recorded

PPE, PRODUCTIVE = "PaymentsToAcquirePropertyPlantAndEquipment", "PaymentsToAcquireProductiveAssets"


def fact(start: str, end: str, value: float) -> Fact:
    return Fact(date.fromisoformat(start), date.fromisoformat(end), value)


def number(text: str) -> int:
    """`2025Q3` as the number of a quarter."""
    return 4 * int(text[:4]) + int(text[5]) - 1


def filed(company: str, concept: str, until: str = "9999") -> list[Fact]:
    """Facts of a company as they were public at the end of a day, earliest filed first."""
    rows = recorded.companyfacts(company)["facts"]["us-gaap"][concept]["units"]["USD"]
    rows = sorted((row for row in rows if row["filed"] <= until), key=lambda row: row["filed"])
    return [fact(row.get("start", row["end"]), row["end"], row["val"]) for row in rows]


@pytest.mark.parametrize(
    ("end", "quarter"),
    [
        ("2025-08-31", "2025Q3"),  # Oracle
        ("2025-11-30", "2025Q4"),
        ("2025-02-28", "2025Q1"),
        ("2025-05-31", "2025Q2"),
        ("2026-01-25", "2025Q4"),  # NVIDIA
        ("2025-10-26", "2025Q3"),
        ("2022-09-01", "2022Q3"),  # Micron
        ("2024-12-31", "2024Q4"),
        ("2023-01-01", "2022Q4"),  # a year of 52 or 53 weeks
    ],
)
def test_a_fiscal_end_belongs_to_the_nearest_calendar_quarter(end: str, quarter: str) -> None:
    assert nearest_quarter(date.fromisoformat(end)) == number(quarter)


@given(st.dates(date(1990, 1, 1), date(2060, 1, 1)))
def test_no_quarter_end_is_nearer_than_the_one_chosen(day: date) -> None:
    chosen = nearest_quarter(day)
    ends = {each: last_day(each) for each in (chosen - 1, chosen, chosen + 1)}
    assert all(abs(ends[chosen] - day) <= abs(end - day) for end in ends.values())


def last_day(number: int) -> date:
    """Of a calendar quarter by its number."""
    return pd.Period(year=number // 4, quarter=number % 4 + 1, freq="Q").end_time.date()


def test_year_to_date_figures_become_quarters_and_the_fourth_is_the_year_less_nine_months() -> None:
    found = quarters(
        [
            fact("2024-07-01", "2024-09-30", 10),
            fact("2024-07-01", "2024-12-31", 25),
            fact("2024-07-01", "2025-03-31", 31),
            fact("2024-07-01", "2025-06-30", 60),
        ]
    )
    assert {place: each.value for place, each in found.items()} == {
        number("2024Q3"): 10,
        number("2024Q4"): 15,
        number("2025Q1"): 6,
        number("2025Q2"): 29,
    }
    assert found[number("2025Q2")].end == date(2025, 6, 30)


def test_a_missing_link_gives_no_quarter_instead_of_one_of_six_months() -> None:
    found = quarters([fact("2024-01-01", "2024-03-31", 10), fact("2024-01-01", "2024-09-30", 40)])
    assert set(found) == {number("2024Q1")}


def test_a_reported_quarter_wins_over_a_difference() -> None:
    found = quarters(
        [
            fact("2024-01-01", "2024-03-31", 10),
            fact("2024-01-01", "2024-06-30", 25),
            fact("2024-04-01", "2024-06-30", 16),
        ]
    )
    assert found[number("2024Q2")].value == 16


def test_the_first_given_of_one_period_stands() -> None:
    found = quarters([fact("2024-01-01", "2024-03-31", 10), fact("2024-01-01", "2024-03-31", 99)])
    assert found[number("2024Q1")].value == 10


@given(
    st.lists(st.floats(-1e12, 1e12), min_size=4, max_size=4),
    st.dates(date(2000, 1, 1), date(2030, 1, 1)),
    st.sampled_from([(91, 91, 91, 91), (98, 91, 91, 84), (84, 84, 84, 112), (91, 91, 91, 98)]),
)
def test_quarters_add_up_to_the_year(values: list[float], start: date, spans: tuple[int, ...]) -> None:
    facts, total, days = [], 0.0, 0
    for value, span in zip(values, spans, strict=True):
        total, days = total + value, days + span
        facts.append(Fact(start, start + timedelta(days=days - 1), total))
    found = quarters(facts)
    assert len(found) in (3, 4)
    if len(found) == 4:
        assert sum(each.value for each in found.values()) == pytest.approx(total, abs=1e-2)


def test_balances_take_the_latest_day_of_a_quarter() -> None:
    found = balances([fact("2024-12-31", "2024-12-31", 5), fact("2024-12-29", "2024-12-29", 4)])
    assert found[number("2024Q4")].value == 5


def test_two_tags_are_never_summed_and_the_one_with_the_newest_quarter_leads() -> None:
    old = [fact("2024-01-01", "2024-03-31", 10), fact("2024-04-01", "2024-06-30", 11)]
    new = [fact("2024-04-01", "2024-06-30", 12), fact("2024-07-01", "2024-09-30", 13)]
    assert [chained([old, new])[number(name)].value for name in ("2024Q1", "2024Q2", "2024Q3")] == [10, 12, 13]
    assert [chained([old, new[:1]])[number(name)].value for name in ("2024Q1", "2024Q2")] == [10, 11]


def test_nothing_gives_nothing() -> None:
    assert quarters([]) == balances([]) == chained([[], []]) == {}
    assert sum_of_year({}, 0) is None


# NVIDIA's cash-flow statements, year to date, as it filed them: 10-Q of 2025-05-28 1,227 m, 10-Q of 2025-08-27 3,122 m, 10-Q of
# 2025-11-19 4,758 m, 10-K of 2026-02-25 6,042 m, 10-Q of 2026-05-20 1,757 m (tag PaymentsToAcquireProductiveAssets); the
# quarters are their differences, worked out by hand.
def test_nvidias_quarters_from_its_recorded_facts() -> None:
    found = chained([filed(recorded.NVDA, name) for name in (PPE, PRODUCTIVE)])
    names = ("2025Q1", "2025Q2", "2025Q3", "2025Q4", "2026Q1")
    assert [found[number(name)].value / 1e6 for name in names] == [1227, 1895, 1636, 1284, 1757]
    assert found[number("2025Q4")].end == date(2026, 1, 25)
    assert sum_of_year(found, number("2025Q4")) == 6_042e6


# Alphabet: purchases of property and equipment of 17,197 m, 22,446 m, 23,953 m and 27,851 m in the quarters of 2025 and 35,674 m
# in the first of 2026: differences of the recorded 10-Q and 10-K figures (39,643 m, 63,596 m, 91,447 m), and the same as in
# the cash-flow tables of its quarterly earnings releases.
def test_alphabets_quarters_from_its_recorded_facts() -> None:
    found = chained([filed(recorded.GOOGL, PPE), []])
    names = ("2025Q1", "2025Q2", "2025Q3", "2025Q4", "2026Q1")
    assert [found[number(name)].value / 1e6 for name in names] == [17197, 22446, 23953, 27851, 35674]
    assert sum_of_year(found, number("2025Q4")) == 91_447e6


# NVIDIA moved from one tag to the other with its 10-Q of 2020-11-18: 372 m for six months under the old tag, 845 m for nine
# months under the new one. Its second quarter was 372 - 155 = 217 m, its third 845 - 372 = 473 m.
def test_nvidias_change_of_tag_leaves_no_gap_on_the_day_it_happened() -> None:
    before = chained([filed(recorded.NVDA, name, "2020-11-17") for name in (PPE, PRODUCTIVE)])
    after = chained([filed(recorded.NVDA, name, "2020-11-18") for name in (PPE, PRODUCTIVE)])
    assert max(before) == number("2020Q2")
    assert max(after) == number("2020Q3")
    assert after[number("2020Q3")].value == 473e6
    assert after[number("2020Q2")].value == before[number("2020Q2")].value == 217e6


# Alphabet's 10-Q of 2016-11-03 states nine months of 2015 anew, 7,848 m instead of 7,815 m, its 10-K of 2017-02-03 the year,
# 9,950 m instead of 9,915 m. In between one basis less the other would be 2,067 m, a quarter that nobody ever reported.
@pytest.mark.parametrize("until", ["2016-11-02", "2016-11-03", "2017-02-03"])
def test_a_restated_part_of_a_year_bends_no_quarter(until: str) -> None:
    assert quarters(filed(recorded.GOOGL, PPE, until))[number("2015Q4")].value == 9_915e6 - 7_815e6


def test_every_year_that_is_complete_in_the_record_is_the_sum_of_its_quarters() -> None:
    """Annual figures of Alphabet's 10-Ks 2017 to 2025 against the sum of the quarters, to the dollar.

    2015 and 2016 are left out: their quarters were stated anew in the years after, by 10 and 29 million.
    """
    facts = filed(recorded.GOOGL, PPE)
    found = quarters(facts)
    years = {each.end.year: each.value for each in reversed(facts) if (each.end - each.start).days > 350}
    for year in range(2017, 2026):
        assert sum_of_year(found, 4 * year + 3) == years[year], year
