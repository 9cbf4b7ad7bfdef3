"""A call as it crosses to Yahoo's process and back.

yfinance blocks, reads what a foreign host sends and takes tens of megabytes. Calls are therefore
functions of a client that exists in a process of its own, and only what they return comes back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from bot.sources.yahoo.failures import YahooError

if TYPE_CHECKING:
    from bot.sources.yahoo.yahoo_client import YahooClient

T = TypeVar("T")

MAX_BYTES = 16_000_000

CHART, QUOTE, SUMMARY = "/v8/finance/chart/", "/v7/finance/quote", "/v10/finance/quoteSummary/"
OPTIONS = "/v7/finance/options/"
"""Where data are asked for."""


@dataclass(frozen=True, slots=True)
class YahooSettings:
    """How Yahoo is asked.

    Attributes:
        cache_dir: Folder for yfinance's cookies.
        base_urls: Hosts, each with the address that is requested instead.
        per_second: Requests a second, those that yfinance makes unseen included.
        burst: Requests that may go out at once.
        timeout_seconds: Of one request.
        max_bytes: The largest body that is read.
    """

    cache_dir: Path
    base_urls: tuple[tuple[str, str], ...] = ()
    per_second: float = 1.0
    burst: int = 5
    timeout_seconds: float = 8.0
    max_bytes: int = MAX_BYTES


@dataclass(frozen=True, slots=True)
class Body:
    """A response with data, as it came."""

    url: str
    params: Mapping[str, Any] | None
    status: int
    content: bytes


@dataclass(frozen=True, slots=True)
class CallResult(Generic[T]):
    """What comes back from a call.

    Attributes:
        outcome: What the call returned, or its failure.
        bodies: What came over the wire, for the raw archive, which has one writer.
        has_no_credentials: Yahoo refused a cookie or crumb. The process may end before it is time to
            ask for one again, so that the other side remembers it.
    """

    outcome: T | YahooError
    bodies: tuple[Body, ...]
    has_no_credentials: bool


def run(settings: YahooSettings, call: Callable[[YahooClient], T], *, has_no_credentials: bool) -> CallResult[T]:
    """Run a call in this process, which is Yahoo's, with the client that it keeps. Raises nothing that a call raises."""
    from bot.sources.yahoo.yahoo_client import opened

    return opened(settings).answer(call, has_no_credentials=has_no_credentials)
