"""Outcomes: the return of one ticker, or of one minus another, over some sessions after each session."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from signals.core.panel import Panel
from signals.core.rolling import Floats, back

WITHOUT_DIVIDENDS = ("^",), ("=F",)
"""Prefixes of the tickers of indices and suffixes of those of futures, which have no dividends."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The return of `first`, or of `first` minus that of `second`, in per cent or percentage points."""

    first: str
    second: str | None = None

    @property
    def name(self) -> str:
        """`^IXIC` or `RSP-SPY`."""
        return self.first if self.second is None else f"{self.first}-{self.second}"

    @property
    def unit(self) -> str:
        """`%`, or `pp` for a difference of two returns."""
        return "%" if self.second is None else "pp"

    @property
    def tickers(self) -> tuple[str, ...]:
        """The one or two tickers."""
        return (self.first,) if self.second is None else (self.first, self.second)

    @classmethod
    def parse(cls, text: str, tickers: Collection[str]) -> Outcome:
        """An outcome as people type it.

        Some tickers contain a hyphen, so a text that is a ticker is not read as a pair.

        Raises:
            KeyError: With the part that is not one of `tickers`.
            ValueError: For a ticker minus itself.
        """
        name = text.strip().upper()
        if name in tickers:
            return cls(name)
        cuts = [place for place, letter in enumerate(name) if letter == "-" and 0 < place < len(name) - 1]
        pairs = [(name[:place], name[place + 1 :]) for place in cuts]
        for first, second in pairs:
            if first in tickers and second in tickers:
                return cls(first).less(cls(second))
        parts = pairs[0] if len(pairs) == 1 else (name,)
        raise KeyError(next(part for part in parts if part not in tickers))

    def less(self, other: Outcome) -> Outcome:
        """The return of this ticker less that of another one.

        Raises ValueError for the same one, and where either is a pair.
        """
        if self.second is not None or other.second is not None:
            raise ValueError(f"One ticker minus another is all that can be asked. Try {self.first} alone.")
        if self.first == other.first:
            raise ValueError(f"{self.first} minus itself is always zero. Choose two different tickers.")
        return Outcome(self.first, other.first)

    def prices(self, panel: Panel) -> tuple[Floats, ...]:
        """Prices of its tickers: closes of indices and futures, closes adjusted for splits and
        dividends of everything else.

        All NaN for a ticker that the market does not have.
        """
        return tuple(panel.prices(ticker, adjusted=has_dividends(ticker)) for ticker in self.tickers)


def has_dividends(ticker: str) -> bool:
    """Whether the return of a ticker is that of its adjusted closes: of funds and shares, not of
    indices and futures.
    """
    starts, ends = WITHOUT_DIVIDENDS
    return not ticker.startswith(starts) and not ticker.endswith(ends)


def returns(prices: Sequence[Floats], horizon: int, *, delay: int = 0) -> Floats:
    """100 (P[s + delay + horizon] / P[s + delay] - 1) of the first prices, less the same of the
    second ones if there are any.

    One value for each session s from which the outcome is counted; NaN while it is not known, where a
    price is missing and where it starts from a price that is not positive. `delay` 1 enters at the close after s.
    Raises ValueError for a horizon under 1.
    """
    if horizon < 1:
        raise ValueError("an outcome needs at least one session")
    legs = [_growth(closes, horizon) for closes in prices]
    at_end = 100.0 * (legs[0] if len(legs) == 1 else legs[0] - legs[1])
    result = np.full(len(at_end), np.nan)
    ahead = horizon + delay
    if ahead < len(result):
        result[:-ahead] = at_end[ahead:]
    return result


def _growth(closes: Floats, sessions: int) -> Floats:
    """As a fraction. A future may have closed at or below zero: a rise from there would come out as a fall."""
    base = back(closes, sessions)
    base[base <= 0] = np.nan
    return closes / base - 1.0
