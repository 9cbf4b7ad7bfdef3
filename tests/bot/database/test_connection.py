"""The store: whole transactions, one instant to read, copies before migrations, one process at a time."""

from __future__ import annotations

import asyncio
import contextlib
import re
import sqlite3
import sys
import textwrap
from pathlib import Path

import pytest
from sqlite_utils import Database, Migrations

from bot.database import connection as store_module
from bot.database import key_value
from bot.database.codec import scalar
from bot.database.connection import Store, connect, read_only
from bot.database.recovery.copies import copy
from bot.errors import StoreError


def put_and_fail(db: Database) -> None:
    key_value.put(db, "half", "done")
    raise RuntimeError("in the middle")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bot.db"


async def test_what_was_written_is_there_after_opening_again(path: Path) -> None:
    async with Store.open(path) as store:
        await store.run(key_value.put, "greeting", "hello")
    async with Store.open(path) as store:
        assert await store.read(key_value.get, "greeting") == "hello"


async def test_a_function_that_raises_leaves_nothing_behind(path: Path) -> None:
    async with Store.open(path) as store:
        with pytest.raises(RuntimeError, match="in the middle"):
            await store.run(put_and_fail)
        assert await store.read(key_value.get, "half") is None
        await store.run(key_value.put, "half", "whole")
        assert await store.read(key_value.get, "half") == "whole"


async def test_reading_cannot_write(path: Path) -> None:
    async with Store.open(path) as store:
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            await store.read(key_value.put, "key", "value")
        assert await store.read(key_value.get, "key") is None


async def test_reads_do_not_wait_for_a_write_and_see_only_what_is_committed(path: Path) -> None:
    loop = asyncio.get_running_loop()
    inside, go_on = asyncio.Event(), asyncio.Event()

    def slow(db: Database) -> None:
        key_value.put(db, "key", "new")
        loop.call_soon_threadsafe(inside.set)
        asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result(5)

    async with Store.open(path) as store:
        await store.run(key_value.put, "key", "old")
        writing = asyncio.create_task(store.run(slow))
        await inside.wait()
        assert await store.read(key_value.get, "key") == "old"
        go_on.set()
        await writing
        assert await store.read(key_value.get, "key") == "new"


async def test_concurrent_writes_run_one_after_the_other(path: Path) -> None:
    def add_one(db: Database) -> None:
        key_value.put(db, "count", str(int(key_value.get(db, "count") or 0) + 1))

    async with Store.open(path) as store:
        await asyncio.gather(*(store.run(add_one) for _ in range(50)))
        assert await store.read(key_value.get, "count") == "50"


async def test_closing_finishes_what_was_handed_in(path: Path) -> None:
    store = Store.open(path)
    writing = [asyncio.create_task(store.run(key_value.put, f"key{i}", "x")) for i in range(20)]
    await asyncio.sleep(0)
    await store.close()
    await store.close()
    await asyncio.gather(*writing)
    with connect(path) as db:
        assert scalar(db, "SELECT count(*) FROM setting") == 20


async def test_settings_of_the_connection_are_the_safe_ones(path: Path) -> None:
    def pragmas(db: Database) -> dict[str, object]:
        return {
            name: scalar(db, f"PRAGMA {name}")
            for name in ("journal_mode", "synchronous", "foreign_keys", "query_only", "trusted_schema")
        }

    async with Store.open(path) as store:
        assert await store.run(pragmas) == {
            "journal_mode": "wal",
            "synchronous": 2,
            "foreign_keys": 1,
            "query_only": 0,
            "trusted_schema": 0,
        }
        reading = await store.read(pragmas)
        assert (reading["query_only"], reading["trusted_schema"]) == (1, 0)


async def test_a_second_store_on_the_same_file_is_refused_with_a_sentence(path: Path) -> None:
    async with Store.open(path):
        with pytest.raises(
            StoreError, match=r"bot\.db is in use by another rotation-bot \(process \d+\)\. Stop that one"
        ):
            Store.open(path)
    async with Store.open(path):
        pass


async def test_another_process_is_refused_too(path: Path) -> None:
    program = f"""
        from pathlib import Path
        from bot.database.connection import Store
        from bot.errors import StoreError
        try:
            Store.open(Path({str(path)!r}))
        except StoreError as error:
            print(error)
    """
    async with Store.open(path):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            textwrap.dedent(program),
            stdout=asyncio.subprocess.PIPE,
            cwd=Path(store_module.__file__).parents[2],
        )
        told, _ = await process.communicate()
    assert "in use by another rotation-bot" in told.decode()


