"""A market replayed session by session: its clock, and the readings after each close.

Histories are computed once over the whole market. No signal looks ahead (the tests prove it for
each), so what a session shows is what it would have shown on its own evening; track records count
only outcomes that were complete by then.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

import pandas as pd

from bot.alerts.level_suggestion import Backtest
from bot.calendar.clock import Calendar
from bot.calendar.discord_clock import elapsed_seconds
from bot.charts import worker_tasks
from bot.claims.judge import judge_own, judge_public
from bot.claims.model import ClaimsAnswer
from bot.commands.record.as_of_model import AsOfAnswer
from bot.commands.record.as_of_task import answer_of
from bot.database.claims import OwnClaim
from bot.database.readings import ShownReading
from bot.database.records import DueRecord, JudgedRecord
from bot.domain.model import ConditionKey
from bot.domain.own_signal import Listing, OwnSignalState
from bot.domain.ports import Clock, TaskRunner
from bot.errors import UserError
from bot.event_study.model import StudyAnswer, StudyQuestion, TrackRecords
from bot.event_study.record_judge import judged
from bot.event_study.study import answer_from, outcome_of
from bot.event_study.study_chart import study_chart
from bot.event_study.topic_past import topic_pasts
from bot.event_study.track_record import TrackRecordHistory, topic_conditions
from bot.readings import superlatives
from bot.readings.compute import Computed, compute, with_track_records
from bot.sources.simulated.source import market_listing
from signals import catalogue
from signals.core.market import Market
from signals.core.model import History


class ReplayClock:
    """A clock that only moves when it is set."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        """The instant that the replay has reached, UTC."""
        return self._now

    def elapsed(self) -> float:
        """Seconds of the process: pauses are as long in a replay as elsewhere."""
        return elapsed_seconds()

    def put(self, now: datetime) -> None:
        """Move forward; never back."""
        self._now = max(now, self._now)


@dataclass(frozen=True)
class Replay:
    """A market with all its histories; the `ReadingComputer` of the demo."""

    market: Market
    histories: Mapping[str, History]
    calendar: Calendar
    track_records: TrackRecordHistory
    own: OwnSignalState = field(default_factory=OwnSignalState)

    @classmethod
    def of(cls, market: Market) -> Replay:
        """Compute the histories of a market."""
        sessions = market.sessions
        calendar = Calendar(sessions[0].date(), sessions[-1].date() + timedelta(days=10))
        histories = catalogue.compute(market)
        return cls(market, histories, calendar, TrackRecordHistory.of(market, histories, topic_conditions()))

    def sessions(self, first: date | None, count: int | None) -> list[date]:
        """`count` sessions (None: all) from the first one at or after `first`.

        At least one session lies before them.

        Raises ValueError, with the dates that would do, when there are none.
        """
        days = [stamp.date() for stamp in self.market.days]
        start = 1 if first is None else max(1, next((i for i, day in enumerate(days) if day >= first), len(days)))
        chosen = days[start:] if count is None else days[start : start + count]
        if not chosen:
            raise ValueError(f"nothing to play from {first}: the market has sessions from {days[0]} to {days[-1]}")
        return chosen

    async def compute(self, since: Mapping[str, date] | None, now: datetime) -> Computed | None:
        """Readings of the final sessions after `since`; None before the first one is final."""
        session = self.calendar.last_final(now)
        if session < self.market.sessions[0].date():
            return None
        histories = {**self.histories, **self.of_own(self.own.current.signals)}
        computed = compute(self.market.until(session), histories, since=since, now=now)
        years = superlatives.of_histories(self.histories).loc[: pd.Timestamp(session)]
        computed = replace(computed, snapshot=replace(computed.snapshot, all_years=years))
        return with_track_records(computed, [self.track_records])

    def of_own(self, names: Iterable[str]) -> Mapping[str, History]:
        """The histories of those of these signals that are own ones."""
        return catalogue.compute(self.market, [name for name in names if name not in self.histories])

    async def look_up(self, symbol: str) -> Listing | None:
        """See `bot.domain.ports.TickerLookup`."""
        return market_listing(self.market.close, self.market.universe, symbol)


@dataclass(frozen=True)
class ReplayStudyRunner:
    """Counts on the event loop, because everything is in memory.

    Draws in the worker process if there is one.
    """

    replay: Replay
    clock: Clock
    worker: TaskRunner | None

    async def count(self, conditions: Collection[ConditionKey], sessions: Collection[date]) -> TrackRecords:
        """See `bot.event_study.model.TrackRecordCounter`."""
        histories = {**self.replay.histories, **self.replay.of_own({key.signal for key in conditions})}
        history = TrackRecordHistory.of(self.replay.market, histories, conditions)
        return {session: history.at(session) for session in sessions}

    async def study(self, question: StudyQuestion) -> StudyAnswer:
        """See `bot.event_study.model.StudyRunner`."""
        market = self.replay.market.until(self.replay.calendar.last_final(self.clock.now()))
        outcome = outcome_of(question, market.close.columns)
        name = question.spec.signal
        history = self.replay.histories.get(name) or self.replay.of_own({name})[name]
        values = history.values.reindex(market.days)
        answer = answer_from(question, outcome, market, values)
        if self.worker is None:
            return answer
        return replace(
            answer, picture=await self.worker.run(worker_tasks.draw, *study_chart(question, outcome, market, values))
        )

    async def topic_pasts(self) -> Mapping[str, Backtest]:
        """See `bot.event_study.model.TopicPastCounter`."""
        return topic_pasts(self.replay.histories, until=self.replay.calendar.last_final(self.clock.now()))

    async def judge(self, session: date, own: tuple[OwnClaim, ...] = ()) -> ClaimsAnswer:
        """See `bot.claims.model.ClaimJudge`."""
        market = self.replay.market.until(session)
        if not own:
            return ClaimsAnswer(market.last.date(), judge_public(market, self.replay.histories))
        histories = {**self.replay.histories, **self.replay.of_own({claim.spec.signal for claim in own})}
        values = {name: history.values.reindex(market.days) for name, history in histories.items()}
        return ClaimsAnswer(market.last.date(), judge_own(market, values, own))

    async def read(self, session: date, shown: Mapping[str, ShownReading], today: Mapping[str, float]) -> AsOfAnswer:
        """See `bot.commands.record.as_of_model.AsOfReader`: figures of a replay never change, so nothing differs."""
        computed = await self.replay.compute(None, self.replay.calendar.final_at(session))
        if computed is None:
            raise UserError(f"Nothing is known of {session}.")
        return answer_of(
            computed.snapshot, self.replay.calendar, computed.snapshot.session, comparing=lambda _: {}, today=today
        )

    async def judge_records(self, due: Sequence[DueRecord], newest: date) -> list[JudgedRecord]:
        """See `bot.event_study.record_judge.RecordJudge`."""
        market = self.replay.market.until(newest)
        names = {record.key.signal for record in due} & self.replay.histories.keys()
        histories = {
            name: replace(self.replay.histories[name], values=self.replay.histories[name].values.reindex(market.days))
            for name in names
        }
        return judged(market, histories, due)
