"""The sentences of `/record` from judged records made by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from bot.commands.record.record import evidence_line, held_by_condition, outcome_line, states_line
from bot.database.records import SentRecord
from bot.domain.model import ConditionKey, Direction
from signals.core.model import Measure

FIRST = date(2025, 1, 6)
KEY = ConditionKey("havens.silver", Measure.VALUE, Direction.ABOVE, 90.0)
STATE = ConditionKey("rotation.state", Measure.CHANGE_1D, Direction.ABOVE, 0.5)
COUNTS = (20, 10, 1000, 540)


def sent(
    rose: list[bool], *, apart: int = 7, key: ConditionKey = KEY, counts: tuple[int, int, int, int] = COUNTS
) -> list[SentRecord]:
    return [
        SentRecord(key, FIRST + timedelta(days=apart * place), 1.0 if up else -1.0, counts, None)
        for place, up in enumerate(rose)
    ]


def test_hit_rates_have_their_interval_the_share_on_all_days_and_a_verdict() -> None:
    # 12 of 20: Wilson 38.7% to 78.1%.
    assert outcome_line(sent([True] * 12 + [False] * 8), 1) == (
        "After 20 sessions with an alert the Nasdaq rose the next day 60% of the time (95% CI 39–78%), vs 54% on all days: "
        "no evidence of an edge"
    )
    assert outcome_line(sent([True] * 60), 1).endswith("vs 54% on all days: likely more than chance (q under 1%)")
    assert outcome_line(sent([True] * 4), 1) == (
        "After 4 sessions with an alert: too few to say how often the Nasdaq rose the next day"
    )


def test_alerts_of_one_session_count_once_and_windows_that_overlap_are_left_out() -> None:
    twice = [*sent([True] * 6), *sent([True] * 6, key=STATE)]
    assert outcome_line(twice, 1).startswith("After 6 sessions with an alert")
    # 18 alerts a week apart: over 21 sessions only every fifth window stands apart.
    assert outcome_line(sent([True] * 18), 21).startswith("After 4 sessions with an alert: too few")


def test_an_interval_held_when_what_followed_agrees_with_what_was_said() -> None:
    assert held_by_condition(sent([True, False] * 5), 1) == [True]
    assert held_by_condition(sent([True] * 30), 1) == [False]
    assert held_by_condition(sent([True] * 4), 1) == []
    assert held_by_condition(sent([True] * 30, counts=(4, 2, 1000, 540)), 1) == []
    line = evidence_line([*sent([True, False] * 5), *sent([True] * 30, key=STATE)], [])
    assert line.startswith(
        "1 of 2 of the 95% intervals held (50%, 95% CI 9–91%): too few; the intervals are too narrow"
    )
    assert evidence_line([], []).startswith("None can be judged yet")


def test_changes_of_a_state_count_once_a_session() -> None:
    changes = [SentRecord(STATE, FIRST + timedelta(days=40 * place), 1.0, None, place == 0) for place in range(6)]
    other = ConditionKey(STATE.signal, STATE.measure, Direction.BELOW, -0.5)
    again = [SentRecord(other, FIRST, 1.0, None, True)]
    assert states_line([*changes, *again]) == (
        "1 of 6 changes of a state was undone within 21 sessions (17%, 95% CI 3–56%)"
    )
    assert states_line([replace(changes[1], undone=False)]).startswith("0 of 1 change of a state was undone")
    assert states_line(sent([True] * 3)) == "No change of a state is 21 sessions old yet"
