"""Tasks of the worker process for studies and track records: counting over all years."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date

from bot.alerts.level_suggestion import Backtest
from bot.archive import Archive
from bot.archive.location import ArchiveLocation
from bot.calendar.clock import Calendar
from bot.charts.worker_tasks import draw
from bot.domain.model import ConditionKey
from bot.errors import UserError
from bot.event_study.model import StudyAnswer, StudyQuestion, TrackRecords
from bot.event_study.study import answer_from, outcome_of
from bot.event_study.study_chart import study_chart
from bot.event_study.topic_past import topic_pasts, topic_signals
from bot.event_study.track_record import TrackRecordHistory, inputs_of
from signals import catalogue
from signals.core.histories import columns_of
from signals.core.market import Market
from signals.core.model import History
from signals.event_study import Outcome


def count(location: ArchiveLocation, conditions: Collection[ConditionKey], sessions: Collection[date]) -> TrackRecords:
    """The track records of these conditions as known after each session, over all years."""
    with location.open() as archive:
        market = archive.market(location.calendar, as_of=max(sessions), only=inputs_of(conditions))
    history = TrackRecordHistory.over(market, conditions)
    return {session: history.at(session) for session in sessions}


def study(location: ArchiveLocation, question: StudyQuestion, as_of: date) -> StudyAnswer:
    """What followed a condition, over all years up to the session `as_of`, with its picture.

    Raises UserError while the archive is empty and for an outcome that it has no prices of.
    """
    name = question.spec.signal
    with location.open() as archive:
        newest = archive.newest()
        if not newest:
            raise UserError("There are no prices yet. The first download takes a few minutes.")
        outcome = outcome_of(question, newest.keys())
        market, histories = studied(archive, location.calendar, name, outcome, as_of=min(as_of, max(newest.values())))
    answer = answer_from(question, outcome, market, histories[name])
    return replace(answer, picture=draw(*study_chart(question, outcome, market, histories)))


def pasts_of_topics(location: ArchiveLocation, as_of: date) -> Mapping[str, Backtest]:
    """The past of every topic over all years up to the session `as_of`.

    Empty while the archive has no prices. Everything is loaded, because some topics are made of an
    index's members.
    """
    with location.open() as archive:
        newest = archive.newest()
        if not newest:
            return {}
        market = archive.market(location.calendar, as_of=min(as_of, max(newest.values())))
    return topic_pasts(catalogue.compute(market, topic_signals()))


def studied(
    archive: Archive, calendar: Calendar, name: str, outcome: Outcome, *, as_of: date | None = None
) -> tuple[Market, dict[str, History]]:
    """The market of a study and the histories that its signal is measured by, up to `as_of` or the newest session.

    No more prices are loaded than the signal and the outcome are made of.
    """
    signal = catalogue.signal(name)
    market = archive.market(calendar, as_of=as_of, only={*signal.inputs, *outcome.tickers})
    return market, catalogue.compute(market, columns_of(signal))
