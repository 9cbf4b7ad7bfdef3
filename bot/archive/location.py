"""Location of an archive and the dates of its calendar: what another process needs to open it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.archive.archive import Archive
from bot.archive.damaged import move_aside
from bot.calendar.clock import Calendar
from bot.database.recovery import integrity


@dataclass(frozen=True, slots=True)
class ArchiveLocation:
    """The archive's file, the first and the last date of its calendar, and closures that a person knows."""

    path: Path
    first: date
    last: date
    closures: frozenset[date] = frozenset()

    @property
    def calendar(self) -> Calendar:
        """The calendar over those dates. Closures that prices have shown are sessions of it: their bars are kept."""
        return Calendar(self.first, self.last, self.closures)

    @contextmanager
    def open(self) -> Iterator[Archive]:
        """The archive while the context lasts, created or migrated if necessary.

        Raises ArchiveDamagedError when damage is found in it, now or while it is used; it has then
        been moved aside, and the next call makes a new one.
        """
        try:
            with Archive.open(self.path, closures=self.closures) as archive:
                yield archive
        except sqlite3.DatabaseError as error:
            if not integrity.is_damage(error):
                raise
            raise move_aside(self.path, str(error)) from error
