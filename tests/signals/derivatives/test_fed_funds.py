"""What futures say of the Fed: its meetings, the chain of decisions, and the two signals made of them; all worked by hand."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date

import pandas as pd
import pytest

from signals.asof import fomc_meetings
from signals.core.market import Market
from signals.core.panel import Panel
from signals.derivatives import fed_funds
from tests.signals.markets import last, market, values


def records(name: str, *rows: tuple[object, ...]) -> dict[str, pd.DataFrame]:
    """Rows of `meetings` (day, planned, known) or `projections` (end of year, median, known)."""
    columns = {"meetings": ["date", "planned", "known_at"], "projections": ["year_end", "median", "known_at"]}[name]
    frame = pd.DataFrame(rows, columns=columns)
    frame[columns[0]] = pd.to_datetime(frame[columns[0]])
    frame["known_at"] = pd.to_datetime(frame["known_at"], utc=True)
    return {name: frame.assign(source="fed")}


def flat(months: Mapping[tuple[int, int], float]) -> fed_funds.Average:
    return lambda year, month: months.get((year, month), math.nan)


# Names and meetings


def test_contracts_are_named_by_month_code_and_year() -> None:
    assert fed_funds.contract(2026, 12) == "ZQZ26.CBT"
    assert fed_funds.contract(2027, 1) == "ZQF27.CBT"


def test_the_front_18_months_begin_with_the_running_one() -> None:
    names = fed_funds.contracts(date(2026, 10, 6))
    assert len(names) == 18
    assert (names[0], names[2], names[3], names[-1]) == ("ZQV26.CBT", "ZQZ26.CBT", "ZQF27.CBT", "ZQH28.CBT")
    assert fed_funds.contracts(date(2026, 1, 1), date(2026, 2, 1), months=2) == ("ZQF26.CBT", "ZQG26.CBT", "ZQH26.CBT")


def test_the_plan_has_eight_meetings_a_year_on_weekdays_and_four_with_projections() -> None:
    days = fomc_meetings.planned()
    assert list(days) == sorted(set(days))
    for year in range(2015, 2028):
        of_year = [day for day in days if day.year == year]
        assert len(of_year) == 8
        assert len(fomc_meetings.with_projections(of_year)) == 4
    assert all(day.weekday() < 5 for day in days)


DECIDED = """
2015-12-16 2016-12-14 2017-03-15 2017-06-14 2017-12-13 2018-03-21 2018-06-13 2018-09-26 2018-12-19 2019-07-31 2019-09-18
2019-10-30 2020-03-03 2020-03-15 2022-03-16 2022-05-04 2022-06-15 2022-07-27 2022-09-21 2022-11-02 2022-12-14 2023-02-01
2023-03-22 2023-05-03 2023-07-26 2024-09-18 2024-11-07 2024-12-18 2025-09-17 2025-10-29 2025-12-10
"""
"""Days on which the Fed decided to change its target, 2015 to 2025, from its own announcements."""


def test_every_change_of_the_target_since_2015_was_decided_at_a_planned_meeting_but_those_of_march_2020() -> None:
    decided = {date.fromisoformat(day) for day in DECIDED.split()}
    assert len(decided) == 31
    assert decided - set(fomc_meetings.planned()) == {date(2020, 3, 3), date(2020, 3, 15)}


def test_a_meeting_that_moves_is_planned_anew_from_when_it_was_known() -> None:
    changes = records(
        "meetings",
        ("2024-03-20", 0, "2024-03-05 13:00"),
        ("2024-03-27", 1, "2024-03-05 13:00"),
        ("2024-03-21", 1, "2030-01-01 13:00"),
    )
    plans = fomc_meetings.plans(Panel(market("2024-03-04", count=3, records=changes)))
    assert [position for position, _ in plans] == [0, 1]
    assert date(2024, 3, 20) in plans[0][1]
    assert date(2024, 3, 20) not in plans[1][1]
    assert date(2024, 3, 27) in plans[1][1]
    assert date(2024, 3, 21) not in plans[1][1]


# The chain


def test_a_decision_changes_the_days_after_it() -> None:
    # September 2026, decision on the 16th of 30 days: 16 days at 4.00 and 14 at 3.75 make a mean of 3.88333.
    mean = (16 * 4.00 + 14 * 3.75) / 30
    assert mean == pytest.approx(3.883333, abs=1e-6)
    assert fed_funds.after_decision(mean, before=4.00, day=16, days=30) == pytest.approx(3.75)


def test_each_decision_begins_where_the_one_before_ended() -> None:
    # 4.00 until 16 September, 3.75 until 9 December, 3.50 then; 28 October changes nothing, so November tells 3.75.
    months = {(2026, 9): (16 * 4.00 + 14 * 3.75) / 30, (2026, 11): 3.75, (2026, 12): (9 * 3.75 + 22 * 3.50) / 31}
    meetings = [date(2026, 9, 16), date(2026, 10, 28), date(2026, 12, 9)]
    rate, missing = fed_funds.rate_after(4.00, meetings, flat(months))
    assert rate == pytest.approx(3.50)
    assert missing is None


def test_a_whole_month_between_two_decisions_begins_the_chain_anew() -> None:
    # An effective rate that is 0.01 too high makes 3.7321 of 3.75 after the 19th: -0.01 x 19/12. April tells 3.75 itself.
    march = (19 * 4.00 + 12 * 3.75) / 31
    may = (7 * 3.75 + 24 * 3.50) / 31
    meetings = [date(2025, 3, 19), date(2025, 5, 7)]
    off, _ = fed_funds.rate_after(4.01, meetings[:1], flat({(2025, 3): march}))
    assert off == pytest.approx(3.75 - 0.01 * 19 / 12)
    chained, _ = fed_funds.rate_after(4.01, meetings, flat({(2025, 3): march, (2025, 5): may}))
    assert chained == pytest.approx(3.50 + 0.01 * 19 / 12 * 7 / 24)
    anew, missing = fed_funds.rate_after(4.01, meetings, flat({(2025, 3): march, (2025, 4): 3.75, (2025, 5): may}))
    assert (anew, missing) == (pytest.approx(3.50), None)
    # So a contract that is missing before it does no harm.
    assert fed_funds.rate_after(4.01, meetings, flat({(2025, 4): 3.75, (2025, 5): may})) == (pytest.approx(3.50), None)


def test_a_late_decision_ends_what_a_missing_contract_began() -> None:
    # Nobody knows the rate after 17 June, but August is all after 29 July.
    meetings = [date(2026, 6, 17), date(2026, 7, 29)]
    assert fed_funds.rate_after(4.0, meetings, flat({(2026, 8): 3.6})) == (3.6, None)
    rate, missing = fed_funds.rate_after(4.0, [*meetings, date(2026, 8, 20)], flat({(2026, 7): 3.9, (2026, 8): 3.8}))
    assert math.isnan(rate)
    assert missing == (2026, 6)


def test_a_decision_in_the_last_days_of_a_month_is_read_from_the_next() -> None:
    # 29 October 2025 leaves 2 days: October's own mean is not even asked for.
    rate, missing = fed_funds.rate_after(4.10, [date(2025, 10, 29)], flat({(2025, 11): 3.87}))
    assert (rate, missing) == (3.87, None)


@pytest.mark.parametrize(("day", "asked"), [(22, (2021, 9)), (23, (2021, 10))])
def test_eight_days_left_are_enough_and_seven_are_not(day: int, asked: tuple[int, int]) -> None:
    rate, missing = fed_funds.rate_after(0.08, [date(2021, 9, day)], flat({}))
    assert math.isnan(rate)
    assert missing == asked


def test_a_late_decision_before_a_month_with_a_meeting_is_read_from_its_own_days() -> None:
    # 25 days at 4.00 and 5 at 3.70; the next month has a meeting and cannot tell.
    months = {(2026, 4): (25 * 4.00 + 5 * 3.70) / 30, (2026, 5): (20 * 3.70 + 11 * 3.45) / 31}
    rate, _ = fed_funds.rate_after(4.00, [date(2026, 4, 25), date(2026, 5, 20)], flat(months))
    assert rate == pytest.approx(3.45)


def test_a_decision_on_the_last_day_before_a_month_with_a_meeting_cannot_be_told() -> None:
    rate, missing = fed_funds.rate_after(
        4.0, [date(2026, 4, 30), date(2026, 5, 20)], flat({(2026, 4): 4.0, (2026, 5): 3.9})
    )
    assert math.isnan(rate)
    assert missing == (2026, 4)


# The signals

SEPTEMBER = {
    # Decisions of 2024 after 3 September: 18 September, 7 November, 18 December. Effective rate 5.33.
    "ZQU24.CBT": 100 - (18 * 5.33 + 12 * 5.08) / 30,
    "ZQX24.CBT": 100 - (7 * 5.08 + 23 * 4.58) / 30,
    "ZQZ24.CBT": 100 - (18 * 4.58 + 13 * 4.33) / 31,
}
SEP = records(
    "projections",
    ("2024-12-31", 4.6, "2024-03-20 18:00"),
    ("2024-12-31", 5.1, "2024-06-12 18:00"),
    ("2025-12-31", 4.1, "2024-06-12 18:00"),
    ("2027-12-31", 2.9, "2024-06-12 18:00"),
)


def autumn(
    prices: Mapping[str, float] = SEPTEMBER,
    *,
    first: str = "2024-09-03",
    count: int = 2,
    rate: Sequence[tuple[str, float]] = (("2024-08-30", 5.33), ("2024-09-02", 5.33)),
    told: Mapping[str, pd.DataFrame] = SEP,
) -> Market:
    close = {name: [price] * count for name, price in prices.items()}
    return market(first, close=close, count=count, series={"DFF": rate}, records=told)


def test_priced_cuts_are_the_steps_from_the_effective_rate_to_the_rate_after_decembers_decision() -> None:
    reading = last(autumn(), "rates.priced_cuts")
    # 5.33 falls to 5.08, 4.58 and 4.33: four cuts, not the 3.42 of December's mean.
    assert reading.value == 4.0
    assert reading.observed == date(2024, 9, 2)


def test_rises_are_negative_cuts() -> None:
    reading = last(autumn(SEPTEMBER | {"ZQZ24.CBT": 100 - (18 * 4.58 + 13 * 5.83) / 31}), "rates.priced_cuts")
    assert reading.value == -2.0


def test_the_gap_is_the_projection_less_the_rate_after_the_last_decision() -> None:
    # The chain ends at 4.33, the projection of June for the end of 2024 is 5.1: not March's, and not the furthest year's.
    assert last(autumn(), "rates.sep_gap").value == pytest.approx(5.1 - 4.33)


def test_a_projection_counts_from_its_meeting_on() -> None:
    # Announced on Wednesday 12 June at 14:00 New York, before the close.
    prices = {"ZQM24.CBT": 94.67, "ZQQ24.CBT": 94.67, "ZQU24.CBT": 94.67, "ZQX24.CBT": 94.67, "ZQZ24.CBT": 94.67}
    found = autumn(prices, first="2024-06-11", count=2, rate=(("2024-06-07", 5.33), ("2024-06-10", 5.33)))
    assert values(found, "rates.sep_gap") == [pytest.approx(4.6 - 5.33), pytest.approx(5.1 - 5.33)]


def test_after_the_last_decision_of_a_year_the_next_december_counts_once_the_rate_has_followed() -> None:
    # Decision on Wednesday 18 December, new rate from the 19th, which is known on Friday the 20th (and Monday).
    rates = [("2024-12-17", 4.58), ("2024-12-18", 4.58), ("2024-12-19", 4.33), ("2024-12-20", 4.33)]
    prices = {"ZQZ24.CBT": 100 - (18 * 4.58 + 13 * 4.33) / 31} | dict.fromkeys(
        fed_funds.contracts(date(2025, 2, 1)), 96.17
    )
    found = autumn(prices, first="2024-12-18", count=4, rate=rates)
    # One cut of 2024, then the two of 2025 to 3.83.
    assert values(found, "rates.priced_cuts") == [1.0, 1.0, 2.0, 2.0]


def test_reasons_name_the_contract_that_is_missing() -> None:
    without = {name: price for name, price in SEPTEMBER.items() if name != "ZQX24.CBT"}
    assert last(autumn(without), "rates.priced_cuts").reason == "ZQX24.CBT has no close"
    assert last(autumn(without), "rates.sep_gap").reason == "ZQX24.CBT has no close"
    assert last(autumn({"ZQU24.CBT": 94.9}), "rates.priced_cuts").reason == "ZQX24.CBT has no close"
    assert last(autumn(dict.fromkeys(SEPTEMBER, math.nan)), "rates.sep_gap").reason == "ZQU24.CBT has no close"


def test_without_an_effective_rate_that_is_fresh_nothing_is_said() -> None:
    assert last(autumn(rate=()), "rates.priced_cuts").reason == "DFF has no observations"
    old = last(autumn(first="2024-08-23", count=8, rate=(("2024-08-23", 5.33),)), "rates.sep_gap")
    assert old.reason == "newest DFF is 2024-08-23, 7 sessions old; at most 5"


def test_reasons_of_missing_projections_say_since_when_they_are_known() -> None:
    assert last(autumn(told={}), "rates.sep_gap").reason == "no projections of the Fed have been stored"
    later = records("projections", ("2024-12-31", 5.1, "2024-09-04 18:00"))
    found = autumn(told=later)
    assert values(found, "rates.sep_gap")[0] is None
    history = last(found.until(date(2024, 9, 3)), "rates.sep_gap")
    assert history.reason == "no projections of the Fed have been stored"
    other = records("projections", ("2025-12-31", 4.1, "2024-06-12 18:00"))
    assert last(autumn(told=other), "rates.sep_gap").reason == "no projection of the Fed for the end of 2024 is known"
    stale = records("projections", ("2024-12-31", 5.1, "2023-11-01 18:00"))
    assert (
        last(autumn(told=stale), "rates.sep_gap").reason
        == "newest projections of the Fed are 308 days old; at most 300"
    )


def test_beyond_the_meetings_that_are_known_nothing_is_said() -> None:
    panel = market("2025-12-30", count=2, close={"ZQZ27.CBT": [97.0, 97.0]}, series={"DFF": [("2025-12-29", 3.6)]})
    changes = records(
        "meetings", *((str(day), 0, "2025-01-01") for day in fomc_meetings.planned() if day > date(2025, 12, 29))
    )
    none = market("2025-12-30", count=2, series={"DFF": [("2025-12-29", 3.6)]}, records=changes)
    assert last(none, "rates.priced_cuts").reason == "no meeting of the Fed after 2025-12-29 is known"
    assert last(none, "rates.sep_gap").reason == "no meeting of the Fed after 2025-12-29 is known"
    assert last(panel, "rates.priced_cuts").reason == "ZQG26.CBT has no close"
    part = records("meetings", ("2026-12-09", 0, "2025-01-01 13:00"))
    cut = market(
        "2025-12-30", count=2, close={"ZQZ26.CBT": [97.0, 97.0]}, series={"DFF": [("2025-12-29", 3.6)]}, records=part
    )
    for id in ("rates.priced_cuts", "rates.sep_gap"):
        assert last(cut, id).reason == "the Fed's meetings of 2026 are known only up to 2026-10-28"


def test_the_change_of_the_projection_is_against_the_one_before_of_the_same_year() -> None:
    # 5.1 in June against 4.6 in March for the end of 2024; that of 2025 was new in June.
    assert last(autumn(), "rates.sep_change").value == 0.5
    prices = dict.fromkeys(fed_funds.contracts(date(2024, 6, 1)), 94.67)
    found = autumn(prices, first="2024-06-11", count=2, rate=(("2024-06-07", 5.33), ("2024-06-10", 5.33)))
    assert values(found, "rates.sep_change") == [None, 0.5]
    june = "no projection of the Fed for the end of 2024 is known from before the newest ones"
    assert last(found.until(date(2024, 6, 11)), "rates.sep_change").reason == june


def test_a_median_that_new_projections_leave_as_it_was_has_changed_by_nothing() -> None:
    # September's rows repeat only what moved: 2025.
    moved = records("projections", ("2025-12-31", 3.4, "2024-09-18 18:00"))["projections"]
    told = {"projections": pd.concat([SEP["projections"], moved], ignore_index=True)}
    rate = [(str(day.date()), 5.33) for day in pd.bdate_range("2024-09-02", "2024-09-20")]
    found = autumn(first="2024-09-17", count=2, rate=rate, told=told)
    assert values(found, "rates.sep_change") == [0.5, 0.0]


def test_without_projections_or_without_a_rate_their_change_is_withheld_and_says_so() -> None:
    assert last(autumn(told={}), "rates.sep_change").reason == "no projections of the Fed have been stored"
    assert last(autumn(rate=()), "rates.sep_change").reason == "DFF has no observations"


def test_rows_that_come_later_change_no_reading_before() -> None:
    first = autumn(
        first="2024-06-03",
        count=60,
        rate=[(str(day.date()), 5.33) for day in pd.bdate_range("2024-05-20", "2024-09-01")],
    )
    more = pd.concat([SEP["projections"], *records("projections", ("2024-12-31", 4.4, "2024-09-18 18:00")).values()])
    later = autumn(
        first="2024-06-03",
        count=80,
        rate=[(str(day.date()), 5.33) for day in pd.bdate_range("2024-05-20", "2024-09-30")],
        told={"projections": more},
    )
    for id in ("rates.priced_cuts", "rates.sep_gap", "rates.sep_change"):
        assert values(later, id)[:60] == values(first, id)
