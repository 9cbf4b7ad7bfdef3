"""A manual update: runs every due job, the sources concurrently, and reports the results."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import pandas as pd

from bot.domain.fetched import Fetched
from bot.domain.job import Job
from bot.errors import SourceError
from bot.ingest import planner
from bot.ingest.run_outcome import OnProgress, ProgressEvent
from bot.ingest.runner import JobRunner
from bot.ingest.schedule import LastRun, due
from bot.sources.base import Source
from signals.core.datasets import DATASETS, ColumnKind

log = logging.getLogger(__name__)

FIRST = "universe"
"""The lists of members decide whose prices are requested, so that source is fetched before the
others."""


@dataclass
class FetchReport:
    """What one source gave. `rows`: by kind, new and known ones.

    `asked_at`: the last success before the update.
    """

    tickers: set[str] = field(default_factory=set)
    series: set[str] = field(default_factory=set)
    members: int = 0
    rows: Counter[str] = field(default_factory=Counter)
    newest: date | None = None
    missing: dict[str, str] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    asked: bool = False
    asked_at: datetime | None = None

    def add(self, fetched: Fetched) -> None:
        """Count the figures of one chunk."""
        self.tickers |= fetched.bars.keys()
        self.series |= fetched.observations.keys()
        self.members = self.members if fetched.universe is None else len(fetched.universe)
        self.missing |= fetched.missing
        for name in fetched.missing.keys() & (fetched.bars.keys() | fetched.observations.keys()):
            # It was given, though not up to the end; the status shows if it is old.
            del self.missing[name]
        tables = {"prices": fetched.bars.values(), "series": fetched.observations.values()}
        for kind, frames in tables.items():
            self.rows[kind] += sum(map(len, frames))
        for name, frame in fetched.records.items():
            self.rows[name] += len(frame)
        # Plans and projections are about days to come.
        days = [day for day in _days(fetched) if day is not None and day <= fetched.fetched_at.date()]
        self.newest = max((*days, *([self.newest] if self.newest else [])), default=None)


def _days(fetched: Fetched) -> Iterator[date | None]:
    for frame in (*fetched.bars.values(), *fetched.observations.values()):
        yield _newest(frame.index)
    for name, frame in fetched.records.items():
        dataset = DATASETS[name]
        dates = {column.name for column in dataset.columns if column.kind is ColumnKind.DATE}
        column = next((key for key in dataset.key if key in dates), dataset.dated)
        if column in frame:
            yield _newest(pd.Index(frame[column]))


def _newest(days: pd.Index) -> date | None:
    newest = days.max() if len(days) else None
    return None if newest is None or pd.isna(newest) else pd.Timestamp(newest).date()


@dataclass(frozen=True)
class ManualUpdate:
    """`runs`: when each job last succeeded.

    `reports` fills while `run` is under way, one entry a source.
    """

    runner: JobRunner
    sources: Mapping[str, Source]
    plan: Sequence[Job]
    runs: Mapping[str, datetime]
    reports: dict[str, FetchReport] = field(default_factory=dict)

    async def run(
        self, names: Collection[str], *, anyway: bool, on_progress: Callable[[str, ProgressEvent], None]
    ) -> None:
        """Run the due jobs of the sources with these names, with `anyway` all their jobs.

        Never raises SourceError.

        The prices job always runs, because it only requests what is missing.
        """
        self.reports.update({name: FetchReport() for name in self.sources if name in names})
        for group in ([FIRST], [name for name in self.reports if name != FIRST]):
            await asyncio.gather(*(self._source(name, anyway, on_progress) for name in group if name in self.reports))

    async def _source(self, name: str, anyway: bool, on_progress: Callable[[str, ProgressEvent], None]) -> None:
        report = self.reports[name]

        async def record(event: ProgressEvent) -> None:
            report.asked = True
            if event.fetched is not None:
                report.add(event.fetched)
            elif event.error is not None:
                report.failures.append(str(event.error))
            on_progress(name, event)

        for job in _without_repeats([job for job in self.plan if job.source == name]):
            before = self.runs.get(job.name)
            report.asked_at = max(filter(None, (report.asked_at, before)), default=None)
            if anyway or job.name == "prices" or self._is_due(job, before):
                await self._job(job, report, before, record)

    def _is_due(self, job: Job, before: datetime | None) -> bool:
        return due(job, LastRun(succeeded_at=before), self.runner.calendar, self.runner.clock.now())

    async def _job(self, job: Job, report: FetchReport, before: datetime | None, on_progress: OnProgress) -> None:
        try:
            await self.runner.work(
                job, self.sources[job.source], self.runner.clock.now(), succeeded_at=before, on_progress=on_progress
            )
        except SourceError as error:
            if str(error) not in report.failures:
                report.failures.append(str(error))
        except Exception as error:
            log.exception("job %s failed unexpectedly", job.name)
            report.failures.append(f"a mistake of this program ({type(error).__name__})")
        else:
            await self.runner.checkpoints.succeeded(job, self.runner.clock.now())


def _without_repeats(jobs: Sequence[Job]) -> Iterator[Job]:
    """The jobs of a source without those that only repeat the series of an earlier one later."""
    seen: set[str] = set()
    for job in jobs:
        series = set(planner.series_of(job))
        if job.every is None and not (series and series <= seen and not job.records):
            yield job
        seen |= series
