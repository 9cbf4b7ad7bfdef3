"""Closes for charts and comparisons, as known at the end of the newest requested session."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from bot.archive.location import ArchiveLocation
from bot.calendar.clock import Calendar
from bot.charts import worker_tasks
from bot.domain.ports import TaskRunner
from signals.core.market import Market


@dataclass(frozen=True)
class ArchivePrices:
    """Closes from the archive, read by the worker process."""

    worker: TaskRunner
    location: ArchiveLocation
    calendar: Calendar

    async def closes(self, tickers: Collection[str], days: pd.DatetimeIndex) -> pd.DataFrame:
        """See `bot.domain.ports.ClosingPrices`."""
        if not tickers or not len(days):
            return pd.DataFrame(index=days)
        known_at = self.calendar.final_at(days[-1].date())
        return await self.worker.run(worker_tasks.closes, self.location, frozenset(tickers), days, known_at)


@dataclass(frozen=True)
class MarketPrices:
    """Closes from a market in memory, for replays."""

    market: Market

    async def closes(self, tickers: Collection[str], days: pd.DatetimeIndex) -> pd.DataFrame:
        """See `bot.domain.ports.ClosingPrices`."""
        columns = [ticker for ticker in sorted(tickers) if ticker in self.market.adj_close]
        return self.market.adj_close[columns].reindex(days)
