"""Copies of bot.db: made online, checked before they replace anything, counted by what people set up."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from bot.database.codec import scalar
from bot.database.recovery import integrity
from bot.errors import StoreError


@dataclass(frozen=True, slots=True)
class Contents:
    """How much of what people set up a database holds: their alerts, and all subscriptions."""

    alerts: int
    subscriptions: int

    def lost_in(self, other: Contents) -> bool:
        """Whether `other` has less than half of the alerts or of the subscriptions."""
        return 2 * other.alerts < self.alerts or 2 * other.subscriptions < self.subscriptions

    def __str__(self) -> str:
        alerts = f"{self.alerts:,} {'alert' if self.alerts == 1 else 'alerts'}"
        return f"{alerts} and {self.subscriptions:,} {'subscription' if self.subscriptions == 1 else 'subscriptions'}"


def contents(db: Database) -> Contents:
    """What people set up in an open database; topics are not theirs."""
    return Contents(
        alerts=scalar(db, "SELECT count(*) FROM alert WHERE owner_id IS NOT NULL"),
        subscriptions=scalar(db, "SELECT count(*) FROM subscription"),
    )


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Database]:
    with contextlib.closing(integrity.read_only(path)) as connection:
        yield Database(connection, recursive_triggers=False, execute_plugins=False)


def contents_of(path: Path) -> Contents | None:
    """What people set up in the database at `path`; None when it is damaged or no bot.db."""
    try:
        with _opened(path) as db:
            return contents(db)
    except (sqlite3.Error, OSError):
        return None


def problem_of(connection: sqlite3.Connection) -> str | None:
    """What is wrong with a database by SQLite's check of integrity and that of foreign keys, or None."""
    try:
        report: str = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if report != "ok":
            return report.splitlines()[-1]
        orphan = connection.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.DatabaseError as error:
        if not integrity.is_damage(error):
            raise
        return str(error)
    return None if orphan is None else f"a row of {orphan[0]} refers to a row of {orphan[2]} that is not there"


def copy(source: sqlite3.Connection, target: Path) -> Path:
    """Back `source` up online, check the copy, then move it to `target` in one step.

    The copy can be read by its owner alone. It has the pages of its source, so when the copy is
    damaged the source is checked as well. Raises StoreError for both.
    """
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unchecked = target.with_name(f"{target.name}.part")
    unchecked.unlink(missing_ok=True)
    unchecked.touch(mode=0o600)
    try:
        with contextlib.closing(sqlite3.connect(unchecked)) as destination:
            destination.execute("PRAGMA trusted_schema = OFF")
            source.backup(destination)
            # A copy in WAL mode would need its -wal file beside it.
            destination.execute("PRAGMA journal_mode = DELETE").fetchall()
            problem = problem_of(destination)
    except BaseException:
        # On a full disk a part of a copy would take what room there is.
        unchecked.unlink(missing_ok=True)
        raise
    if problem is not None:
        unchecked.unlink(missing_ok=True)
        if (source_problem := problem_of(source)) is not None:
            raise StoreError(integrity.refusal(_file(source), source_problem))
        raise StoreError(f"The copy for {target.name} is damaged ({problem}). The old copy is untouched.")
    os.replace(unchecked, target)
    return target


def export(path: Path, target: Path) -> Contents:
    """Copy the database at `path` to `target`, also while a bot uses it; returns what the copy holds.

    Raises:
        StoreError: When the database is missing or damaged, or when `target` is the database itself,
            something other than a copy, or a copy with more than twice the alerts or subscriptions.
    """
    if not path.exists():
        raise StoreError(f"There is no {path} to copy.")
    if target.exists() and target.samefile(path):
        raise StoreError(f"{target} is the database itself; name another file.")
    if problem := integrity.damage(path, thorough=False):
        raise StoreError(integrity.refusal(path, problem))
    with _opened(path) as db:
        held = contents(db)
        if target.exists():
            older = contents_of(target)
            if older is None:
                raise StoreError(f"{target} exists and is no copy of {path.name}; name another file.")
            if older.lost_in(held):
                raise StoreError(
                    f"{target} holds {older}, {path} only {held}: name another file, or delete {target.name} first."
                )
        copy(db.conn, target)
    return held


def _file(connection: sqlite3.Connection) -> Path:
    return Path(connection.execute("SELECT file FROM pragma_database_list WHERE name = 'main'").fetchone()[0])
