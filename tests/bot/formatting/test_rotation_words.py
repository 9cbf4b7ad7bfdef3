"""The sentences of the answer, for every state that the two clocks can be in."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from bot.formatting.rotation_words import (
    ending_words,
    headline,
    leg_evidence_words,
    leg_table,
    rotation_words,
    tech_words,
    turn_evidence_words,
    votes_words,
)
from signals.rotation.answer import ClockReading, LegReading, RotationReading
from signals.rotation.definitions import regime_of
from signals.rotation.evidence import Evidence, LegOutcomes, TurnOutcomes
from signals.rotation.yardsticks import ROTATION, TECH, Yardstick

SESSION, SINCE = date(2025, 12, 31), date(2025, 12, 12)


def leg(yardstick: Yardstick, direction: int, back: float, normal: float = 1.0) -> LegReading:
    return LegReading(yardstick, direction, date(2025, 10, 29), SINCE, 2.64 * direction, 43, back, -1.0, normal)


def clock(state: int | None, directions: list[int], yardsticks: tuple[Yardstick, ...] = ROTATION) -> ClockReading:
    legs = tuple(
        leg(*pair, back=0.5 * place, normal=place)
        for place, pair in enumerate(zip(yardsticks, directions, strict=True), 1)
    )
    up, known = directions.count(1), sum(map(abs, directions))
    side = up if state == 1 else known - up
    return ClockReading(state, state is not None and 3 * side < 2 * known, SINCE, 12, up, known, legs)


def reading(rotation: ClockReading, tech: ClockReading, *, gains: bool = True) -> RotationReading:
    unknown = rotation.state is None or tech.state is None
    states = (np.array([float(each.state or 0)]) for each in (rotation, tech))
    regime = None if unknown else int(regime_of(*states)[0])
    return RotationReading(SESSION, regime, rotation, tech, gains)


OUT, BACK, SPLIT = [1, 1, 1, 1, -1, -1], [-1, -1, -1, -1, 1, -1], [1, 1, 1, -1, -1, -1]
UP, DOWN, DIVIDED, SPLIT_TECH = [1] * 5, [-1] * 5, [1, 1, 1, -1, -1], [-1, -1, -1, 1, 1]


def tech(state: int, directions: list[int]) -> ClockReading:
    return clock(state, directions, TECH)


@pytest.mark.parametrize(
    ("found", "words", "answer"),
    [
        (reading(clock(1, OUT), tech(1, UP)), "out of big tech while tech advances: a broadening advance", "Yes, since"),
        (reading(clock(1, OUT), tech(1, DIVIDED)), "out of big tech, and tech itself is split", "Yes, since"),
        (reading(clock(1, OUT), tech(-1, DOWN)), "out of big tech, and tech is falling: a tech-led decline", "Yes, since"),
        (reading(clock(1, OUT), tech(-1, DOWN), gains=False), "a decline, not a rotation", "Only relatively, since"),
        (reading(clock(1, OUT), tech(-1, SPLIT_TECH), gains=False), "The yardsticks point out", "Only relatively"),
        (reading(clock(-1, BACK), tech(-1, SPLIT_TECH)), "The yardsticks point back into big tech", "No: the yardsticks favor"),
        (reading(clock(-1, BACK), tech(1, UP)), "back into big tech, and tech is advancing", "No: money has been rotating back"),
        (reading(clock(-1, BACK), tech(-1, DOWN)), "a broad decline", "No: the yardsticks favor big tech, since"),
        (reading(clock(1, SPLIT), tech(1, UP)), "The rotation is turning", "Turning: last clear state out of big tech"),
        (reading(clock(None, [0] * 6), tech(1, UP)), "Too few yardsticks have turned once", "Not known yet"),
    ],
)  # fmt: skip
def test_the_headline_and_the_answer_never_contradict_each_other(
    found: RotationReading, words: str, answer: str
) -> None:
    assert words in headline(found)
    assert rotation_words(found).startswith(answer)


def test_who_says_so_who_does_not_and_how_far_from_a_turn_they_are() -> None:
    lines = [line.replace("\u202f", " ") for line in votes_words(clock(1, OUT), SESSION)]
    assert lines == [
        "4 of 6 yardsticks say so: equal weight +2.6% since Wed, Oct 29 (43 sessions); small caps +2.6%; value +2.6%; "
        "S&P 500 vs. tech +2.6%",
        "Not yet: Nasdaq equal weight (2.5 of the 4% needed); S&P 500 vs. Mag 7 (3.0 of the 8.5% needed)",
    ]
    assert ending_words(clock(1, OUT)).replace("\u202f", " ") == (
        "It ends when 2 of the 4 turn back. Nearest: equal weight has given back 0.5 of 3%; "
        "small caps have given back 1.0 of 6%"
    )
    assert ending_words(clock(-1, [-1] * 6)).startswith("It ends when 4 of the 6 turn back")


def test_while_a_clock_turns_both_sides_say_where_they_point() -> None:
    """Behind `Turning` stood "3 of 6 yardsticks say so", of the side that the title did not name."""
    lines = votes_words(clock(-1, SPLIT), SESSION)
    assert lines[0].startswith(
        "3 of 6 yardsticks still point back into big tech: S&P 500 vs. tech -2.6% since Wed, Oct 29"
    )
    assert lines[1].startswith("3 point out of big tech: equal weight +2.6%; small caps")
    lines = votes_words(tech(1, DIVIDED), SESSION)
    assert (lines[0].partition(":")[0], lines[1].partition(":")[0]) == (
        "3 of 5 yardsticks still point up",
        "2 point down",
    )
    alone = votes_words(clock(1, [1, -1, 0, 0, 0, 0]), SESSION)
    assert [line.partition(":")[0] for line in alone] == [
        "1 of 2 yardsticks still points out of big tech",
        "1 points back into big tech",
    ]
    assert ending_words(clock(-1, SPLIT)).startswith(
        "The last clear state ends when 1 of its 3 turns back. Nearest: S&P"
    )
    assert ending_words(tech(1, DIVIDED)).startswith("The last clear state ends when 2 of its 3 turn back. Nearest: ")


def test_a_relative_rotation_says_what_equal_weight_itself_has_done() -> None:
    """Whether it fell less than big tech depends on the day from which that is reckoned; its own level does not."""
    found = reading(clock(1, OUT), tech(-1, DOWN), gains=False)
    assert rotation_words(found).endswith(": equal weight itself is below its level of Oct 29, where its lead began")
    lagging = reading(clock(1, [-1, 1, 1, 1, 1, -1]), tech(-1, DOWN), gains=False)
    assert rotation_words(lagging).endswith(": equal weight itself does not lead the S&P 500")


def test_a_yardstick_that_has_left_since_is_not_said_to_be_on_its_way() -> None:
    """Tech itself turned up on December 29, after the clock of the others had said falling since December 12."""
    clock_since = clock(-1, [1, -1, -1, -1, -1, -1])
    left = replace(clock_since.legs[0], confirmed=date(2025, 12, 29))
    lines = votes_words(replace(clock_since, legs=(left, *clock_since.legs[1:])), SESSION)
    assert lines[1] == "No longer: equal weight +2.6% (turned Mon, Dec 29)"
    assert votes_words(clock_since, SESSION)[1] == "Not yet: equal weight (0.5 of the 3% needed)"


@pytest.mark.parametrize("directions", [OUT, SPLIT, [1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 0, 0], [1, 1, 1, 0, -1, 0]])
def test_as_many_turns_as_are_named_turn_the_state_and_one_fewer_does_not(directions: list[int]) -> None:
    needed = clock(1, directions).needed_to_turn
    for turned, wanted in ((needed, True), (needed - 1, False)):
        up, known = directions.count(1) - turned, sum(map(abs, directions))
        assert (3 * up <= known) is wanted


def test_tech_is_said_to_advance_to_fall_or_to_be_turning() -> None:
    said = [tech_words(reading(clock(1, OUT), found)) for found in (tech(1, UP), tech(-1, DOWN), tech(1, DIVIDED))]
    assert said == [
        "Yes, advancing since Fri, Dec 12 (12 sessions)",
        "No, falling since Fri, Dec 12 (12 sessions)",
        "Turning: last clear state advancing, since Fri, Dec 12 (12 sessions)",
    ]


def test_a_state_of_the_day_is_confirmed_today_and_not_zero_sessions_old() -> None:
    new = replace(clock(1, OUT), since=SESSION, age=0)
    assert rotation_words(reading(new, tech(1, UP))) == "Yes, confirmed today"
    risen = replace(tech(1, UP), since=SESSION, age=0)
    assert tech_words(reading(clock(1, OUT), risen)) == "Yes, advancing, confirmed today"


def test_a_yardstick_short_of_its_threshold_never_reads_as_if_it_had_reached_it() -> None:
    near = replace(clock(1, OUT), legs=(leg(ROTATION[0], 1, 2.97), leg(ROTATION[1], -1, 5.99)))
    assert votes_words(near, SESSION)[1] == "Not yet: small caps (5.9 of the 6% needed)"
    assert leg_table([near]).splitlines()[1].endswith(" 2.9/3")


def test_a_comparison_ends_with_its_verdict() -> None:
    """16 of 22 against 47% of 5,220 sessions, 83 windows of 63: p is 3.5% and q of two comparisons 7%."""
    turns = (TurnOutcomes(21, 22, 13, 5262, 2508, 2005), TurnOutcomes(63, 22, 16, 5220, 2475, 2005))
    lines = [line.replace("\u202f", " ") for line in turn_evidence_words(Evidence(turns, None), 1)]
    assert lines == [
        "How often equal weight (RSP) beat the S&P 500 (SPY) after past turns out of big tech (since 2005)",
        "• over the next 21 sessions after 13 of 22 turns: 59% (95% CI 39–77%), vs 48% on all days: no evidence of an edge",
        "• over the next 63 sessions after 16 of 22 turns: 73% (95% CI 52–87%), vs 47% on all days: "
        "likely more than chance (q 7%)",
    ]


def test_few_cases_are_only_counted() -> None:
    few = Evidence((TurnOutcomes(21, 3, 2, 900, 450), TurnOutcomes(63, 2, 1, 900, 450)), None)
    assert turn_evidence_words(few, -1) == ["3 past turns back into big tech: too few to say what followed"]
    assert turn_evidence_words(Evidence((TurnOutcomes(21, 0, 0, 9, 4),), None), 1) == []
    present = leg(ROTATION[0], 1, 0.5)
    assert leg_evidence_words(LegOutcomes(present, 0, 0)) == ""
    assert leg_evidence_words(LegOutcomes(present, 1, 1)).startswith("Only 1 past leg of equal weight got this old")
    assert leg_evidence_words(LegOutcomes(present, 16, 9)).replace("\u202f", " ") == (
        "16 past legs of equal weight got this old and this large; 9 went on to gain another 2 points or more "
        "(56%, 95% CI 33–77%)"
    )


def test_the_table_has_a_line_a_yardstick_and_fits_a_phone() -> None:
    lines = leg_table([clock(1, OUT), tech(-1, DOWN)]).splitlines()
    assert len(lines) == 1 + 6 + 5
    assert max(map(len, lines)) <= 40
    assert lines[1] == "Equal weight      out   +2.6  43 0.5/3"
    assert "–" in leg_table([replace(clock(1, OUT), legs=(LegReading(ROTATION[0], 0),))])
