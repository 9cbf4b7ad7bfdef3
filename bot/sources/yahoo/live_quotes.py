"""Prices of the running session for many tickers in one request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd

from bot.calendar.clock import NEW_YORK, new_york_date
from bot.domain.fetched import Fetched, Identity
from bot.errors import SourceError
from bot.sources.parsing.cells import BadCellError, number
from bot.sources.parsing.document_reader import reader
from bot.sources.parsing.symbols import may_be_negative
from bot.sources.yahoo.epochs import instant
from bot.sources.yahoo.failures import BrokenResponseError
from bot.sources.yahoo.live_distributions import announced
from bot.sources.yahoo.remote import QUOTE
from signals.core.instruments import instrument

if TYPE_CHECKING:
    from bot.sources.yahoo.yahoo_client import YahooClient

URL = f"https://query1.finance.yahoo.com{QUOTE}"
BATCH = 100
OLDEST = timedelta(minutes=30)
"""Of a hundred tickers some trade every second. At the end of a session the last trades are 20 minutes old, in a halt 15."""


@dataclass(frozen=True, slots=True)
class Quotes:
    """`prices`: ticker -> price. `missing`: ticker -> why there is none. `identities`: what Yahoo says that each is.

    `dividends`: ticker -> what it pays on the day, where Yahoo announces it. `traded_at`: the newest trade of all.
    """

    prices: Mapping[str, float] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    identities: Mapping[str, Identity] = field(default_factory=dict)
    dividends: Mapping[str, float] = field(default_factory=dict)
    traded_at: datetime | None = None

    def joined(self, other: Quotes) -> Quotes:
        """Those of both."""
        return Quotes(
            {**self.prices, **other.prices},
            {**self.missing, **other.missing},
            {**self.identities, **other.identities},
            {**self.dividends, **other.dividends},
            max((at for at in (self.traded_at, other.traded_at) if at is not None), default=None),
        )

    def check_age(self, now: datetime) -> None:
        """Raises SourceError when the newest trade is none of now: somebody has kept the answer, or the exchange halts."""
        if self.traded_at is not None and now - self.traded_at > OLDEST:
            at, minutes = self.traded_at.astimezone(NEW_YORK), (now - self.traded_at) // timedelta(minutes=1)
            raise SourceError(
                f"Yahoo's newest trade is of {at:%H:%M} New York, {minutes} minutes ago; these are no live prices"
            )


def fetch(client: YahooClient, tickers: Sequence[str], day: date) -> Quotes:
    """Fetch and parse one batch, prices of `day` only.

    Raises what `library_errors.as_yahoo_error` converts.
    """
    return read(client.document(URL, {"symbols": ",".join(tickers)}, of="quotes"), tickers, day)


@reader("Yahoo")
def read(answer: Any, tickers: Sequence[str], day: date) -> Quotes:
    """The prices that were traded on `day`, New York time.

    The other tickers are missing with a reason.
    """
    try:
        response = answer["quoteResponse"]
        items = {str(item["symbol"]): item for item in response["result"] or ()}
        error = response.get("error")
    except (KeyError, TypeError, AttributeError):
        raise BrokenResponseError(
            "Yahoo's answer has no field 'quoteResponse', its format has changed", again=False
        ) from None
    if error:
        raise BrokenResponseError("Yahoo answered a request for quotes with an error", again=False)
    if not items:
        raise BrokenResponseError(f"Yahoo gave no quote for any of {len(tickers)} tickers", again=False, counts=False)
    trades: dict[str, tuple[float, datetime]] = {}
    missing: dict[str, str] = {}
    for ticker in tickers:
        trade = _trade(items.get(ticker), ticker, day)
        if isinstance(trade, str):
            missing[ticker] = trade
        else:
            trades[ticker] = trade
    missing |= dict(_stopped(trades))
    trades = {ticker: trade for ticker, trade in trades.items() if ticker not in missing}
    return Quotes(
        {ticker: price for ticker, (price, _) in trades.items()},
        missing,
        {ticker: _identity(items[ticker]) for ticker in trades},
        {ticker: amount for ticker in trades if (amount := announced(items[ticker], day)) > 0},
        max((traded_at for _, traded_at in trades.values()), default=None),
    )


def _stopped(trades: Mapping[str, tuple[float, datetime]]) -> Iterator[tuple[str, str]]:
    """Liquid funds and indices, which trade every second, whose last trade is far from the newest one of the answer."""
    newest = max((traded_at for _, traded_at in trades.values()), default=None)
    for ticker, (_, traded_at) in trades.items():
        if newest is not None and newest - traded_at > OLDEST and instrument(ticker).liquid:
            minutes = (newest - traded_at) // timedelta(minutes=1)
            yield (
                ticker,
                f"last traded at {traded_at.astimezone(NEW_YORK):%H:%M} New York, {minutes} minutes before others",
            )


def as_fetched(quotes: Quotes, source: str, day: date, now: datetime) -> Fetched:
    """One row a ticker. Today's adjusted price equals the price: what is paid today is taken off the closes before it."""
    index = pd.DatetimeIndex([pd.Timestamp(day)], name="day").as_unit("ns")
    return Fetched(
        source,
        now,
        bars={
            ticker: pd.DataFrame({"close": [price], "adj_close": [price]}, index=index)
            for ticker, price in quotes.prices.items()
        },
        dividends={ticker: pd.Series([amount], index=index) for ticker, amount in quotes.dividends.items()},
        missing=quotes.missing,
        partial_day=day,
        identities=quotes.identities,
    )


def _identity(item: Mapping[str, Any]) -> Identity:
    names = ("symbol", "currency", "exchangeTimezoneName", "quoteType")
    return Identity(*(str(item[name]) if item.get(name) else None for name in names))


def _trade(item: Mapping[str, Any] | None, ticker: str, day: date) -> tuple[float, datetime] | str:
    if item is None:
        return "Yahoo left it out of its answer"
    try:
        price, seconds = (number(item.get(name)) for name in ("regularMarketPrice", "regularMarketTime"))
        if price is None or seconds is None:
            return "Yahoo gave no price"
        if not (price > 0.0 or may_be_negative(ticker)):
            return f"Yahoo gave {price}, which is no price"
        traded_at = instant(seconds)
    except BadCellError as error:
        return f"Yahoo gave no price: {error}"
    traded = new_york_date(traded_at)
    return (price, traded_at) if traded == day else f"last traded on {traded.isoformat()}"
