"""Evenings of the job that updates prices, with a source made by hand that may lack bars."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from bot.archive.location import ArchiveLocation
from bot.calendar.clock import Calendar
from bot.database.connection import Store
from bot.domain.fetched import Fetched, FetchRequest
from bot.ingest.checkpoints import Checkpoints
from bot.ingest.runner import JobRunner
from bot.ingest.schedule import timetable
from bot.ingest.service import IngestService
from bot.ingest.status import IngestStatus
from bot.sources.base import BaseSource
from bot.worker.process import Worker
from tests.support import ManualClock

FIRST, LAST = date(2024, 1, 2), date(2026, 3, 31)
CALENDAR = Calendar(FIRST, LAST)


class PriceSource(BaseSource):
    """Every ticker closes at 100 on the first session and one higher on each that follows.

    `lacks(ticker, session, now)`: whether a bar is missing at an instant.
    """

    name = "yahoo"

    def __init__(self, lacks: Callable[[str, date, datetime], bool]) -> None:
        super().__init__()
        self._lacks = lacks

    def split(self, request: FetchRequest) -> Sequence[FetchRequest]:
        return [request]

    async def fetch(self, request: FetchRequest, now: datetime) -> Fetched:
        sessions = CALENDAR.between(request.start, min(request.end, CALENDAR.last_final(now)))
        return Fetched("yahoo", now, bars={ticker: self._bars(ticker, sessions, now) for ticker in request.tickers})

    def _bars(self, ticker: str, sessions: Sequence[date], now: datetime) -> pd.DataFrame:
        days = pd.DatetimeIndex([session for session in sessions if not self._lacks(ticker, session, now)])
        closes = 100.0 + np.asarray(CALENDAR.sessions.searchsorted(days), dtype=float)
        return pd.DataFrame({"close": closes, "adj_close": closes}, index=days)


@dataclass
class PriceUpdates:
    """The job and what it writes to."""

    service: IngestService
    clock: ManualClock
    location: ArchiveLocation

    async def tick_at(self, instant: datetime) -> None:
        """What the running bot does at an instant, until its work is done."""
        self.clock.set(instant)
        self.service.tick(instant)
        await self.service.idle()


@contextlib.asynccontextmanager
async def price_updates(
    folder: Path, worker: Worker, source: PriceSource, *, back: int = 30
) -> AsyncIterator[PriceUpdates]:
    """An installation that knows nothing yet and keeps nothing but prices up to date, so many days back."""
    clock = ManualClock(CALENDAR.final_at(date(2025, 1, 2)))
    location = ArchiveLocation(folder / "market.db", FIRST, LAST)
    async with Store.open(folder / "bot.db") as store:
        checkpoints = Checkpoints(store, location.path)
        service = IngestService(
            sources={"yahoo": source},
            plan=tuple(job for job in timetable(0) if job.name == "prices"),
            checkpoints=checkpoints,
            # A calendar of its own, which follows closures; the source keeps the installed one, as in the program.
            runner=JobRunner(worker, location, checkpoints, Calendar(FIRST, LAST), clock, timedelta(days=back)),
            status=IngestStatus(),
        )
        yield PriceUpdates(service, clock, location)
        await service.close()
