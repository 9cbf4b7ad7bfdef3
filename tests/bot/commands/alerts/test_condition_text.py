"""Conditions as people type them, and the sentence for what cannot be read."""

from __future__ import annotations

import pytest

from bot.commands.alerts.condition_text import TypedCondition, complete_condition, parse_condition
from bot.commands.alerts.texts.describe import describe
from bot.commands.context import Core
from bot.domain.model import AlertSpec, Condition
from bot.errors import UserError
from signals.catalogue import SIGNALS
from signals.core.model import Measure
from tests.support.sample_readings import SILVER

RECOVERY = "scenario.recovery_state"


@pytest.mark.parametrize(
    ("signal", "text", "wanted"),
    [
        (SILVER, "above 90", TypedCondition(Measure.VALUE, Condition.ABOVE, 90)),
        (SILVER, " Below  $20 ", TypedCondition(Measure.VALUE, Condition.BELOW, 20)),
        (SILVER, "crosses 1,234.5", TypedCondition(Measure.VALUE, Condition.CROSSES, 1234.5)),
        (SILVER, "crosses below 20", TypedCondition(Measure.VALUE, Condition.BELOW, 20)),
        (SILVER, "Crosses  above 90", TypedCondition(Measure.VALUE, Condition.ABOVE, 90)),
        (SILVER, "outside 20 and 80", TypedCondition(Measure.VALUE, Condition.OUTSIDE, 20, 80)),
        (SILVER, "outside 20..80", TypedCondition(Measure.VALUE, Condition.OUTSIDE, 20, 80)),
        (SILVER, "outside -20 80", TypedCondition(Measure.VALUE, Condition.OUTSIDE, -20, 80)),
        (SILVER, "outside 80, 95", TypedCondition(Measure.VALUE, Condition.OUTSIDE, 80, 95)),
        (SILVER, "outside 1,234.5, 2,345.5", TypedCondition(Measure.VALUE, Condition.OUTSIDE, 1234.5, 2345.5)),
        (SILVER, "outside 80-95", TypedCondition(Measure.VALUE, Condition.OUTSIDE, 80, 95)),
        (SILVER, "outside $80 – $95", TypedCondition(Measure.VALUE, Condition.OUTSIDE, 80, 95)),
        (SILVER, "outside -2%--0.5%", TypedCondition(Measure.VALUE, Condition.OUTSIDE, -2, -0.5)),
        (SILVER, "outside -80 -20", TypedCondition(Measure.VALUE, Condition.OUTSIDE, -80, -20)),
        (SILVER, "outside 80 % and 95 %", TypedCondition(Measure.VALUE, Condition.OUTSIDE, 80, 95)),
        (SILVER, "outside $ 80 and $ 95", TypedCondition(Measure.VALUE, Condition.OUTSIDE, 80, 95)),
        (SILVER, "outside -10 points and 10 points", TypedCondition(Measure.VALUE, Condition.OUTSIDE, -10, 10)),
        (SILVER, "outside -25 bp 25 bp", TypedCondition(Measure.VALUE, Condition.OUTSIDE, -0.25, 0.25)),
        (SILVER, "outside -1 SD to +1 SD", TypedCondition(Measure.VALUE, Condition.OUTSIDE, -1, 1)),
        (SILVER, "1-year percentile above the 99.5th", TypedCondition(Measure.PERCENTILE_1Y, Condition.ABOVE, 99.5)),
        (SILVER, "1-year z-score above +2 SD", TypedCondition(Measure.Z_1Y, Condition.ABOVE, 2)),
        (SILVER, "> 90", TypedCondition(Measure.VALUE, Condition.ABOVE, 90)),
        (SILVER, ">90", TypedCondition(Measure.VALUE, Condition.ABOVE, 90)),
        (SILVER, ">= 90", TypedCondition(Measure.VALUE, Condition.ABOVE, 90)),
        (SILVER, "≥$90", TypedCondition(Measure.VALUE, Condition.ABOVE, 90)),
        (SILVER, "< 5", TypedCondition(Measure.VALUE, Condition.BELOW, 5)),
        (SILVER, "<=-5", TypedCondition(Measure.VALUE, Condition.BELOW, -5)),
        (SILVER, "Over 90", TypedCondition(Measure.VALUE, Condition.ABOVE, 90)),
        (SILVER, "under 5", TypedCondition(Measure.VALUE, Condition.BELOW, 5)),
        (SILVER, "crosses > 90", TypedCondition(Measure.VALUE, Condition.ABOVE, 90)),
        (SILVER, "5-day change above 3", TypedCondition(Measure.CHANGE_5D, Condition.ABOVE, 3)),
        (SILVER, "5-day change>3", TypedCondition(Measure.CHANGE_5D, Condition.ABOVE, 3)),
        (SILVER, "change_5d under -3", TypedCondition(Measure.CHANGE_5D, Condition.BELOW, -3)),
        (SILVER, "new high 252", TypedCondition(Measure.HIGH_252D, Condition.ABOVE, 0)),
        (SILVER, "new low of 21 sessions", TypedCondition(Measure.LOW_21D, Condition.ABOVE, 0)),
        (RECOVERY, "turns to bull", TypedCondition(Measure.IS_1, Condition.ABOVE, 0.5)),
        (RECOVERY, "turns bear", TypedCondition(Measure.IS_MINUS_1, Condition.ABOVE, 0.5)),
        ("rotation.state", "turns to rotating out", TypedCondition(Measure.IS_1, Condition.ABOVE, 0.5)),
        ("rotation.regime", "turns to broad decline", TypedCondition(Measure.IS_4, Condition.ABOVE, 0.5)),
        (RECOVERY, "turns", TypedCondition(Measure.CHANGE_1D, Condition.OUTSIDE, -0.5, 0.5)),
    ],
)
def test_a_condition_is_read_with_its_level(signal: str, text: str, wanted: TypedCondition) -> None:
    assert parse_condition(SIGNALS[signal], text) == wanted


