"""The drill: a bot with 200 alerts is killed in the middle of a write, and its home goes back to a copy."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import shutil
import signal
import sqlite3
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from sqlite_utils import Database

from bot import outbox
from bot.alerts import engine
from bot.alerts.rules import new_triggers
from bot.calendar.clock import Calendar
from bot.database import incidents, key_value, privacy
from bot.database.alerts import alerts
from bot.database.codec import rows, scalar
from bot.database.connection import Store, connect, transaction
from bot.database.incidents import IncidentMessage
from bot.database.places import destinations, summary_channels
from bot.database.recovery import copies, lost_file, quiet_sessions
from bot.database.recovery.copies import Contents
from bot.database.recovery.quiet_sessions import QuietSessions
from bot.database.recovery.restore import Restored, restore
from bot.domain.model import AlertSpec, Condition, ItemKind, OutboxItem
from bot.errors import StoreError
from bot.outbox import summary_schedule
from bot.settings import process_lock
from signals.core.model import Measure, Reading, State
from tests.helpers import made_once

SILVER = "havens.silver"
MONDAY, TUESDAY, WEDNESDAY = date(2026, 1, 12), date(2026, 1, 13), date(2026, 1, 14)
NOW = datetime(2026, 1, 13, 21, 30, tzinfo=UTC)
"""After Tuesday's close: when the bot is killed and its home is restored."""

LATER = datetime(2026, 1, 14, 21, 30, tzinfo=UTC)
QUIET = QuietSessions(final=TUESDAY, live=TUESDAY)
CALENDAR = Calendar(date(2025, 12, 1), date(2026, 2, 28))
COPY = "bot-2026-01-13.db"


def closing(value: float, session: date) -> tuple[date, dict[str, Reading]]:
    return session, {SILVER: Reading(SILVER, session, value, State.FINAL)}


def add_alert(db: Database, person: int, level: float) -> None:
    spec = AlertSpec(SILVER, Measure.VALUE, Condition.ABOVE, level, band=0.5)
    place = destinations.dm_destination(db, person, channel_id=person + 1000, now=NOW)
    alerts.add(
        db,
        spec,
        new_triggers(spec, 85.0, MONDAY),
        owner_id=person,
        guild_id=None,
        destination_id=place.id,
        now=NOW,
    )


def live_and_die(path: Path) -> None:
    """200 people with an alert each; a copy; half of them fire and are told; a kill in the middle of a write."""
    db = connect(path)
    with transaction(db):
        for person in range(1, 201):
            add_alert(db, person, 90.0 if person % 2 else 200.0)
        room = destinations.channel_destination(db, 77, 7, now=NOW)
        summary_channels.put(
            db, room.id, zone="America/New_York", at=time(16, 25), created_by=1, now=NOW.replace(day=1)
        )
        owed = OutboxItem(0, "owed", ItemKind.NOTICE, room.id, session=MONDAY, created_at=NOW)
        outbox.put(db, owed)
        incidents.owe(db, [IncidentMessage("operator:disk:1:begun", "The disk fills up.")])
        engine.catch_up(db, [closing(85.0, MONDAY)], now=NOW)
        key_value.installation(db)
    with transaction(db):
        assert len(outbox.claim_batches(db, now=NOW, lease_seconds=60, limit=10)) == 1
    copies.copy(db.conn, path.parent / "backups" / COPY)
    with transaction(db):
        engine.catch_up(db, [closing(91.0, TUESDAY)], now=NOW)
    db.conn.execute("BEGIN IMMEDIATE")
    db.execute("DELETE FROM alert")
    db.conn.execute("PRAGMA cache_spill = 1")
    os.kill(os.getpid(), signal.SIGKILL)


def die_in(folder: Path) -> str:
    folder.mkdir()
    path = folder / "bot.db"
    ended = multiprocessing.get_context("spawn").Process(target=live_and_die, args=(path,))
    ended.start()
    ended.join()
    assert ended.exitcode == -signal.SIGKILL
    assert path.with_name("bot.db-wal").stat().st_size > 0
    return ""


