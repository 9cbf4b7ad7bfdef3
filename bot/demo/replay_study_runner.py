"""What people ask of a replayed market: studies, claims, past sessions and the record, as known at the replay's clock."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.alerts.level_suggestion import Backtest
from bot.charts import worker_tasks
from bot.claims.judge import judge_own, judge_public
from bot.claims.model import ClaimsAnswer
from bot.commands.record.as_of_model import AsOfAnswer
from bot.commands.record.as_of_task import answer_of
from bot.database.claims import OwnClaim
from bot.database.readings import ShownReading
from bot.database.records import DueRecord, JudgedRecord
from bot.demo.replay import Replay
from bot.domain.model import ConditionKey
from bot.domain.ports import Clock, TaskRunner
from bot.errors import UserError
from bot.event_study.model import StudyAnswer, StudyQuestion, TrackRecords
from bot.event_study.record_judge import judged
from bot.event_study.study import answer_from, outcome_of
from bot.event_study.study_chart import study_chart
from bot.event_study.topic_past import topic_pasts
from bot.event_study.track_record import TrackRecordHistory
from signals import catalogue
from signals.core.histories import columns_of, history_until
from signals.core.market import Market
from signals.core.model import History


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
        histories = self._until(market, columns_of(catalogue.signal(name)))
        answer = answer_from(question, outcome, market, histories[name])
        if self.worker is None:
            return answer
        return replace(
            answer, picture=await self.worker.run(worker_tasks.draw, *study_chart(question, outcome, market, histories))
        )

    async def topic_pasts(self) -> Mapping[str, Backtest]:
        """See `bot.event_study.model.TopicPastCounter`."""
        return topic_pasts(self.replay.histories, until=self.replay.calendar.last_final(self.clock.now()))

    async def judge(self, session: date, own: tuple[OwnClaim, ...] = ()) -> ClaimsAnswer:
        """See `bot.claims.model.ClaimJudge`."""
        market = self.replay.market.until(session)
        if not own:
            return ClaimsAnswer(market.last.date(), judge_public(market, self.replay.histories))
        histories = self._until(market, {claim.spec.signal for claim in own})
        return ClaimsAnswer(market.last.date(), judge_own(market, histories, own))

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
        return judged(market, self._until(market, names), due)

    def _until(self, market: Market, names: Collection[str]) -> dict[str, History]:
        """The histories of these signals, own ones too, on the days of a market of the replay."""
        histories = {**self.replay.histories, **self.replay.of_own(names)}
        return {name: history_until(histories[name], market.last.date()) for name in names}
