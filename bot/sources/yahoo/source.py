"""Yahoo as a source: its chunks, retries and circuit breaker. Requests are made in a process of its own."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import pandas as pd

from bot.calendar.clock import Calendar
from bot.domain.backoff import Backoff
from bot.domain.fetched import Fetched, FetchRequest
from bot.domain.own_signal import Listing
from bot.domain.ports import TaskRunner
from bot.errors import SourceError
from bot.sources.base import BaseSource
from bot.sources.http import circuit_breaker
from bot.sources.http.http_client import ThreadRunner
from bot.sources.http.raw_archive import KeepsAnswers
from bot.sources.yahoo import daily_bars, listings, live_distributions, live_quotes, remote
from bot.sources.yahoo.failures import (
    AnsweredError,
    BrokenResponseError,
    NoBarsError,
    RateLimitedError,
    UnknownTickerError,
    YahooError,
)
from bot.sources.yahoo.last_trades import LastTrades

if TYPE_CHECKING:
    from bot.sources.yahoo.yahoo_client import YahooClient

T = TypeVar("T")

CHUNK = 25
"""Tickers of one chunk: at a request a second, half a minute of work is lost when the process is killed."""

CREDENTIALS_COOLDOWN_SECONDS = 900.0
"""After Yahoo refused a cookie or crumb none is requested for so long."""

RETRIES = Backoff(first=timedelta(seconds=1), most=timedelta(minutes=1), jitter=(0.5, 1.5))

ENOUGH_FAILURES = 3
"""After this many failures in a row the other tickers of a chunk are not requested."""
TOO_MANY_UNKNOWN = 5
"""If Yahoo knows none of a chunk of at least this many tickers, the response is taken as an error of Yahoo."""


class Yahoo(BaseSource):
    """Prices, and the calls of estimates and option chains: one request after the other, at one pace.

    Args:
        settings: How Yahoo is asked.
        calendar: Sessions of the exchange.
        process: Where the requests are made and read, which nobody else uses; by default threads.
        raw_archive: What keeps responses as they came.
        tries: How often a request is made that fails for a moment.
        sleep: Waits between tries.
        monotonic: Seconds that no step of a clock moves.
        jitter: A chance from 0 to 1.
    """

    name = "yahoo"

    def __init__(
        self,
        settings: remote.YahooSettings,
        *,
        calendar: Calendar,
        process: TaskRunner | None = None,
        raw_archive: KeepsAnswers | None = None,
        tries: int = 3,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        super().__init__()
        self._settings, self._calendar = settings, calendar
        self._process = process or ThreadRunner()
        self._raw_archive = raw_archive
        self._tries = tries
        self._sleep, self._monotonic, self._jitter = sleep, monotonic, jitter
        self._no_credentials_until = float("-inf")
        self._closed = False
        self._paid = live_distributions.PaidToday()
        self._last_trades = LastTrades(calendar, monotonic)
        self._breaker = circuit_breaker.CircuitBreaker()

    def split(self, request: FetchRequest) -> Sequence[FetchRequest]:
        """Its tickers, each once, in the order given (the caller puts indices and ETFs first), 25 a chunk."""
        tickers = tuple(dict.fromkeys(request.tickers))
        return [
            replace(request, tickers=tickers[at : at + CHUNK], series=(), universe=False)
            for at in range(0, len(tickers), CHUNK)
        ]

    async def fetch(self, request: FetchRequest, now: datetime) -> Fetched:
        """Daily bars of `request.tickers`.

        Those of the running session are live prices, of `partial_day`. When Yahoo stops responding
        midway, the bars fetched so far are returned and the other tickers are in `missing` with the
        reason.
        """
        days = daily_bars.window(request.start, request.end, self._calendar, now)
        if len(days.sessions) == 0:
            return Fetched(self.name, now, missing=dict.fromkeys(request.tickers, "no session between these dates"))
        with self._record.watch(now) as partial_failures:
            return await self._daily(request.tickers, days, now, partial_failures)

    async def quotes(self, tickers: Sequence[str], now: datetime) -> Fetched:
        """Prices of the running session, a hundred tickers per request, and what is paid on it.

        Raises SourceError when none is running.
        """
        day = self._calendar.running(now)
        if day is None:
            raise SourceError("there are no live prices now, no session is running")
        with self._record.watch(now) as partial_failures:
            return await self._quotes(tuple(dict.fromkeys(tickers)), day, now, partial_failures)

    async def look_up(self, symbol: str, now: datetime) -> Listing | None:
        """What Yahoo says that a ticker is; None for one that it does not know."""
        return await listings.look_up(self.call, self._calendar, symbol, now)

    async def close(self) -> None:
        """Send nothing more. The process is ended by whoever made it, with what it is busy with."""
        self._closed = True

    async def _daily(
        self, tickers: Sequence[str], days: daily_bars.SessionWindow, now: datetime, partial_failures: list[SourceError]
    ) -> Fetched:
        bars: dict[str, daily_bars.TickerBars] = {}
        missing: dict[str, str] = {}
        requested = list(dict.fromkeys(tickers))
        unknown: dict[str, str] = {}
        failures: list[SourceError] = []
        for position, ticker in enumerate(requested):
            try:
                answer = await self.call(partial(daily_bars.fetch, ticker=ticker, days=days), now)
                failures.clear()
                bars[ticker] = self._last_trades.closed(ticker, answer, days)
            except UnknownTickerError as problem:
                unknown[ticker] = str(problem)
            except NoBarsError as problem:
                missing[ticker] = str(problem)
            except SourceError as error:
                failures.append(error)
                missing[ticker] = str(error)
                if error.rate_limited or len(failures) >= ENOUGH_FAILURES:
                    missing |= dict.fromkeys(requested[position + 1 :], f"not asked, because {error}")
                    partial_failures.append(error)
                    break
        if not bars and failures:
            raise failures[-1]
        if not bars and len(unknown) >= TOO_MANY_UNKNOWN:
            raise SourceError(f"Yahoo says that it knows none of {len(unknown)} tickers, which is not believed")
        return self._fetched(bars, missing | unknown, days, now)

    def _fetched(
        self,
        bars: Mapping[str, daily_bars.TickerBars],
        missing: Mapping[str, str],
        days: daily_bars.SessionWindow,
        now: datetime,
    ) -> Fetched:
        live = days.running is not None and any(
            pd.Timestamp(days.running) in ticker_bars.bars.index for ticker_bars in bars.values()
        )
        self._note_gaps(bars, days)
        return Fetched(
            self.name,
            now,
            bars={ticker: ticker_bars.bars for ticker, ticker_bars in bars.items()},
            splits={ticker: ticker_bars.splits for ticker, ticker_bars in bars.items() if len(ticker_bars.splits)},
            dividends={ticker: ticker_bars.dividends for ticker, ticker_bars in bars.items()},
            identities={ticker: own.identity for ticker, own in bars.items() if own.identity is not None},
            missing=missing,
            partial_day=days.running if live else None,
        )

    def _note_gaps(self, bars: Mapping[str, daily_bars.TickerBars], days: daily_bars.SessionWindow) -> None:
        final = [day for day in days.sessions if day.date() != days.running]
        behind = [ticker for ticker, ticker_bars in bars.items() if final and ticker_bars.bars.index[-1] < final[-1]]
        many = len(bars) >= TOO_MANY_UNKNOWN and len(behind) * 2 > len(bars)
        sentence = f"{len(behind)} of {len(bars)} tickers have no bar of {final[-1].date()} yet" if many else None
        self._record.note("gaps", sentence)

    async def _quotes(
        self, tickers: Sequence[str], day: date, now: datetime, partial_failures: list[SourceError]
    ) -> Fetched:
        found = live_quotes.Quotes()
        for at in range(0, len(tickers), live_quotes.BATCH):
            batch = tickers[at : at + live_quotes.BATCH]
            try:
                found = found.joined(await self.call(partial(live_quotes.fetch, tickers=batch, day=day), now))
            except SourceError as error:
                if not found.prices:
                    raise
                found = found.joined(live_quotes.Quotes(missing=dict.fromkeys(tickers[at:], str(error))))
                partial_failures.append(error)
                break
        found.check_age(now)
        paid = await self._paid_by_funds(tuple(found.prices), day, now)
        return live_quotes.as_fetched(found.joined(live_quotes.Quotes(dividends=paid)), self.name, day, now)

    async def _paid_by_funds(self, tickers: Sequence[str], day: date, now: datetime) -> dict[str, float]:
        """What funds pay on the running session, as far as it is known: prices do not wait for a host that refuses."""
        problem = None
        for fund in self._paid.due(tickers, day, now):
            try:
                self._paid.note(
                    fund, await self.call(partial(live_distributions.fetch, ticker=fund, day=day), now), now
                )
            except AnsweredError:
                self._paid.note(fund, 0.0, now)
            except SourceError as error:
                problem = f"today's distributions of funds are not known: {error}"
                break
        self._record.note("distributions", problem)
        return self._paid.amounts()

    async def call(self, call: Callable[[YahooClient], T], now: datetime) -> T:
        """Run `call` in Yahoo's process with its client, with retries after temporary failures.

        Raises AnsweredError or SourceError.
        """
        self._admit(now)
        record_outcome: Callable[[circuit_breaker.CircuitBreaker], circuit_breaker.CircuitBreaker] = (
            circuit_breaker.abandoned
        )
        attempt = 0
        try:
            while True:
                try:
                    result = await self._single_call(call, now)
                    record_outcome = partial(circuit_breaker.succeeded, now=now)
                    return result
                except AnsweredError:
                    record_outcome = partial(circuit_breaker.succeeded, now=now)
                    raise
                except RateLimitedError as problem:
                    record_outcome = partial(circuit_breaker.refused, now=now, retry_after=problem.retry_after)
                    raise self._breaker_open(str(problem), record_outcome(self._breaker), now) from None
                except BrokenResponseError as problem:
                    if not problem.again or attempt + 1 >= self._tries:
                        record_outcome = partial(circuit_breaker.failed, now=now) if problem.counts else record_outcome
                        raise SourceError(str(problem)) from None
                except SourceError:
                    # Beyond the limits of the process, which may be what was sent as well as its silence.
                    record_outcome = partial(circuit_breaker.failed, now=now)
                    raise
                attempt += 1
                await self._sleep(RETRIES.after(attempt, chance=self._jitter()).total_seconds())
        finally:
            self._breaker = record_outcome(self._breaker)

    def _admit(self, now: datetime) -> None:
        if self._closed:
            raise SourceError("Yahoo is not asked any more, the program is stopping")
        admitted = circuit_breaker.admit(self._breaker, now)
        if admitted is None:
            raise self._breaker_open("Yahoo is left alone after too many requests or failures", self._breaker, now)
        self._breaker = admitted

    def _breaker_open(self, sentence: str, state: circuit_breaker.CircuitBreaker, now: datetime) -> SourceError:
        if state.until is None or not state.is_open(now):
            return SourceError(f"{sentence}; one trial request is under way", retry_after=5.0, rate_limited=True)
        wait = (state.until - now).total_seconds()
        return SourceError(
            f"{sentence}; not asked again before {state.until:%H:%M} UTC", retry_after=wait, rate_limited=True
        )

    async def _single_call(self, call: Callable[[YahooClient], T], now: datetime) -> T:
        refused = self._monotonic() < self._no_credentials_until
        answer = await self._process.run(remote.run, self._settings, call, has_no_credentials=refused)
        if answer.has_no_credentials and not refused:
            self._no_credentials_until = self._monotonic() + CREDENTIALS_COOLDOWN_SECONDS
        if self._raw_archive is not None:
            await asyncio.to_thread(_keep, self._raw_archive, answer.bodies, now)
        if isinstance(answer.outcome, YahooError):
            raise answer.outcome
        return answer.outcome


def _keep(raw_archive: KeepsAnswers, bodies: Sequence[remote.Body], now: datetime) -> None:
    for body in bodies:
        raw_archive.keep(body.url, body.params, body.status, body.content, now)
