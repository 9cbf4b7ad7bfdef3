"""What refusals, deliveries and events make of the state of a place."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.domain.model import DestinationState
from bot.domain.place import Place, delivered, gone, joined, left, opened, permitted, refused, woken

NOON = datetime.fromisoformat("2026-01-13T12:00:00+00:00")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WAITING = refused(Place(), "locked", now=NOON)
GIVEN_UP = refused(WAITING, "locked", now=NOON + 14 * DAY)


@pytest.mark.parametrize(
    ("after", "following"),
    [
        (timedelta(0), 10 * MINUTE),
        (10 * MINUTE, HOUR),
        (59 * MINUTE, HOUR),
        (HOUR, 6 * HOUR),
        (6 * HOUR, DAY),
        (DAY, 2 * DAY),
        (2 * DAY + HOUR, 3 * DAY),
        (13 * DAY + 23 * HOUR, 14 * DAY),
    ],
)
def test_the_next_try_follows_from_the_first_refusal(after: timedelta, following: timedelta) -> None:
    again = refused(WAITING, "locked", now=NOON + after)
    assert again.next_try == NOON + following
    assert (again.refused_since, again.state) == (NOON, DestinationState.ACTIVE)


def test_after_fourteen_days_it_is_parked_and_that_is_told_anew() -> None:
    told = Place(DestinationState.ACTIVE, "locked", NOON, NOON, told=True)
    parked = refused(told, "locked", now=NOON + 14 * DAY)
    assert (parked.state, parked.next_try, parked.told) == (DestinationState.PARKED, None, False)


def test_that_it_waits_is_told_once() -> None:
    assert not WAITING.told
    assert refused(Place(DestinationState.ACTIVE, "locked", NOON, NOON, told=True), "locked", now=NOON + HOUR).told


def test_a_delivery_ends_it_all() -> None:
    assert delivered(WAITING) == Place()
    assert delivered(Place()) == Place()


def test_what_wakes_it_has_it_tried_at_once_and_keeps_since_when_it_refuses() -> None:
    assert woken(WAITING) == Place(DestinationState.ACTIVE, "locked", NOON, NOON, told=False)
    assert woken(Place()) == Place()
    assert woken(GIVEN_UP) == GIVEN_UP


def test_one_that_was_given_up_is_open_again_when_the_bot_may_write_there() -> None:
    assert permitted(GIVEN_UP) == Place()
    assert permitted(WAITING).next_try == NOON


def test_one_that_is_gone_comes_back_only_when_it_is_set_up_again() -> None:
    lost = gone(Place(), "Unknown Channel")
    assert (lost.state, lost.told) == (DestinationState.PARKED, False)
    assert permitted(lost) == left(lost) == joined(lost, now=NOON) == gone(lost, "again") == lost
    assert opened(lost) == Place()
    assert opened(WAITING) == WAITING


@pytest.mark.parametrize("place", [Place(), WAITING, GIVEN_UP])
def test_leaving_pauses_it_and_returning_has_it_tried_at_once(place: Place) -> None:
    paused = left(place)
    assert paused == Place(DestinationState.PAUSED, "The bot left this server.")
    back = joined(paused, now=NOON)
    assert (back.state, back.next_try, back.told) == (DestinationState.ACTIVE, NOON, True)
    assert not refused(back, "Missing Access", now=NOON).told


def test_a_given_up_place_that_is_gone_stays_parked_and_is_never_tried() -> None:
    assert gone(GIVEN_UP, "Unknown Channel").refused_since is None
