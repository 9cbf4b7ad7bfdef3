"""Daily maintenance: a checked copy of bot.db, and deletion of what is past its retention."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from bot import outbox
from bot.database import Database, DatabaseError, key_value
from bot.database.connection import Store
from bot.database.full_disk import FULL
from bot.database.places import guilds
from bot.database.recovery import copies
from bot.database.recovery.copies import Contents
from bot.errors import StoreError
from bot.ops import backup_rotation
from bot.ops.duties import Duties
from bot.ops.full_disk_filter import ROOM
from bot.sources.http.raw_archive import RawArchive

log = logging.getLogger(__name__)

LEAST_BYTES, ROOM_BYTES = 1_000_000, 50_000_000
"""A disk with less than the first is full, one that was full is so until it has the second: the archive is
written in tens of megabytes."""

_PROBE = "disk.probe"


@dataclass
class Maintenance:
    """`backups`: the folder of the copies. `done_on`: the UTC date on which it was last done.

    `clock_is_known`: whether another clock than the machine's has said what time it is. `failure`: why the newest copy
    could not be made, None where it was.
    """

    store: Store
    raw_archive: RawArchive
    backups: Path
    done_on: date
    duties: Duties = field(default_factory=Duties)
    clock_is_known: Callable[[], bool] = lambda: True
    failure: str | None = None
    _must_delete: bool = False

    async def tick(self, now: datetime) -> None:
        """Run the maintenance when the date has changed, each part whether or not another fails.

        Each tick looks at the disk, and tries whether a full one has room. What is past its retention by the machine's
        clock alone is not deleted: at a start it may be months ahead, and what is deleted does not come back.
        """
        await self._look_at_disk(now)
        if now.date() != self.done_on:
            self.done_on, self._must_delete = now.date(), True
            await self._make_copy(now.date())
        if self._must_delete and self.clock_is_known():
            self._must_delete = False
            await self._delete_expired(now)

    async def _delete_expired(self, now: datetime) -> None:
        for name, work in (
            ("delete servers that the bot left 30 days ago", lambda: self.store.run(guilds.delete_expired, now=now)),
            ("delete messages that were settled 30 days ago", lambda: self.store.run(outbox.clean_up, now=now)),
            ("delete old answers of sources", lambda: asyncio.to_thread(self.raw_archive.purge, now.date())),
        ):
            await self.duties.attempt(name, work, now)

    async def _look_at_disk(self, now: datetime) -> None:
        try:
            free = shutil.disk_usage(self.backups.parent).free
        except OSError as error:
            log.warning("the disk of the home cannot be looked at: %s", error)
            return
        if not self.store.disk_full and free < LEAST_BYTES:
            self.store.disk_full = True
            log.error(FULL)
        if not self.store.disk_full or free < ROOM_BYTES:
            return
        # A quota is not seen in what is free.
        with contextlib.suppress(DatabaseError):
            await self.store.run(_write_something, now)
            self.store.disk_full = False
            log.warning(ROOM)

    async def _make_copy(self, day: date) -> None:
        """Copy the database; why that failed is an incident of its own."""
        try:
            await self._back_up(day)
        except Exception as error:
            self.failure = str(error) or type(error).__name__
            # A sentence for the operator says it all.
            trace = None if isinstance(error, StoreError) else error
            log.error("no copy of the database was made, and the older ones stay: %s", error, exc_info=trace)
            return
        self.failure = None

    async def _back_up(self, day: date) -> None:
        """Copy the database, then delete copies that have expired."""
        held = await self.store.read(copies.contents)
        existing = await asyncio.to_thread(_contents, self.backups)
        target = backup_rotation.target(day, held, existing, self.backups)
        await self.store.backup(target)
        existing[target] = held
        for old in backup_rotation.expired(existing, held):
            old.unlink(missing_ok=True)
            existing.pop(old)
        richer = [(path, older) for path, older in existing.items() if older is not None and older.lost_in(held)]
        if richer:
            path, older = richer[-1]
            log.warning(
                "bot.db holds %s; %s holds %s. Copies with more than twice as much are kept until somebody deletes "
                "them; `rotation-bot restore` goes back to one",
                held,
                path,
                older,
            )


def _write_something(db: Database, now: datetime) -> None:
    key_value.put(db, _PROBE, now.isoformat())
    key_value.forget(db, _PROBE)


def _contents(folder: Path) -> dict[Path, Contents | None]:
    return {path: copies.contents_of(path) for path in backup_rotation.copies_in(folder)}
