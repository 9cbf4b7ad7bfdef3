"""What people read of what waited: crossings that were held back, and what a place did not take when it was due."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from bot.commands.context import Core
from bot.discord_app import limits
from bot.discord_app.delivery.messages import payloads
from bot.domain.model import Destination, Direction, ItemEvent, ItemKind, OutboxItem
from signals.core.model import Measure
from tests.bot.discord_app.delivery.test_messages import CHANNEL, DM, item
from tests.support import core_without_store, sample_readings

HELD = datetime.fromisoformat("2026-01-13T21:00:00+00:00")
SILVER, STREAK = sample_readings.SILVER, sample_readings.STREAK
REFUSED = replace(CHANNEL, refused_since=HELD)


@pytest.fixture
def core() -> Core:
    """Rendering needs no store."""
    return core_without_store()


def held(number: int, signal: str, day: date, value: float, level: float, **changes: object) -> OutboxItem:
    return item(signal, number, session=day, value=value, level=level, alert_id=number, held_until=HELD, **changes)


def test_what_was_held_back_says_what_crossed_at_what_values_and_what_is_still_beyond(core: Core) -> None:
    """Silver is at 85.88 and the streak at 8 now."""
    first = held(1, SILVER, date(2026, 1, 8), 80.25, 80.0)
    second = replace(first, id=2, key="2", session=date(2026, 1, 12), value=81.0)
    back = held(3, STREAK, date(2026, 1, 9), 10.0, 9.0)
    shown = payloads(core)(DM, [first, second, back])
    assert shown.content == "3 crossings since Thu, Jan 8; 1 still past its level"
    [embed] = shown.embeds
    silver, streak = embed["description"].splitlines()
    assert silver.endswith(
        "crossed at $80.25 on Thu, Jan 8 and $81.00 on Mon, Jan 12. Now $85.88 on Tue, Jan 13: still above the level."
    )
    assert streak.endswith(
        "crossed at 10 sessions on Fri, Jan 9. Now 8 sessions on Tue, Jan 13: no longer above the level."
    )


def test_what_is_back_and_reminders_are_no_crossings(core: Core) -> None:
    """Silver is at 85.88 now: it crossed, came back, crossed again and lasts."""
    first = held(1, SILVER, date(2026, 1, 8), 80.25, 80.0)
    back = replace(first, id=2, key="2", session=date(2026, 1, 9), value=79.0, event=ItemEvent.BACK)
    again = replace(first, id=3, key="3", session=date(2026, 1, 12), value=81.0)
    lasts = replace(first, id=4, key="4", session=date(2026, 1, 13), value=85.88, event=ItemEvent.REMINDER)
    shown = payloads(core)(DM, [first, back, again, lasts])
    assert shown.content == "2 crossings, 1 return and 1 reminder since Thu, Jan 8; 1 still past its level"
    assert shown.embeds[0]["description"].endswith(
        "crossed at $80.25 on Thu, Jan 8 and $81.00 on Mon, Jan 12; back at $79.00 on Fri, Jan 9; "
        "still past the level at $85.88 on Tue, Jan 13. Now $85.88 on Tue, Jan 13: still above the level."
    )
    assert (
        payloads(core)(DM, [replace(back, value=79.0)]).content == "1 return since Fri, Jan 9; 1 still past its level"
    )


def test_a_named_state_and_a_new_high_have_no_level_to_be_past(core: Core) -> None:
    """The rotation is rotating back, and silver at its highest."""
    state = held(1, "rotation.state", date(2026, 1, 8), 1.0, 0.5, measure=Measure.IS_MINUS_1)
    high = held(2, SILVER, date(2026, 1, 9), 0.4, 0.0, measure=Measure.HIGH_63D)
    turned = held(3, "rotation.state", date(2026, 1, 12), 2.0, 0.5, measure=Measure.CHANGE_1D, reading={"value": 1.0})
    [embed] = payloads(core)(DM, [state, high, turned]).embeds
    assert embed["description"].splitlines() == [
        "Rotation turns to rotating back into big tech: on Thu, Jan 8; still so on Tue, Jan 13.",
        "Silver at a new 63-session high: on Fri, Jan 9; still so on Tue, Jan 13.",
        "Two thirds of the yardsticks now point out of big tech: on Mon, Jan 12.",
    ]


def test_below_a_level_and_values_that_are_not_known(core: Core) -> None:
    below = held(1, SILVER, date(2026, 1, 12), 85.0, 90.0, direction=Direction.BELOW)
    shown = payloads(core)(DM, [below])
    assert shown.content == "1 crossing since Mon, Jan 12; 1 still past its level"
    assert "still below the level" in shown.embeds[0]["description"]
    assert [part["label"] for part in shown.components[0]["components"]][-1] == "Remove"
    without = payloads(core)(DM, [replace(below, level=None)])
    assert without.content == "1 crossing since Mon, Jan 12"
    assert "Its value now is not known." in without.embeds[0]["description"]


def test_a_role_is_mentioned_for_what_was_held_back_in_a_channel(core: Core) -> None:
    [one] = [held(1, SILVER, date(2026, 1, 12), 81.0, 80.0, role_id=33)]
    assert payloads(core)(CHANNEL, [one]).mention_roles == (33,)
    assert payloads(core)(DM, [one]).mention_roles == ()


def test_a_hundred_crossings_fit_into_one_message(core: Core) -> None:
    many = [held(number, SILVER, date(2026, 1, 12), 81.0, 80.0) for number in range(1, 101)]
    shown = payloads(core)(DM, many)
    assert sum(map(limits.embed_length, shown.embeds)) <= 6000
    assert shown.content == "100 crossings since Mon, Jan 12; 100 still past their level"


def test_alerts_older_than_three_sessions_are_one_line_where_the_place_refused(core: Core) -> None:
    """Of Tuesday, January 13, the three sessions before are Monday, Friday and Thursday."""
    days = [date(2026, 1, 5), date(2026, 1, 7), date(2026, 1, 8), date(2026, 1, 13)]
    items = [item(SILVER, number, session=day, level=80.0) for number, day in enumerate(days, 1)]
    shown = payloads(core)(REFUSED, items)
    assert len(shown.embeds) == 3
    assert shown.embeds[-1]["description"].startswith(
        "Also fired while I could not write here (Mon, Jan 5 to Wed, Jan 7): 2 alerts: "
    )
    in_time = payloads(core)(CHANNEL, items)
    assert len(in_time.embeds) == 4


def test_where_all_is_old_the_line_stands_alone_and_many_new_ones_leave_room_for_it(core: Core) -> None:
    old = payloads(core)(REFUSED, [item(SILVER, 1, session=date(2026, 1, 5), level=80.0)])
    assert old.content.startswith("Also fired while I could not write here (Mon, Jan 5): 1 alert: ")
    assert old.embeds == ()
    many = payloads(core)(REFUSED, [item(SILVER, number, level=80.0) for number in range(1, 31)])
    assert len(many.embeds) == limits.EMBEDS
    assert "21 alerts" in many.embeds[-1]["description"]


def test_of_many_summaries_that_waited_the_old_ones_are_a_line(core: Core) -> None:
    days = core.calendar.between(date(2025, 12, 15), date(2026, 1, 13))
    items = [replace(item(number=number), kind=ItemKind.SUMMARY, session=day) for number, day in enumerate(days, 1)]
    shown = payloads(core)(CHANNEL, items)
    assert len(shown.embeds) == 5
    assert (
        shown.embeds[-1]["description"] == f"{len(days) - 4} older summaries left out (Mon, Dec 15, 2025 to Wed, Jan 7)"
    )


def test_the_kinds_of_destination_that_refuse_nothing_have_no_line(core: Core) -> None:
    plain: Destination = CHANNEL
    assert len(payloads(core)(plain, [item(SILVER, 1, session=date(2025, 12, 1), level=80.0)]).embeds) == 1


def test_ten_notices_that_waited_are_all_in_the_message(core: Core) -> None:
    ended = [replace(item(number=number), kind=ItemKind.NOTICE, signal=f"gone{number}") for number in range(10)]
    shown = payloads(core)(DM, ended)
    assert [line.split(", ")[1] for line in shown.content.splitlines()] == [f"gone{n}" for n in range(10)]


def test_a_combination_that_was_held_back_names_its_members_and_its_days(core: Core) -> None:
    member = {"signal": SILVER, "measure": "value", "condition": "above", "level": 80.0, "level_high": None}
    members = [{**member, "topic": None, "inside": True}, {**member, "topic": "russell-streak", "inside": False}]
    item = held(3, SILVER, date(2026, 1, 9), 1.0, 0.5)
    fired = replace(item, signal="combined.3", number=2, topic=None, reading={"members": members})
    shown = payloads(core)(DM, [fired])
    assert shown.content == "1 crossing since Fri, Jan 9"
    [embed] = shown.embeds
    assert embed["description"] == "Alert 2: 1 of 2 hold: Silver above $80. Fired on Fri, Jan 9."
