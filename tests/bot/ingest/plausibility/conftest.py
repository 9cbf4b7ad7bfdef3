"""Evenings of the real ingest: the real Yahoo source before a server on loopback, the stage, a real archive."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest_asyncio

from bot.archive import Archive
from bot.archive.location import ArchiveLocation
from bot.calendar.clock import Calendar
from bot.domain.doubt import DoubtRule, StoredDoubt
from bot.domain.fetched import Fetched
from bot.ingest import worker_tasks
from bot.ingest.worker_tasks import Stored
from signals import catalogue
from signals.core.market import Market
from signals.core.model import Reading
from tests.support import YahooStandIn, yahoo_stand_in

FIRST, LAST = date(2024, 3, 1), date(2026, 3, 31)
TODAY = date(2025, 12, 16)
"""A Tuesday; the archive knows everything up to the Monday before."""

SECTORS = ("Information Technology", "Energy", "Financials", "Health Care")
MEMBERS = [f"M{letter}" for letter in "ABCDEFGHIJKLMNOPQRS"] + ["NVDA"]
FUNDS = {
    "SPY": 680.0,
    "^GSPC": 6800.0,
    "IVV": 683.0,
    "RSP": 190.0,
    "QQQ": 610.0,
    "^NDX": 25000.0,
    "IWM": 248.0,
    "^RUT": 2500.0,
    "SLV": 52.0,
    "SI=F": 58.0,
}
TICKERS = (*FUNDS, *MEMBERS)
OVERLAP = 8
"""Sessions that an update asks for."""

BY_TICKER = ("bars", "splits", "dividends", "identities", "missing", "doubts")
"""What Yahoo gives of each ticker."""


@cache
def answers() -> dict[tuple[str, str, date, date], Fetched]:
    """What Yahoo has answered to a question about one ticker, by the question and what Yahoo had."""
    return {}


@dataclass
class Evenings:
    """A market of 300 sessions up to a day, of which the archive knows all but the last.

    `closes`: what is true. Every return is that of the market plus a little of its own.
    """

    yahoo: YahooStandIn
    location: ArchiveLocation
    closes: pd.DataFrame
    rules_off: Collection[str] = ()
    repeats: int = 2
    times: int = 0
    last: Stored | None = field(default=None)
    replies: dict[str, str] = field(default_factory=dict)
    """What Yahoo has of each ticker, as a text that is different for other bars."""

    @property
    def calendar(self) -> Calendar:
        return self.yahoo.calendar

    def day(self, back: int = 0) -> date:
        """A session counted back from today's."""
        return self.closes.index[len(self.closes) - 1 - back].date()

    def give(self, ticker: str, closes: Sequence[float] | None = None, until: int = 0, **more: Any) -> None:
        """What Yahoo has of a ticker from now on: the true closes up to `until` sessions ago unless given."""
        own = self.closes[ticker].iloc[: len(self.closes) - until].iloc[-OVERLAP:]
        days = [day.date() for day in own.index]
        given = own.tolist() if closes is None else closes
        self.replies[ticker] = repr((days, given, more))
        self.yahoo.set_bars(ticker, days, given, **more)

    def true(self, ticker: str, until: int = 0) -> list[float]:
        """The closes that an update asks for."""
        return self.closes[ticker].iloc[: len(self.closes) - until].iloc[-OVERLAP:].tolist()

    async def update(self, *tickers: str, until: int = 0) -> Stored:
        """Fetch these tickers (all by default) on the evening of a session, and store what is believed."""
        now = self.calendar.final_at(self.day(until)) + timedelta(minutes=5 + 5 * self.times)
        fetched = await self._fetched(tickers or TICKERS, until, now)
        self.times += 1
        self.last = worker_tasks.store(self.location, fetched, self.rules_off)
        return self.last

    async def _fetched(self, tickers: Sequence[str], until: int, now: datetime) -> Fetched:
        """Yahoo answers the same question the same way: what it has answered in this process is not fetched again."""
        first, last = self.day(until + OVERLAP - 1), self.day(until)
        questions = {ticker: (ticker, self.replies[ticker], first, last) for ticker in tickers}
        unknown = [ticker for ticker, question in questions.items() if question not in answers()]
        if unknown:
            fetched = await self.yahoo.fetch_bars(unknown, first, last, now)
            answers().update({questions[ticker]: fetched for ticker in unknown})
        parts = {ticker: answers()[question] for ticker, question in questions.items()}
        merged = {
            name: {
                ticker: getattr(part, name)[ticker] for ticker, part in parts.items() if ticker in getattr(part, name)
            }
            for name in BY_TICKER
        }
        return Fetched("yahoo", now, **merged)

    async def ask_again(self, *tickers: str, until: int = 0) -> None:
        """The same question `repeats` times more, five minutes later each time."""
        for _ in range(self.repeats):
            await self.update(*tickers, until=until)

    def market(self) -> Market:
        with Archive.open(self.location.path) as archive:
            return archive.market(self.calendar)

    def reading(self, signal: str) -> Reading:
        """What a signal says of the newest session."""
        market = self.market()
        return catalogue.readings(market, catalogue.compute(market, [signal]), market.last.date())[signal]

    def doubts(self, *, only_open: bool = True) -> dict[str, StoredDoubt]:
        """The newest doubt about each subject."""
        with Archive.open(self.location.path) as archive:
            return {stored.doubt.subject: stored for stored in archive.doubts(only_open=only_open)}

    def rules(self) -> dict[str, DoubtRule]:
        """What is doubted, and by which rule."""
        return {subject: stored.doubt.rule for subject, stored in self.doubts().items()}

    def close(self, ticker: str) -> float:
        """The stored close of the newest session; NaN where there is none."""
        return float(self.market().close[ticker].iloc[-1])


