"""Keeps the simulated market in the process that makes it, from one request to the next.

The prices of ten years take a second to make and 40 MB to hold.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from bot.calendar.clock import Calendar
from bot.sources.simulated.market_frames import SimulatedMarket


@dataclass(frozen=True, slots=True)
class Span:
    """What a simulated market is made of: the calendar's first and last session, its closures, and the seed."""

    first: date
    last: date
    closures: frozenset[date]
    seed: int

    @classmethod
    def of(cls, calendar: Calendar, seed: int) -> Span:
        """All sessions of a calendar."""
        sessions = calendar.sessions
        return cls(sessions[0].date(), sessions[-1].date(), calendar.closures, seed)


class MarketCache:
    """The newest market that was asked for, until `forget`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: tuple[Span, SimulatedMarket] | None = None

    @contextmanager
    def market(self, span: Span) -> Iterator[SimulatedMarket]:
        """The market of a span, for one user at a time; a new one where another or none is kept.

        Its last session is the one before the calendar's last, because a market includes the session
        that follows.
        """
        with self._lock:
            if self._kept is None or self._kept[0] != span:
                self._kept = span, _of(span)
            yield self._kept[1]

    def forget(self) -> None:
        """Give the market up, before something else needs the memory."""
        with self._lock:
            self._kept = None


@lru_cache(maxsize=1)
def of_this_process() -> MarketCache:
    """The one cache of a process."""
    return MarketCache()


def _of(span: Span) -> SimulatedMarket:
    calendar = Calendar(span.first, span.last, span.closures)
    sessions = calendar.sessions
    return SimulatedMarket(calendar, sessions[0].date(), sessions[-2].date(), seed=span.seed)
