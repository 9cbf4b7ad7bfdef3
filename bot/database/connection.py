"""Store: bot.db with its one writer thread and one reader thread. Independent of the tables.

Every write is a plain function `fn(db, ...)` that runs in one transaction, and every read sees the
database as of one instant. One thread for all writes means that no write ever waits for SQLite's
lock or fails because of it, and that the event loop is never blocked by the disk. A thread for
reads of its own keeps commands fast while a check writes: in WAL mode readers do not wait for the
writer.

The writer's connection is the only one that writes or checkpoints: SQLite before 3.51.3 can corrupt
a WAL database otherwise (https://sqlite.org/wal.html#walresetbug).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Concatenate, ParamSpec, TypeVar

from sqlite_utils import Database

from bot.database.full_disk import is_full
from bot.database.recovery import deletions, integrity, lost_file
from bot.database.recovery.copies import copy
from bot.database.schema.migrations import migrations
from bot.database.scratch import scratch
from bot.errors import StoreError
from bot.settings import process_lock

P = ParamSpec("P")
T = TypeVar("T")

BUSY_MILLISECONDS = 5_000


class Store:
    """An open bot.db. Made by `Store.open`, closed by `async with` or `await close()`."""

    def __init__(self, handle: int) -> None:
        self._lock = handle
        # SQLite connections belong to the thread that made them, so each executor has one thread
        # and opens its own.
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="store-writer")
        self._reading = ThreadPoolExecutor(1, thread_name_prefix="store-reader")
        self._writer: Database | None = None
        self._reader: Database | None = None
        self.disk_full = False
        """Whether a write has found no room since somebody last saw that there is some."""

    @classmethod
    def open(cls, path: Path, *, new: bool = False) -> Store:
        """Open or create the database at `path`, bring its tables up to date and take its lock.

        Before a migration of a database that is not empty, a checked copy is left in `backups/`
        beside it. After a kill the database is checked first (under a second for a million alerts),
        and nothing is changed when it is refused. Blocks for as long as this takes.

        Args:
            path: The file.
            new: Begin with an empty database although there was another one here, which is gone.

        Raises:
            StoreError: When another process has it open, when the file is no database, damaged, or
                written by a newer version; when it is gone and not `new`; when it is there and `new`.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        store = cls(_take_lock(path))
        try:
            if problem := lost_file.refusal(path, new=new):
                raise StoreError(problem)
            store._writer = store._writing.submit(_open_writer, path, new=new).result()
            store._reader = store._reading.submit(_open_reader, path).result()
        except BaseException:
            store._close()
            raise
        return store

    async def run(self, fn: Callable[Concatenate[Database, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn(db, *args)` in one transaction on the writer thread; rolled back when it raises.

        Cancelling the caller does not stop a transaction that has begun.
        """

        def work() -> T:
            try:
                with transaction(_opened(self._writer)) as db:
                    return fn(db, *args, **kwargs)
            except Exception as error:
                self.notice(error)
                raise

        return await asyncio.get_running_loop().run_in_executor(self._writing, work)

    def notice(self, error: Exception) -> None:
        """Take the disk for full when an error says so, also one of another database on it."""
        self.disk_full = self.disk_full or is_full(error)

    async def read(self, fn: Callable[Concatenate[Database, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn(db, *args)` on the reader thread.

        It sees everything committed so far and cannot write.
        """

        def work() -> T:
            with transaction(_opened(self._reader), begin="BEGIN") as db:
                return fn(db, *args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self._reading, work)

    async def backup(self, target: Path) -> Path:
        """Make a checked copy of the database at `target` while it is in use.

        Replaces an older file there.

        Raises StoreError when the database or the copy does not pass SQLite's integrity check;
        `target` is then unchanged.
        """
        return await asyncio.get_running_loop().run_in_executor(
            self._writing, lambda: copy(_opened(self._writer).conn, target)
        )

    async def close(self) -> None:
        """Finish what was handed in, then close; a second call does nothing."""
        await asyncio.get_running_loop().run_in_executor(None, self._close)

    def _close(self) -> None:
        if self._lock < 0:
            return
        # The reader first: the connection that closes last checkpoints, and only the writer may.
        for thread, db in ((self._reading, self._reader), (self._writing, self._writer)):
            if db is not None:
                thread.submit(db.close).result()
            thread.shutdown(wait=True)
        self._reader = self._writer = None
        os.close(self._lock)
        self._lock = -1

    async def __aenter__(self) -> Store:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


@contextlib.contextmanager
def transaction(db: Database, *, begin: str = "BEGIN IMMEDIATE") -> Iterator[Database]:
    """One transaction: commits at the end, rolls back when the body raises.

    BEGIN IMMEDIATE takes the write lock at the start, so a transaction that reads first cannot fail
    when it begins to write. The connection must have no implicit transactions.
    """
    db.conn.execute(begin)
    try:
        yield db
        db.conn.execute("COMMIT")
    except BaseException:
        if db.conn.in_transaction:
            db.conn.execute("ROLLBACK")
        raise


def connect(path: Path, *, synchronous: str = "FULL", keep_copy: bool = True) -> Database:
    """A writing connection for the calling thread with the project's settings and newest tables.

    `Store` opens this one; tools and tests use it without threads. `synchronous` is OFF only where
    losing everything is fine, `keep_copy` False only for what is a copy itself.
    """
    db = _connection(path)
    try:
        # In this order: switching to WAL waits for a busy file, and that must happen before
        # anything else is tried.
        for pragma in (
            "journal_mode = WAL",
            f"synchronous = {synchronous}",
            "foreign_keys = ON",
            "temp_store = MEMORY",
        ):
            db.conn.execute(f"PRAGMA {pragma}").fetchall()
        _migrate(db, path, keep_copy=keep_copy)
        scratch(db)
    except BaseException:
        db.close()
        raise
    return db


@contextlib.contextmanager
def read_only(path: Path, *, any_version: bool = False) -> Iterator[Database]:
    """A connection to an existing database that can change nothing, also while the bot runs.

    Raises sqlite3.Error for a file that cannot be read, and StoreError for one of another version, unless
    `any_version` says that only tables are read which every version has.
    """
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
    with contextlib.closing(connection):
        connection.execute("PRAGMA trusted_schema = OFF")
        db = Database(connection, recursive_triggers=False, execute_plugins=False)
        if not any_version:
            _refuse_newer(db, path)
            if migrations.pending(db):
                raise StoreError(
                    f"{path} was written by an older version. `rotation-bot run` brings it up to date, and keeps a copy."
                )
        yield db


def _opened(db: Database | None) -> Database:
    if db is None:
        raise RuntimeError("the store is closed")
    return db


def _take_lock(path: Path) -> int:
    try:
        return process_lock.take(path)
    except process_lock.InUseError as error:
        raise StoreError(str(error)) from None


def _connection(path: Path) -> Database:
    # isolation_level None: no implicit transactions, each begins where `transaction` says so.
    connection = sqlite3.connect(path, isolation_level=None, cached_statements=512)
    connection.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
    # A file from elsewhere must not run functions from its schema.
    connection.execute("PRAGMA trusted_schema = OFF")
    return Database(connection, recursive_triggers=False, execute_plugins=False)


def _open_writer(path: Path, *, new: bool) -> Database:
    try:
        # Before it is opened for writing: closing it would write the journal into the file even if
        # it belongs to another.
        if path.is_file() and (problem := integrity.damage(path, thorough=integrity.stopped_uncleanly(path))):
            raise StoreError(integrity.refusal(path, problem))
        db = connect(path)
        if new and (known := deletions.read(path.parent / "backups")) is not None:
            # Whoever comes back after a deletion is not deleted from copies of this database.
            with transaction(db):
                deletions.applied(db, known)
        return db
    except sqlite3.Error as error:
        if integrity.is_damage(error):
            raise StoreError(integrity.refusal(path, str(error))) from error
        raise StoreError(f"{path} cannot be opened ({error}).") from error


def _open_reader(path: Path) -> Database:
    db = _connection(path)
    db.conn.execute("PRAGMA query_only = ON")
    return db


def newer_migrations(db: Database) -> list[str]:
    """Names of the steps of a newer version that were applied to the database; empty for ours and older ones."""
    # All migrations of this version: those that are pending for an empty database.
    with contextlib.closing(sqlite3.connect(":memory:")) as empty:
        available = {migration.name for migration in migrations.pending(Database(empty, execute_plugins=False))}
    return sorted({migration.name for migration in migrations.applied(db)} - available)


def _refuse_newer(db: Database, path: Path) -> None:
    if newer := newer_migrations(db):
        backups = path.parent / "backups"
        # Whoever upgraded left a copy of the state that this version knows.
        copies = (backups / f"{path.stem}-before-{name}.db" for name in newer)
        before = next((str(file) for file in copies if file.exists()), None)
        raise StoreError(
            f"{path} was written by a newer version ({', '.join(newer)}). Install that version, or go back to a copy "
            f"that is older than it: `{shlex.join(('rotation-bot', '--home', str(path.parent), 'restore', before or 'FILE'))}`"
            + ("." if before else f" with one from {backups}.")
        )


def _migrate(db: Database, path: Path, *, keep_copy: bool) -> None:
    _refuse_newer(db, path)
    pending = [migration.name for migration in migrations.pending(db)]
    if pending and keep_copy and migrations.applied(db):
        copy(db.conn, path.parent / "backups" / f"{path.stem}-before-{pending[0]}.db")
    if pending:
        migrations.apply(db)
