"""Closures of the exchange that prices have shown, in the archive."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bot.archive.tables import doubt_tables
from bot.calendar.clock import Calendar
from bot.calendar.closures import PricedDay, learned

INDICES = ("^GSPC", "^IXIC", "^RUT", "^DJI", "SPY")
"""Whoever has one of these has a price of every session."""

BEFORE = timedelta(days=20)
"""More than the longest closure and the weekends around it."""


@dataclass(frozen=True, slots=True)
class ClosureChange:
    """What a look at the prices has changed: days that were learned, and days that were taken back."""

    learned: tuple[date, ...] = ()
    withdrawn: tuple[date, ...] = ()


def is_future(ticker: str) -> bool:
    """Whether a ticker is that of a future: `SI=F`, `ZQZ26.CBT`. Those of shares and indices have neither sign."""
    return "=" in ticker or "." in ticker


def stored(db: sqlite3.Connection) -> frozenset[date]:
    """The closures that were learned; none in an archive that an older version wrote."""
    if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'closure'").fetchone():
        return frozenset()
    return frozenset(date.fromordinal(row[0]) for row in db.execute("SELECT day FROM closure"))


def learn(db: sqlite3.Connection, calendar: Calendar, *, now: datetime, since: date | None = None) -> ClosureChange:
    """Compare the sessions with the prices, inside the caller's transaction.

    Args:
        db: The archive.
        calendar: The sessions of the installed calendar, learned closures among them. It covers all prices.
        now: The present.
        since: The first day that is looked at; closures before it stay as they are. None: all days.
    """
    first = date.min if since is None else since
    # A closure is judged by the sessions before it as well.
    priced = _priced(db, date.min if since is None else since - BEFORE)
    if not priced:
        return ClosureChange()
    sessions = calendar.between(min(priced), max(priced))
    stored_days = {day for day in stored(db).intersection(sessions) if day >= first}
    closures = {day for day in learned(sessions, priced) if day >= first}
    change = ClosureChange(tuple(sorted(closures - stored_days)), tuple(sorted(stored_days - closures)))
    at = int(now.timestamp())
    db.executemany(
        "INSERT INTO closure (day, learned_at) VALUES (?, ?)", [(day.toordinal(), at) for day in change.learned]
    )
    db.executemany("DELETE FROM closure WHERE day = ?", [(day.toordinal(),) for day in change.withdrawn])
    return change


def _priced(db: sqlite3.Connection, first: date) -> dict[date, PricedDay]:
    """What has prices of each day from `first` on, believed or not, by one range of each ticker instead of a scan."""
    places = ", ".join("?" for _ in INDICES)
    sql = (
        f"SELECT day, count(*), max(symbol IN ({places})) FROM ticker CROSS JOIN bar "  # noqa: S608 - question marks
        "ON bar.ticker_id = ticker.id AND bar.day >= ? WHERE symbol NOT GLOB '*[=.]*' GROUP BY day"
    )
    rows = db.execute(sql, (*INDICES, first.toordinal())).fetchall()
    priced = {date.fromordinal(day): PricedDay(count, bool(index)) for day, count, index in rows}
    for ticker, day in doubt_tables.withheld_bars(db, first.toordinal()):
        if not is_future(ticker):
            there = priced.get(date.fromordinal(day), PricedDay())
            doubted_index = there.doubted_index or ticker in INDICES
            priced[date.fromordinal(day)] = replace(there, doubted=there.doubted + 1, doubted_index=doubted_index)
    return priced
