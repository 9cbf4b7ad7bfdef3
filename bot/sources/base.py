"""What every source can be asked. No source knows the archive, the store or Discord; none ever turns missing into zero."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.fetched import Fetched, FetchRequest, Health


class Source(Protocol):
    """One place that data come from."""

    name: str

    @property
    def health(self) -> Health:
        """How it has been, from its own record."""

    def split(self, request: FetchRequest) -> Sequence[FetchRequest]:
        """The pieces in which `request` is fetched, most useful first; empty when this source has nothing of it."""

    async def fetch(self, request: FetchRequest, now: datetime) -> Fetched:
        """Fetch one piece. Raises SourceError; a partial answer is an answer with `missing`."""

    async def quotes(self, tickers: Sequence[str], now: datetime) -> Fetched:
        """Prices of the running session as bars of one day. A source without them raises SourceError."""

    async def close(self) -> None:
        """Give back sessions and threads."""
