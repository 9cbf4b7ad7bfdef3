"""What followed such a day: the lines beside an alert, before one is set, and under a signal."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.commands.market import track_record_lines
from bot.domain.model import AlertSpec, Condition, ConditionKey, Direction
from bot.event_study.model import TrackRecord
from bot.readings.state import ReadingState
from signals.catalogue import SIGNALS
from signals.core.model import Measure
from signals.event_study import OutcomeCounts
from tests.support import sample_readings

WIDE = ConditionKey(sample_readings.SPREAD, Measure.VALUE, Direction.ABOVE, 0.8)
STEEP = ConditionKey(sample_readings.CURVE, Measure.CHANGE_21D, Direction.ABOVE, 0.25)
OF_SPREAD = (SIGNALS[sample_readings.SPREAD], WIDE)
FOUND = TrackRecord(2005, OutcomeCounts(79, 42, 5281, 2925), OutcomeCounts(34, 16, 5261, 2578))
LINES = [
    "After 79 past episodes (since 2005) the Nasdaq rose the next day 53% of the time (95% CI 42–64%), "
    "vs 55% on all days: no evidence of an edge",
    "Over the next 21 sessions equal weight (RSP) beat the S&P 500 (SPY) 47% of the time "
    "(after 34 episodes at least 21 sessions apart; 95% CI 31–63%), "
    "vs 49% on all days: no evidence of an edge",
]


@pytest.fixture
def readings() -> ReadingState:
    made = ReadingState()
    earlier = sample_readings.SESSION - timedelta(days=1)
    noted = {earlier: {WIDE: replace(FOUND, year=2004)}, sample_readings.SESSION: {WIDE: FOUND, STEEP: FOUND}}
    made.put(replace(sample_readings.snapshot(), track_records=noted))
    return made


def beside(readings: ReadingState, level: float = 0.8, session: date = sample_readings.SESSION) -> list[str]:
    return track_record_lines.lines_of_alert(
        readings, SIGNALS[sample_readings.SPREAD], Measure.VALUE, Direction.ABOVE, level, session
    )


def test_the_lines_have_count_share_interval_base_rate_and_verdict(readings: ReadingState) -> None:
    assert beside(readings) == LINES


def test_each_session_has_its_own_and_other_conditions_none(readings: ReadingState) -> None:
    assert beside(readings, session=sample_readings.SESSION - timedelta(days=1))[0].startswith(
        "After 79 past episodes (since 2004) the Nasdaq"
    )
    assert beside(readings, session=sample_readings.SESSION + timedelta(days=1)) == []
    assert beside(readings, level=0.9) == []
    assert beside(ReadingState()) == []


@pytest.mark.parametrize(
    ("n", "words"),
    [(0, "No past episode since 2017"), (1, "1 past episode since 2017: too few to say what followed")],
)
def test_under_five_times_it_says_only_how_many(n: int, words: str) -> None:
    assert track_record_lines.lines(
        TrackRecord(2017, OutcomeCounts(n, 0, 2000, 1100), OutcomeCounts(0, 0, 2000, 900)), *OF_SPREAD
    ) == [words]
    four = TrackRecord(2017, OutcomeCounts(4, 4, 2000, 1100), OutcomeCounts(4, 4, 2000, 900))
    assert track_record_lines.lines(four, *OF_SPREAD) == ["4 past episodes since 2017: too few to say what followed"]


def test_a_small_sample_is_called_so_and_a_month_without_enough_is_left_out() -> None:
    [line] = track_record_lines.lines(
        TrackRecord(2017, OutcomeCounts(14, 7, 2000, 1100), OutcomeCounts(4, 4, 2000, 900)), *OF_SPREAD
    )
    assert line.endswith("vs 55% on all days: no evidence of an edge, small sample")
    first, second = track_record_lines.lines(
        TrackRecord(2017, OutcomeCounts(15, 7, 2000, 1100), OutcomeCounts(9, 4, 2000, 900)), *OF_SPREAD
    )
    assert "small" not in first
    assert second.endswith("small sample")


def test_an_alert_on_a_preset_level_shows_it_before_it_is_saved(readings: ReadingState) -> None:
    spec = AlertSpec(sample_readings.SPREAD, Measure.VALUE, Condition.ABOVE, 0.8)

    def lines_of(spec: AlertSpec, known: ReadingState = readings) -> list[str]:
        signal = SIGNALS[spec.signal]
        conditions = track_record_lines.conditions_of(spec, signal)
        return track_record_lines.of_conditions(signal, conditions, track_record_lines.counted(known))

    assert lines_of(spec) == LINES
    assert lines_of(replace(spec, level=0.7)) == []
    assert lines_of(replace(spec, condition=Condition.CROSSES)) == []
    assert lines_of(spec, ReadingState()) == []


def test_turns_either_way_have_their_evidence_side_by_side() -> None:
    signal = SIGNALS["rotation.state"]
    spec = AlertSpec(signal.id, Measure.CHANGE_1D, Condition.OUTSIDE, -0.5, 0.5)
    conditions = track_record_lines.conditions_of(spec, signal)
    shown = track_record_lines.of_conditions(signal, conditions, dict.fromkeys(conditions, FOUND))
    assert len(shown) == 2
    assert {line.partition(" (since")[0].partition("past ")[2] for line in shown} == {
        "turns out of big tech",
        "turns back into big tech",
    }
    assert track_record_lines.of_conditions(signal, conditions, {}) == []


def test_a_signal_shows_it_for_every_preset_level(readings: ReadingState) -> None:
    text = "\n".join(LINES)
    assert track_record_lines.of_signal(readings, SIGNALS[sample_readings.SPREAD]) == [("When above +0.8 points", text)]
    assert track_record_lines.of_signal(readings, SIGNALS[sample_readings.CURVE]) == [
        ("When 21-day change above +25 bp", text)
    ]
    assert track_record_lines.of_signal(readings, SIGNALS[sample_readings.REAL]) == []


@pytest.mark.parametrize(
    ("signal", "measure", "direction", "words"),
    [
        ("rotation.state", Measure.CHANGE_1D, Direction.ABOVE, "79 past turns out of big tech (since 2005)"),
        (
            "rotation.small_caps.direction",
            Measure.CHANGE_1D,
            Direction.BELOW,
            "79 past turns back into big tech (since",
        ),
        ("scenario.recovery_state", Measure.CHANGE_1D, Direction.BELOW, "79 past turns toward the bear case (since"),
        ("scenario.recovery_state", Measure.IS_1, Direction.ABOVE, "79 past turns to the bull case (since 2005)"),
        ("tech.state", Measure.CHANGE_1D, Direction.ABOVE, "79 past turns to advancing (since 2005)"),
    ],
)
def test_the_record_of_a_turn_says_which_turns_were_counted(
    signal: str, measure: Measure, direction: Direction, words: str
) -> None:
    first, second = track_record_lines.lines(FOUND, SIGNALS[signal], ConditionKey(signal, measure, direction, 0.5))
    assert words in first
    assert "34 turns at least 21 sessions apart" in second


def test_regimes_have_no_order_so_a_change_upward_has_no_record() -> None:
    change = ConditionKey("rotation.regime", Measure.CHANGE_1D, Direction.ABOVE, 0.5)
    assert track_record_lines.lines(FOUND, SIGNALS["rotation.regime"], change) == []
