"""The list of deletions beside the backups: who had everything deleted is deleted from a restored copy too.

A line of `deletions.jsonl` is one deletion with a running number and the person's id as a keyed hash; the
first line holds the key. The hash hides ids from whoever sees the file, not from whoever tries all of them.
The database stores the number of its last deletion, so a copy says by itself which deletions it lacks,
whatever clocks said meanwhile.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from bot.database import key_value

NAME = "deletions.jsonl"
_NUMBER = "deletions"


@dataclass(frozen=True, slots=True)
class Deletions:
    """The list as read: its key, and the number and hash of each deletion."""

    key: str
    entries: tuple[tuple[int, str], ...] = ()

    def hashed(self, person: int) -> str:
        """A person's id as it stands in the list."""
        return hashlib.blake2b(str(person).encode(), key=bytes.fromhex(self.key), digest_size=16).hexdigest()

    @property
    def newest(self) -> int:
        """The number of the last deletion; 0 without any."""
        return max((number for number, _ in self.entries), default=0)


def read(folder: Path) -> Deletions | None:
    """The list in a folder of backups, or None when nobody has deleted anything yet.

    A line that a power cut has left unfinished is ignored: its person has had no answer. Where it was the first
    one, there is no list yet.
    """
    try:
        lines = (folder / NAME).read_text("utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return None
    written = [content for line in lines if isinstance(content := _parsed(line), dict)]
    key = next((str(content["key"]) for content in written if "key" in content), None)
    if key is None:
        return None
    return Deletions(key, tuple((int(entry["number"]), str(entry["person"])) for entry in written if "number" in entry))


def _parsed(line: str) -> object:
    try:
        return json.loads(line)
    except ValueError:
        return None


def record(db: Database, person: int) -> None:
    """Add a deletion to the list beside the database's backups, and its number to the database.

    To be called in the transaction that deletes; the list is on disk when this returns. Nothing for
    a database in memory. Raises OSError when the list cannot be written.
    """
    file = db.execute("SELECT file FROM pragma_database_list WHERE name = 'main'").fetchone()[0]
    if not file:
        return
    folder = Path(file).parent / "backups"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    known = read(folder)
    deletions = known or Deletions(secrets.token_hex(16))
    number = max(deletions.newest, last(db)) + 1
    lines = [] if known else [json.dumps({"key": deletions.key})]
    lines.append(json.dumps({"number": number, "person": deletions.hashed(person)}))
    _append(folder / NAME, lines)
    key_value.put(db, _NUMBER, str(number))


def last(db: Database) -> int:
    """The number of the last deletion that the database has seen."""
    return int(key_value.get(db, _NUMBER) or 0)


def missing(db: Database, deletions: Deletions, people: Iterable[int]) -> list[int]:
    """Those of `people` whom a deletion of the list, later than the database, is about."""
    later = {person for number, person in deletions.entries if number > last(db)}
    return [person for person in people if deletions.hashed(person) in later] if later else []


def applied(db: Database, deletions: Deletions) -> None:
    """Store that the database lacks none of the deletions any more."""
    key_value.put(db, _NUMBER, str(max(deletions.newest, last(db))))


def _append(path: Path, lines: list[str]) -> None:
    """Write lines at the end of a file of the owner's, after a line that was left unfinished."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        size = os.fstat(handle).st_size
        unfinished = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
        os.write(handle, ("\n" * unfinished + "\n".join(lines) + "\n").encode())
        os.fsync(handle)
    finally:
        os.close(handle)
