"""What Yahoo says that a ticker is: the head of a chart of a few days."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial

import yfinance as yf

from bot.calendar.clock import Calendar, new_york_date
from bot.domain.own_signal import Listing
from bot.sources.yahoo.daily_bars import ZONE, SessionWindow, window
from bot.sources.yahoo.failures import NoBarsError, UnknownTickerError
from bot.sources.yahoo.session import YahooSession

LOOKED_BACK = timedelta(days=10)
"""A ticker without a price for so long cannot be watched."""

LONGEST_NAME = 60

Call = Callable[[Callable[[YahooSession], Listing], datetime], Awaitable[Listing]]


async def look_up(call: Call, calendar: Calendar, symbol: str, now: datetime) -> Listing | None:
    """What Yahoo says that a ticker is; None for one that it does not know. Raises SourceError.

    `call` runs a function with the session of the source.
    """
    today = new_york_date(now)
    days = window(today - LOOKED_BACK, today, calendar, now)
    try:
        return await call(partial(_listing, ticker=symbol, days=days), now)
    except (UnknownTickerError, NoBarsError):
        return None


def _listing(session: YahooSession, ticker: str, days: SessionWindow) -> Listing:
    """What Yahoo says that a ticker is; its bars of these days are not kept."""
    chart = yf.Ticker(ticker, session=session)
    chart._tz = ZONE
    chart.history(start=days.first.isoformat(), end=(days.last + timedelta(days=1)).isoformat(), interval="1d")
    meta = chart.history_metadata
    first = meta.get("firstTradeDate")
    return Listing(
        symbol=ticker,
        name=str(meta.get("longName") or meta.get("shortName") or "")[:LONGEST_NAME],
        currency=str(meta.get("currency") or "")[:3],
        # yfinance makes an instant of the epoch seconds.
        first_day=new_york_date(first) if isinstance(first, datetime) else None,
    )