def walk(days: Sequence[date], last_moves: Mapping[str, float] | None = None) -> pd.DataFrame:
    """Closes of all tickers: one market, small moves of their own, the last session's moves as given."""
    random = np.random.default_rng(7)
    market = random.normal(0.0005, 0.008, len(days))
    market[-2:] = 0.006, -0.012
    columns = {}
    for ticker in TICKERS:
        own = random.normal(0, 0.009, len(days)) if ticker in MEMBERS else random.normal(0, 0.0002, len(days))
        moves = market + own
        if ticker in ("SLV", "SI=F"):
            moves = np.random.default_rng(9).normal(0, 0.015, len(days)) + random.normal(0, 0.001, len(days))
        columns[ticker] = np.cumprod(1 + moves)
    frame = pd.DataFrame(columns, index=pd.DatetimeIndex(days))
    # An equal-weighted fund moves like the mean of its members.
    returns = frame[MEMBERS].pct_change().mean(axis=1).fillna(0)
    frame["RSP"] = (1 + returns + random.normal(0, 0.0002, len(days))).cumprod()
    for ticker, move in (last_moves or {}).items():
        frame.iloc[-1, frame.columns.get_loc(ticker)] = frame[ticker].iloc[-2] * (1 + move)
    start = {ticker: FUNDS.get(ticker, 40.0 + 3 * at) for at, ticker in enumerate(TICKERS)}
    return (frame / frame.iloc[-1] * pd.Series(start)).round(2)


def universe() -> pd.DataFrame:
    return pd.DataFrame(
        [(ticker, ticker, SECTORS[at % 4], "", "sp500 ndx100") for at, ticker in enumerate(MEMBERS)],
        columns=["ticker", "name", "sector", "industry", "groups"],
    )


@contextlib.asynccontextmanager
async def evenings(
    folder: Path, last_moves: Mapping[str, float] | None = None, *, known_until: int = 1
) -> AsyncIterator[Evenings]:
    """Evenings whose archive lacks the last `known_until` sessions."""
    async with yahoo_stand_in(folder / "cache") as yahoo:
        days = yahoo.calendar.between(FIRST, TODAY)[-300:]
        closes = walk(days, last_moves)
        location = ArchiveLocation(folder / "market.db", FIRST, LAST)
        known = closes.iloc[:-known_until]
        bars = {ticker: pd.DataFrame({"close": known[ticker], "adj_close": known[ticker]}) for ticker in TICKERS}
        at = yahoo.calendar.final_at(known.index[-1].date())
        with location.open() as archive:
            archive.store(Fetched("yahoo", at, bars=bars, universe=universe()), yahoo.calendar)
        made = Evenings(yahoo, location, closes)
        for ticker in TICKERS:
            made.give(ticker)
        yield made


@pytest_asyncio.fixture
async def market(tmp_path: Path, thorough: bool) -> AsyncIterator[Evenings]:
    """The evening of 16 December 2025; `make verify` gets the same answer ten times more, every change twice."""
    async with evenings(tmp_path) as made:
        made.repeats = 10 if thorough else 2
        yield made
