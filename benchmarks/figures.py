"""Markets for the benchmarks: simulated, of the sizes that the table names."""

from __future__ import annotations

from datetime import date
from functools import cache

from bot.calendar.clock import Calendar
from bot.sources.simulated import simulate
from signals.core.market import Market


@cache
def calendar() -> Calendar:
    """From 2005 to 2026."""
    calendar = Calendar(date(2004, 12, 1), date(2027, 2, 1))
    _ = calendar.sessions, calendar.closes, calendar.opens
    return calendar


@cache
def market_of(sessions: int) -> Market:
    """All members over so many sessions up to the end of 2025."""
    index = calendar().sessions
    end = int(index.searchsorted(index.asof("2025-12-31")))
    return simulate(calendar(), index[end - sessions + 1].date(), index[end].date())
