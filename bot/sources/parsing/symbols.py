"""One spelling of tickers everywhere: Yahoo's, class shares with a hyphen."""

from __future__ import annotations

import re

from bot.sources.parsing.cells import SHOWN, BadCellError, is_empty, without_footnotes

_SHARE = re.compile(r"[A-Z]{1,5}(?:-[A-Z]{1,2})?")
_PREFIX = re.compile(r"^(?:NASDAQ|NASDAQGS|NYSE|NYSE ARCA|NYSEARCA|NYSE AMERICAN|CBOE|BATS|XNAS|XNYS) ?: ?")
_NOT_SHARES = frozenset({"USD", "EUR", "GBP", "CASH"})
_NO_TICKER = re.compile(
    r"[A-Z]{2,3}[FGHJKMNQUVXZ][0-9]{1,2}"  # a future: ESU6
    r"|[0-9]{6,8}[A-Z]"  # an identifier of a right or an escrow: 2200963D
    r"|[0-9A-Z]{8}[0-9]"  # a CUSIP
    r"|CASH_USD"
)


def share(cell: object) -> str | None:
    """The ticker of a share in the spelling of this program: `BRK.B` and `BRK/B` become `BRK-B`.

    Marks of footnotes, the name of the exchange before a colon, and signs that nobody sees are left
    out. None for what is known to be no share: cash, futures, identifiers, marks for nothing. Raises
    BadCellError for anything else, so that no member is lost without a word.
    """
    if is_empty(cell):
        return None
    if not isinstance(cell, str):
        raise BadCellError(f"{cell!s:.{SHOWN}} stands where a ticker is expected")
    shown = without_footnotes(cell).upper().rstrip("*†‡").strip()
    shown = _PREFIX.sub("", shown, count=1) if ":" in shown else shown
    ticker = shown.replace(".", "-").replace("/", "-")
    if ticker in _NOT_SHARES or _NO_TICKER.fullmatch(ticker):
        return None
    if not _SHARE.fullmatch(ticker):
        raise BadCellError(f"{shown[:SHOWN]!r} stands where a ticker is expected")
    return ticker


def may_be_negative(ticker: str) -> bool:
    """Whether a price at or below zero can be real: of futures it was, on 2020-04-20."""
    return ticker.endswith("=F")
