"""Daily maintenance: a checked copy of bot.db, and deletion of what is past its retention."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from bot import outbox
from bot.database import guilds
from bot.database.connection import Store, StoreError
from bot.sources.http.raw_archive import RawArchive

log = logging.getLogger(__name__)

KEPT_BACKUPS = 7


@dataclass
class Maintenance:
    """`backups`: the folder of the copies. `done_on`: the UTC date on which it was last done."""

    store: Store
    raw_archive: RawArchive
    backups: Path
    done_on: date

    async def tick(self, now: datetime) -> None:
        """Run the maintenance when the date has changed; never raises."""
        if now.date() == self.done_on:
            return
        self.done_on = now.date()
        try:
            await self.store.backup(self.backups / f"bot-{now:%Y-%m-%d}.db")
            for old in sorted(self.backups.glob("bot-????-??-??.db"))[:-KEPT_BACKUPS]:
                old.unlink()
            await self.store.run(guilds.delete_expired, now=now)
            await self.store.run(outbox.clean_up, now=now)
            await asyncio.to_thread(self.raw_archive.purge, now.date())
        except StoreError as error:
            log.error("no copy of the database was made, and the older ones stay: %s", error)
        except Exception:
            log.exception("the daily maintenance failed; it is tried again tomorrow")
