"""Option chains of Yahoo, for days on which Cboe has none: expiry by expiry, with deltas computed here.

Yahoo has no Greeks. At night its bids, asks and open interest are 0 and its volatilities
placeholders, so a chain then has volumes and no skew. A contract has the volume of the day on which
it was last traded; if that is another day, it counts as not traded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from bot.calendar.clock import NEW_YORK, new_york_date
from bot.errors import SourceError
from bot.sources.parsing.cells import number, required_number
from bot.sources.parsing.document_reader import reader
from bot.sources.parsing.json_fields import cell
from bot.sources.parsing.table import read_rows
from bot.sources.yahoo.epochs import instant
from bot.sources.yahoo.failures import BrokenResponseError, NoBarsError, UnknownTickerError, only_this_answer
from bot.sources.yahoo.remote import OPTIONS
from bot.sources.yahoo.source import Yahoo
from signals.derivatives.black_scholes import YEAR_DAYS, delta, forwards
from signals.derivatives.option_chain import COLUMNS, LATEST_DAYS, SOONEST_DAYS

if TYPE_CHECKING:
    from bot.sources.yahoo.yahoo_client import YahooClient

URL = f"https://query2.finance.yahoo.com{OPTIONS}"
_SIDES = (("calls", "C"), ("puts", "P"))


class NoSuchChainError(SourceError):
    """Yahoo has no chain of this symbol and session."""


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The last trade of the underlying, and all expiries (seconds since 1970)."""

    price: float
    traded_at: datetime
    expiries: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ExpiryPage:
    """One response: the head of the chain, and the contracts of one expiry, by default the nearest one."""

    head: ChainHead
    contracts: Sequence[Mapping[str, Any]]


class YahooChains:
    """Fetches chains through the session that fetches prices.

    `name` is the source that rows carry.
    """

    name = Yahoo.name

    def __init__(self, yahoo: Yahoo) -> None:
        self._yahoo = yahoo

    async def chain(self, symbol: str, session: date, now: datetime) -> pd.DataFrame:
        """The contracts of expiries in 7 to 60 days as a table with the columns of
        `signals.derivatives.option_chain.COLUMNS`.

        Raises SourceError when Yahoo has none of this session or the response cannot be parsed.
        """
        try:
            head = await self._yahoo.call(partial(fetch_head, symbol=symbol), now)
        except (UnknownTickerError, NoBarsError) as error:
            raise NoSuchChainError(str(error)) from None
        of = new_york_date(head.traded_at)
        if of != session:
            raise NoSuchChainError(f"Yahoo's option chain of {symbol} is of {of}, not of {session}")
        expiries = [stamp for stamp in head.expiries if SOONEST_DAYS <= (_day(stamp) - session).days <= LATEST_DAYS]
        pages = [
            await self._yahoo.call(partial(fetch_contracts, symbol=symbol, expiry=stamp, session=session), now)
            for stamp in expiries
        ]
        rows = [row for page in pages for row in page]
        if not rows:
            raise NoSuchChainError(
                f"Yahoo has no option chain of {symbol} with expiries in {SOONEST_DAYS} to {LATEST_DAYS} days"
            )
        return with_deltas(pd.DataFrame(rows), session, head.price)


def fetch_head(client: YahooClient, symbol: str) -> ChainHead:
    """What a chain says of itself. Raises what `library_errors.as_yahoo_error` converts."""
    return _page(client, symbol, {}).head


def fetch_contracts(client: YahooClient, symbol: str, expiry: int, session: date) -> list[dict[str, object]]:
    """The contracts of one expiry, as `rows_of` gives them. Raises what `library_errors.as_yahoo_error` converts."""
    page = _page(client, symbol, {"date": str(expiry)})
    with only_this_answer():
        return rows_of(page.contracts, _day(expiry), session)


def _page(client: YahooClient, symbol: str, params: Mapping[str, str]) -> ExpiryPage:
    return read(client.document(URL + symbol, params, of="option chains"), symbol)


@reader("Yahoo")
def read(response: Any, symbol: str) -> ExpiryPage:
    """Parse a response.

    Raises BrokenResponseError with the name of a missing field, and NoBarsError when there are no
    expiries.
    """
    try:
        chain = response["optionChain"]
        if chain.get("error"):
            raise BrokenResponseError("Yahoo answered a request for options with an error", again=False)
        if not chain["result"]:
            raise NoBarsError(f"Yahoo has no option chain of {symbol}")
        result = chain["result"][0]
        expiries = tuple(int(required_number(stamp)) for stamp in result["expirationDates"])
        if not expiries:
            raise NoBarsError(f"Yahoo has no option chain of {symbol}")
        quote = result["quote"]
        price, traded = (required_number(quote[name]) for name in ("regularMarketPrice", "regularMarketTime"))
        contracts = [
            {**contract, "side": side}
            for expiry in result["options"]
            for name, side in _SIDES
            for contract in expiry[name] or ()
        ]
        return ExpiryPage(ChainHead(price, instant(traded), expiries), contracts)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise _changed(error) from None


@reader("Yahoo")
def rows_of(contracts: Iterable[Mapping[str, Any]], expiry: date, session: date) -> list[dict[str, object]]:
    """Contracts of one expiry as rows of a table of quotes, still without deltas.

    Raises SourceError where more than one contract in a hundred cannot be read.
    """

    def parse(contract: Mapping[str, Any]) -> dict[str, object]:
        traded = instant(required_number(cell(contract, "lastTradeDate"))).astimezone(NEW_YORK).date()
        volume, bid, ask, interest = (
            number(contract.get(name)) or 0.0 for name in ("volume", "bid", "ask", "openInterest")
        )
        return {
            "expiry": pd.Timestamp(expiry),
            "side": contract["side"],
            "strike": required_number(cell(contract, "strike")),
            "bid": bid,
            "ask": ask,
            "iv": required_number(cell(contract, "impliedVolatility")),
            # 0 also where Yahoo leaves a field out: no trade, no bid, nothing open.
            "volume": volume if traded == session else 0.0,
            "open_interest": interest,
        }

    return read_rows(list(contracts), parse, place=f"Yahoo's option chain of {expiry}")


def with_deltas(quotes: pd.DataFrame, session: date, spot: float) -> pd.DataFrame:
    """A table of quotes with a column `delta`, from their volatilities and the forwards that their
    prices imply.
    """
    expiries = pd.DatetimeIndex(quotes["expiry"])
    years = (expiries - pd.Timestamp(session)).days.to_numpy(dtype=np.float64) / YEAR_DAYS
    forward = forwards(quotes, spot).reindex(expiries).to_numpy(dtype=np.float64)
    strike, iv = (quotes[name].to_numpy(dtype=np.float64) for name in ("strike", "iv"))
    return quotes.assign(delta=delta(forward, strike, years, iv, (quotes["side"] == "P").to_numpy()))[list(COLUMNS)]


def _day(stamp: int) -> date:
    """Expiries are midnights of UTC."""
    return instant(stamp).date()


def _changed(error: Exception) -> BrokenResponseError:
    return BrokenResponseError(
        f"Yahoo's option chains have changed their format: {type(error).__name__} {error}", again=False
    )
