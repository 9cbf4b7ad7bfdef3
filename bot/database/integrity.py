"""Whether a database can be trusted as it lies there, and the way back to a copy where it cannot. Looks, and changes nothing.

A database in use has a journal beside it, `-wal`, with what has not been written into the file yet, and its index, `-shm`. Who
closes it last folds the journal in and removes both; after a kill they stay, and belong to that very file: whatever file
stands there when it is opened next has the journal's pages written into it.
"""

from __future__ import annotations

import contextlib
import os
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
    """Whether whoever had the database open last did not close it (or has it open now): its journal is still there."""
    return _journal(path).exists()


def damage(path: Path, *, thorough: bool = True) -> str | None:
    """What is wrong with the database at `path` and the journal beside it, or None. Only a `thorough` look reads every page.

    Raises sqlite3.Error when it cannot be read for a reason that is no damage, OSError likewise.
    """
    with path.open("rb") as file:
        header = file.read(_VERSIONS.stop)
    if header[_MAGIC] == _SQLITE:
        journal = _journal(path)
        if header[_VERSIONS] == _WITHOUT_WAL and journal.exists() and journal.stat().st_size > _WAL_HEADER_BYTES:
            # The file was put there after the journal's own had been left.
            return f"{journal.name} beside it was left by another database"
        # 65,536 stands there as 1, and every size divides by that.
        if path.stat().st_size % max(int.from_bytes(header[_PAGE_BYTES], "big"), 1):
            return "it ends in the middle of a page"
    return _verdict(path) if thorough else None


def _verdict(path: Path) -> str | None:
    try:
        with contextlib.closing(_read_only(path)) as db:
            verdict: str = db.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        if not is_damage(error):
            raise
        return str(error)
    return None if verdict == "ok" else verdict.splitlines()[-1]


def is_damage(error: sqlite3.Error) -> bool:
    """Whether an error speaks of the file's content, and not of a lock, of permissions or of the disk."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED


def refusal(path: Path, why: str) -> str:
    """The sentences for the person who runs the bot: which file, what is wrong with it, and the way back."""
    return f"{path} is damaged ({why}). {way_back(path)}"


def way_back(path: Path) -> str:
    """How to go back to the newest copy that is sound. A copy alone is not enough: an old journal would be written into it."""
    aside = f"ove {path.name}, {path.name}-wal and {path.name}-shm out of {path.parent}"
    copies = path.parent / "backups"
    newest = _newest_sound(copies, path.stem)
    if newest is None:
        return f"There is no sound copy in {copies}: m{aside} to begin with an empty database."
    return f"M{aside}, then copy {newest} to {path}; what was set after that copy is lost."


def _newest_sound(folder: Path, stem: str) -> Path | None:
    copies = sorted(folder.glob(f"{stem}-*.db"), key=lambda copy: copy.stat().st_mtime, reverse=True)
    return next((copy for copy in copies if _sound(copy)), None)


def _sound(copy: Path) -> bool:
    try:
        return damage(copy) is None
    except (sqlite3.Error, OSError):
        return False


def _read_only(path: Path) -> sqlite3.Connection:
    # Reading a WAL database needs files beside it; where they cannot be made, what stands there cannot change either.
    frozen = not os.access(path.parent, os.W_OK) and not stopped_uncleanly(path)
    db = sqlite3.connect(f"{path.absolute().as_uri()}?{'immutable=1' if frozen else 'mode=ro'}", uri=True)
    db.execute("PRAGMA trusted_schema = OFF")
    return db


def _journal(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")
