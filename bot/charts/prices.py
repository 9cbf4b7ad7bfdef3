"""Closes for pictures and comparisons, of any ticker that is known, as they were known after a session."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

import pandas as pd

from bot.calendar.clock import Calendar
from bot.readings import worker_tasks
from bot.worker.process import Worker
from signals.core.market import Market


class Prices(Protocol):
    """Gives closes."""

    async def closes(self, tickers: Collection[str], days: pd.DatetimeIndex) -> pd.DataFrame:
        """Closes adjusted for splits and dividends, `days` x those of the tickers that are known, NaN where there is none.

        As known 20 minutes after the close of the last of `days` (sessions, ascending).
        """


@dataclass(frozen=True)
class ArchivePrices:
    """From the archive, read by the worker process."""

    worker: Worker
    desk: worker_tasks.Desk
    calendar: Calendar

    async def closes(self, tickers: Collection[str], days: pd.DatetimeIndex) -> pd.DataFrame:
        """See `Prices`."""
        if not tickers or not len(days):
            return pd.DataFrame(index=days)
        known_at = self.calendar.final_at(days[-1].date())
        return await self.worker.run(worker_tasks.closes, self.desk, frozenset(tickers), days, known_at)


@dataclass(frozen=True)
class MarketPrices:
    """From a market in memory, for replays."""

    market: Market

    async def closes(self, tickers: Collection[str], days: pd.DatetimeIndex) -> pd.DataFrame:
        """See `Prices`."""
        known = [ticker for ticker in sorted(tickers) if ticker in self.market.adj_close]
        return self.market.adj_close[known].reindex(days)
