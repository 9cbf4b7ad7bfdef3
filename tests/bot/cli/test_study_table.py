"""What the table of a study says below its rows."""

from __future__ import annotations

from datetime import date

from bot.cli.study_table import table
from signals import catalogue
from signals.core.model import Measure
from signals.event_study import Interval, LevelCondition, Outcome, Result, StudyPlan


def result(horizon: int, independent: float, detectable: float) -> Result:
    share = Interval(0.6, 0.4, 0.8)
    days = date(2005, 1, 4), date(2025, 12, 31)
    return Result(
        horizon, *days, 79, 60, 60, 79, 0.55, 5000, 47, share, share, 0.5, 0.5, share, share, -3.0, days[0], (),
        independent, detectable,
    )  # fmt: skip


def lines(results: list[Result], *, each_day: bool) -> list[str]:
    plan = StudyPlan(LevelCondition(above=1), tuple(each.horizon for each in results), each_day=each_day)
    signal = catalogue.signal("weighting.rsp_spy.spread_1d")
    return list(table(signal, Measure.VALUE, "above 1", Outcome("^IXIC"), plan, results))


def test_days_whose_outcomes_overlap_say_what_they_are_worth() -> None:
    shown = lines([result(1, 79, 0.11), result(21, 44.2, 0.142), result(63, 21.6, 0.19)], each_day=True)
    assert (
        "Outcomes of neighboring days overlap. Over 21 and 63 sessions the 79 days are worth 44 and 22 independent outcomes, "
        "and a difference under 14 and 19 points cannot be told from chance. Intervals and q compare the days with the same "
        "days moved to every other place of the calendar."
    ) in shown
    assert not any("there is no q" in line for line in shown)


def test_too_few_independent_outcomes_are_not_tested_and_say_so() -> None:
    assert "Under 5 independent outcomes there is no q: nothing is tested." in lines(
        [result(63, 4.2, 0.4)], each_day=True
    )


def test_first_sessions_of_episodes_do_not_overlap() -> None:
    assert not any("overlap" in line for line in lines([result(21, 79, 0.11)], each_day=False))
