"""The interface of a source, and the base classes of all adapters.

No source depends on the archive, the database or Discord; none ever turns missing into zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from bot.domain.fetched import Fetched, FetchRequest, Health
from bot.domain.own_signal import Listing
from bot.sources.http.health import HealthRecord

if TYPE_CHECKING:
    from bot.sources.http.http_client import Http


class Source(Protocol):
    """One source of data."""

    name: str

    @property
    def health(self) -> Health:
        """Its health, from its own record."""

    def split(self, request: FetchRequest) -> Sequence[FetchRequest]:
        """The chunks in which `request` is fetched, most useful first.

        Empty when this source has nothing of it.
        """

    async def fetch(self, request: FetchRequest, now: datetime) -> Fetched:
        """Fetch one chunk. A partial result names what is absent in `missing`.

        Raises SourceError.
        """

    async def close(self) -> None:
        """Close sessions and threads."""


@runtime_checkable
class QuoteSource(Source, Protocol):
    """A source that also gives prices of the running session."""

    async def quotes(self, tickers: Sequence[str], now: datetime) -> Fetched:
        """Prices of the running session as bars of one day.

        Raises SourceError, also while the exchange is closed.
        """


@runtime_checkable
class ListingSource(Source, Protocol):
    """A source that also says what a ticker is."""

    async def look_up(self, symbol: str, now: datetime) -> Listing | None:
        """What it says that a ticker is; None for one that it does not know. Raises SourceError."""


class BaseSource:
    """Base of every adapter: a name, a health record under that name, and nothing to close."""

    name: str

    def __init__(self) -> None:
        self._record = HealthRecord(self.name)

    @property
    def health(self) -> Health:
        """Its health, from its own record."""
        return self._record.health

    @property
    def notes(self) -> tuple[str, ...]:
        """What is remarkable about its answers now, such as a second way that is taken."""
        return self._record.notes

    async def close(self) -> None:
        """Close what is open; here nothing is."""


class HttpSource(BaseSource):
    """Base of the adapters that use the shared HTTP client."""

    def __init__(self, http: Http) -> None:
        super().__init__()
        self._http = http

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()
