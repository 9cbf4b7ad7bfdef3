"""The oracle on values that are worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from tests.soak.oracle import Wish, owed

DAYS = [date(2026, 2, 2) + timedelta(days=number) for number in range(8)]
WISH = Wish(1, "one", "value", "above", 5.0, None, 1, False, 0, 2.0, "nothing", 0, 7, "note", (5,))


def told(*wishes: Wish, values: list[float]) -> list[tuple[int, str, int]]:
    """Which alert tells what on which day, days counted from 0."""
    found = owed(wishes, DAYS[: len(values)], lambda signal, measure, day: values[DAYS.index(day)])
    return [(each.alert, each.event, DAYS.index(each.session)) for each in found]


def test_a_level_fires_again_only_after_the_value_was_back_by_the_band() -> None:
    assert told(WISH, values=[4, 6, 4, 6, 3, 6]) == [(1, "fired", 1), (1, "fired", 5)]


def test_what_is_beyond_at_the_start_first_fires_at_the_next_crossing() -> None:
    assert told(WISH, values=[6, 7, 3, 6]) == [(1, "fired", 3)]


def test_back_and_reminders_follow_only_what_was_told() -> None:
    assert told(replace(WISH, after="back"), values=[6, 3, 6, 3]) == [(1, "fired", 2), (1, "back", 3)]
    reminding = replace(WISH, after="remind", remind_every=2)
    assert told(reminding, values=[4, 6, 6, 4.5, 6, 6]) == [(1, "fired", 1), (1, "reminder", 4)]


def test_confirmations_pauses_and_once() -> None:
    assert told(replace(WISH, confirm=2), values=[4, 6, 4, 6, 6]) == [(1, "fired", 4)]
    assert told(replace(WISH, cooldown_days=4), values=[4, 6, 3, 6, 3, 6]) == [(1, "fired", 1), (1, "fired", 5)]
    assert told(replace(WISH, once=True), values=[4, 6, 3, 6]) == [(1, "fired", 1)]


def test_two_sides_and_a_combination_of_two_alerts() -> None:
    outside = replace(WISH, condition="outside", level=1.0, level_high=5.0, band=0.0)
    assert told(outside, values=[3, 6, 0, 3]) == [(1, "fired", 1), (1, "fired", 2)]
    below = replace(WISH, id=2, condition="below", level=4.0, band=0.0)
    either = replace(WISH, id=3, members=(1, 2), at_least=1)
    assert told(WISH, below, either, values=[4, 6, 4, 4, 3, 4]) == [
        (1, "fired", 1), (2, "fired", 4), (3, "fired", 1),
    ]  # fmt: skip
