"""Yahoo's estimates as a source of their own: slowly, ticker by ticker, through the session that fetches prices.

It has its own health, because a failure of estimates does not concern prices. Rows have the name of
Yahoo as their source.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from math import isnan
from typing import TYPE_CHECKING

import pandas as pd

from bot.domain.fetched import Fetched, FetchRequest
from bot.errors import SourceError
from bot.sources.base import BaseSource
from bot.sources.yahoo import quote_summary
from bot.sources.yahoo.failures import NoBarsError, UnknownTickerError, only_this_answer
from bot.sources.yahoo.parse_estimates import EstimateSnapshot, Row, company, fund
from bot.sources.yahoo.source import CHUNK, ENOUGH_FAILURES, TOO_MANY_UNKNOWN, Yahoo
from signals.asof import watched_names
from signals.core.datasets import empty

if TYPE_CHECKING:
    from bot.sources.yahoo.yahoo_client import YahooClient

DATASETS = ("estimates", "surprises")
PAUSE_SECONDS = 14.0
"""121 tickers with such a pause between them take under half an hour."""


@dataclass(slots=True)
class _Collected:
    """The results of one chunk.

    Attributes:
        estimates: Rows of `estimates`.
        surprises: Rows of `surprises`.
        missing: Ticker -> why it has no rows.
        silent: Tickers whose response had no reports.
        failures: The failures in a row up to now.
    """

    estimates: list[Row] = field(default_factory=list)
    surprises: list[Row] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)
    silent: list[str] = field(default_factory=list)
    failures: list[SourceError] = field(default_factory=list)


class YahooEstimates(BaseSource):
    """Snapshots of today; `request.start` and `request.end` are ignored, because Yahoo has no other day's.

    There is nothing to close: the session belongs to `Yahoo`, which closes it.
    """

    name = "estimates"

    def __init__(
        self,
        yahoo: Yahoo,
        *,
        pause_seconds: float = PAUSE_SECONDS,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        super().__init__()
        self._yahoo, self._pause_seconds, self._sleep, self._jitter = yahoo, pause_seconds, sleep, jitter

    def split(self, request: FetchRequest) -> Sequence[FetchRequest]:
        """25 tickers a chunk, about six minutes of work; by default all of `watched_names`."""
        records = tuple(name for name in DATASETS if name in request.records)
        tickers = tuple(dict.fromkeys(request.tickers)) or watched_names.NAMES
        bare = replace(request, series=(), universe=False, records=records)
        return [replace(bare, tickers=tickers[at : at + CHUNK]) for at in range(0, len(tickers), CHUNK) if records]

    async def fetch(self, request: FetchRequest, now: datetime) -> Fetched:
        """Snapshots of `request.tickers`, one after the other with a pause between them.

        When Yahoo stops responding midway, the rows fetched so far are returned and the other
        tickers are in `missing` with the reason. Raises SourceError when there are no rows, and
        when one response was empty: companies as large as these have estimates, so the other
        responses of the chunk cannot be trusted either.
        """
        with self._record.watch(now) as partial_failures:
            collected = await self._collect(tuple(dict.fromkeys(request.tickers)), now, partial_failures)
            records = {name: _frame(name, getattr(collected, name)) for name in DATASETS if name in request.records}
            return Fetched(self._yahoo.name, now, missing=collected.missing, records=records)

    async def _collect(self, tickers: Sequence[str], now: datetime, partial_failures: list[SourceError]) -> _Collected:
        collected = _Collected()
        for position, ticker in enumerate(tickers):
            if position:
                await self._sleep(self._pause_seconds * (0.8 + 0.4 * self._jitter()))
            try:
                self._add(collected, ticker, await self._snapshot(ticker, now))
                collected.failures.clear()
            except (UnknownTickerError, NoBarsError) as problem:
                collected.missing[ticker] = str(problem)
            except quote_summary.EmptyResponseError as problem:
                raise SourceError(f"{problem} for {ticker}, so none of this chunk is believed") from None
            except SourceError as error:
                collected.failures.append(error)
                collected.missing[ticker] = str(error)
                if error.rate_limited or len(collected.failures) >= ENOUGH_FAILURES:
                    collected.missing |= dict.fromkeys(tickers[position + 1 :], f"not asked, because {error}")
                    partial_failures.append(error)
                    break
        _check(collected, tickers)
        return collected

    async def _snapshot(self, ticker: str, now: datetime) -> EstimateSnapshot:
        return await self._yahoo.call(partial(_snapshot, ticker=ticker, now=now), now)

    def _add(self, collected: _Collected, ticker: str, snapshot: EstimateSnapshot) -> None:
        if ticker == watched_names.FUND and isnan(float(str(snapshot.estimate["forward_pe"]))):
            collected.missing[ticker] = "Yahoo shows no price over earnings, or 0, which stands for none"
            return
        collected.estimates.append(snapshot.estimate)
        collected.surprises.extend(snapshot.surprises or ())
        if snapshot.surprises is None:
            collected.silent.append(ticker)


def _snapshot(client: YahooClient, ticker: str, now: datetime) -> EstimateSnapshot:
    is_fund = ticker == watched_names.FUND
    modules = quote_summary.OF_FUNDS if is_fund else quote_summary.OF_COMPANIES
    response = quote_summary.fetch(client, ticker, modules)
    with only_this_answer():
        return (fund if is_fund else company)(quote_summary.modules_of(response), ticker, now)


def _check(collected: _Collected, tickers: Sequence[str]) -> None:
    """Raises SourceError when the chunk as a whole is implausible."""
    if collected.estimates:
        if len(collected.silent) >= ENOUGH_FAILURES and not collected.surprises:
            raise SourceError(str(quote_summary.missing_field("earningsHistory")))
        return
    if collected.failures:
        raise collected.failures[-1]
    if len(tickers) >= TOO_MANY_UNKNOWN:
        raise SourceError(f"Yahoo says that it knows none of {len(tickers)} names, which is not believed")


def _frame(dataset: str, rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    """Rows as a frame of the dataset, without `known_at`: they are known since they were fetched."""
    shape = empty(dataset)
    frame = pd.DataFrame(list(rows), columns=shape.columns).assign(source=Yahoo.name)
    return frame.astype(shape.dtypes.to_dict())
