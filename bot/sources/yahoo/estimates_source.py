"""Yahoo's estimates as a source of their own: slowly, name by name, through the session that fetches prices.

Its health is its own: that estimates fail says nothing of prices. Rows carry the name of Yahoo.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from math import isnan

import pandas as pd

from bot.domain.fetched import Fetched, FetchRequest
from bot.errors import SourceError
from bot.sources.base import BaseSource
from bot.sources.yahoo import quote_summary
from bot.sources.yahoo.failures import BrokenAnswerError, DeadTickerError, NoBarsError
from bot.sources.yahoo.parse_estimates import EstimateSnapshot, Row, company, fund
from bot.sources.yahoo.source import CHUNK, ENOUGH_FAILURES, TOO_MANY_DEAD, Yahoo
from signals.asof import watched_names
from signals.core.datasets import empty

DATASETS = ("estimates", "surprises")
PAUSE_SECONDS = 14.0
"""121 names with such a pause between them take under half an hour."""


@dataclass(slots=True)
class _Collected:
    """What one piece gave: rows, names without any and why, names whose answer had no reports, failures in a row."""

    estimates: list[Row] = field(default_factory=list)
    surprises: list[Row] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)
    silent: list[str] = field(default_factory=list)
    failures: list[SourceError] = field(default_factory=list)


class YahooEstimates(BaseSource):
    """Snapshots of today: `request.start` and `request.end` mean nothing to it, because Yahoo shows no other day's.

    There is nothing to close: the session belongs to Yahoo's prices, which give it back.
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
        """25 names a piece, about six minutes of work; the names watched where none are named."""
        records = tuple(name for name in DATASETS if name in request.records)
        names = tuple(dict.fromkeys(request.tickers)) or watched_names.NAMES
        bare = replace(request, series=(), universe=False, records=records)
        return [replace(bare, tickers=names[at : at + CHUNK]) for at in range(0, len(names), CHUNK) if records]

    async def fetch(self, request: FetchRequest, now: datetime) -> Fetched:
        """Snapshots of `request.tickers`, in their turn with a pause between them.

        When Yahoo stops answering half-way, what came is returned and the rest is missing with the reason. Raises SourceError
        when nothing came, and when one answer was empty: names as large as these have estimates, so then nobody knows what
        the others in the piece are worth.
        """
        with self._record.watch(now) as trouble:
            found = await self._collect(tuple(dict.fromkeys(request.tickers)), now, trouble)
            records = {name: _frame(name, getattr(found, name)) for name in DATASETS if name in request.records}
            return Fetched(self._yahoo.name, now, missing=found.missing, records=records)

    async def _collect(self, names: Sequence[str], now: datetime, trouble: list[SourceError]) -> _Collected:
        found = _Collected()
        for position, ticker in enumerate(names):
            if position:
                await self._sleep(self._pause_seconds * (0.8 + 0.4 * self._jitter()))
            try:
                self._add(found, ticker, await self._snapshot(ticker, now))
                found.failures.clear()
            except (DeadTickerError, NoBarsError) as problem:
                found.missing[ticker] = str(problem)
            except quote_summary.EmptyAnswerError as problem:
                raise SourceError(f"{problem} for {ticker}, so none of this piece is believed") from None
            except SourceError as error:
                found.failures.append(error)
                found.missing[ticker] = str(error)
                if error.rate_limited or len(found.failures) >= ENOUGH_FAILURES:
                    found.missing |= dict.fromkeys(names[position + 1 :], f"not asked, because {error}")
                    trouble.append(error)
                    break
        _judge(found, names)
        return found

    async def _snapshot(self, ticker: str, now: datetime) -> EstimateSnapshot:
        is_fund = ticker == watched_names.FUND
        modules = quote_summary.OF_FUNDS if is_fund else quote_summary.OF_COMPANIES
        answer = await self._yahoo.ask(partial(quote_summary.ask, ticker=ticker, modules=modules), now)
        read = fund if is_fund else company
        try:
            return read(quote_summary.modules_of(answer), ticker, now)
        except quote_summary.EmptyAnswerError:
            raise
        except BrokenAnswerError as problem:
            raise SourceError(str(problem)) from None

    def _add(self, found: _Collected, ticker: str, snapshot: EstimateSnapshot) -> None:
        if ticker == watched_names.FUND and isnan(float(str(snapshot.estimate["forward_pe"]))):
            found.missing[ticker] = "Yahoo shows no price over earnings, or 0, which stands for none"
            return
        found.estimates.append(snapshot.estimate)
        found.surprises.extend(snapshot.surprises or ())
        if snapshot.surprises is None:
            found.silent.append(ticker)


def _judge(found: _Collected, names: Sequence[str]) -> None:
    """Raises SourceError when the piece as a whole cannot be believed."""
    if found.estimates:
        if len(found.silent) >= ENOUGH_FAILURES and not found.surprises:
            raise SourceError(str(quote_summary.missing_field("earningsHistory")))
        return
    if found.failures:
        raise found.failures[-1]
    if len(names) >= TOO_MANY_DEAD:
        raise SourceError(f"Yahoo says that it knows none of {len(names)} names, which is not believed")


def _frame(dataset: str, rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    """Rows as `signals.core.datasets` describes them, known since they were fetched."""
    shape = empty(dataset)
    frame = pd.DataFrame(list(rows), columns=shape.columns).assign(source=Yahoo.name)
    return frame.astype(shape.dtypes.to_dict())
