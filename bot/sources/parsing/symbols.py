"""One spelling of tickers everywhere: Yahoo's, class shares with a hyphen."""

from __future__ import annotations

import re

_SHARE = re.compile(r"[A-Z]{1,5}(?:-[A-Z]{1,2})?")
_NOT_SHARES = frozenset({"USD", "EUR", "GBP", "CASH"})


def share(text: object) -> str | None:
    """The ticker of a share in the spelling of this program: `BRK.B` and `BRK/B` become `BRK-B`.

    None for everything else: cash, futures (`ESU6`), identifiers, empty cells, legal text below a
    table.
    """
    if not isinstance(text, str):
        return None
    ticker = text.strip().upper().replace(".", "-").replace("/", "-")
    return ticker if _SHARE.fullmatch(ticker) and ticker not in _NOT_SHARES else None


def may_be_negative(ticker: str) -> bool:
    """Whether a price at or below zero can be real: of futures it was, on 2020-04-20."""
    return ticker.endswith("=F")
