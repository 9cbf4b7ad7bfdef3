"""What the calendar owes: a reminder before a decision of the Fed and a line after it, each once."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.soak.announcements import DECISIONS, announced, misannounced

DAY, PLACE = date(2026, 3, 18), 5
MOVES = {DAY: {"S&P 500": 0.53, "Nasdaq": -1.24}}
REMINDER = "Fed decision: due at <t:1773856800:t> (<t:1773856800:R>)"  # 14:00 in New York, 18:00 UTC in summer
LINE = "Fed decision, Wed, Mar 18. Futures price 1.4 Fed cuts by December (1.2 before). S&P 500 +0.5%, Nasdaq −1.2%."


def message(at: str, content: str) -> dict[str, Any]:
    return {"channel_id": str(PLACE), "timestamp": at, "content": f"[simulated] {content}"}


BEFORE, AFTER = message("2026-03-18T17:05:00+00:00", REMINDER), message("2026-03-18T20:27:00+00:00", LINE)


def wrong(*messages: dict[str, Any], there_until: date = date.max, late: bool = False) -> list[str]:
    read = announced(messages)
    return misannounced(read, {PLACE: there_until}, [DAY], MOVES, late={(PLACE, DAY)} if late else ())


def test_both_are_read_once_and_say_how_the_market_moved() -> None:
    assert DAY in DECISIONS
    assert wrong(BEFORE, AFTER) == []


def test_what_is_lost_or_doubled_is_found() -> None:
    assert wrong(AFTER) == ["0 reminders of the decision on 2026-03-18 in 5"]
    assert wrong(BEFORE) == ["0 lines of the decision on 2026-03-18 in 5"]
    assert len(wrong(BEFORE, BEFORE, AFTER)) == len(wrong(BEFORE, AFTER, AFTER)) == 1


def test_a_reminder_after_the_decision_and_a_wrong_move_are_found() -> None:
    too_late = message("2026-03-18T18:00:00+00:00", REMINDER)
    assert wrong(too_late, AFTER) == ["the reminder of 2026-03-18 in 5 came at 2026-03-18 18:00:00"]
    assert len(wrong(BEFORE, message("2026-03-18T20:27:00+00:00", LINE.replace("+0.5%", "+0.6%")))) == 1


def test_one_that_was_still_being_retried_may_lack_beside_the_line() -> None:
    assert wrong(AFTER, late=True) == []


def test_who_has_left_or_never_asked_reads_nothing() -> None:
    assert wrong(there_until=date(2026, 3, 17)) == []
    assert len(wrong(BEFORE, there_until=date(2026, 3, 17))) == 1
