"""Closures of the exchange that the installed calendar does not know, learned from prices. Pure functions.

On the evening itself nobody can tell a closure from a source that is late: prices of a later
session decide. Other figures do not: the VIX and the Treasury's yields have values of days on which
the exchange was closed (January 9, 2025).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

MOST_IN_A_ROW = 5
"""After September 2001 the exchange stayed closed for four sessions; a longer hole is one of the archive."""

FEWEST_TICKERS = 20
"""With prices of fewer tickers on the sessions beside it, nothing can be said of a day."""

NEARLY_NONE = 0.05
"""The share of the tickers priced on the sessions beside it that may have a price of a closure."""


@dataclass(frozen=True, slots=True)
class PricedDay:
    """How many tickers have a price of a day, and whether an index has one.

    Futures are not counted: they trade on days on which the exchange is closed. `doubted`: how many
    more have a price that is not believed. Whatever the right one is, there is one, so the exchange
    was open; but such a price decides nothing about the days beside it.
    """

    tickers: int = 0
    index: bool = False
    doubted: int = 0
    doubted_index: bool = False

    def is_closed(self, usual: int) -> bool:
        """Whether no index and nearly no ticker of the `usual` number has a price, believed or not."""
        few = self.tickers + self.doubted <= NEARLY_NONE * usual
        return few and not (self.index or self.doubted_index)


def learned(sessions: Sequence[date], priced: Mapping[date, PricedDay]) -> frozenset[date]:
    """The days among `sessions` on which the exchange was closed.

    No index and nearly no ticker has a price of them, while the sessions before and after have, and
    at most five such days follow one another.

    Args:
        sessions: Sessions of the installed calendar, ascending.
        priced: What has prices of each day; a day that is left out has none.
    """
    closures: set[date] = set()
    before, run = PricedDay(), list[date]()
    for session in sessions:
        here = priced.get(session, PricedDay())
        if not here.index:
            run.append(session)
            continue
        usual = min(before.tickers, here.tickers)
        if before.index and usual >= FEWEST_TICKERS and len(run) <= MOST_IN_A_ROW:
            closed = [priced.get(day, PricedDay()).is_closed(usual) for day in run]
            closures.update(run if all(closed) else ())
        before, run = here, []
    return frozenset(closures)