def test_levels_may_be_typed_apart_from_the_condition() -> None:
    assert parse_condition(SIGNALS[SILVER], "outside", level="20", upper="80").level_high == 80
    assert parse_condition(SIGNALS[SILVER], ">=", level="90") == TypedCondition(Measure.VALUE, Condition.ABOVE, 90)
    assert parse_condition(SIGNALS[SILVER], "new high", level="63").measure is Measure.HIGH_63D
    assert parse_condition(SIGNALS[RECOVERY], "turns", level="base").measure is Measure.IS_0


@pytest.mark.parametrize(
    ("signal", "text", "sentence"),
    [
        (SILVER, "above", "The level is missing. Type it after the condition, such as above 90."),
        (SILVER, "outside", "such as outside 20 and 80"),
        (SILVER, "outside 80 90 100", "“outside 80 90 100” has 3 levels. Type two, such as outside 80 and 100."),
        (SILVER, "above 80 90", "“80 90” is not a number. Type a level such as 90 or 90.5."),
        (SILVER, "new high 50", "Over how many sessions? Type new high 21, new high 63 or new high 252."),
        (SILVER, "abvoe 90", "Did you mean above?"),
        (SILVER, ">", "The level is missing. Type it after the condition, such as above 90."),
        (SILVER, "overall 90", "No condition “overall 90”"),
        (SILVER, "><90", "“<90” is not a number."),
        (
            SILVER,
            "between 80 and 95",
            "“between 80 and 95” is not possible: an alert fires as a value leaves a range. Did you mean “outside 80 and 95”?",
        ),
        (SILVER, "between 70-75", "Did you mean “outside 70 and 75”?"),
        (SILVER, "between", "Did you mean “outside 80 and 95”?"),
        (SILVER, "🚀", "Choose from above, below, crosses, outside, new high, new low, turns; such as above 90."),
        (SILVER, "turns to bull", "has levels, not named states"),
        (
            RECOVERY,
            "above 0",
            "has named states, not levels. Type turns, turns to bull, turns to base or turns to bear.",
        ),
        (RECOVERY, "bull", "has named states, not levels. Type turns, turns to bull, turns to base or turns to bear."),
        (RECOVERY, "blah", "has named states, not levels. Type turns, turns to bull, turns to base or turns to bear."),
        (RECOVERY, "turns to b", "has no state “b”"),
    ],
)
def test_what_cannot_be_read_is_answered_with_a_form_that_can(signal: str, text: str, sentence: str) -> None:
    with pytest.raises(UserError) as caught:
        parse_condition(SIGNALS[signal], text)
    assert sentence in str(caught.value)


async def test_conditions_are_offered_with_levels_from_the_past_of_the_signal(core: Core) -> None:
    offered = [choice.value for choice in complete_condition(core, SILVER, "", None)]
    assert offered[0].startswith("above ")
    assert offered[1].startswith("below ")
    assert "new high 252" in offered
    assert [choice.value for choice in complete_condition(core, RECOVERY, "bu", None)] == ["turns to bull"]
    assert [choice.value for choice in complete_condition(core, SILVER, " above 91", None)] == ["above 91"]
    assert complete_condition(core, "nope", "", None) == []


async def test_named_states_are_described_by_their_words(core: Core) -> None:
    spec = AlertSpec(RECOVERY, Measure.IS_1, Condition.ABOVE, 0.5)
    assert describe(core, spec) == f"{SIGNALS[RECOVERY].label} turns to bull"
    turn = AlertSpec(RECOVERY, Measure.CHANGE_1D, Condition.OUTSIDE, -0.5, 0.5)
    assert describe(core, turn) == f"{SIGNALS[RECOVERY].label} turns"
