"""The simulated market with the interface of the live sources, so that the same bot runs on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cached_property

import numpy as np
import pandas as pd

from bot.calendar.clock import Calendar
from bot.domain.fetched import Fetched, FetchRequest
from bot.domain.own_signal import Listing
from bot.domain.ports import TaskRunner
from bot.errors import SourceError
from bot.sources.base import BaseSource
from bot.sources.http.http_client import ThreadRunner
from bot.sources.simulated import market_cache
from bot.sources.simulated.funds import FUNDS
from bot.sources.simulated.market_cache import Span
from bot.sources.simulated.market_frames import SEED, SOURCE, SimulatedMarket
from bot.sources.source_spec import SourceSpec
from signals.asof.series import monthly_lag
from signals.core.instruments import instrument

_CHUNK = 120
_RECORDS_BEFORE = timedelta(days=500)
"""Records that became known up to this long before the requested days are included: plans and
projections hold for a year.
"""

_FACTS_BEFORE = timedelta(days=900)
"""The same for figures of companies: growth needs the year-to-date figures of a year ago and those
before them.
"""


class SimulatedSource(BaseSource):
    """Returns the market of `seed` on the sessions of `calendar`, up to `now`.

    The market is made where `runner` runs functions, which the bot does in its worker process. The
    last session of the calendar is never returned, because a market includes the session that
    follows.
    """

    name = SOURCE

    def __init__(self, calendar: Calendar, *, seed: int = SEED, runner: TaskRunner | None = None) -> None:
        super().__init__()
        self._calendar, self._seed, self._runner = calendar, seed, runner or ThreadRunner()

    @cached_property
    def _span(self) -> Span:
        return Span.of(self._calendar, self._seed)

    def split(self, request: FetchRequest) -> Sequence[FetchRequest]:
        """The list of members, series, indices and funds, then members in chunks of 120.

        Unknown ids are left in.
        """
        empty_request = replace(request, tickers=(), series=(), universe=False, records=())
        funds = {fund.ticker for fund in FUNDS}
        first = tuple(ticker for ticker in request.tickers if ticker in funds)
        members = [ticker for ticker in request.tickers if ticker not in funds]
        chunks = [replace(empty_request, universe=True)] if request.universe else []
        chunks += [replace(empty_request, series=request.series)] if request.series else []
        if request.records:
            return [*chunks, replace(empty_request, records=request.records, tickers=request.tickers)]
        chunks += [replace(empty_request, tickers=first)] if first else []
        return chunks + [
            replace(empty_request, tickers=tuple(members[top : top + _CHUNK])) for top in range(0, len(members), _CHUNK)
        ]

    async def fetch(self, request: FetchRequest, now: datetime) -> Fetched:
        """Final bars, observations and records from `request.start` to `request.end`.

        Nothing after `now`, no month before its release. Unknown ids are `missing`.
        """
        response = await self._runner.run(_answer, self._span, request, self._calendar.last_final(now), now)
        self._record.succeeded(now)
        return response

    async def quotes(self, tickers: Sequence[str], now: datetime) -> Fetched:
        """Prices interpolated between yesterday's close and today's by the share of the session that is over.

        Raises SourceError while the exchange is closed.
        """
        session = self._calendar.running(now)
        if session is None:
            raise SourceError("the exchange is closed, so there are no prices of a running session")
        opened, closed = self._calendar.open_at(session), self._calendar.close_at(session)
        share = min((now - opened) / (closed - opened), 1.0)
        response = await self._runner.run(_live, self._span, tuple(tickers), session, share, now)
        self._record.succeeded(now)
        return response

    async def look_up(self, symbol: str, now: datetime) -> Listing | None:
        """What a ticker of the simulated market is; None for others."""
        return await self._runner.run(_listing, self._span, symbol)


def market_listing(close: pd.DataFrame, universe: pd.DataFrame, symbol: str) -> Listing | None:
    """What a ticker of a market in memory is; None for one that is not there."""
    if symbol not in close.columns:
        return None
    names = dict(zip(universe["ticker"], universe["name"], strict=True))
    first = close[symbol].first_valid_index()
    day = first.date() if isinstance(first, pd.Timestamp) else None
    return Listing(symbol, str(names.get(symbol) or ""), instrument(symbol).currency or "", day)


def _listing(span: Span, symbol: str) -> Listing | None:
    with market_cache.of_this_process().market(span) as market:
        return market_listing(market.closes[0], market.universe, symbol)


_UNKNOWN = "it is not traded in the simulated market"


def _answer(span: Span, request: FetchRequest, newest: date, now: datetime) -> Fetched:
    with market_cache.of_this_process().market(span) as market:
        return Fetched(
            source=SOURCE,
            fetched_at=now,
            bars={} if request.records else _bars(market, request, newest),
            observations=_observations(market, request, now),
            universe=market.universe.copy() if request.universe else None,
            missing={} if request.records else _missing(market, request),
            records=_records(market, request, now),
        )


def _live(span: Span, tickers: Sequence[str], session: date, share: float, now: datetime) -> Fetched:
    with market_cache.of_this_process().market(span) as market:
        close, adjusted = market.closes
    row = close.index.get_indexer(pd.Index([pd.Timestamp(session)]))[0]
    if row < 1:
        raise SourceError(f"the simulated market has no prices of {session}")
    traded = [ticker for ticker in tickers if ticker in close.columns]
    quotes = {ticker: _quote(close[ticker], adjusted[ticker], row, share) for ticker in traded}
    bars = {ticker: frame for ticker, frame in quotes.items() if frame is not None}
    missing = {ticker: _UNKNOWN for ticker in tickers if ticker not in bars}
    return Fetched(source=SOURCE, fetched_at=now, bars=bars, missing=missing, partial_day=session)


def _bars(market: SimulatedMarket, request: FetchRequest, newest: date) -> dict[str, pd.DataFrame]:
    if not request.tickers:
        return {}
    (close, adjusted), index = market.closes, market.days
    top = index.searchsorted(pd.Timestamp(request.start))
    end = index.searchsorted(pd.Timestamp(min(request.end, newest)), side="right")
    bars = {}
    for ticker in request.tickers:
        if ticker in close.columns:
            pair = {"close": close[ticker].iloc[top:end], "adj_close": adjusted[ticker].iloc[top:end]}
            bars[ticker] = pd.DataFrame(pair).dropna()
    return bars


def _observations(market: SimulatedMarket, request: FetchRequest, now: datetime) -> dict[str, pd.DataFrame]:
    today = pd.Timestamp(now.date())
    frames = {}
    for name in request.series:
        if name in market.series:
            frame = market.series[name]
            until = min(pd.Timestamp(request.end), today - pd.Timedelta(days=monthly_lag(name) or 0))
            frames[name] = frame[(frame.index >= pd.Timestamp(request.start)) & (frame.index <= until)]
    return frames


def _records(market: SimulatedMarket, request: FetchRequest, now: datetime) -> dict[str, pd.DataFrame]:
    """Rows of the datasets that became known up to `now` and not long before `request.start`.

    Only of `request.tickers` if there are any.
    """
    frames = {}
    for name, records in market.records(request.records).items():
        since = pd.Timestamp(request.start - (_FACTS_BEFORE if name == "facts" else _RECORDS_BEFORE), tz="UTC")
        rows = records[(records["known_at"] >= since) & (records["known_at"] <= pd.Timestamp(now))]
        subject = next((column for column in ("ticker", "symbol") if column in rows), None)
        frames[name] = rows[rows[subject].isin(request.tickers)] if subject and request.tickers else rows
    return frames


def _missing(market: SimulatedMarket, request: FetchRequest) -> Mapping[str, str]:
    unknown = [ticker for ticker in request.tickers if ticker not in market.closes[0].columns]
    return dict.fromkeys((*unknown, *(name for name in request.series if name not in market.series)), _UNKNOWN)


def _quote(close: pd.Series, adjusted: pd.Series, row: int, share: float) -> pd.DataFrame | None:
    before, after = close.iloc[row - 1], close.iloc[row]
    if np.isnan(after):
        return None
    price = after if np.isnan(before) else before + share * (after - before)
    frame = {"close": [price], "adj_close": [price * adjusted.iloc[row] / after]}
    return pd.DataFrame(frame, index=close.index[row : row + 1])


SIMULATED_MARKET = SourceSpec(
    name=SOURCE,
    title="Simulated market",
    gives="figures",
    build=lambda dependencies: SimulatedSource(dependencies.calendar, runner=dependencies.worker),
    samples=lambda day: (),
    gives_quotes=True,
)
"""It replaces all other sources and has no jobs of its own."""
