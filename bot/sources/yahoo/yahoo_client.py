"""What calls ask of Yahoo, through yfinance. For Yahoo's process alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, TypeVar

import pandas as pd
import yfinance as yf
from yfinance.data import YfData
from yfinance.exceptions import YFRateLimitError

from bot.sources.yahoo.failures import BrokenResponseError
from bot.sources.yahoo.library_errors import as_yahoo_error
from bot.sources.yahoo.remote import CallResult, YahooSettings
from bot.sources.yahoo.session import YahooSession, prepare_library

T = TypeVar("T")

ZONE = "America/New_York"


class YahooClient:
    """One session, whose cookie and crumb serve all calls."""

    def __init__(self, session: YahooSession) -> None:
        self._session = session

    def answer(self, call: Callable[[YahooClient], T], *, has_no_credentials: bool) -> CallResult[T]:
        """Run a call; whatever it raises becomes a failure."""
        session = self._session
        session.begin(has_no_credentials=has_no_credentials)
        # yfinance caches 64 responses for the life of the process, so that a correction would not
        # be seen.
        YfData.cache_get.cache_clear()
        try:
            outcome = call(self)
        except Exception as error:
            return CallResult(as_yahoo_error(error, session.last), tuple(session.bodies), session.has_no_credentials)
        return CallResult(outcome, tuple(session.bodies), session.has_no_credentials)

    def chart(self, ticker: str, first: date, last: date) -> tuple[pd.DataFrame, Mapping[str, Any]]:
        """Daily bars of both days and those between, as yfinance has them, and the head of the chart."""
        chart = yf.Ticker(ticker, session=self._session)
        # Every ticker of the signals and of the groups trades in New York. With the zone set here,
        # yfinance does not send a request of its own per ticker to find it out.
        chart._tz = ZONE
        bars = chart.history(
            start=first.isoformat(),
            end=(last + timedelta(days=1)).isoformat(),
            interval="1d",
            auto_adjust=False,
            actions=True,
        )
        return bars, chart.history_metadata

    def document(self, url: str, params: Mapping[str, str], *, of: str) -> Any:
        """A JSON document `of` something that needs a crumb."""
        if self._session.has_no_credentials:
            raise BrokenResponseError(f"Yahoo gives no crumb for now, and {of} need one", again=False, counts=False)
        try:
            return YfData(session=self._session).get_raw_json(url, params=dict(params))
        except YFRateLimitError:
            if self._session.has_no_credentials:
                # Without a crumb a 429 concerns the crumb alone; it must not open the breaker for
                # all of Yahoo.
                raise BrokenResponseError(
                    "Yahoo answered 429 to a request without a crumb", again=False, counts=False
                ) from None
            raise


@lru_cache(maxsize=1)
def opened(settings: YahooSettings) -> YahooClient:
    """The client of this process."""
    prepare_library(settings.cache_dir)
    return YahooClient(YahooSession(settings))
