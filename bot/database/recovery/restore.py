"""Going back to a copy of bot.db, in steps of which each can be the last.

What is restored is prepared and checked beside the database; only then are the old files moved away
and the new one into their place. A kill in between leaves a home that says that its database is gone.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlite_utils import Database

from bot.database import incidents, key_value, privacy
from bot.database.codec import changed, seconds
from bot.database.connection import connect, newer_migrations, transaction
from bot.database.recovery import copies, deletions, integrity, quiet_sessions
from bot.database.recovery.copies import Contents
from bot.database.recovery.quiet_sessions import QuietSessions
from bot.errors import StoreError
from bot.settings import process_lock


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did.

    `aside`: where the old files are, None when there were none. `cancelled`: messages that were
    owed at the time of the copy. `deleted`: people who had their data deleted after it.
    """

    contents: Contents
    aside: Path | None
    cancelled: int
    deleted: int


def restore(file: Path, path: Path, *, quiet: QuietSessions, now: datetime) -> Restored:
    """Put the copy `file` in the place of the database at `path`, which nobody may be using.

    The restored database is another installation: what was owed at the time of the copy is not
    posted, nor is what happened in the `quiet` sessions, because the lost database may have posted
    it. Deletions of people that are later than the copy are made again.

    Args:
        file: The copy.
        path: The database.
        quiet: The sessions about which something may have been posted already.
        now: The present.

    Raises:
        StoreError: When the copy is missing, damaged, no bot.db, or of a newer version; nothing is changed then.
        InUseError: When a bot uses the home.
    """
    with process_lock.held(path):
        prepared = path.with_name(f"{path.name}.restoring")
        _clear(prepared)
        try:
            _take(file, path, prepared)
            cancelled, deleted, held = _prepare(prepared, path.parent / "backups", quiet=quiet, now=now)
            aside = _move_aside(path, now)
            os.replace(prepared, path)
            _flush(path.parent)
        finally:
            _clear(prepared)
    return Restored(held, aside, cancelled, deleted)


def _take(file: Path, path: Path, prepared: Path) -> None:
    """Copy `file` as SQLite reads it, with a journal of its own if it has one."""
    if not file.is_file():
        raise StoreError(f"There is no file {file}.")
    if path.exists() and file.samefile(path):
        raise StoreError(f"{file} is the database itself; name a copy of it.")
    refused = "Nothing is changed; try another copy."
    try:
        if problem := integrity.damage(file):
            raise StoreError(f"{file} is damaged ({problem}). {refused}")
        with contextlib.closing(integrity.read_only(file)) as source:
            db = Database(source, recursive_triggers=False, execute_plugins=False)
            if not {"alert", "subscription", "outbox", "setting"}.issubset(db.table_names()):
                raise StoreError(f"{file} is no copy of bot.db. {refused}")
            if newer := newer_migrations(db):
                raise StoreError(f"{file} was written by a newer version ({', '.join(newer)}): install that version.")
            if problem := copies.problem_of(source):
                raise StoreError(f"{file} is damaged ({problem}). {refused}")
            copies.copy(source, prepared)
    except sqlite3.Error as error:
        raise StoreError(f"{file} cannot be read ({error}). {refused}") from error


def _prepare(prepared: Path, backups: Path, *, quiet: QuietSessions, now: datetime) -> tuple[int, int, Contents]:
    """Bring the copy up to date, and make it another installation that owes nothing."""
    known = deletions.read(backups)
    with contextlib.closing(connect(prepared, keep_copy=False)) as db:
        with transaction(db):
            key_value.forget(db, "installation")
            key_value.installation(db)
            quiet_sessions.put(db, quiet, now=now)
            # Before it, a summary may have been posted.
            db.execute("UPDATE summary_channel SET created_at = ?", (seconds(now),))
            cancelled = changed(db, "UPDATE outbox SET state = 'cancelled' WHERE state IN ('due', 'batched')")
            incidents.take(db)
            db.execute(
                """UPDATE batch SET state = 'dead', error = 'a copy was restored', settled_at = ?
                WHERE state = 'open'""",
                (seconds(now),),
            )
            deleted = [] if known is None else deletions.missing(db, known, privacy.people(db))
            for person in deleted:
                privacy.delete_rows(db, person)
            if known is not None:
                deletions.applied(db, known)
        problem = copies.problem_of(db.conn)
        held = copies.contents(db)
        db.conn.execute("PRAGMA journal_mode = DELETE").fetchall()
    if problem is not None:
        raise StoreError(f"The copy cannot be brought up to date ({problem}). Nothing is changed.")
    return cancelled, len(deleted), held


def _move_aside(path: Path, now: datetime) -> Path | None:
    """Move the database and its journal into a folder of their own, under their names."""
    old = [path.with_name(path.name + ending) for ending in ("", "-wal", "-shm", "-journal")]
    if not any(file.exists() for file in old):
        return None
    folder = path.parent / "replaced" / f"{now:%Y-%m-%dT%H%M%S}"
    number = 1
    while folder.exists():
        number += 1
        folder = folder.with_name(f"{now:%Y-%m-%dT%H%M%S}-{number}")
    folder.mkdir(mode=0o700, parents=True)
    for file in old:
        if file.exists():
            file.rename(folder / file.name)
    _flush(path.parent)
    return folder


def _clear(prepared: Path) -> None:
    for ending in ("", "-wal", "-shm", "-journal", ".part"):
        prepared.with_name(prepared.name + ending).unlink(missing_ok=True)


def _flush(folder: Path) -> None:
    """Write the names in a folder to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
