"""Studies in a replay: from its own histories, up to the session that it has reached."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

from bot.calendar.clock import Clock
from bot.demo.replay import Replay
from bot.event_study.model import Noted, Watched
from bot.event_study.study import Answer, Question, outcome_of, work_out
from bot.event_study.track_record import Ledger
from bot.readings import worker_tasks
from bot.worker.process import Worker


@dataclass(frozen=True)
class ReplayScholar:
    """Counts at once, because everything is in memory; draws in the worker process, without one not at all."""

    replay: Replay
    clock: Clock
    worker: Worker | None

    async def count(self, watched: Collection[Watched], sessions: Collection[date]) -> Noted:
        """See `bot.event_study.model.Historian`."""
        ledger = Ledger.of(self.replay.market, self.replay.histories, watched)
        return {session: ledger.at(session) for session in sessions}

    async def study(self, question: Question) -> Answer:
        """See `bot.event_study.study.Scholar`."""
        market = self.replay.market.until(self.replay.calendar.last_final(self.clock.now()))
        outcome = outcome_of(question, market.close.columns)
        values = self.replay.histories[question.spec.signal].values.reindex(market.days)
        answer, sketch, materials = work_out(question, outcome, market, values)
        if self.worker is None:
            return answer
        return replace(answer, picture=await self.worker.run(worker_tasks.draw, sketch, materials))
