"""What Yahoo says that a ticker is: the head of a chart of a few days."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from bot.calendar.clock import Calendar, new_york_date
from bot.domain.own_signal import Listing
from bot.sources.yahoo.daily_bars import SessionWindow, window
from bot.sources.yahoo.failures import NoBarsError, UnknownTickerError

if TYPE_CHECKING:
    from bot.sources.yahoo.yahoo_client import YahooClient

LOOKED_BACK = timedelta(days=10)
"""A ticker without a price for so long cannot be watched."""

LONGEST_NAME = 60


async def look_up(
    call: Callable[[Callable[[YahooClient], Listing], datetime], Awaitable[Listing]],
    calendar: Calendar,
    symbol: str,
    now: datetime,
) -> Listing | None:
    """What Yahoo says that a ticker is; None for one that it does not know. Raises SourceError.

    `call` runs a function of the client.
    """
    today = new_york_date(now)
    days = window(today - LOOKED_BACK, today, calendar, now)
    try:
        return await call(partial(_listing, ticker=symbol, days=days), now)
    except (UnknownTickerError, NoBarsError):
        return None


def _listing(client: YahooClient, ticker: str, days: SessionWindow) -> Listing:
    """What Yahoo says that a ticker is; its bars of these days are not kept."""
    _, meta = client.chart(ticker, days.first, days.last)
    first = meta.get("firstTradeDate")
    return Listing(
        symbol=ticker,
        name=str(meta.get("longName") or meta.get("shortName") or "")[:LONGEST_NAME],
        currency=str(meta.get("currency") or "")[:3],
        # yfinance makes an instant of the epoch seconds.
        first_day=new_york_date(first) if isinstance(first, datetime) else None,
    )
