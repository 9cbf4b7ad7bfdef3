"""What is expected of a job and what of it is missing: by hand, and against a rule that asks for each figure by itself."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.archive.tables.gap_tables import StoredDays
from bot.calendar.clock import NEW_YORK, Calendar
from bot.domain.gap import Gap, Missing
from bot.ingest.gaps.inventory import Inventory, expected_days, full_days, missing, verdict
from bot.ingest.schedule import timetable
from tests.helpers import utc

CALENDAR = Calendar(date(2025, 1, 2), date(2026, 12, 31))
JOBS = {job.name: job for job in timetable(15)}
NOON = utc("2026-01-13 17:00")
DAYS = [date(2026, 1, day) for day in (5, 6, 7, 8, 9, 12, 13)]


def new_york(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).astimezone(UTC)


@pytest.mark.parametrize(
    ("job", "now", "since", "days"),
    [
        ("prices", "2026-01-13 17:00", "2026-01-09", ["01-09", "01-12", "01-13"]),
        ("prices", "2026-01-13 16:00", "2026-01-09", ["01-09", "01-12"]),  # before it is planned
        ("yields", "2025-11-12 19:00", "2025-11-06", ["11-06", "11-07", "11-10"]),  # Veterans Day has no yields
        ("volatility", "2026-01-13 21:00", "2026-01-09", ["01-09", "01-12"]),
        ("funds of invesco", "2026-01-08 10:00", "2025-06-02", ["12-29", "12-30", "12-31", "01-02", "01-05", "01-06", "01-07"]),
        ("chains", "2026-01-13 17:00", "2026-01-05", ["01-13"]),
        ("chains", "2026-01-14 09:00", "2026-01-05", []),  # Tuesday's cannot be had any more
        ("weights", "2026-01-13 10:00", "2026-01-05", ["01-12"]),
        ("weights", "2026-01-13 08:30", "2026-01-05", []),  # Friday's list has gone, Monday's is not planned yet
        ("weights", "2026-01-17 12:00", "2026-01-05", []),  # a Saturday: Friday's list was Thursday's to give
        ("guidance", "2026-01-13 17:00", "2026-01-05", []),
        ("universe", "2026-01-13 17:00", "2026-01-05", []),
    ],
)  # fmt: skip
def test_days_are_expected_up_to_the_newest_planned_run(job: str, now: str, since: str, days: list[str]) -> None:
    found = expected_days(JOBS[job], CALENDAR, new_york(now), date.fromisoformat(since))
    assert [f"{day:%m-%d}" for day in found] == days


def test_a_closure_is_expected_of_nobody() -> None:
    calendar = CALENDAR.without([date(2026, 1, 12)])
    assert expected_days(JOBS["prices"], calendar, new_york("2026-01-13 17:00"), date(2026, 1, 9)) == [
        date(2026, 1, 9),
        date(2026, 1, 13),
    ]


def stored(*days: date, first: date | None = None) -> StoredDays:
    return StoredDays(first or days[0], days[-1], frozenset(days))


def gap(name: str, day: date, declined: int = 0) -> Gap:
    return Gap(Missing("prices", name, day), NOON, NOON, 5, declined)


def test_holes_and_the_end_are_missing_and_of_what_is_unknown_the_newest_day() -> None:
    have = {"SPY": stored(*DAYS[:2], *DAYS[3:5]), "NEW": stored(*DAYS[5:])}
    found = missing(Inventory("prices", ("SPY", "NEW", "NONE"), DAYS, have), [])
    assert found == [Missing("prices", "SPY", day) for day in (DAYS[2], *DAYS[5:])] + [
        Missing("prices", "NONE", DAYS[-1])
    ]


def test_one_gap_stands_for_a_name_that_is_gone_and_its_holes_for_themselves() -> None:
    have = {"OLD": stored(DAYS[0], DAYS[2])}
    known = [
        gap("OLD", DAYS[1]),
        gap("OLD", DAYS[3], declined=3),
        gap("OLD", DAYS[4], declined=2),
        gap("NONE", DAYS[2], 4),
    ]
    found = missing(Inventory("prices", ("OLD", "NONE"), DAYS, have), known)
    assert sorted((each.name, each.day) for each in found) == [("NONE", DAYS[2]), ("OLD", DAYS[1]), ("OLD", DAYS[3])]


SUBSETS = st.sets(st.sampled_from(DAYS))


@given(st.dictionaries(st.sampled_from("ABCD"), SUBSETS), st.sampled_from([*DAYS, date(2025, 12, 30)]))
def test_a_figure_is_missing_where_the_archive_begins_before_it_and_lacks_it(
    have: dict[str, set[date]], since: date
) -> None:
    days = [day for day in DAYS if day >= since]
    known = {
        name: StoredDays(min(of_name), max(of_name), frozenset(day for day in of_name if day >= since))
        for name, of_name in have.items()
        if of_name
    }
    expected = {
        (name, day)
        for name in "ABCD"
        for day in days
        if (min(have[name]) < day and day not in have[name] if have.get(name) else day == days[-1])
    }
    found = missing(Inventory("prices", tuple("ABCD"), days, known), [])
    assert {(each.name, each.day) for each in found} == expected
    assert len(found) == len(expected)


def test_prices_are_complete_at_nineteen_of_twenty_and_series_at_half() -> None:
    names = [f"T{place:02}" for place in range(40)]
    for job, enough in (("prices", 38), ("rates", 20)):
        for there in (enough - 1, enough):
            have = {name: stored(*DAYS) for name in names[:there]} | {
                name: stored(*DAYS[:-1]) for name in names[there:]
            }
            judged = verdict(Inventory(job, names, DAYS, have), [])
            assert judged is not None
            assert (judged.day, judged.there, judged.expected) == (DAYS[-1], there, 40)
            assert judged.complete == (there == enough)


def test_gone_names_are_not_expected_and_without_a_day_nothing_is() -> None:
    have = {"SPY": stored(*DAYS), "OLD": stored(*DAYS[:2])}
    judged = verdict(Inventory("prices", ("SPY", "OLD"), DAYS, have), [gap("OLD", DAYS[2], declined=3)])
    assert judged is not None
    assert (judged.there, judged.expected, judged.complete) == (1, 1, True)
    assert verdict(Inventory("prices", ("SPY",), [], {}), []) is None


def test_a_dataset_has_a_day_with_most_of_its_rows() -> None:
    assert full_days({DAYS[0]: 12, DAYS[1]: 5, DAYS[2]: 6}) == StoredDays(
        DAYS[0], DAYS[2], frozenset({DAYS[0], DAYS[2]})
    )
    assert full_days({}) is None


def test_what_was_never_planned_has_no_expected_day() -> None:
    nine_days_ago = JOBS["prices"]
    assert (
        expected_days(nine_days_ago, Calendar(date(2026, 1, 2), date(2026, 1, 6)), NOON + timedelta(days=9), DAYS[0])
        == []
    )


def test_own_tickers_are_missing_but_never_make_a_job_incomplete() -> None:
    have = {"SPY": stored(*DAYS)}
    inventory = Inventory("prices", ("SPY", "ZZZ"), DAYS, have, beside=frozenset({"ZZZ"}))
    assert missing(inventory, []) == [Missing("prices", "ZZZ", DAYS[-1])]
    found = verdict(inventory, [])
    assert found is not None
    assert (found.there, found.expected, found.complete) == (1, 1, True)
