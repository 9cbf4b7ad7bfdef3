"""What people read of what waited: crossings that were held back, and what a place did not take when it was due."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

import pytest

from bot.commands.context import Core
from bot.discord_app import limits
from bot.discord_app.delivery.messages import payloads
from bot.domain.model import Destination, Direction, ItemEvent, ItemKind, Loudness, OutboxItem
from bot.outbox.message import Payload
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


def test_a_note_stands_with_its_alert_also_where_that_had_to_wait(core: Core) -> None:
    """Who gets one digest a day would read no note otherwise; of a long message none is lost."""
    noted = [
        replace(held(number, SILVER, date(2026, 1, 12), 90.0, 60 + number / 10), note=f"*note {number}* " + "x" * 80)
        for number in range(1, 39)
    ]
    told = messages_of(core, DM, noted)
    lines = [line for shown, _ in told for line in shown.embeds[0]["description"].splitlines() if "crossed" in line]
    assert [re.findall(r"Your note: \\\*note (\d+)\\\* x{80}$", line) for line in lines] == [
        [str(n)] for n in range(1, 39)
    ]
    [plain] = payloads(core)(DM, [replace(noted[0], note=None)]).embeds
    assert "note" not in plain["description"]


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


def test_a_hundred_crossings_are_all_named_in_as_many_messages_as_they_need(core: Core) -> None:
    many = [held(number, SILVER, date(2026, 1, 12), 90.0, 60 + number / 10) for number in range(1, 101)]
    told = messages_of(core, DM, many)
    lines = [shown.embeds[0]["description"].splitlines() for shown, _ in told]
    names = [line.split(":")[0] for line in [line for part in lines for line in part] if "crossed" in line]
    assert names == [f"Silver above ${60 + number / 10:.2f}".removesuffix(".00") for number in range(1, 101)]
    assert [part[-1] for part in lines[:-1]] == ["The rest follows in the next message."] * (len(told) - 1)
    assert "rest" not in lines[-1][-1]
    assert [shown.content.split(" ")[0] for shown, _ in told] == [str(len(items)) for _, items in told]
    assert len(told) == 3


def offered(shown: Payload) -> list[str]:
    """The alerts that the menus of a message offer, in their order; each menu is one that Discord takes."""
    menus = [row["components"][0] for row in shown.components]
    assert len(menus) <= limits.ROWS
    assert len({menu["custom_id"] for menu in menus}) == len(menus)
    assert all(1 <= len(menu["options"]) <= limits.OPTIONS for menu in menus)
    return [option["value"] for menu in menus for option in menu["options"]]


@pytest.mark.parametrize("count", [2, 25, 26, 38, 100])
def test_every_alert_that_a_message_tells_of_can_be_chosen_in_its_order(core: Core, count: int) -> None:
    many = [held(number, SILVER, date(2026, 1, 12), 90.0, 60 + number / 10) for number in range(count, 0, -1)]
    for shown, items in messages_of(core, DM, many):
        levels = re.findall(r"above \$(\d+\.?\d*):", shown.embeds[0]["description"])
        assert offered(shown) == [f"a{round(10 * (float(level) - 60))}" for level in levels]
        assert len(levels) == len(items)
    recent = [item(SILVER, number, level=60 + number / 10) for number in range(1, min(count, 10) + 1)]
    for shown, items in messages_of(core, DM, recent):
        assert offered(shown) == [f"a{each.id}" for each in items]


def test_a_place_that_refused_has_as_many_messages_as_its_menus_need(core: Core) -> None:
    old = [item(SILVER, number, session=date(2026, 1, 2), level=60 + number / 10) for number in range(1, 181)]
    told = messages_of(core, REFUSED, old)
    assert [offered(shown) for shown, _ in told] == [[f"a{each.id}" for each in items] for _, items in told]
    assert [len(items) for _, items in told] == [125, 55]


@pytest.mark.parametrize("new", [0, 5, 60, 100])
def test_a_hundred_alerts_of_a_place_that_refused_are_all_named(core: Core, new: int) -> None:
    """By an embed, or in the line of what is old or more than nine."""
    days = [date(2026, 1, 5)] * (100 - new) + [date(2026, 1, 13)] * new
    items = [item(SILVER, n, session=day, level=float(n)) for n, day in enumerate(days, 1)]
    told = messages_of(core, REFUSED, items)
    text = "\n".join(embed["description"] for shown, _ in told for embed in shown.embeds)
    assert {int(level) for level in re.findall(r"above \$(\d+)", text)} == set(range(1, 101))
    assert len(told) <= 3


def test_what_is_left_of_a_long_line_is_cut_nowhere(core: Core) -> None:
    [(first, _), *_] = told = messages_of(
        core, REFUSED, [item(SILVER, number, level=60 + number / 10) for number in range(1, 101)]
    )
    assert "…" not in first.embeds[-1]["description"]
    assert len(first.embeds) == limits.EMBEDS
    assert all(embed["title"] and "Silver is at" in embed["description"] for embed in first.embeds[:-1])
    assert sum(len(items) for _, items in told) == 100


@pytest.mark.parametrize("place", [DM, CHANNEL])
def test_of_thirty_notices_each_is_told_once(core: Core, place: Destination) -> None:
    sentences = [f"Alert {number} has had no reading since Mon, Jan 5. {'Why. ' * 24}Why." for number in range(30)]
    notices = [replace(item(number=n), kind=ItemKind.NOTICE, sentence=text) for n, text in enumerate(sentences)]
    told = messages_of(core, place, notices)
    assert [line for shown, _ in told for line in shown.content.splitlines()] == sentences
    assert len(told) == 3


def test_reminders_that_do_not_fit_follow(core: Core) -> None:
    line = json.dumps({"kind": "cpi", "day": "2026-01-13", "line": "Consumer prices rose. " * 15})
    releases = [replace(item(number=n), kind=ItemKind.RELEASE, occasion=line) for n in range(10)]
    told = messages_of(core, CHANNEL, releases)
    assert [len(items) for _, items in told] == [6, 4]
    assert sum(shown.content.count("Consumer") for shown, _ in told) == 150


def test_letters_that_do_not_fit_whole_follow(core: Core) -> None:
    """After some weeks in which the place took none."""
    letters = [replace(item(number=n), kind=ItemKind.LETTER, signal=None, alert_id=None) for n in range(15)]
    [whole] = payloads(core)(CHANNEL, letters[:1]).embeds
    told = messages_of(core, CHANNEL, letters)
    assert len(told) > 1
    for shown, items in told:
        parts = ("title", "description", "fields", "footer")
        assert [[embed.get(part) for part in parts] for embed in shown.embeds] == [
            [whole.get(part) for part in parts] for _ in items
        ]


def test_an_alert_whose_signal_is_no_longer_computed_is_told_beside_others(core: Core) -> None:
    gone = [replace(item(number=number), signal=f"flows.gone{number}") for number in (1, 2)]
    told = messages_of(core, CHANNEL, [item(SILVER, 3, level=80.0), *gone, item(SILVER, 4, level=81.0)])
    assert [shown.content for shown, _ in told] == [
        "Silver is at $85.88, above $80",
        "An alert on flows.gone1 fired; that signal is no longer computed.\n"
        "An alert on flows.gone2 fired; that signal is no longer computed.",
        "Silver is at $85.88, above $81",
    ]


def test_everybody_who_asked_is_mentioned_with_their_own_alert(core: Core) -> None:
    """A hundred mentions do not fit beside a first line, nor a hundred and one into any message."""
    for held_until in (HELD, None):
        owned = [
            item(SILVER, n, level=60 + n / 10, held_until=held_until, owner_id=10**18 + n, loudness=Loudness.PING)
            for n in range(1, 151)
        ]
        told = messages_of(core, REFUSED, owned)
        assert [shown.mention_owners for shown, _ in told] == [
            tuple(each.owner_id for each in items) for _, items in told
        ]


def test_roles_are_mentioned_with_their_own_alerts(core: Core) -> None:
    of_roles = [item(STREAK, n, topic="russell-streak", owner_id=None, role_id=n, held_until=HELD) for n in range(200)]
    told = messages_of(core, CHANNEL, of_roles)
    assert [shown.mention_roles for shown, _ in told] == [tuple(each.role_id for each in items) for _, items in told]


def test_a_notice_as_long_as_a_message_leaves_room_for_the_mention_that_may_stand_before_it(core: Core) -> None:
    notice = replace(item(), kind=ItemKind.NOTICE, sentence="word " * 500)
    person = replace(DM, user_id=10**18)
    shown = payloads(core)(person, [notice])
    assert shown.told is None
    assert limits.length(shown.addressed_to(10**18).text) <= limits.CONTENT
    assert limits.length(shown.content) > 1950


def messages_of(
    core: Core, place: Destination, owed: Sequence[OutboxItem]
) -> list[tuple[Payload, Sequence[OutboxItem]]]:
    """The messages in which all that a place is owed is told, each within Discord's limits, with the items of each."""
    told, left = [], [*owed]
    while left:
        shown = payloads(core)(place, left)
        count = len(left) if shown.told is None else shown.told
        assert 1 <= count <= len(left)
        told.append((shown, left[:count]))
        left = left[count:]
        assert limits.length(shown.text) <= limits.CONTENT
        assert len(shown.embeds) <= limits.EMBEDS
        assert sum(map(limits.embed_length, shown.embeds)) <= limits.EMBED_TOTAL
        assert max(len(shown.mention_owners), len(shown.mention_roles)) <= 100
    return told


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
