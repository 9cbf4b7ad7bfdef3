"""Summaries and letters come once, of every day that they are due of and of no other."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.soak.periodic import dated, irregular, week_ends

THURSDAY, FRIDAY, MONDAY = date(2026, 4, 2), date(2026, 4, 10), date(2026, 4, 6)
SESSIONS = [date(2026, 4, 1), THURSDAY, MONDAY, *(date(2026, 4, day) for day in (7, 8, 9, 10))]
"""Good Friday is April 3."""


def message(title: str, at: str = "2026-04-02T21:00:00+00:00") -> dict[str, Any]:
    return {"channel_id": "5", "timestamp": at, "flags": 0, "content": "", "embeds": [{"title": title}]}


def test_a_week_ends_with_its_last_session() -> None:
    assert week_ends(SESSIONS) == [THURSDAY, FRIDAY]
    assert week_ends(SESSIONS[:3]) == [THURSDAY]


def test_days_are_read_from_titles() -> None:
    messages = [message("Market summary, Thu, Apr 2, 2026"), message("Weekly letter, week to Thu, Apr 2")]
    assert dated(messages, "summary") == {(5, THURSDAY): 1}
    assert dated(messages, "letter") == {(5, THURSDAY): 1}


def test_what_is_lost_doubled_or_not_due_is_found() -> None:
    days = [THURSDAY, MONDAY]
    read = dated([message("Market summary, Thu, Apr 2")], "summary")
    assert irregular(read, "summary", [5], days, until=THURSDAY) == []
    assert irregular(read, "summary", [5], days, until=MONDAY) == ["no summary of 2026-04-06 in 5"]
    assert irregular(read + read, "summary", [5], [THURSDAY], until=MONDAY) == [
        "2 times the summary of 2026-04-02 in 5"
    ]
    assert irregular(read, "summary", [5], [], until=MONDAY) == ["a summary of 2026-04-02 in 5, which was not due"]
