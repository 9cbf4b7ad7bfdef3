"""What several parts of the program can do in more than one way: from the archive, from a market in memory, in tests."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

import pandas as pd

from bot.domain.chart_request import ChartRequest, Picture


class Clock(Protocol):
    """Whoever needs the present asks one of these, so that demos and tests can run at their own pace."""

    def now(self) -> datetime:
        """The present as an aware UTC instant."""


class ClosingPrices(Protocol):
    """Gives closes of any ticker that is known."""

    async def closes(self, tickers: Collection[str], days: pd.DatetimeIndex) -> pd.DataFrame:
        """Closes adjusted for splits and dividends, `days` x those of the tickers that are known, NaN where there is none.

        As known 20 minutes after the close of the last of `days` (sessions, ascending).
        """


class ChartRenderer(Protocol):
    """Draws. Never raises: what cannot be drawn, for want of data or of time, is None."""

    async def draw(self, request: ChartRequest) -> Picture | None:
        """The picture that was asked for, or None."""
