"""Studies in a replay: from its own histories, up to the session that it has reached."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

from bot import tasks
from bot.calendar.clock import Clock
from bot.demo.replay import Replay
from bot.evidence import Noted, Watched
from bot.ledger import Ledger
from bot.studying import Answer, Question, outcome_of, work_out
from bot.worker.process import Worker


@dataclass(frozen=True)
class ReplayScholar:
    """Counts at once, because everything is in memory; draws in the worker process, without one not at all."""

    replay: Replay
    clock: Clock
    worker: Worker | None

    async def count(self, watched: Collection[Watched], sessions: Collection[date]) -> Noted:
        """See `bot.evidence.Historian`."""
        ledger = Ledger.of(self.replay.market, self.replay.histories, watched)
        return {session: ledger.at(session) for session in sessions}

    async def study(self, question: Question) -> Answer:
        """See `bot.studying.Scholar`."""
        market = self.replay.market.until(self.replay.calendar.last_final(self.clock.now()))
        outcome = outcome_of(question, market.close.columns)
        values = self.replay.histories[question.spec.signal].values.reindex(market.days)
        answer, sketch, materials = work_out(question, outcome, market, values)
        if self.worker is None:
            return answer
        return replace(answer, picture=await self.worker.run(tasks.draw, sketch, materials))
