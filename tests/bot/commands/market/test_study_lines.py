"""The first sentence of a study says what was found over any horizon, not only over the one that was asked for."""

from __future__ import annotations

from datetime import date

from bot.commands.market.study_lines import verdict
from bot.domain.model import AlertSpec, Condition
from bot.event_study.model import StudyAnswer, StudyQuestion
from signals.core.model import Measure
from signals.event_study import Interval, Outcome, Result

QUESTION = StudyQuestion(AlertSpec("scenario.recovery", Measure.VALUE, Condition.BELOW, -80.0))


def result(horizon: int, share: float, q: float, known: int = 40) -> Result:
    return Result(
        horizon, None, None, known, known, known, known, 0.6, 5000, hits=round(share * known), rate=Interval(share, 0.2, 0.7),
        difference=Interval(share - 0.6, -0.5, 0.1), p=q, q=q,
    )  # fmt: skip


def sentence(*results: Result) -> str:
    outcome = Outcome.parse("^IXIC", {"^IXIC"})
    return verdict(QUESTION, StudyAnswer(outcome, results, date(2025, 12, 31), None, None))


def test_a_difference_over_another_horizon_is_told_beside_no_evidence_over_the_one_that_was_asked_for() -> None:
    """After a score below -80 the Nasdaq stood lower 63 sessions later, which only the last line of remarks said."""
    told = sentence(result(1, 0.62, 0.9), result(5, 0.61, 0.9), result(63, 0.2, 0.07, known=10))
    assert told.endswith(
        "no evidence of an edge. Over 63 sessions: 20% vs 60%: likely less than chance (q 7%), small sample."
    )


def test_a_study_that_finds_nothing_says_it_once() -> None:
    assert sentence(result(1, 0.62, 0.9), result(5, 0.61, 0.9)).count("no evidence") == 1


def test_a_longer_horizon_is_over_its_sessions_and_not_within_them() -> None:
    five = StudyQuestion(QUESTION.spec, horizon=5)
    answer = StudyAnswer(Outcome.parse("^IXIC", {"^IXIC"}), (result(5, 0.61, 0.9),), date(2025, 12, 31), None, None)
    assert "the Nasdaq rose over the next 5 sessions 61% of the time" in verdict(five, answer)
