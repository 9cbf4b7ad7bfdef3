"""Whether a database file is sound, and how to go back to a copy when it is not. Reads only.

A database in use has a journal beside it, `-wal`, with what has not been written into the file yet,
and the journal's index, `-shm`. The connection that closes last writes the journal into the file
and removes both. After a kill they stay, and belong to that file only: any other file that is put
in its place has the journal's pages written into it when it is opened.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import sqlite3
from pathlib import Path

_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_WAL_HEADER_BYTES = 32

# Where these stand in a file: https://sqlite.org/fileformat2.html#the_database_header
_MAGIC, _PAGE_BYTES, _VERSIONS = slice(0, 16), slice(16, 18), slice(18, 20)
_SQLITE = b"SQLite format 3\0"
_WITHOUT_WAL = b"\x01\x01"
"""The versions of a file that was never in WAL mode, or has left it as our copies do."""


def stopped_uncleanly(path: Path) -> bool:
    """Whether the last process that used the database did not close it, or it is open now.

    In both cases its journal is still there.
    """
    return _journal(path).exists()


def damage(path: Path, *, thorough: bool = True) -> str | None:
    """What is wrong with the database at `path` and the journal beside it, or None.

    Only a `thorough` check reads every page. Raises sqlite3.Error or OSError when the file cannot
    be read for a reason that is no damage.
    """
    with path.open("rb") as file:
        header = file.read(_VERSIONS.stop)
    if header[_MAGIC] == _SQLITE:
        journal = _journal(path)
        if header[_VERSIONS] == _WITHOUT_WAL and journal.exists() and journal.stat().st_size > _WAL_HEADER_BYTES:
            # The journal has content, but this file was never in WAL mode: it was put there after a
            # kill of another one.
            return f"{journal.name} beside it was left by another database"
        # A page size of 65,536 is written as 1, by which every file size can be divided.
        if path.stat().st_size % max(int.from_bytes(header[_PAGE_BYTES], "big"), 1):
            return "it ends in the middle of a page"
    return _quick_check(path) if thorough else None


def _quick_check(path: Path) -> str | None:
    try:
        with contextlib.closing(read_only(path)) as db:
            report: str = db.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        if not is_damage(error):
            raise
        return str(error)
    return None if report == "ok" else report.splitlines()[-1]


def is_damage(error: sqlite3.Error) -> bool:
    """Whether an error is about the file's content, not about a lock, permissions or the disk."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED


def refusal(path: Path, problem: str) -> str:
    """The message for the operator: which file, what is wrong with it, how to restore a copy."""
    return f"{path} is damaged ({problem}). {restore_instructions(path)}"


def restore_instructions(path: Path) -> str:
    """How to go back to the newest copy that is sound."""
    program, copies = shlex.join(("rotation-bot", "--home", str(path.parent))), path.parent / "backups"
    newest = newest_sound(copies, path.stem)
    if newest is None:
        aside = f"move {path.name}, {path.name}-wal and {path.name}-shm out of {path.parent}"
        return f"There is no sound copy in {copies}: {aside}, then `{program} run --new` begins with an empty database."
    return f"`{program} restore {shlex.quote(str(newest))}` goes back to the newest sound copy; what was set after it is lost."


def newest_sound(folder: Path, stem: str) -> Path | None:
    """The newest copy in `folder` that can be restored, or None."""
    copies = sorted(folder.glob(f"{stem}-*.db"), key=lambda copy: copy.stat().st_mtime, reverse=True)
    return next((copy for copy in copies if _sound(copy)), None)


def _sound(copy: Path) -> bool:
    try:
        return damage(copy) is None
    except (sqlite3.Error, OSError):
        return False


def read_only(path: Path) -> sqlite3.Connection:
    """A connection that changes nothing. Raises sqlite3.Error for a file that cannot be opened."""
    # Reading a WAL database needs files beside it. Where they cannot be made, nobody else can write
    # the database either, so it may be read as immutable.
    immutable = not os.access(path.parent, os.W_OK) and not stopped_uncleanly(path)
    db = sqlite3.connect(f"{path.absolute().as_uri()}?{'immutable=1' if immutable else 'mode=ro'}", uri=True)
    db.execute("PRAGMA trusted_schema = OFF")
    return db


def _journal(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")
