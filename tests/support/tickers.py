"""Tickers that tests look up, in place of a source."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from bot.domain.own_signal import Listing
from bot.errors import SourceError

LISTINGS = {
    "SMH": Listing("SMH", "VanEck Semiconductor ETF", "USD", date(2000, 5, 5)),
    "IGV": Listing("IGV", "iShares Expanded Tech-Software Sector ETF", "USD", date(2001, 7, 13)),
    "TLT": Listing("TLT", "iShares 20+ Year Treasury Bond ETF", "USD", date(2002, 7, 30)),
    "7203.T": Listing("7203.T", "Toyota Motor Corporation", "JPY", date(1999, 5, 6)),
    "SPY": Listing("SPY", "", "", None),
}


@dataclass
class KnownTickers:
    """Knows these tickers and no others; `asked` are those that were looked up."""

    known: dict[str, Listing] = field(default_factory=lambda: dict(LISTINGS))
    asked: list[str] = field(default_factory=list)
    silent: bool = False

    async def look_up(self, symbol: str) -> Listing | None:
        self.asked.append(symbol)
        if self.silent:
            raise SourceError("Yahoo does not answer")
        return self.known.get(symbol)
