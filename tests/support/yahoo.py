"""A Yahoo on the loopback, and the real Yahoo source in front of it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from yfinance.cache import _CookieCacheManager, _TzCacheManager
from yfinance.data import SingletonMeta

from bot.calendar.clock import Calendar
from bot.domain.fetched import Fetched, FetchRequest
from bot.sources.yahoo import yahoo_client
from bot.sources.yahoo.remote import YahooSettings
from bot.sources.yahoo.source import Yahoo
from tests.support import yahoo_replies
from tests.support.http_stub import HttpStub, Waits, http_stub


@dataclass
class YahooStandIn:
    """The real source in `source`, the server that it asks in `stub`, and the calendar of both."""

    source: Yahoo
    stub: HttpStub
    calendar: Calendar

    def set_bars(
        self,
        ticker: str,
        days: Sequence[date],
        closes: Sequence[float | None],
        adjusted: Sequence[float | None] | None = None,
        **more: Any,
    ) -> None:
        """From now on these are all the bars that Yahoo has of a ticker; a further call replaces them.

        `more`: what `yahoo_replies.chart` takes besides.
        """
        reply = yahoo_replies.chart(ticker, days, closes, adjusted, **more)
        for host in ("query1", "query2"):
            self.stub.on(f"{host}.finance.yahoo.com/v8/finance/chart/{ticker}", reply)

    async def fetch_bars(self, tickers: Sequence[str], first: date, last: date, now: datetime) -> Fetched:
        """What the source gives for these tickers and days at an instant."""
        return await self.source.fetch(FetchRequest(first, last, tickers=tuple(tickers)), now)


@contextlib.asynccontextmanager
async def yahoo_stand_in(cache: Path) -> AsyncIterator[YahooStandIn]:
    """A Yahoo that gives a cookie and a crumb and has no bars yet, with a calendar of 2024 to 2026.

    It needs a folder for yfinance's cache. Nothing waits between requests. At the end source and server are closed.
    """
    calendar = Calendar(date(2024, 1, 2), date(2026, 12, 31))
    async with http_stub() as stub, yahoo_sources(stub, cache, calendar, Waits()) as make:
        yahoo_replies.credentials(stub)
        yield YahooStandIn(make(), stub, calendar)


@contextlib.asynccontextmanager
async def yahoo_sources(
    stub: HttpStub, cache: Path, calendar: Calendar, waits: Waits
) -> AsyncIterator[Callable[..., Yahoo]]:
    """A maker of real Yahoo sources that ask `stub`; its keywords override those of `Yahoo` and of its settings.

    What yfinance keeps for the process, its session and its caches, is made new before and after. At the end every
    source is closed.
    """
    _forget_what_yfinance_keeps()
    made: list[Yahoo] = []

    def make(**overrides: Any) -> Yahoo:
        settings = YahooSettings(
            cache, tuple(stub.base_urls.items()), per_second=1000.0, burst=1000, timeout_seconds=5.0
        )
        own = {name: overrides.pop(name) for name in list(overrides) if hasattr(settings, name)}
        rest: dict[str, Any] = {"calendar": calendar, "sleep": waits, "jitter": lambda: 0.5}
        made.append(Yahoo(replace(settings, **own), **(rest | overrides)))
        return made[-1]

    try:
        yield make
    finally:
        for source in made:
            await source.close()
        _forget_what_yfinance_keeps()


def _forget_what_yfinance_keeps() -> None:
    yahoo_client.opened.cache_clear()
    SingletonMeta._instances.clear()
    # The caches hold on to the folder of their first use, whatever folder is set later.
    _CookieCacheManager._Cookie_cache = None
    _TzCacheManager._tz_cache = None
