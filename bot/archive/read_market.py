"""Builds a Market from the archive, as it was known at an instant, from cursors to arrays; nothing is stored."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain

import numpy as np
import pandas as pd

from bot.archive.date_encoding import Days, Floats, dates, instants, ordinals
from bot.archive.tables import dataset_tables, doubt_tables, member_tables, series_tables
from bot.calendar.clock import Calendar
from bot.errors import UserError
from signals import catalogue
from signals.asof.series import monthly_lag
from signals.core.inputs import tickers_of
from signals.core.market import FINAL_AFTER, Market

SERIES_BEFORE_TAIL = 400
"""Calendar days of observations kept before a tail: three months of a monthly series, its release
lag and its age.
"""

RECORDS_BEFORE_TAIL = 500
"""Calendar days of records kept before a tail, for datasets keyed by a date: two windows of 8
weeks, a year of quarters.
"""

NEVER = 1 << 62
_NO_ADJ = "9e999"


class EmptyArchiveError(UserError):
    """There are no prices from which to build a market."""


@dataclass(frozen=True, slots=True)
class SessionRange:
    """The sessions of a market.

    Attributes:
        sessions: The sessions described and the one after them.
        ends: Their closes.
        shown: Number of sessions described.
        first: Ordinal of the first session described.
        last: Ordinal of the last session described.
        instant: Epoch second up to which rows count as known (None = now).
        earlier: The sessions from the first bar on that lie before those described.
    """

    sessions: pd.DatetimeIndex
    ends: pd.DatetimeIndex
    shown: int
    first: int
    last: int
    instant: int | None
    earlier: pd.DatetimeIndex = field(default_factory=lambda: pd.DatetimeIndex([]))


def session_range(
    db: sqlite3.Connection, calendar: Calendar, as_of: date | None, tail: int | None, running: date | None
) -> SessionRange:
    """The sessions of a market. `running` is a later session that quotes describe.

    A session of which all that came is doubted is described as well: its readings are withheld with
    the reason. Raises EmptyArchiveError.
    """
    first, newest = span(db)
    if first is None or newest is None:
        raise EmptyArchiveError(
            "there are no prices in the archive yet; import a market pack or let the bot fetch them"
        )
    last = as_of or max(date.fromordinal(max(newest, doubt_tables.newest_day(db))), running or date.min)
    index = calendar.sessions
    oldest = int(index.searchsorted(pd.Timestamp(date.fromordinal(first))))
    end = int(index.searchsorted(pd.Timestamp(last), side="right"))
    if end <= oldest:
        raise EmptyArchiveError(f"the archive begins on {date.fromordinal(first)}; nothing is known on {last}")
    if end >= len(index):
        raise ValueError(f"the calendar ends on {index[-1].date()}; it must reach one session beyond {last}")
    begin = max(oldest, end - tail) if tail is not None else oldest
    described = calendar.closes[end - 1]
    instant = int((described + FINAL_AFTER).timestamp()) if as_of is not None else None
    shown_first, shown_last = ordinals(index[[begin, end - 1]]).tolist()
    sessions, ends = index[begin : end + 1], calendar.closes[begin : end + 1]
    return SessionRange(sessions, ends, end - begin, shown_first, shown_last, instant, index[oldest:begin])


def span(db: sqlite3.Connection) -> tuple[int | None, int | None]:
    """First and newest day of all bars, by index seeks: one per ticker instead of a scan."""
    sql = "SELECT (SELECT {0}(day) FROM bar WHERE ticker_id = ticker.id) FROM ticker"
    first = [row[0] for row in db.execute(sql.format("min")) if row[0] is not None]
    newest = [row[0] for row in db.execute(sql.format("max")) if row[0] is not None]
    return (min(first), max(newest)) if first else (None, None)


def market(
    db: sqlite3.Connection,
    frame: SessionRange,
    only: Collection[str] | None = None,
    whole_past: Collection[str] = (),
) -> Market:
    """The market of a window: prices (those that `only` these inputs stand for), observations and members known at
    its instant.
    """
    rows = db.execute("SELECT id, symbol FROM ticker ORDER BY id").fetchall()
    known = [symbol for _, symbol in rows]
    wanted = frozenset(known) if only is None else tickers_of(only, known)
    tickers = [(number, symbol) for number, symbol in rows if symbol in wanted]
    close, adj = _prices(db, [number for number, _ in tickers], frame)
    _overlay(db, {number: column for column, (number, _) in enumerate(tickers)}, close, adj, frame)
    days = frame.sessions[: frame.shown]
    columns = pd.Index([symbol for _, symbol in tickers], dtype=object).astype(str)
    return Market(
        sessions=frame.sessions,
        ends=frame.ends,
        last=frame.sessions[frame.shown - 1],
        close=pd.DataFrame(close, index=days, columns=columns, copy=False),
        adj_close=pd.DataFrame(adj, index=days, columns=columns, copy=False),
        series=dict(_series(db, frame)),
        universe=member_tables.to_frame(member_tables.at(db, frame.instant)),
        sources=_sources(db, frame),
        suspicious=doubt_tables.withheld(db, frame.last),
        first_close=_first_closes(db, frame),
        earlier=_earlier(db, frame, wanted, whole_past),
        records=_records(db, frame),
        fetched_at=dict(_fetched_at(db, frame)),
    )


def closes(
    db: sqlite3.Connection, tickers: Collection[str], days: pd.DatetimeIndex, known_at: datetime
) -> pd.DataFrame:
    """Adjusted closes of these days as known at an instant, days x those of the tickers that are known."""
    rows = [row for row in db.execute("SELECT id, symbol FROM ticker ORDER BY id").fetchall() if row[1] in tickers]
    columns = pd.Index([symbol for _, symbol in rows], dtype=object).astype(str)
    if not len(days):
        return pd.DataFrame(index=days, columns=columns, dtype=float)
    return _adjusted(db, rows, days, int(known_at.timestamp()))


def _earlier(
    db: sqlite3.Connection, frame: SessionRange, wanted: Collection[str], whole_past: Collection[str]
) -> pd.DataFrame:
    """Adjusted closes before the frame of the tickers whose whole past some signal reads.

    Sessions x tickers, without columns where the frame has every session.
    """
    if not len(frame.earlier):
        return pd.DataFrame()
    tickers = [name for name in (*catalogue.whole_past_tickers(), *whole_past) if name in wanted]
    rows = [row for row in db.execute("SELECT id, symbol FROM ticker ORDER BY id").fetchall() if row[1] in tickers]
    return _adjusted(db, rows, frame.earlier, frame.instant)


def _adjusted(
    db: sqlite3.Connection, rows: list[tuple[int, str]], days: pd.DatetimeIndex, instant: int | None
) -> pd.DataFrame:
    """Adjusted closes of tickers (id, symbol) on days, as known at an instant (None = now)."""
    columns = pd.Index([symbol for _, symbol in rows], dtype=object).astype(str)
    first, last = ordinals(days[[0, -1]]).tolist()
    frame = SessionRange(days, pd.DatetimeIndex([]), len(days), first, last, instant)
    close, adj = _prices(db, [number for number, _ in rows], frame)
    _overlay(db, {number: column for column, (number, _) in enumerate(rows)}, close, adj, frame)
    return pd.DataFrame(adj, index=days, columns=columns, copy=False)


def _records(db: sqlite3.Connection, frame: SessionRange) -> Mapping[str, pd.DataFrame]:
    """Rows that were public by the last session's close + 20 minutes, also for a later instant.

    Later rows count from the next session on.
    """
    public = int((frame.ends[frame.shown - 1] + FINAL_AFTER).timestamp())
    return dataset_tables.frames(db, known_at=public, since=frame.first - RECORDS_BEFORE_TAIL)


def _first_closes(db: sqlite3.Connection, frame: SessionRange) -> dict[str, date]:
    """First bar of each ticker that began before the window: it stays listed even if it has no
    close inside.
    """
    sql = "SELECT symbol, (SELECT min(day) FROM bar WHERE ticker_id = ticker.id) FROM ticker"
    return {symbol: date.fromordinal(day) for symbol, day in db.execute(sql) if day is not None and day < frame.first}


def _prices(db: sqlite3.Connection, tickers: list[int], frame: SessionRange) -> tuple[Floats, Floats]:
    """Closes and adjusted closes, sessions x tickers.

    Contiguous by column, as pandas stores frames.
    """
    where = _positions(frame)
    close = np.full((len(tickers), frame.shown), np.nan)
    adj = np.full((len(tickers), frame.shown), np.nan)
    # A number that overflows to infinity means "none": np.fromiter, the fastest way into an array,
    # accepts floats only.
    sql = f"SELECT day, close, coalesce(adj, {_NO_ADJ}) FROM bar WHERE ticker_id = ? AND day BETWEEN ? AND ?"  # noqa: S608
    for row, ticker in enumerate(tickers):
        cells = db.execute(sql, (ticker, frame.first, frame.last)).fetchall()
        table = np.fromiter(chain.from_iterable(cells), dtype=float, count=3 * len(cells)).reshape(-1, 3)
        position = where[table[:, 0].astype(np.int64) - frame.first]
        inside = position >= 0
        close[row, position[inside]] = table[inside, 1]
        adj[row, position[inside]] = table[inside, 2]
    adj[np.isinf(adj)] = np.nan
    return close.T, adj.T


def _positions(frame: SessionRange) -> Days:
    """Row of each ordinal from the first to the last session, -1 for days without one."""
    shown = ordinals(frame.sessions[: frame.shown])
    where = np.full(frame.last - frame.first + 1, -1, dtype=np.int64)
    where[shown - frame.first] = np.arange(frame.shown)
    return where


def _overlay(db: sqlite3.Connection, columns: dict[int, int], close: Floats, adj: Floats, frame: SessionRange) -> None:
    """Replace the first closes by the revisions known at the instant, and remove closes that were
    not known yet.
    """
    where = _positions(frame)
    sql = "SELECT ticker_id, day, known_at, close FROM bar_revision WHERE day BETWEEN ? AND ? ORDER BY ticker_id, day, known_at"
    revisions_by_cell: dict[tuple[int, int], list[tuple[int, float]]] = defaultdict(list)
    for ticker, day, known_at, value in db.execute(sql, (frame.first, frame.last)):
        if ticker not in columns:
            continue
        revisions_by_cell[int(where[day - frame.first]), columns[ticker]].append((known_at, value))
    limit = NEVER if frame.instant is None else frame.instant
    for (row, column), revisions in revisions_by_cell.items():
        if row < 0:
            continue
        value_then = visible(float(close[row, column]), revisions, limit)
        # The stored adjusted close belongs to the newest close: scaled by the ratio of the two it
        # fits the older one.
        adj[row, column] *= 1.0 if value_then == revisions[-1][1] else value_then / revisions[-1][1]
        close[row, column] = value_then


def visible(first: float, revisions: list[tuple[int, float]], instant: int) -> float:
    """The value known at an instant: `first`, or the newest of `revisions` (known_at, value) by
    then, oldest first.

    When the oldest revision repeats the first value, the bar came late and the revision gives the
    instant at which it became known: before it there is none (NaN).
    """
    known_values = [value for known_at, value in revisions if known_at <= instant]
    if known_values:
        return known_values[-1]
    return float("nan") if revisions and revisions[0][1] == first else first


def _series(db: sqlite3.Connection, frame: SessionRange) -> Iterator[tuple[str, pd.DataFrame]]:
    limit = NEVER if frame.instant is None else frame.instant
    earliest = frame.first - SERIES_BEFORE_TAIL
    sql = (
        "SELECT day, known_at, value FROM observation WHERE series_id = ? AND day BETWEEN ? AND ? AND known_at <= ? "
        "ORDER BY day, known_at"
    )
    for number, name in db.execute("SELECT id, name FROM series ORDER BY id").fetchall():
        rows = db.execute(sql, (number, earliest, frame.last, limit)).fetchall()
        table = np.array(rows, dtype=float).reshape(-1, 3)
        yield name, series_tables.to_frame(table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2])


def _fetched_at(db: sqlite3.Connection, frame: SessionRange) -> Iterator[tuple[str, pd.Series]]:
    """When the rows of monthly series that count by the rule were fetched."""
    sql = (
        "SELECT day, fetched_at FROM observation JOIN batch ON batch.id = observation.batch "
        "WHERE series_id = ? AND known_at = 0 AND day BETWEEN ? AND ? ORDER BY day"
    )
    for number, name in db.execute("SELECT id, name FROM series ORDER BY id").fetchall():
        if monthly_lag(name) is None:
            continue
        rows = db.execute(sql, (number, frame.first - SERIES_BEFORE_TAIL, frame.last)).fetchall()
        days = [day for day, _ in rows]
        index = pd.DatetimeIndex(dates(np.array(days, dtype=np.int64)), name="observed")
        yield name, pd.Series(instants(np.array([at for _, at in rows], dtype=np.int64)), index=index)


def _sources(db: sqlite3.Connection, frame: SessionRange) -> dict[str, str]:
    """Source of the newest row of each ticker and series."""
    newest = (
        "SELECT {name}, (SELECT source FROM {table} JOIN batch ON batch.id = {table}.batch WHERE {subject}_id = {subject}.id "
        "AND day <= :last ORDER BY day DESC LIMIT 1) AS source FROM {subject} WHERE source IS NOT NULL"
    )
    sources: dict[str, str] = {}
    for subject, name, table in (("ticker", "symbol", "bar"), ("series", "name", "observation")):
        sources |= dict(db.execute(newest.format(subject=subject, name=name, table=table), {"last": frame.last}))
    return sources
