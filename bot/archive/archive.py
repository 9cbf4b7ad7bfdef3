"""Archive: market.db, all fetched market data. Large, written in bulk, and can be fetched again.

A connection belongs to the thread that opened it. `synchronous` is NORMAL here, unlike in bot.db: a
power cut may lose the last batches, which the next check fetches again, and never damages the file.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import pandas as pd
from sqlite_utils import Database

from bot.archive import read_market, revisions
from bot.archive.bar_history import BarHistory
from bot.archive.live_overlay import with_quotes
from bot.archive.migrations import follow_records, migrations
from bot.archive.tables import dataset_tables, doubt_tables, member_tables, price_tables, series_tables
from bot.archive.tables import observed_closures as learned_closures
from bot.archive.write_batch import StoredCounts, store
from bot.calendar.clock import Calendar
from bot.domain.doubt import Doubt, StoredDoubt
from bot.domain.fetched import Fetched
from signals.core.market import FINAL_AFTER, Market

BUSY_TIMEOUT_SECONDS = 10.0
JOURNAL_LIMIT_BYTES = 4 * 1024 * 1024


class Archive:
    """One connection to market.db.

    Use `Archive.open`, and `close` it or use it as a context manager.
    """

    def __init__(self, db: sqlite3.Connection, *, read_only: bool, closures: Collection[date] = ()) -> None:
        self.db, self.read_only = db, read_only
        self._known_closures = frozenset(closures)

    @classmethod
    def open(cls, path: Path | str, read_only: bool = False, closures: Collection[date] = ()) -> Self:
        """Open market.db; unless `read_only` it is created if missing and migrated.

        `closures`: days without trading that a person knows, beside those that prices have shown.

        Raises:
            EmptyArchiveError: A read-only archive does not exist or has no tables yet. Nothing is
                created then.
        """
        path = Path(path)
        if read_only and not path.is_file():
            raise read_market.EmptyArchiveError(
                f"there is no archive at {path} yet; import a market pack or run the bot"
            )
        if not read_only:
            path.parent.mkdir(parents=True, exist_ok=True)
        db = _connect(path, read_only=read_only)
        try:
            _prepare(db, path, read_only=read_only)
        except BaseException:
            db.close()
            raise
        return cls(db, read_only=read_only, closures=closures)

    def close(self) -> None:
        """Close the connection; a writer first writes its journal into the file."""
        try:
            if not self.read_only:
                self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            self.db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: committed at the end, rolled back after an exception."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield self.db
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One snapshot: all queries inside see the same state, whatever another connection writes
        meanwhile.
        """
        self.db.execute("BEGIN")
        try:
            yield self.db
        finally:
            self.db.execute("ROLLBACK")

    def store(
        self, fetched: Fetched, calendar: Calendar, *, live: bool = True, doubts: Iterable[Doubt] = ()
    ) -> StoredCounts:
        """Store fetched data in one transaction; storing the same again changes nothing.

        Bars of `fetched.partial_day` and of days without a session are left out. Nothing is judged
        here (see `bot.ingest.plausibility`); `doubts` are written beside. With `live=False`, for
        replays and simulations, nothing is late.
        """
        with self.writing() as db:
            doubt_tables.record(db, doubts, fetched.fetched_at)
            return store(db, fetched, calendar, live=live)

    def tail(self, ticker: str, rows: int) -> BarHistory:
        """The newest known bars of a ticker, oldest first."""
        return price_tables.tail(self.db, ticker, rows)

    def closes_on(self, day: date) -> dict[str, float]:
        """The newest known close of every ticker on a day."""
        return price_tables.closes_on(self.db, day.toordinal())

    def observations_since(self, series: str, first: date) -> dict[date, float]:
        """The newest known value of each day of a series from `first` on."""
        return series_tables.newest_since(self.db, series, first.toordinal())

    def fund_before(self, fund: str, day: date) -> tuple[date, float, float] | None:
        """Day, net asset value and shares (NaN where unknown) of a fund's newest row before a day."""
        return dataset_tables.fund_before(self.db, fund, day)

    def doubts(self, *, only_open: bool = True) -> list[StoredDoubt]:
        """The open doubts, or all of them, the oldest first."""
        return doubt_tables.opened(self.db) if only_open else doubt_tables.every(self.db)

    def doubts_about(self, subjects: Iterable[str]) -> list[StoredDoubt]:
        """All doubts about some tickers, series or keys of records, the oldest first."""
        return doubt_tables.about(self.db, subjects)

    def market(
        self,
        calendar: Calendar,
        as_of: date | None = None,
        tail: int | None = None,
        quotes: Fetched | None = None,
        only: Collection[str] | None = None,
        whole_past: Collection[str] = (),
    ) -> Market:
        """The market as known at the close + 20 minutes of the session at or before `as_of`, or now for None.

        Args:
            calendar: Must cover all bars and one session beyond the last.
            as_of: A date, or None for now.
            tail: Only this many sessions up to the last, with observations from 400 days before them.
            quotes: Bars of the running session (`partial_day`), merged into the market, which makes
                it provisional; they are ignored with an `as_of` before that day, or where the
                archive is newer.
            only: Prices that these inputs of signals stand for (`tickers_of`) alone, for long histories of a few.
            whole_past: Further tickers whose closes before a tail are needed.

        Raises:
            EmptyArchiveError: There are no prices at that time.
            ValueError: The calendar is too short.
        """
        running = quotes.partial_day if quotes is not None else None
        with self.reading() as db:
            calendar = calendar.without(self._closures(db))
            frame = read_market.session_range(db, calendar, as_of, tail, running)
            market = read_market.market(db, frame, only, whole_past)
        if quotes is None or running is None or market.last.date() != running:
            return market
        return with_quotes(market, quotes, running)

    def closures(self) -> frozenset[date]:
        """Days without trading that the installed calendar holds for sessions.

        Those that prices have shown, and those that a person knows.
        """
        with self.reading() as db:
            return self._closures(db)

    def _closures(self, db: sqlite3.Connection) -> frozenset[date]:
        return learned_closures.stored(db) | self._known_closures

    def closes(self, tickers: Collection[str], days: pd.DatetimeIndex, known_at: datetime) -> pd.DataFrame:
        """Closes adjusted for splits and dividends as known at an instant, without building a market.

        `days` (naive, ascending) x those of `tickers` that the archive has, in its order; NaN where
        there is no close.
        """
        with self.reading() as db:
            return read_market.closes(db, tickers, days, known_at)

    def corrected(self, market: Market) -> Market | None:
        """A market that `market` gave with an `as_of`, with later corrections.

        None when there are none. Its readings are those known by now of that session; the
        differences from the readings of `market` are the revisions.
        """
        with self.reading() as db:
            return revisions.corrected(db, market)

    def newest(self, tickers: Iterable[str] | None = None) -> dict[str, date]:
        """The newest stored session of each ticker that has one (None = all), to continue a download from it.

        Fetch from some sessions before it: splits and dividends since then are recognised in the
        overlap.
        """
        newest = self._newest("SELECT symbol, (SELECT max(day) FROM bar WHERE ticker_id = ticker.id) FROM ticker")
        chosen = newest if tickers is None else set(tickers)
        return {ticker: day for ticker, day in newest.items() if ticker in chosen}

    def newest_series(self) -> dict[str, date]:
        """The newest observed date of each series that has one."""
        return self._newest("SELECT name, (SELECT max(day) FROM observation WHERE series_id = series.id) FROM series")

    def _newest(self, sql: str) -> dict[str, date]:
        return {name: date.fromordinal(day) for name, day in self.db.execute(sql).fetchall() if day}

    def span(self) -> tuple[date, date] | None:
        """The first and the newest session that any ticker has a bar of, or None for an archive
        without prices.
        """
        first, last = read_market.span(self.db)
        return None if first is None or last is None else (date.fromordinal(first), date.fromordinal(last))

    def members_fetched_at(self, market: Market) -> datetime | None:
        """When the list of members that `market` uses was fetched; None while there is no list."""
        instant = int((market.ends[len(market.days) - 1] + FINAL_AFTER).timestamp())
        return member_tables.fetched_at(self.db, instant)

    def universe(self) -> pd.DataFrame:
        """The newest list of members: columns ticker, name, sector, industry, groups."""
        return member_tables.to_frame(member_tables.at(self.db, None))

    def members(self) -> list[str]:
        """Tickers of the newest universe, in its order; empty when none was stored."""
        return [row[0] for row in member_tables.at(self.db, None)]


def _connect(path: Path, *, read_only: bool) -> sqlite3.Connection:
    # SQLite creates files next to a WAL database even to read it. In a folder where this process
    # may not write, and without a leftover journal, no process with our rights changes the file, so
    # it can be opened as immutable.
    frozen = read_only and not os.access(path.parent, os.W_OK) and not path.with_name(f"{path.name}-wal").exists()
    name = f"{path.absolute().as_uri()}?immutable=1" if frozen else path
    return sqlite3.connect(name, uri=frozen, timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None)


def _prepare(db: sqlite3.Connection, path: Path, *, read_only: bool) -> None:
    db.execute("PRAGMA foreign_keys = ON")
    db.execute("PRAGMA trusted_schema = OFF")
    if read_only:
        db.execute("PRAGMA query_only = ON")
        if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'bar'").fetchone():
            raise read_market.EmptyArchiveError(f"the archive at {path} is empty; import a market pack or run the bot")
        return
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    db.execute(f"PRAGMA journal_size_limit = {JOURNAL_LIMIT_BYTES}")
    migrations.apply(Database(db))
    follow_records(Database(db))
