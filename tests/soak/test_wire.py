"""The oracle's comparison finds what is dropped, doubled and changed."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import date
from typing import Any

from tests.soak.oracle import Owed
from tests.soak.wire import compare

SESSION = date(2026, 2, 3)
CROSSED = Owed(5, 1, 7, "k1a1", "fired", SESSION, 85.8812, 80.0)
BACK = Owed(5, 2, 7, "k1a2", "back", SESSION, -0.3149, 0.2)
BASE: dict[str, Any] = {"channel_id": "5", "timestamp": "2026-02-03T21:30:00+00:00", "flags": 0}


def single() -> dict[str, Any]:
    """One alert as it stands in a channel."""
    text = "final, Tue, Feb 3\nDay before $84.95\nYour note: k1a1"
    return {
        **BASE,
        "content": "[simulated] Silver is at $85.88, above $80",
        "embeds": [{"title": "Silver: $85.88", "description": text}],
    }


def merged() -> dict[str, Any]:
    """Two alerts in one message; the second tells that a change of a yield is back."""
    first = "**Silver is at $85.88, above $80**\nfinal, Tue, Feb 3\nYour note: k1a1"
    second = "**1-day change of yield is back at −31 bp, no longer above +20 bp**\nfinal, Tue, Feb 3\nYour note: k1a2"
    return {
        **BASE,
        "content": "2 alerts: Silver above $80, yield",
        "embeds": [
            {"title": "Silver: $85.88", "description": first},
            {"title": "10-year, 1-day change: −31 bp", "description": second},
        ],
    }


def held() -> dict[str, Any]:
    """The same crossing, held back and told the morning after."""
    line = "Silver above $80: crossed at $85.88 on Tue, Feb 3. Now $85.88 on Tue, Feb 3: still above the level."
    return {**BASE, "content": "1 crossing", "embeds": [{"title": "1 crossing", "description": line}]}


def test_what_is_told_once_with_its_value_and_level_is_right_alone_merged_and_held_back() -> None:
    for message, owed in ((single(), [CROSSED]), (merged(), [CROSSED, BACK]), (held(), [CROSSED])):
        verdict = compare(owed, [message], until=SESSION)
        assert (verdict.lost, verdict.doubled, verdict.wrong) == ([], [], [])
        assert sum(verdict.told.values()) == len(owed)


def test_returns_and_reminders_that_were_held_back_are_told_as_such() -> None:
    monday, wednesday = date(2026, 2, 2), date(2026, 2, 4)
    owed = [
        CROSSED,
        replace(CROSSED, event="back", session=monday, value=79.2),
        replace(CROSSED, event="reminder", session=wednesday),
    ]
    line = (
        "Silver above $80: crossed at $85.88 on Tue, Feb 3; back at $79.20 on Mon, Feb 2; still past the level at $85.88 on Wed, "
        "Feb 4. Now $85.88 on Wed, Feb 4: still above the level."
    )
    message = {**held(), "embeds": [{"title": "1 crossing, 1 return and 1 reminder", "description": line}]}
    verdict = compare(owed, [message], until=wednesday)
    assert (verdict.lost, verdict.doubled, verdict.wrong) == ([], [], [])
    assert verdict.told == {"fired": 1, "back": 1, "reminder": 1}
    returned = line.replace("crossed at", "back at", 1)
    message["embeds"] = [{"title": "2 returns and 1 reminder", "description": returned}]
    assert len(compare(owed, [message], until=wednesday).lost) == 1


def test_a_combination_that_was_held_back_is_read_with_the_note_of_its_person() -> None:
    owed = Owed(5, 3, 7, "k1a3", "fired", SESSION, 2, 2, combined=True)
    line = "Alert 3: 2 of 2 hold: Silver above $80; Silver below $80. Fired on Tue, Feb 3."
    for note, lost in (("", 0), (" Your note: k1a3", 0), (" Your note: k1a9", 1)):
        message = {**held(), "embeds": [{"title": "1 crossing", "description": line + note}]}
        verdict = compare([owed], [message], until=SESSION)
        assert (len(verdict.lost), len(verdict.wrong), verdict.told["combination"]) == (lost, lost, 1 - lost)


def test_a_message_that_is_dropped_is_lost() -> None:
    assert len(compare([CROSSED, BACK], [], until=SESSION).lost) == 2


def test_a_message_that_came_twice_is_doubled_also_when_it_was_held_back() -> None:
    assert len(compare([CROSSED], [single(), single()], until=SESSION).doubled) == 1
    assert len(compare([CROSSED], [single(), held()], until=SESSION).doubled) == 1


def test_another_value_and_another_level_are_wrong() -> None:
    value, level = single(), copy.deepcopy(single())
    value["embeds"][0]["title"] = "Silver: $85.89"
    level["content"] = "[simulated] Silver is at $85.88, above $81"
    assert len(compare([CROSSED], [value], until=SESSION).wrong) == 1
    assert len(compare([CROSSED], [level], until=SESSION).wrong) == 1
