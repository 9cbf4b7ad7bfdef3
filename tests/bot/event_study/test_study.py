"""Studies that people ask for: the same counts as by hand, from an archive too, and one at a time."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

from bot.archive import Archive
from bot.archive.location import ArchiveLocation
from bot.charts.layout.window import measured
from bot.domain.chart_request import ChartKind
from bot.domain.fetched import Fetched
from bot.domain.model import AlertSpec, Condition, ConditionKey, Direction
from bot.errors import UserError
from bot.event_study import worker_tasks
from bot.event_study.model import StudyQuestion
from bot.event_study.study import answer_from, outcome_of
from bot.event_study.study_chart import study_chart
from bot.event_study.track_record import TrackRecordHistory
from signals import catalogue
from signals.core.histories import columns_of
from signals.core.model import Measure
from signals.event_study import LevelCondition as Studied
from signals.event_study import Outcome
from tests.signals.markets import market
from tests.support.rotation_pack import made_market

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
    crosses = StudyQuestion(AlertSpec("x", Measure.VALUE, Condition.CROSSES, 2.0))
    outside = StudyQuestion(AlertSpec("x", Measure.VALUE, Condition.OUTSIDE, -1.0, 2.0))
    below = StudyQuestion(AlertSpec("x", Measure.VALUE, Condition.BELOW, 2.0))
    assert StudyQuestion(SILVER).condition == Studied(above=30.0)
    assert [each.condition for each in (below, crosses, outside)] == [
        Studied(below=2.0),
        Studied.crosses(2.0),
        Studied.outside(-1.0, 2.0),
    ]
    with pytest.raises(ValueError, match="two levels"):
        _ = StudyQuestion(AlertSpec("x", Measure.VALUE, Condition.OUTSIDE, 2.0)).condition


def test_the_horizon_that_was_asked_for_stands_among_the_usual_ones() -> None:
    assert StudyQuestion(SILVER, horizon=10).horizons == (1, 5, 10, 21, 63)
    assert StudyQuestion(SILVER).horizons == (1, 5, 21, 63)


def test_an_answer_by_hand_with_what_its_picture_is_drawn_from() -> None:
    found = market(FIRST, close=CLOSES)
    histories = catalogue.compute(found, ["havens.silver"])
    question, outcome = StudyQuestion(SILVER), Outcome("^IXIC")
    answer = answer_from(question, outcome, found, histories["havens.silver"])
    request, inputs = study_chart(question, outcome, found, histories)
    one = answer.results[0]
    assert (one.n_days, one.n, one.hits, one.base_n) == (6, 6, 4, 12)
    assert (answer.least, answer.greatest, answer.session) == (20, 31, found.last.date())
    assert (request.kind, request.names, request.above, request.below) == (
        ChartKind.OUTCOME,
        ("havens.silver", "^IXIC"),
        30,
        None,
    )
    assert inputs.closes["^IXIC"].tolist() == CLOSES["^IXIC"]
    assert inputs.values["havens.silver"].tolist() == CLOSES["SI=F"]


def test_a_study_of_a_legs_change_counts_what_alerts_on_it_count() -> None:
    """Equal weight gains 0.25% a session, so 1.5 points in five of them from the leg's 77th session to its 180th.

    There are two such legs, each of 104 sessions that count.
    """
    spec = AlertSpec("rotation.equal_weight.move", Measure.CHANGE_5D, Condition.ABOVE, 1.5)
    found, outcome = made_market(), Outcome("RSP", "SPY")
    histories = catalogue.compute(found, columns_of(catalogue.signal(spec.signal)))
    answer = answer_from(StudyQuestion(spec), outcome, found, histories[spec.signal])
    request, inputs = study_chart(StudyQuestion(spec), outcome, found, histories)
    assert (answer.results[0].n_days, answer.results[0].n_episodes) == (208, 2)
    key = ConditionKey(spec.signal, spec.measure, Direction.ABOVE, 1.5)
    assert TrackRecordHistory.of(found, histories, [key]).at(found.last.date())[key].next_month.n == 2
    drawn = measured(inputs, spec.signal, request.session, request.measure)
    assert drawn is not None
    assert int((drawn > 1.5).sum()) == 208


@pytest.mark.slow
def test_the_archive_answers_as_the_market_does_and_looks_at_no_later_session(tmp_path: Path) -> None:
    """Eight times the same twelve sessions: in each the Nasdaq rises after three of six, and once more in the end."""
    lines = {name: line[:-1] * 8 + line[-1:] for name, line in CLOSES.items()}
    found = market("2025-03-03", close=lines)
    location = ArchiveLocation(tmp_path / "market.db", date(2025, 2, 1), date(2026, 3, 1))
    with pytest.raises(UserError, match="no prices yet"):
        worker_tasks.study(location, StudyQuestion(SILVER), date(2026, 2, 1))
    bars = {name: pd.DataFrame({"close": line, "adj_close": line}, index=found.days) for name, line in lines.items()}
    with Archive.open(location.path) as archive:
        archive.store(Fetched("pack", datetime(2026, 2, 1, tzinfo=UTC), bars=bars), location.calendar, live=False)
    whole = worker_tasks.study(location, StudyQuestion(SILVER), date(2026, 2, 1))
    assert (whole.results[0].n, whole.results[0].hits) == (48, 25)
    assert whole.picture is not None
    assert whole.picture.content.startswith(b"\x89PNG")
    cut = found.days[6].date()
    part = worker_tasks.study(location, StudyQuestion(SILVER, "RSP-SPY"), cut)
    assert (part.session, part.outcome, part.results[0].n_known) == (cut, Outcome("RSP", "SPY"), 3)


@pytest.mark.parametrize(("source", "simulated"), [("simulated", True), ("pack", False)])
def test_the_picture_of_a_study_on_simulated_prices_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, simulated: bool
) -> None:
    found, drawn = market("2025-03-03", close=CLOSES), []
    location = ArchiveLocation(tmp_path / "market.db", date(2025, 2, 1), date(2026, 3, 1))
    bars = {name: pd.DataFrame({"close": line, "adj_close": line}, index=found.days) for name, line in CLOSES.items()}
    with Archive.open(location.path) as archive:
        archive.store(Fetched(source, datetime(2026, 2, 1, tzinfo=UTC), bars=bars), location.calendar, live=False)
    monkeypatch.setattr("bot.event_study.worker_tasks.draw", lambda _, inputs: drawn.append(inputs.simulated))
    worker_tasks.study(location, StudyQuestion(SILVER), date(2026, 2, 1))
    assert drawn == [simulated]


@pytest.mark.parametrize(
    ("outcome", "sentence"),
    [
        ("🚀", "No prices for “🚀”. Try ^IXIC (the Nasdaq) or RSP-SPY"),
        ("^IXIC-NONE", "No prices for “NONE”."),
        ("RSP-SPY-^IXIC", "No prices for “RSP-SPY-^IXIC”."),
        ("RSP-", "No prices for “RSP-”."),
        ("RSP-RSP", "RSP minus itself is always zero."),
    ],
)
def test_outcomes_that_nobody_has_are_refused(outcome: str, sentence: str) -> None:
    with pytest.raises(UserError) as refused:
        outcome_of(StudyQuestion(SILVER, outcome), KNOWN)
    assert str(refused.value).startswith(sentence)
