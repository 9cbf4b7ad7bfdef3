"""What computes for people: studies, comparisons, claims and pictures that they ask for.

It has a worker process of its own, which stands back behind the one that checks.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bot.archive.location import ArchiveLocation
from bot.calendar.clock import Calendar
from bot.charts.prices import ArchivePrices
from bot.claims.judge import ArchiveClaimJudge
from bot.domain.ports import Clock
from bot.event_study.service import ArchiveStudyRunner
from bot.readings.chart_service import ChartService
from bot.worker.on_demand import IDLE_SECONDS, OnDemandWorker
from bot.worker.process import Worker

NICENESS = 10


@dataclass(frozen=True)
class PeopleServices:
    """Everything that computes for people, over one process that is started on demand."""

    worker: OnDemandWorker
    studies: ArchiveStudyRunner
    prices: ArchivePrices
    charts: ChartService
    claims: ArchiveClaimJudge

    @classmethod
    def build(
        cls, cache: Path | None, location: ArchiveLocation, calendar: Calendar, clock: Clock, *, charts: ChartService
    ) -> PeopleServices:
        """The services; their pictures share the cache of `charts`. No process is started."""
        worker = OnDemandWorker(Worker(cache, niceness=NICENESS, idle_seconds=IDLE_SECONDS))
        prices = ArchivePrices(worker, location, calendar)
        studies = ArchiveStudyRunner(worker, location, calendar, clock)
        return cls(worker, studies, prices, charts.drawn_by(worker, prices), ArchiveClaimJudge(worker, location))

    async def close(self) -> None:
        """Give up what is under way and end the process."""
        await self.charts.close()
        await self.worker.close()