async def test_a_failed_open_gives_the_lock_back(path: Path) -> None:
    await asyncio.to_thread(path.write_bytes, b"x" * 4096)
    with pytest.raises(StoreError):
        Store.open(path)
    await asyncio.to_thread(path.unlink)
    async with Store.open(path) as store:
        assert await store.read(key_value.get, "key") is None


def test_a_database_of_a_newer_version_is_refused(path: Path) -> None:
    with connect(path) as db:
        newer = Migrations("rotation_bot")
        newer(name="m999_from_the_future")(lambda db: None)
        newer.apply(db)
    with pytest.raises(
        StoreError, match=r"written by a newer version \(m999_from_the_future\).* restore FILE` with one"
    ):
        Store.open(path)
    before = path.parent / "backups" / f"{path.stem}-before-m999_from_the_future.db"
    before.parent.mkdir(exist_ok=True)
    before.touch()
    with pytest.raises(StoreError, match=rf"restore {re.escape(str(before))}`\.$"):
        Store.open(path)


def test_what_only_reads_refuses_a_database_of_another_version(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        older = Database(connection, execute_plugins=False)
        store_module.migrations.apply(older, stop_before="m002_without_latest_readings")
        with (
            pytest.raises(StoreError, match=r"older version. `rotation-bot run` brings it up to date"),
            read_only(path),
        ):
            pass
        newer = Migrations("rotation_bot")
        newer(name="m999_from_the_future")(lambda db: None)
        newer.apply(older)
    with pytest.raises(StoreError, match=r"written by a newer version"), read_only(path):
        pass


@pytest.fixture
def next_version(monkeypatch: pytest.MonkeyPatch) -> Migrations:
    """The project's migrations with one more step behind them."""
    later = Migrations("rotation_bot")
    for step in store_module.migrations.pending(Database(memory=True)):
        later(name=step.name)(step.fn)
    monkeypatch.setattr(store_module, "migrations", later)
    return later


async def test_before_a_migration_a_copy_is_left_beside_the_database(path: Path, next_version: Migrations) -> None:
    async with Store.open(path) as store:
        await store.run(key_value.put, "key", "precious")
    assert not (path.parent / "backups").exists()

    @next_version()
    def m999_wipe(db: Database) -> None:
        db.execute("DELETE FROM setting")

    async with Store.open(path) as store:
        assert await store.read(key_value.get, "key") is None
    with sqlite3.connect(path.parent / "backups" / "bot-before-m999_wipe.db") as kept:
        assert kept.execute("SELECT value FROM setting WHERE key = 'key'").fetchone() == ("precious",)


async def test_a_migration_that_fails_changes_nothing(path: Path, next_version: Migrations) -> None:
    async with Store.open(path) as store:
        await store.run(key_value.put, "key", "precious")

    @next_version()
    def m999_broken(db: Database) -> None:
        db.execute("DELETE FROM setting")
        raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        Store.open(path)
    with sqlite3.connect(path) as raw:
        assert raw.execute("SELECT value FROM setting").fetchone() == ("precious",)


async def test_a_backup_made_in_use_is_whole_and_stands_alone(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "copies" / "copy.db"
    async with Store.open(path) as store:
        await store.run(key_value.put, "key", "value")
        assert await store.backup(target) == target
        await store.run(key_value.put, "key", "later")
        await store.backup(target)
    assert [each.name for each in target.parent.iterdir()] == ["copy.db"]
    with sqlite3.connect(target) as kept:
        assert kept.execute("SELECT value FROM setting").fetchone() == ("later",)


def test_a_database_found_damaged_while_it_is_copied_is_named_and_the_old_copy_kept(tmp_path: Path) -> None:
    broken = tmp_path / "broken.db"
    with sqlite3.connect(broken) as db:
        db.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)")
        db.execute("CREATE INDEX i ON t (b)")
        db.executemany("INSERT INTO t (b) VALUES (?)", [(f"{n:05}",) for n in range(2000)])
    db.close()
    content = bytearray(broken.read_bytes())
    position = content.rfind(b"00042")
    content[position : position + 5] = b"99999"
    broken.write_bytes(content)
    target = tmp_path / "copy.db"
    target.write_text("old")
    source = sqlite3.connect(broken)
    with pytest.raises(
        StoreError, match=rf"^{re.escape(str(broken))} is damaged \(row 43 missing from index i\)\. There is no"
    ):
        copy(source, target)
    source.close()
    assert target.read_text() == "old"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["broken.db", "copy.db"]


async def test_using_a_closed_store_is_an_error(path: Path) -> None:
    store = Store.open(path)
    await store.close()
    with pytest.raises(RuntimeError):
        await store.run(key_value.get, "key")
