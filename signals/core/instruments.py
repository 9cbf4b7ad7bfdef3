"""What the market knows of each ticker: its kind, where and in what it trades, and which others move with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType


class InstrumentKind(StrEnum):
    """The kind of a ticker, by the words that price sources use; `OTHER` where it may be any of them."""

    EQUITY = "EQUITY"
    ETF = "ETF"
    INDEX = "INDEX"
    FUTURE = "FUTURE"
    OTHER = "OTHER"


class Likeness(StrEnum):
    """How closely a basket of members says what a fund did.

    `MEAN`: the fund weighs them equally, so it moves like their mean. `RANGE`: it weighs them by
    size, so it moves within the range of most of them.
    """

    MEAN = "mean"
    RANGE = "range"


SEVEN = ("AAPL", "MSFT", "GOOGL", "AMZN", "META", "NVDA", "TSLA")
"""The Magnificent Seven."""

NEW_YORK = "America/New_York"
DOLLAR = "USD"


@dataclass(frozen=True, slots=True)
class Basket:
    """The members that a fund holds: a group or a sector of the universe, or these tickers."""

    likeness: Likeness
    group: str = ""
    sector: str = ""
    tickers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Instrument:
    """What is expected of one ticker; None where nothing is.

    `twins`: tickers that move within 1.5 points of it in a session. `zone`: of its exchange.
    `liquid`: it trades until the close every session, so its twins or members tell its last cent.
    """

    ticker: str
    kind: InstrumentKind
    zone: str | None = NEW_YORK
    currency: str | None = DOLLAR
    twins: tuple[str, ...] = ()
    basket: Basket | None = None
    liquid: bool = False


_TWINS: tuple[tuple[str, ...], ...] = (
    ("SPY", "^GSPC", "IVV"),
    ("QQQ", "^NDX"),
    ("IWM", "^RUT"),
    ("DIA", "^DJI"),
    ("GLD", "GC=F"),
    ("SLV", "SI=F"),
    ("GOOGL", "GOOG"),
)
"""Tickers that are one thing in several dresses."""

REFERENCE_TICKERS = ("IVV", "SLV")
"""Twins that no signal reads: they are fetched to tell whether the others may be believed."""

_BASKETS: Mapping[str, Basket] = MappingProxyType(
    {
        "RSP": Basket(Likeness.MEAN, group="sp500"),
        "QQQE": Basket(Likeness.MEAN, group="ndx100"),
        "RSPT": Basket(Likeness.MEAN, sector="Information Technology"),
        "MAGS": Basket(Likeness.MEAN, tickers=SEVEN),
        "^IXIC": Basket(Likeness.RANGE, group="ndx100"),
        "IVE": Basket(Likeness.RANGE, group="sp500"),
        "IVW": Basket(Likeness.RANGE, group="sp500"),
        "XLB": Basket(Likeness.RANGE, sector="Materials"),
        "XLC": Basket(Likeness.RANGE, sector="Communication Services"),
        "XLE": Basket(Likeness.RANGE, sector="Energy"),
        "XLF": Basket(Likeness.RANGE, sector="Financials"),
        "XLI": Basket(Likeness.RANGE, sector="Industrials"),
        "XLK": Basket(Likeness.RANGE, sector="Information Technology"),
        "XLP": Basket(Likeness.RANGE, sector="Consumer Staples"),
        "XLRE": Basket(Likeness.RANGE, sector="Real Estate"),
        "XLU": Basket(Likeness.RANGE, sector="Utilities"),
        "XLV": Basket(Likeness.RANGE, sector="Health Care"),
        "XLY": Basket(Likeness.RANGE, sector="Consumer Discretionary"),
    }
)

_OTHER_FUNDS = ("IGV", "IJH", "KRE", "MTUM", "QUAL", "SMH", "SPLV", "XMAG")

_LIQUID = frozenset(
    (
        "SPY",
        "^GSPC",
        "IVV",
        "QQQ",
        "^NDX",
        "IWM",
        "^RUT",
        "DIA",
        "^DJI",
        "RSP",
        *(ticker for ticker in _BASKETS if ticker.startswith("XL")),
    )
)
"""QQQE, RSPT and MAGS went without a trade for hours in their first years. Funds of metals are left
out because their twins are futures, which settle before the stock market closes."""

MARKET = ("^GSPC", "SPY")
"""What the whole market did, the first that is known."""

_FUNDS = frozenset(
    ticker
    for ticker in (*(ticker for twins in _TWINS for ticker in twins), *_BASKETS, *_OTHER_FUNDS)
    if ticker.isalpha() and ticker not in ("GOOGL", "GOOG")
)


def instrument(ticker: str) -> Instrument:
    """What is expected of a ticker.

    Whatever is no index, fund or future here is taken for a company of New York.
    """
    twins = tuple(other for group in _TWINS if ticker in group for other in group if other != ticker)
    basket = _BASKETS.get(ticker)
    if ticker.startswith("^"):
        return Instrument(ticker, InstrumentKind.INDEX, twins=twins, basket=basket, liquid=ticker in _LIQUID)
    if ticker.endswith("=F"):
        return Instrument(ticker, InstrumentKind.FUTURE, twins=twins)
    if "." in ticker:
        # Single contracts: sources name their exchanges' zones and units in several ways.
        return Instrument(ticker, InstrumentKind.FUTURE, zone=None, currency=None)
    kind = InstrumentKind.ETF if ticker in _FUNDS else InstrumentKind.EQUITY
    return Instrument(ticker, kind, twins=twins, basket=basket, liquid=ticker in _LIQUID)


def own_instrument(ticker: str) -> Instrument:
    """What is expected of a ticker that somebody has chosen: it may be anything that trades anywhere.

    Its bars are judged by the rules for other companies.
    """
    expected = instrument(ticker)
    marked = ticker.startswith("^") or ticker.endswith("=F")
    return replace(expected, kind=expected.kind if marked else InstrumentKind.OTHER, zone=None, currency=None)
