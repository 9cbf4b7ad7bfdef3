"""Daily bars of one ticker: fetched in Yahoo's process, converted into the shape that the archive stores."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from math import inf
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pandas as pd

from bot.calendar.clock import Calendar
from bot.domain.fetched import Identity
from bot.sources.parsing.cells import BadCellError
from bot.sources.parsing.document_reader import reader
from bot.sources.parsing.symbols import may_be_negative
from bot.sources.parsing.table import read_rows
from bot.sources.yahoo.epochs import last_trade
from bot.sources.yahoo.failures import BrokenResponseError, NoBarsError

if TYPE_CHECKING:
    from bot.sources.yahoo.yahoo_client import YahooClient

COLUMNS = {"Close": "close", "Adj Close": "adj_close", "Volume": "volume"}
ROUND_THE_CLOCK = frozenset({"CRYPTOCURRENCY", "CURRENCY"})
"""Kinds of instruments whose bar of a day goes on until midnight in their own zone, hours after New York's close."""
_PAIR = re.compile(r"-[A-Z]{3,}$|=X$")
"""How Yahoo names a coin in a currency, and one currency in another: BTC-USD, EURUSD=X."""
Row = tuple[pd.Timestamp, float, float]
"""Session, close and adjusted close."""


@dataclass(frozen=True, slots=True)
class SessionWindow:
    """The days of a response that are used.

    Attributes:
        first: First day of the request.
        last: Last day of the request.
        sessions: The sessions between them, up to the newest final one or the running one.
        running: The running session if it is among them; its bar is a live price.
        requested_at: When the answer was asked for.
    """

    first: date
    last: date
    sessions: pd.DatetimeIndex
    running: date | None
    requested_at: datetime

    def finished(self, ticker: str, identity: Identity) -> SessionWindow:
        """The window without the day whose bar still goes on, of a coin or a currency that is described as one.

        A share that is described so is the wrong answer; it is kept, to be refused as such.
        """
        if identity.kind not in ROUND_THE_CLOCK or not _PAIR.search(ticker):
            return self
        today = self.requested_at.astimezone(ZoneInfo(identity.zone or "UTC")).date()
        return replace(
            self, sessions=self.sessions[[day.date() < today or day.date() == self.running for day in self.sessions]]
        )


@dataclass(frozen=True, slots=True)
class TickerBars:
    """One ticker's answer.

    `bars`: columns close, adj_close, volume by session. `splits`: factors (2.0 = 2:1) by date.
    `dividends`: distributions per share by date. `identity`: what Yahoo says that it is. `traded_at`: when it traded
    last, None where Yahoo does not say so.
    """

    bars: pd.DataFrame
    splits: pd.Series[float]
    dividends: pd.Series[float]
    identity: Identity | None = None
    traded_at: datetime | None = None


def window(first: date, last: date, calendar: Calendar, now: datetime) -> SessionWindow:
    """The days whose bars may be taken at `now`. Both dates are included."""
    running = calendar.running(now)
    final = calendar.last_final(now)
    newest = min(last, running or final)
    sessions = calendar.sessions
    inside = sessions[(sessions >= pd.Timestamp(first)) & (sessions <= pd.Timestamp(newest))]
    within = running is not None and first <= running <= last
    return SessionWindow(first, last, inside, running if within else None, now)


def fetch(client: YahooClient, ticker: str, days: SessionWindow) -> TickerBars:
    """Fetch and clean one ticker. Raises what `library_errors.as_yahoo_error` converts."""
    raw, head = client.chart(ticker, days.first, days.last)
    described = identity(head)
    answer = cleaned(raw, ticker, days.finished(ticker, described))
    return replace(answer, identity=described, traded_at=last_trade(head.get("regularMarketTime")))


def identity(meta: Mapping[str, object]) -> Identity:
    """What Yahoo says that a ticker is."""
    names = ("symbol", "currency", "exchangeTimezoneName", "instrumentType")
    return Identity(*(str(meta[name]) if meta.get(name) else None for name in names))


@reader("Yahoo")
def cleaned(raw: pd.DataFrame, ticker: str, days: SessionWindow) -> TickerBars:
    """Sessions of the window with a real close, ascending, the last of rows that share a day.

    Dates without zone. A row without a close is empty. One with a close at or below zero is bad, except
    of futures. Raises NoBarsError when nothing is left, SourceError when too many rows are bad.
    """
    if absent := [name for name in (*COLUMNS, "Stock Splits") if name not in raw.columns]:
        raise BrokenResponseError(f"Yahoo's answer has no column {absent[0]!r}, so its format has changed", again=False)
    index = pd.DatetimeIndex(raw.index).tz_localize(None).normalize()
    table = raw[list(COLUMNS)].rename(columns=COLUMNS).set_axis(index, axis=0).astype("float64")
    table = table[~table.index.duplicated(keep="last")].sort_index()
    table = table[table.index.isin(days.sessions)]

    def parse(row: Row) -> Row | None:
        day, close, adjusted = row
        if close != close:
            return None
        if not may_be_negative(ticker) and (close <= 0.0 or adjusted <= 0.0):
            raise BadCellError(f"{min(close, adjusted)} on {day:%Y-%m-%d} is no price")
        if inf in (abs(close), abs(adjusted)):
            raise BadCellError(f"the price on {day:%Y-%m-%d} has no end")
        return row

    rows = list(zip(table.index, table["close"].to_list(), table["adj_close"].to_list(), strict=True))
    read = read_rows(rows, parse, place=f"Yahoo's bars of {ticker}", dated=lambda row: row[0].date())
    if not read:
        empty = len(raw) > 0 and raw["Close"].isna().all()
        raise NoBarsError("Yahoo sent only empty rows" if empty else "Yahoo has no prices between these dates")
    bars = table.loc[[row[0] for row in read]]
    factors = raw["Stock Splits"].set_axis(index).astype("float64")
    bars.index.name = "day"
    paid = distributions(raw).set_axis(index)
    return TickerBars(bars, factors[factors > 0.0], paid[paid > 0.0])


def distributions(raw: pd.DataFrame) -> pd.Series[float]:
    """What was paid a share, beside the rows of a chart.

    Capital gains come with funds alone, and Yahoo's dividends of a day contain them. A dividend that is
    less than the gains of its day cannot contain them, and is paid beside them.
    """
    absent = pd.Series(0.0, index=raw.index)
    dividends, gains = (raw[name].fillna(0.0) if name in raw else absent for name in ("Dividends", "Capital Gains"))
    return dividends.where(dividends >= gains, dividends + gains).astype("float64")
