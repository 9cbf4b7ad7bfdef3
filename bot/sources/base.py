"""What a source is, and what all adapters share.

No source knows the archive, the database or Discord; none ever turns missing into zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from bot.domain.fetched import Fetched, FetchRequest, Health
from bot.sources.http.health import HealthRecord

if TYPE_CHECKING:
    from bot.sources.http.client import Http


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

    async def close(self) -> None:
        """Give back sessions and threads."""


@runtime_checkable
class QuoteSource(Source, Protocol):
    """A source that also gives prices of the running session."""

    async def quotes(self, tickers: Sequence[str], now: datetime) -> Fetched:
        """Prices of the running session as bars of one day. Raises SourceError, also while the exchange is closed."""


class BaseSource:
    """Base of every adapter: a name, a record of how it has been under that name, and nothing to give back."""

    name: str

    def __init__(self) -> None:
        self._record = HealthRecord(self.name)

    @property
    def health(self) -> Health:
        """How it has been, from its own record."""
        return self._record.health

    async def close(self) -> None:
        """Give back what is open; here nothing is."""


class HttpSource(BaseSource):
    """Base of the adapters that ask through the one HTTP client."""

    def __init__(self, http: Http) -> None:
        super().__init__()
        self._http = http

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.close()