@pytest.fixture
def killed(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bot.db of that bot with its journal, and the copy beside it."""
    folder, _ = made_once(tmp_path_factory, "killed", die_in)
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    return tmp_path / "bot.db"


@pytest.fixture(params=["the old journal lies there", "without a journal", "the copy over the old file"])
def home(request: pytest.FixtureRequest, killed: Path) -> Path:
    """The killed bot.db in each state that it may be found in."""
    if request.param == "without a journal":
        for ending in ("-wal", "-shm"):
            killed.with_name(f"bot.db{ending}").unlink()
    elif request.param == "the copy over the old file":
        shutil.copyfile(killed.parent / "backups" / COPY, killed)
    return killed


def restored_from(path: Path) -> Restored:
    return restore(path.parent / "backups" / COPY, path, quiet=QUIET, now=NOW)


def pragma(path: Path, name: str) -> list[object]:
    with contextlib.closing(sqlite3.connect(path)) as db:
        return [row[0] for row in db.execute(f"PRAGMA {name}")]


def test_every_alert_is_back_and_the_file_is_sound(home: Path) -> None:
    result = restored_from(home)
    # The summary's channel has no subscription; each alert has one.
    assert result.contents == copies.contents_of(home) == Contents(alerts=200, subscriptions=200)
    assert pragma(home, "integrity_check") == ["ok"]
    assert pragma(home, "foreign_key_check") == []
    assert result.aside is not None
    assert "bot.db" in [file.name for file in result.aside.iterdir()]
    assert sorted(file.name for file in home.parent.glob("bot.db*")) == ["bot.db", "bot.db.lock"]


def test_nothing_is_posted_twice_and_the_next_crossing_is_posted(home: Path) -> None:
    restored_from(home)
    with contextlib.closing(connect(home)) as db:
        with transaction(db):
            # The check and the summary of the evening that the lost database had already done.
            fired = engine.catch_up(db, [closing(85.0, MONDAY), closing(91.0, TUESDAY)], now=NOW)
            summary_schedule.enqueue_due(db, CALENDAR, now=NOW)
        assert (fired.fired, fired.enqueued) == (100, 0)
        assert outbox.claim_batches(db, now=NOW, lease_seconds=60, limit=10) == []
        with transaction(db):
            back = engine.catch_up(db, [closing(201.0, WEDNESDAY)], now=LATER)
            (summary,) = summary_schedule.enqueue_due(db, CALENDAR, now=LATER)
        assert (back.fired, back.enqueued) == (100, 100)
        assert summary.session == WEDNESDAY


def test_what_was_owed_then_is_cancelled_and_the_installation_is_another(home: Path) -> None:
    with contextlib.closing(sqlite3.connect(home.parent / "backups" / COPY)) as copy:
        before = copy.execute("SELECT value FROM setting WHERE key = 'installation'").fetchone()[0]
    assert restored_from(home).cancelled == 1
    with contextlib.closing(connect(home)) as db:
        assert rows(db, "SELECT state FROM outbox UNION ALL SELECT state FROM batch") == [
            {"state": "cancelled"},
            {"state": "dead"},
        ]
        assert not incidents.owes(db)
        assert key_value.installation(db) != before


async def test_the_restored_database_opens_as_after_a_clean_stop(home: Path) -> None:
    restored_from(home)
    async with Store.open(home) as store:
        assert await store.read(copies.contents) == Contents(200, 200)


async def test_a_home_in_use_is_not_restored(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    async with Store.open(path) as store:
        copy = await store.backup(tmp_path / "copy.db")
        with pytest.raises(process_lock.InUseError, match="in use by another rotation-bot"):
            restore(copy, path, quiet=QUIET, now=NOW)


def test_a_copy_that_cannot_be_used_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    with contextlib.closing(connect(path)) as db, transaction(db):
        add_alert(db, 1, 90.0)
    foreign, torn, orphans = tmp_path / "market.db", tmp_path / "torn.db", tmp_path / "orphans.db"
    with contextlib.closing(sqlite3.connect(foreign)) as other:
        other.execute("CREATE TABLE bar (a)")
    torn.write_bytes(path.read_bytes()[:-100])
    with contextlib.closing(connect(orphans)) as db:
        db.conn.execute("PRAGMA foreign_keys = OFF")
        db.execute("INSERT INTO subscription VALUES (99, 98, NULL, NULL, 1, 1)")
    before = path.read_bytes()
    for file, why in (
        (tmp_path / "none.db", "There is no file"),
        (path, "is the database itself; name a copy of it"),
        (foreign, "is no copy of bot.db"),
        (torn, r"is damaged \(it ends in the middle of a page\)"),
        (orphans, r"is damaged \(a row of subscription refers to a row of"),
    ):
        with pytest.raises(StoreError, match=why):
            restore(file, path, quiet=QUIET, now=NOW)
    assert path.read_bytes() == before
    assert sorted(file.name for file in tmp_path.glob("bot.db*")) == ["bot.db", "bot.db.lock"]


def test_a_deletion_later_than_the_copy_is_made_again_and_an_earlier_one_is_not(tmp_path: Path) -> None:
    path, copy = tmp_path / "bot.db", tmp_path / "copy.db"
    with contextlib.closing(connect(path)) as db:
        with transaction(db):
            for person in (1, 2, 3):
                add_alert(db, person, 90.0)
            privacy.delete(db, 1)
            # Who comes back after a deletion is not deleted by it.
            add_alert(db, 1, 95.0)
        copies.copy(db.conn, copy)
        with transaction(db):
            privacy.delete(db, 2)
    result = restore(copy, path, quiet=QUIET, now=NOW)
    assert result.deleted == 1
    with contextlib.closing(connect(path)) as db:
        assert [row["owner_id"] for row in rows(db, "SELECT owner_id FROM alert ORDER BY id")] == [3, 1]
        with transaction(db):
            privacy.delete(db, 3)
        copies.copy(db.conn, tmp_path / "newer.db")
    assert restore(tmp_path / "newer.db", path, quiet=QUIET, now=NOW).deleted == 0


def test_a_home_whose_database_is_gone_is_not_begun_anew_without_being_told_so(killed: Path) -> None:
    for ending in ("", "-wal", "-shm"):
        killed.with_name(f"bot.db{ending}").unlink()
    with pytest.raises(StoreError) as refused:
        Store.open(killed)
    home, copy = killed.parent, killed.parent / "backups" / COPY
    assert str(refused.value) == (
        f"{killed} is gone, and this home had one: {copy} is there. If its disk is not mounted, mount it; "
        f"`rotation-bot --home {home} restore {copy}` brings the newest sound copy back; "
        f"`rotation-bot --home {home} run --new` begins with an empty database."
    )
    assert not killed.exists()


async def test_new_begins_anew_once_and_is_refused_where_there_is_a_database(killed: Path) -> None:
    for ending in ("", "-wal", "-shm"):
        killed.with_name(f"bot.db{ending}").unlink()
    async with Store.open(killed, new=True) as store:
        assert await store.read(copies.contents) == Contents(0, 0)
    with pytest.raises(StoreError, match=r"--new is for a home whose bot\.db is gone"):
        Store.open(killed, new=True)


def test_a_journal_alone_tells_that_there_was_a_database(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    assert lost_file.refusal(path, new=False) is None
    path.with_name("bot.db-wal").write_bytes(b"")
    assert lost_file.refusal(path, new=False) is not None


def test_a_database_that_was_never_restored_is_quiet_about_nothing(tmp_path: Path) -> None:
    with contextlib.closing(connect(tmp_path / "bot.db")) as db:
        assert quiet_sessions.get(db) == QuietSessions()
        assert quiet_sessions.restored_at(db) is None
        quiet_sessions.put(db, QUIET, now=NOW)
        assert quiet_sessions.get(db) == QUIET
        assert quiet_sessions.restored_at(db) == NOW
        assert scalar(db, "SELECT count(*) FROM setting") == 3


async def test_who_comes_back_to_a_new_database_is_not_deleted_from_its_copies(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    async with Store.open(path) as store:
        await store.run(add_alert, 1, 90.0)
        await store.run(privacy.delete, 1)
        await store.backup(tmp_path / "backups" / COPY)
    path.unlink()
    async with Store.open(path, new=True) as store:
        await store.run(add_alert, 1, 95.0)
        copy = await store.backup(tmp_path / "copy.db")
    assert restore(copy, path, quiet=QUIET, now=NOW).deleted == 0
    assert copies.contents_of(path) == Contents(1, 1)
