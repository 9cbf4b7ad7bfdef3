"""Studies that people ask for: the same counts as by hand, from an archive too, and one at a time."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

from bot.archive import Archive
from bot.domain.chart import Kind
from bot.domain.model import AlertSpec, Condition
from bot.errors import UserError
from bot.event_study.study import Answer, Question, Studies, outcome_of, work_out
from bot.readings import worker_tasks
from bot.sources.base import Fetched
from signals import catalogue
from signals.core.model import Measure
from signals.event_study import Condition as Studied
from signals.event_study import Outcome
from tests.signals.markets import market

KNOWN = ("^IXIC", "RSP", "SPY", "SI=F")
SILVER = AlertSpec("havens.silver", Measure.VALUE, Condition.ABOVE, 30.0)
FIRST = "2026-01-02"
# Silver crosses 30 on every other session, six times; the Nasdaq then rises in four of six.
CLOSES = {
    "SI=F": [20, 31] * 6 + [20],
    "^IXIC": [100, 100, 101, 101, 102, 102, 101, 101, 102, 102, 100, 100, 103],
    "RSP": [50] * 13,
    "SPY": [60] * 13,
}


def test_the_conditions_of_alerts_are_those_of_studies() -> None:
    crosses = Question(AlertSpec("x", Measure.VALUE, Condition.CROSSES, 2.0))
    outside = Question(AlertSpec("x", Measure.VALUE, Condition.OUTSIDE, -1.0, 2.0))
    below = Question(AlertSpec("x", Measure.VALUE, Condition.BELOW, 2.0))
    assert Question(SILVER).condition == Studied(above=30.0)
    assert [each.condition for each in (below, crosses, outside)] == [
        Studied(below=2.0),
        Studied.crosses(2.0),
        Studied.outside(-1.0, 2.0),
    ]
    with pytest.raises(ValueError, match="two levels"):
        _ = Question(AlertSpec("x", Measure.VALUE, Condition.OUTSIDE, 2.0)).condition


def test_the_horizon_that_was_asked_for_stands_among_the_usual_ones() -> None:
    assert Question(SILVER, horizon=10).horizons == (1, 5, 10, 21, 63)
    assert Question(SILVER).horizons == (1, 5, 21, 63)


def test_an_answer_by_hand_with_what_its_picture_is_drawn_from() -> None:
    found = market(FIRST, close=CLOSES)
    values = catalogue.compute(found, ["havens.silver"])["havens.silver"].values
    answer, sketch, materials = work_out(Question(SILVER), Outcome("^IXIC"), found, values)
    one = answer.results[0]
    assert (one.n_days, one.n, one.hits, one.base_n) == (6, 6, 4, 12)
    assert (answer.least, answer.greatest, answer.session) == (20, 31, found.last.date())
    assert (sketch.kind, sketch.names, sketch.above, sketch.below) == (
        Kind.OUTCOME,
        ("havens.silver", "^IXIC"),
        30,
        None,
    )
    assert materials.closes["^IXIC"].tolist() == CLOSES["^IXIC"]
    assert materials.values["havens.silver"].tolist() == CLOSES["SI=F"]


@pytest.mark.slow
def test_the_archive_answers_as_the_market_does_and_looks_at_no_later_session(tmp_path: Path) -> None:
    """Eight times the same twelve sessions: in each the Nasdaq rises after three of six, and once more in the end."""
    lines = {name: line[:-1] * 8 + line[-1:] for name, line in CLOSES.items()}
    found = market("2025-03-03", close=lines)
    desk = worker_tasks.Desk(tmp_path / "market.db", date(2025, 2, 1), date(2026, 3, 1))
    with pytest.raises(UserError, match="no prices yet"):
        worker_tasks.study(desk, Question(SILVER), date(2026, 2, 1))
    bars = {name: pd.DataFrame({"close": line, "adj_close": line}, index=found.days) for name, line in lines.items()}
    with Archive.open(desk.path) as archive:
        archive.store(Fetched("pack", datetime(2026, 2, 1, tzinfo=UTC), bars=bars), desk.calendar, live=False)
    whole = worker_tasks.study(desk, Question(SILVER), date(2026, 2, 1))
    assert (whole.results[0].n, whole.results[0].hits) == (48, 25)
    assert whole.picture is not None
    assert whole.picture.content.startswith(b"\x89PNG")
    cut = found.days[6].date()
    part = worker_tasks.study(desk, Question(SILVER, "RSP", "SPY"), cut)
    assert (part.session, part.outcome, part.results[0].n_known) == (cut, Outcome("RSP", "SPY"), 3)


@pytest.mark.parametrize(
    ("outcome", "versus", "sentence"),
    [
        ("🚀", None, 'There are no prices of "🚀". Try ^IXIC (the Nasdaq) or RSP-SPY'),
        ("^IXIC", "NONE", 'There are no prices of "NONE".'),
        ("RSP-SPY", "^IXIC", "One ticker minus another is all that can be asked. Try RSP alone"),
        ("RSP-", None, 'There are no prices of "RSP-".'),
        ("RSP-RSP", None, "RSP minus itself is always zero."),
        ("RSP", "rsp", "RSP minus itself is always zero."),
    ],
)
def test_outcomes_that_nobody_has_are_refused(outcome: str, versus: str | None, sentence: str) -> None:
    with pytest.raises(UserError) as refused:
        outcome_of(Question(SILVER, outcome, versus), KNOWN)
    assert str(refused.value).startswith(sentence)


async def test_everybody_asks_one_at_a_time() -> None:
    class Slow:
        def __init__(self) -> None:
            self.go = asyncio.Event()

        async def study(self, question: Question) -> Answer:
            await self.go.wait()
            return Answer(Outcome("^IXIC"), (), date(2026, 1, 13), None, None)

    scholar = Slow()
    studies = Studies(scholar)
    first = asyncio.create_task(studies.ask(1, Question(SILVER)))
    await asyncio.sleep(0)
    with pytest.raises(UserError, match="still being counted"):
        await studies.ask(1, Question(SILVER))
    other = asyncio.create_task(studies.ask(2, Question(SILVER)))
    scholar.go.set()
    await asyncio.gather(first, other)
    assert (await studies.ask(1, Question(SILVER))).session == date(2026, 1, 13)
