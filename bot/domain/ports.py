"""Protocols with several implementations: over the archive, over a market in memory, in tests."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import ParamSpec, Protocol, TypeVar

import pandas as pd

from bot.domain.chart_request import ChartRequest, Picture
from bot.domain.own_signal import Listing

P = ParamSpec("P")
T = TypeVar("T")


class TaskRunner(Protocol):
    """Runs plain functions in another process."""

    async def run(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a module-level function with arguments that can be pickled; its exceptions are raised here."""


class Clock(Protocol):
    """Gives the present, so that the demo and tests can run with a clock of their own."""

    def now(self) -> datetime:
        """The present as an aware UTC instant."""


class DeliveryClock(Clock, Protocol):
    """The clock of delivery: its present never goes back within a process, whatever is done to the machine's clock."""

    def elapsed(self) -> float:
        """Seconds of this process on a scale that only grows."""


class ClosingPrices(Protocol):
    """Gives closes of any ticker that is known."""

    async def closes(self, tickers: Collection[str], days: pd.DatetimeIndex) -> pd.DataFrame:
        """Closes adjusted for splits and dividends, `days` x tickers, NaN where there is none.

        Tickers that are not known are left out. As known 20 minutes after the close of the last of
        `days` (sessions, ascending).
        """


class TickerLookup(Protocol):
    """Says what a ticker is."""

    async def look_up(self, symbol: str) -> Listing | None:
        """What a ticker is, None where there is no such. Raises SourceError while nobody answers."""


class ChartRenderer(Protocol):
    """Draws pictures.

    Never raises: a picture that cannot be drawn, for lack of data or time, is None.
    """

    async def draw(self, request: ChartRequest) -> Picture | None:
        """The picture of the request, or None."""
