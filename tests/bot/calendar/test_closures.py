"""Which days prices show to be closures, by hand and against a slower rule; and a calendar that follows them."""

from __future__ import annotations

import pickle
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calendar.clock import Calendar
from bot.calendar.closures import FEWEST_TICKERS, MOST_IN_A_ROW, PricedDay, learned
from bot.calendar.session_context import session_context
from tests.helpers import utc

WEEK = [date(2025, 10, 6) + timedelta(days=offset) for offset in (0, 1, 2, 3, 4, 7, 8, 9, 10, 11)]
FULL = PricedDay(600, index=True)


def priced(*counts: PricedDay) -> dict[date, PricedDay]:
    return dict(zip(WEEK, counts, strict=False))


@pytest.mark.parametrize(
    ("days", "closed"),
    [
        ([FULL, PricedDay(), FULL], [1]),
        ([FULL, PricedDay(30), FULL], [1]),  # one in twenty may have a price
        ([FULL, PricedDay(31), FULL], []),
        ([FULL, PricedDay(0, index=True), FULL], []),
        ([FULL, PricedDay(), PricedDay(), FULL], [1, 2]),  # October 2012
        ([FULL, *[PricedDay()] * 4, FULL], [1, 2, 3, 4]),  # September 2001
        ([FULL, *[PricedDay()] * 6, FULL], []),  # a hole in the archive
        ([FULL, PricedDay()], []),  # the evening itself: nobody can know yet
        ([PricedDay(), FULL], []),
        ([PricedDay(19, index=True), PricedDay(), FULL], []),
        ([FULL, PricedDay(doubted=30), FULL], [1]),
        ([FULL, PricedDay(doubted=31), FULL], []),  # prices came, and are not believed
        ([FULL, PricedDay(20, doubted=11), FULL], []),
        ([FULL, PricedDay(doubted=1, doubted_index=True), FULL], []),
        # What is not believed decides nothing about the day before it.
        ([FULL, PricedDay(), PricedDay(doubted=600, doubted_index=True)], []),
        ([FULL, PricedDay(), PricedDay(400), FULL], []),  # the index alone is late on the second day
    ],
)
def test_a_day_without_prices_between_days_that_have_them_is_a_closure(
    days: list[PricedDay], closed: list[int]
) -> None:
    assert learned(WEEK, priced(*days)) == {WEEK[place] for place in closed}


COUNTS = st.sampled_from([0, 1, 19, 20, 30, 31, 400, 600])
DAYS = st.builds(PricedDay, COUNTS, st.booleans(), st.just(0) | COUNTS, st.just(False) | st.booleans())


@given(st.lists(DAYS, max_size=len(WEEK)))
def test_the_rule_says_the_same_as_one_that_looks_at_each_day_by_itself(days: list[PricedDay]) -> None:
    known = priced(*days)
    closed = set()
    for place, day in enumerate(WEEK):
        before = next((other for other in reversed(WEEK[:place]) if known.get(other, PricedDay()).index), None)
        after = next((other for other in WEEK[place:] if known.get(other, PricedDay()).index), None)
        if before is None or after is None or after == day:
            continue
        usual = min(known[before].tickers, known[after].tickers)
        between = [other for other in WEEK if before < other < after]
        inner = [known.get(other, PricedDay()) for other in between]
        few = all(20 * (one.tickers + one.doubted) <= usual and not one.doubted_index for one in inner)
        if few and len(between) <= MOST_IN_A_ROW and usual >= FEWEST_TICKERS:
            closed.add(day)
    assert learned(WEEK, known) == closed


CLOSED = date(2025, 10, 15)


def test_a_calendar_without_a_day_knows_it_nowhere() -> None:
    installed = Calendar(date(2025, 1, 2), date(2025, 12, 31))
    calendar = installed.without([CLOSED])
    assert installed.is_session(CLOSED)
    assert not calendar.is_session(CLOSED)
    assert (calendar.before(date(2025, 10, 16)), calendar.after(date(2025, 10, 14))) == (
        date(2025, 10, 14),
        date(2025, 10, 16),
    )
    assert calendar.between(date(2025, 10, 14), date(2025, 10, 16)) == [date(2025, 10, 14), date(2025, 10, 16)]
    assert calendar.last_final(utc("2025-10-15 22:00")) == date(2025, 10, 14)
    assert calendar.running(utc("2025-10-15 15:00")) is None
    assert len(calendar.sessions) == len(calendar.closes) == len(calendar.opens) == len(installed.sessions) - 1
    assert calendar.close_at(date(2025, 11, 28)) == installed.close_at(date(2025, 11, 28)) == utc("2025-11-28 18:00")
    with pytest.raises(KeyError, match="2025-10-15 is not a session"):
        calendar.close_at(CLOSED)
    assert session_context(calendar, date(2025, 10, 14)).eve_of == "a day without trading"


def test_whoever_holds_a_calendar_sees_a_closure_come_and_go() -> None:
    calendar = Calendar(date(2025, 1, 2), date(2025, 12, 31))
    count = len(calendar.sessions)
    calendar.close([CLOSED])
    assert (calendar.closures, len(calendar.sessions), calendar.is_session(CLOSED)) == ({CLOSED}, count - 1, False)
    assert len(pickle.loads(pickle.dumps(calendar)).sessions) == count - 1  # noqa: S301 - our own
    assert calendar.without([CLOSED]) is calendar
    calendar.close([])
    assert (len(calendar.sessions), calendar.is_session(CLOSED)) == (count, True)
    assert len(Calendar(date(2025, 1, 2), date(2025, 12, 31), [CLOSED]).sessions) == count - 1
