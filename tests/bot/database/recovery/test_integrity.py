"""A database that cannot be trusted is refused with the way back, and the way that is told gives everything back."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import shutil
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.__main__ import main
from bot.database.connection import Store, connect, transaction
from bot.database.recovery.copies import copy
from bot.errors import StoreError

EARLY = {f"key {number}": "x" * (number % 200) for number in range(500)}
"""Settings at the time of the copy. Later they are deleted, and their pages become those of a table of servers."""
LATER = {number: f"Server {number}!" for number in range(3000)}
"""Servers at the time of the kill; the exclamation marks came after the last checkpoint, so only the journal has them."""


def live_and_die(path: Path) -> None:
    """Write as told above, then be killed with the journal lying there. For a process of its own."""
    db = connect(path)
    with transaction(db):
        db.conn.executemany("INSERT INTO setting VALUES (?, ?)", EARLY.items())
    copy(db.conn, path.parent / "backups" / "bot-2026-01-13.db")
    with transaction(db):
        db.execute("DELETE FROM setting")
        servers = [(number, name.rstrip("!")) for number, name in LATER.items()]
        db.conn.executemany("INSERT INTO guild (id, name, joined_at) VALUES (?, ?, 1)", servers)
    db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    with transaction(db):
        db.execute("UPDATE guild SET name = name || '!'")
    os.kill(os.getpid(), signal.SIGKILL)


def connected(path: Path) -> sqlite3.Connection:
    """The database as SQLite alone reads it; reading changes nothing."""
    return sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)


def read(path: Path, query: str) -> dict[object, str]:
    with contextlib.closing(connected(path)) as db:
        return dict(db.execute(query).fetchall())


SETTINGS = "SELECT key, value FROM setting WHERE key LIKE 'key %'"
SERVERS = "SELECT id, name FROM guild"


def files(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.glob("bot.db*") if file.suffix not in (".lock", ".db-shm")}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bot.db"


@pytest.fixture
def killed(path: Path) -> Path:
    """A database whose writer was killed in the middle of its work; a copy of an earlier hour lies in `backups`."""
    ended = multiprocessing.get_context("spawn").Process(target=live_and_die, args=(path,))
    ended.start()
    ended.join()
    assert ended.exitcode == -signal.SIGKILL
    assert path.with_name("bot.db-wal").stat().st_size > 0
    return path


async def test_after_a_kill_everything_that_was_committed_is_there(killed: Path) -> None:
    async with Store.open(killed):
        pass
    assert read(killed, SERVERS) == LATER


async def test_a_copy_put_over_the_database_of_a_killed_bot_is_refused_and_the_way_that_is_told_gives_every_row_back(
    killed: Path,
) -> None:
    folder = killed.parent
    kept = folder / "backups" / "bot-2026-01-13.db"
    shutil.copyfile(kept, killed)
    with contextlib.closing(connected(killed)) as mixed:
        assert "2nd reference to page" in mixed.execute("PRAGMA quick_check(1)").fetchone()[0]
        assert len(mixed.execute("SELECT name FROM guild").fetchall()) == len(LATER)
    before = files(folder)

    with pytest.raises(StoreError) as refused:
        Store.open(killed)

    assert str(refused.value) == (
        f"{killed} is damaged (bot.db-wal beside it was left by another database). "
        f"`rotation-bot --home {folder} restore {kept}` goes back to the newest sound copy; "
        f"what was set after it is lost."
    )
    assert files(folder) == before

    restored = CliRunner().invoke(main, ["--home", str(folder), "restore", str(kept)])
    assert restored.exit_code == 0, restored.output
    async with Store.open(killed):
        pass
    assert read(killed, SETTINGS) == EARLY


def test_a_page_that_a_kill_or_a_disk_has_spoilt_is_found_before_anything_is_changed(killed: Path) -> None:
    content = bytearray(killed.read_bytes())
    page = int.from_bytes(content[16:18], "big")
    content[9 * page : 10 * page] = b"x" * page
    killed.write_bytes(content)
    before = files(killed.parent)
    with pytest.raises(
        StoreError, match=r"bot\.db is damaged \(.*\)\. `rotation-bot --home .* restore .*2026-01-13\.db` goes back"
    ):
        Store.open(killed)
    assert files(killed.parent) == before


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda content: content[: len(content) // 8192 * 4096], "database disk image is malformed"),
        (lambda content: content[:-1], "it ends in the middle of a page"),
        (lambda content: content[:50], "it ends in the middle of a page"),
        (lambda content: b"text, long enough to be read as the header of a database" * 100, "file is not a database"),
    ],
    ids=["half of it", "all but a byte", "the header alone", "no database"],
)
def test_a_file_that_is_cut_off_or_something_else_is_refused(
    path: Path, spoil: Callable[[bytes], bytes], why: str
) -> None:
    with connect(path) as db:
        db.conn.executemany("INSERT INTO setting VALUES (?, ?)", EARLY.items())
        copy(db.conn, path.parent / "backups" / "bot-2026-01-13.db")
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(StoreError) as refused:
        Store.open(path)
    assert str(refused.value).startswith(f"{path} is damaged ({why}). `rotation-bot --home {path.parent} restore ")


def test_the_newest_copy_that_is_sound_is_named(path: Path) -> None:
    folder = path.parent / "backups"
    with connect(path) as db:
        for age, name in enumerate(("bot-2026-01-13.db", "bot-before-m003.db", "bot-2026-01-11.db")):
            kept = copy(db.conn, folder / name)
            os.utime(kept, (1_768_000_000 - age * 86_400,) * 2)
    (folder / "bot-2026-01-13.db").write_bytes(b"x" * 4096)
    os.utime(folder / "bot-2026-01-13.db", (1_768_000_000,) * 2)
    path.write_bytes(b"x" * 4096)
    with pytest.raises(
        StoreError, match=rf"restore {folder / 'bot-before-m003.db'}` goes back to the newest sound copy"
    ):
        Store.open(path)


def test_without_a_sound_copy_the_way_is_to_begin_anew(path: Path) -> None:
    path.write_bytes(b"x" * 4096)
    with pytest.raises(StoreError) as refused:
        Store.open(path)
    assert str(refused.value) == (
        f"{path} is damaged (file is not a database). There is no sound copy in {path.parent / 'backups'}: "
        f"move bot.db, bot.db-wal and bot.db-shm out of {path.parent}, "
        f"then `rotation-bot --home {path.parent} run --new` begins with an empty database."
    )


def test_what_is_no_damage_is_not_answered_with_a_copy(path: Path) -> None:
    path.mkdir()
    with pytest.raises(StoreError) as refused:
        Store.open(path)
    assert str(refused.value) == f"{path} cannot be opened (unable to open database file)."
