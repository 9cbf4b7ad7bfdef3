"""Daily bars of one ticker: fetched in a worker thread, converted into the shape that the archive stores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import pandas as pd
import yfinance as yf

from bot.calendar.clock import Calendar
from bot.domain.fetched import Identity
from bot.sources.parsing.symbols import may_be_negative
from bot.sources.yahoo.failures import BrokenResponseError, NoBarsError
from bot.sources.yahoo.session import YahooSession

ZONE = "America/New_York"
COLUMNS = {"Close": "close", "Adj Close": "adj_close", "Volume": "volume"}
PRICES = ["close", "adj_close"]
PAYMENTS = ("Dividends", "Capital Gains")
"""Capital gains come with funds alone."""


@dataclass(frozen=True, slots=True)
class SessionWindow:
    """The days of a response that are used.

    Attributes:
        first: First day of the request.
        last: Last day of the request.
        sessions: The sessions between them, up to the newest final one or the running one.
        running: The running session if it is among them; its bar is a live price.
    """

    first: date
    last: date
    sessions: pd.DatetimeIndex
    running: date | None


@dataclass(frozen=True, slots=True)
class TickerBars:
    """One ticker's answer.

    `bars`: columns close, adj_close, volume by session. `splits`: factors (2.0 = 2:1) by date.
    `dividends`: distributions per share by date. `identity`: what Yahoo says that it is.
    """

    bars: pd.DataFrame
    splits: pd.Series[float]
    dividends: pd.Series[float]
    identity: Identity | None = None


def window(first: date, last: date, calendar: Calendar, now: datetime) -> SessionWindow:
    """The days whose bars may be taken at `now`. Both dates are included."""
    running = calendar.running(now)
    final = calendar.last_final(now)
    newest = min(last, running or final)
    sessions = calendar.sessions
    inside = sessions[(sessions >= pd.Timestamp(first)) & (sessions <= pd.Timestamp(newest))]
    return SessionWindow(first, last, inside, running if running is not None and first <= running <= last else None)


def fetch(session: YahooSession, ticker: str, days: SessionWindow) -> TickerBars:
    """Fetch and clean one ticker. Raises what `failures.as_yahoo_error` converts."""
    chart = yf.Ticker(ticker, session=session)
    # Every ticker of the signals and of the groups trades in New York. With the zone set here,
    # yfinance does not send a request of its own per ticker to find it out.
    chart._tz = ZONE
    raw = chart.history(
        start=days.first.isoformat(),
        end=(days.last + timedelta(days=1)).isoformat(),
        interval="1d",
        auto_adjust=False,
        actions=True,
    )
    return replace(cleaned(raw, ticker, days), identity=identity(chart.history_metadata))


def identity(meta: Mapping[str, object]) -> Identity:
    """What Yahoo says that a ticker is."""
    names = ("symbol", "currency", "exchangeTimezoneName", "instrumentType")
    return Identity(*(str(meta[name]) if meta.get(name) else None for name in names))


def cleaned(raw: pd.DataFrame, ticker: str, days: SessionWindow) -> TickerBars:
    """Sessions of the window with a real close, ascending, the last of rows that share a day.

    Dates without zone. Zero and negative prices are dropped, except of futures. Raises NoBarsError
    when nothing is left.
    """
    if absent := [name for name in (*COLUMNS, "Stock Splits") if name not in raw.columns]:
        raise BrokenResponseError(f"Yahoo's answer has no column {absent[0]!r}, so its format has changed", again=False)
    index = pd.DatetimeIndex(raw.index).tz_localize(None).normalize()
    bars = raw[list(COLUMNS)].rename(columns=COLUMNS).set_axis(index, axis=0).astype("float64")
    lowest = float("-inf") if may_be_negative(ticker) else 0.0
    bars[PRICES] = bars[PRICES].where((bars[PRICES] > lowest) & (bars[PRICES] < float("inf")))
    bars = bars[bars["close"].notna()]
    bars = bars[~bars.index.duplicated(keep="last")].sort_index()
    bars = bars[bars.index.isin(days.sessions)]
    if bars.empty:
        empty = len(raw) > 0 and raw["Close"].isna().all()
        raise NoBarsError("Yahoo sent only empty rows" if empty else "Yahoo has no prices between these dates")
    factors = raw["Stock Splits"].set_axis(index).astype("float64")
    bars.index.name = "day"
    paid = raw[[name for name in PAYMENTS if name in raw]].sum(axis=1).set_axis(index).astype("float64")
    return TickerBars(bars, factors[factors > 0.0], paid[paid > 0.0])
