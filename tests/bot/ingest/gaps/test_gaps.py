"""When a gap is requested again: the pace, the bounds of the plan, and names that a source has no more."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.gap import Gap, Missing
from bot.ingest.gaps import gaps
from bot.ingest.gaps.gaps import MOST_IN_VAIN, Requested, covered, due, follow, in_vain, oldest_days, tried
from tests.helpers import utc

NOON = utc("2026-01-13 17:00")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MONDAY, TUESDAY = date(2026, 1, 12), date(2026, 1, 13)


def figure(name: str = "SPY", day: date = TUESDAY) -> Missing:
    return Missing("prices", name, day)


def gap(name: str = "SPY", day: date = TUESDAY, *, at: datetime = NOON, tries: int = 0, declined: int = 0) -> Gap:
    return Gap(figure(name, day), NOON, at, tries, declined)


def asked(*names: str, given: tuple[str, ...] = (), declined: tuple[str, ...] = ()) -> Requested:
    return Requested(frozenset(names), frozenset(given), frozenset(declined))


def test_a_gap_is_tried_after_minutes_then_hours_then_daily() -> None:
    now, pauses, tried_gap = NOON, [], gap()
    for _ in range(14):
        tried_gap = tried(tried_gap, now)
        pauses.append(tried_gap.next_try - now)
        now = tried_gap.next_try
    assert pauses[:6] == [2 * MINUTE, 4 * MINUTE, 8 * MINUTE, 16 * MINUTE, 32 * MINUTE, 64 * MINUTE]
    assert pauses[9:] == [1024 * MINUTE, DAY, DAY, DAY, DAY]


def test_what_is_requested_again_within_minutes_is_awaited_until_its_pause_has_grown_to_an_hour() -> None:
    now, tried_gap, awaited_until = NOON, tried(gap(), NOON), NOON
    while gaps.awaited([tried_gap], TUESDAY, now):
        awaited_until = now = tried_gap.next_try
        tried_gap = tried(tried_gap, now)
    assert awaited_until == NOON + 62 * MINUTE  # 2 + 4 + 8 + 16 + 32


@pytest.mark.parametrize(
    ("listed", "after", "expected"),
    [
        (gap(), 0 * MINUTE, {"SPY"}),
        (gap(tries=1), 89 * MINUTE, {"SPY"}),
        # A source that does not answer counts no tries.
        (gap(tries=1), 90 * MINUTE, set()),
        (gap(declined=gaps.GONE_AFTER), 0 * MINUTE, set()),
        (gap(day=MONDAY), 0 * MINUTE, set()),
    ],
)
def test_a_figure_is_awaited_for_an_hour_and_a_half_at_most_and_never_of_a_name_that_is_gone(
    listed: Gap, after: timedelta, expected: set[str]
) -> None:
    assert gaps.awaited([listed], TUESDAY, NOON + after) == expected


def test_four_hundred_days_of_a_gap_take_that_many_requests_and_a_few_more() -> None:
    now, tried_gap = NOON, gap()
    while now < NOON + gaps.FOR_HOW_LONG:
        tried_gap = tried(tried_gap, now)
        now = tried_gap.next_try
    assert 400 <= tried_gap.tries <= 411


def test_what_is_new_is_noted_what_came_is_gone_and_what_was_asked_has_one_try() -> None:
    known = [gap("SPY"), gap("QQQ", tries=3, at=NOON + HOUR)]
    listed = follow(known, [figure("QQQ"), figure("IWM"), figure("DIA")], asked("IWM"), NOON)
    assert listed == [gap("QQQ", tries=3, at=NOON + HOUR), gap("IWM", tries=1, at=NOON + 2 * MINUTE), gap("DIA")]


def test_a_source_that_does_not_answer_costs_no_try() -> None:
    before = gap(tries=4)
    assert gaps.unanswered(tried(before, NOON), NOON + MINUTE) == gap(tries=4, at=NOON + MINUTE)


def test_a_name_that_is_declined_three_times_in_a_row_is_asked_after_days() -> None:
    listed, pauses, now = [gap()], [], NOON
    for _ in range(9):
        listed = follow([tried(listed[0], now)], [figure()], asked("SPY", declined=("SPY",)), now)
        pauses.append(listed[0].next_try - now)
        now = listed[0].next_try
    assert pauses == [2 * MINUTE, 4 * MINUTE, DAY, 2 * DAY, 4 * DAY, 8 * DAY, 16 * DAY, 16 * DAY, 16 * DAY]


def test_whatever_is_given_of_a_name_shows_that_it_is_not_gone() -> None:
    (listed,) = follow([gap(declined=5)], [figure()], asked("SPY", given=("SPY",)), NOON)
    assert listed.declined == 0


def test_alone_a_name_is_declined_by_any_failure_which_decides_nothing_new() -> None:
    (living,) = follow([gap(declined=2)], [figure()], asked("SPY"), NOON)
    (gone,) = follow([gap(declined=3)], [figure()], asked("SPY"), NOON)
    assert (living.declined, gone.declined, gone.next_try) == (2, 4, NOON + 2 * DAY)


def test_what_is_due_comes_first_and_a_clock_that_was_ahead_delays_nothing() -> None:
    late, later, ahead, waits = (
        gap("A", at=NOON - HOUR),
        gap("B", at=NOON),
        gap("C", at=NOON + 900 * DAY),
        gap("D", at=NOON + MINUTE),
    )
    assert due([waits, ahead, later, late], NOON) == [late, later, ahead]


@pytest.mark.parametrize(
    ("requested", "filled", "ends"),
    [(49, 0, False), (50, 24, True), (50, 25, False), (300, 149, True), (300, 150, False)],
)
def test_a_run_for_gaps_goes_on_while_half_of_them_come(requested: int, filled: int, ends: bool) -> None:
    assert in_vain(requested, filled) is ends


def test_a_request_covers_the_gaps_after_its_first_day_due_or_not() -> None:
    early, old, new, other = gap("SPY", date(2026, 1, 5)), gap("SPY", MONDAY), gap("SPY"), gap("QQQ")
    oldest = oldest_days([new, old])
    assert oldest == {"SPY": MONDAY}
    assert covered([early, old, new, other], oldest) == [old, new]


@pytest.mark.parametrize(
    ("known", "newest", "left_out"),
    [
        (gap(at=NOON + MINUTE), MONDAY, True),  # the session was tried a moment ago
        (gap(at=NOON), MONDAY, False),
        (gap(day=MONDAY, at=NOON + MINUTE), date(2026, 1, 9), False),  # only the session before was
        (gap(day=MONDAY, at=NOON + MINUTE, declined=3), date(2026, 1, 9), True),
        (gap(day=MONDAY, at=NOON + MINUTE), TUESDAY, False),  # a hole, not the end
        (gap(day=MONDAY, at=NOON + MINUTE), None, True),  # nothing is known of it
    ],
)
def test_a_planned_run_leaves_out_what_was_tried_in_vain(known: Gap, newest: date | None, left_out: bool) -> None:
    stored = {} if newest is None else {"SPY": newest}
    assert gaps.waiting([known], stored, TUESDAY, NOON) == (frozenset({"SPY"}) if left_out else frozenset())


@settings(max_examples=30)
@given(st.integers(1, 300), st.lists(st.integers(1, 400), min_size=1, max_size=60))
def test_runs_for_gaps_never_ask_more_names_in_an_hour_than_the_plan_says(count: int, minutes: list[int]) -> None:
    """Ticks at any distances, against a list of which nothing ever comes."""
    known = {f"T{place:03}": gap(f"T{place:03}") for place in range(count)}
    now, run_at, requests = NOON, NOON - DAY, list[tuple[datetime, str]]()
    for minute in minutes:
        now += minute * MINUTE / 10
        if now < run_at + gaps.BETWEEN_RUNS:
            continue
        ready = due(known.values(), now)
        ready = ready[: next((size for size in range(len(ready)) if in_vain(size, 0)), len(ready))]
        run_at = now if ready else run_at
        requests += [(now, each.missing.name) for each in ready]
        known |= {each.missing.name: tried(each, now) for each in ready}
    for begin, _ in requests:
        hour = [name for at, name in requests if begin <= at < begin + HOUR]
        assert len(hour) <= 12 * MOST_IN_VAIN
        assert max(Counter(hour).values()) <= 5
    by_name: dict[str, list[datetime]] = {}
    for at, name in requests:
        by_name.setdefault(name, []).append(at)
    for instants in by_name.values():
        for place, (before, after) in enumerate(pairwise(instants)):
            assert after - before >= min(2 ** (place + 1) * MINUTE, DAY)
