"""Archive: market.db, everything that was fetched about the market. Large, written in bulk, and can be fetched again.

A connection belongs to the thread that opened it. `synchronous` is NORMAL here, unlike in bot.db: a power cut may lose the
last batches, which the next check fetches again, and never damages the file.
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

from bot.archive import read_market, revisions, tables_members
from bot.archive.live_overlay import with_quotes
from bot.archive.migrations import follow_records, migrations
from bot.archive.write_batch import StoredCounts, store
from bot.calendar.clock import Calendar
from bot.domain.fetched import Fetched
from signals.core.market import Market

BUSY_TIMEOUT_SECONDS = 10.0
JOURNAL_LIMIT_BYTES = 4 * 1024 * 1024


class Archive:
    """One connection to market.db. Use `Archive.open`, and `close` it or use it as a context manager."""

    def __init__(self, db: sqlite3.Connection, *, read_only: bool) -> None:
        self.db, self.read_only = db, read_only

    @classmethod
    def open(cls, path: Path | str, read_only: bool = False) -> Self:
        """Open market.db, made and brought up to date unless `read_only`.

        A read-only archive that does not exist or has no tables yet raises EmptyArchiveError; nothing is created.
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
        return cls(db, read_only=read_only)

    def close(self) -> None:
        """Give the connection back; a writer first folds its journal into the file."""
        if not self.read_only:
            self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: everything done inside is kept, or after an exception nothing of it."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield self.db
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One snapshot: all queries inside see the same state, whatever another connection writes meanwhile."""
        self.db.execute("BEGIN")
        try:
            yield self.db
        finally:
            self.db.execute("ROLLBACK")

    def store(self, fetched: Fetched, calendar: Calendar, *, live: bool = True) -> StoredCounts:
        """Take in what a source gave, in one transaction; giving the same again changes nothing.

        Bars of `fetched.partial_day` and of days without a session are left out. `live=False` believes the source, as fits
        replays and simulations: no jump is suspicious and nothing is late.
        """
        with self.writing() as db:
            return store(db, fetched, calendar, live=live)

    def market(
        self,
        calendar: Calendar,
        as_of: date | None = None,
        tail: int | None = None,
        quotes: Fetched | None = None,
        only: Collection[str] | None = None,
    ) -> Market:
        """The market as known at the close + 20 minutes of the session at or before `as_of`, or now for None.

        `tail`: only that many sessions up to the last, with observations from 400 days before them. `quotes`: bars of the
        running session (`partial_day`) to lay on top, which makes the market provisional; with an `as_of` before that day, or
        where the archive is newer, they are ignored. `only`: prices of these tickers alone, for long histories of a few.
        `calendar` must cover all bars and one session beyond the last. Raises EmptyArchiveError without prices at that time and
        ValueError when the calendar is too short.
        """
        running = quotes.partial_day if quotes is not None else None
        with self.reading() as db:
            frame = read_market.session_range(db, calendar, as_of, tail, running)
            market = read_market.market(db, frame, only)
        if quotes is None or running is None or market.last.date() != running:
            return market
        return with_quotes(market, quotes, running)

    def closes(self, tickers: Collection[str], days: pd.DatetimeIndex, known_at: datetime) -> pd.DataFrame:
        """Closes adjusted for splits and dividends as known at an instant, without the rest of a market.

        `days` (naive, ascending) x those of `tickers` that are known, in the order of the archive; NaN where there is no close.
        """
        with self.reading() as db:
            return read_market.closes(db, tickers, days, known_at)

    def corrected(self, known: Market) -> Market | None:
        """A market that `market` gave with an `as_of`, with what has been corrected since; None when nothing has.

        What its readings say then is what is known by now of that session: the difference is what was revised.
        """
        with self.reading() as db:
            return revisions.corrected(db, known)

    def newest(self, tickers: Iterable[str] | None = None) -> dict[str, date]:
        """The newest stored session of each ticker that has one (None = all), for going on with a download.

        Fetch from some sessions before it: the overlap is where splits and dividends since then are recognised.
        """
        newest = self._newest("SELECT symbol, (SELECT max(day) FROM bar WHERE ticker_id = ticker.id) FROM ticker")
        wanted = newest if tickers is None else set(tickers)
        return {ticker: day for ticker, day in newest.items() if ticker in wanted}

    def newest_series(self) -> dict[str, date]:
        """The newest observed date of each series that has one."""
        return self._newest("SELECT name, (SELECT max(day) FROM observation WHERE series_id = series.id) FROM series")

    def _newest(self, sql: str) -> dict[str, date]:
        return {name: date.fromordinal(day) for name, day in self.db.execute(sql).fetchall() if day}

    def span(self) -> tuple[date, date] | None:
        """The first and the newest session that any ticker has a bar of, or None for an archive without prices."""
        first, last = read_market.span(self.db)
        return None if first is None or last is None else (date.fromordinal(first), date.fromordinal(last))

    def revised(self) -> bool:
        """Whether what is known depends on when one asks beyond the register's rules: corrections, releases, dated lists."""
        parts = ("bar_revision", "observation WHERE known_at > 0", "listing WHERE known_at > 0")
        return any(self.db.execute(f"SELECT 1 FROM {part} LIMIT 1").fetchone() for part in parts)  # noqa: S608 - constants

    def members(self) -> list[str]:
        """Tickers of the newest universe, in its order; empty when none was stored."""
        return [row[0] for row in tables_members.at(self.db, None)]


def _connect(path: Path, *, read_only: bool) -> sqlite3.Connection:
    # SQLite wants to write beside a WAL database even to read it. In a folder where that is not possible and with no journal left
    # over, nobody of our rights changes the file, so it can be read as it stands.
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
