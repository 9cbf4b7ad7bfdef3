"""A market pack as a source: replays its figures as if they came in session by session."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import cached_property
from pathlib import Path

import pandas as pd

from bot.archive import tables_members
from bot.calendar.clock import Calendar
from bot.errors import SourceError
from bot.market_pack import pack_market, read_pack
from bot.sources.base import Fetched, Health, HealthState, Want
from signals.core.market import Market


def load_pack(directory: Path | str, calendar: Calendar) -> Market:
    """The whole pack as a Market in memory, without an archive; cut it with `Market.until` to replay it.

    Raises PackError for a bad pack and ValueError when `calendar` does not reach one session beyond it.
    """
    return pack_market(read_pack(directory, calendar), calendar)


class PackSource:
    """Source over one pack, named like its folder. Nothing later than the last final session of `now` is ever given."""

    def __init__(self, directory: Path | str, calendar: Calendar) -> None:
        self.name = Path(directory).resolve().name
        self._directory, self._calendar = Path(directory), calendar
        self._health = Health()

    @property
    def health(self) -> Health:
        """Fresh after the first answer; a pack does not fail afterwards."""
        return self._health

    @cached_property
    def market(self) -> Market:
        """The pack's content; read at the first use."""
        return load_pack(self._directory, self._calendar)

    def split(self, want: Want) -> Sequence[Want]:
        """One piece: everything is at hand."""
        return (want,)

    async def fetch(self, want: Want, now: datetime) -> Fetched:
        """The rows of `want` that were final at `now`; what the pack does not have is `missing`."""
        market, last = self.market, min(want.end, self._calendar.last_final(now))
        bars = {ticker: _bars(market, ticker, want.start, last) for ticker in want.tickers if ticker in market.close}
        series = {
            name: _rows(market.series[name], want.start, last, now) for name in want.series if name in market.series
        }
        asked = (*want.tickers, *want.series)
        self._health = Health(HealthState.OK, last_success=now)
        return Fetched(
            source=self.name,
            fetched_at=now,
            bars=bars,
            observations=series,
            universe=market.universe[list(tables_members.COLUMNS)] if want.universe else None,
            missing={name: "the pack has no such column" for name in asked if name not in bars and name not in series},
            records={name: _public(market.records[name], now) for name in want.records if name in market.records},
        )

    async def quotes(self, tickers: Sequence[str], now: datetime) -> Fetched:
        """A pack has closes only. Raises SourceError."""
        raise SourceError(f"the pack {self.name} has no prices of a running session")

    async def close(self) -> None:
        """Nothing to give back."""


def _bars(market: Market, ticker: str, start: date, last: date) -> pd.DataFrame:
    frame = pd.DataFrame({"close": market.close[ticker], "adj_close": market.adj_close[ticker]})
    return frame.loc[pd.Timestamp(start) : pd.Timestamp(last)].dropna(subset=["close"])


def _rows(frame: pd.DataFrame, start: date, last: date, now: datetime) -> pd.DataFrame:
    inside = (frame.index >= pd.Timestamp(start)) & (frame.index <= pd.Timestamp(last))
    return frame[inside & ~(frame["known_at"] > pd.Timestamp(now))]


def _public(frame: pd.DataFrame, now: datetime) -> pd.DataFrame:
    return frame[frame["known_at"] <= pd.Timestamp(now)]
