"""Daily bars of one ticker: fetched in a worker thread, converted into the shape that the archive stores."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pandas as pd
import yfinance as yf

from bot.calendar.clock import Calendar
from bot.sources.parsing.symbols import may_be_negative
from bot.sources.yahoo.failures import BrokenResponseError, NoBarsError
from bot.sources.yahoo.session import YahooSession

ZONE = "America/New_York"
COLUMNS = {"Close": "close", "Adj Close": "adj_close"}


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
    """`bars`: columns close, adj_close by session. `splits`: factors (2.0 = 2:1) by date."""

    bars: pd.DataFrame
    splits: pd.Series[float]


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
    return cleaned(raw, ticker, days)


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
    bars = bars.where((bars > lowest) & (bars < float("inf")))
    bars = bars[bars["close"].notna()]
    bars = bars[~bars.index.duplicated(keep="last")].sort_index()
    bars = bars[bars.index.isin(days.sessions)]
    if bars.empty:
        empty = len(raw) > 0 and raw["Close"].isna().all()
        raise NoBarsError("Yahoo sent only empty rows" if empty else "Yahoo has no prices between these dates")
    factors = raw["Stock Splits"].set_axis(index).astype("float64")
    bars.index.name = "day"
    return TickerBars(bars, factors[factors > 0.0])
