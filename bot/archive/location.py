"""Location of an archive and the dates of its calendar: what another process needs to open it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.archive.archive import Archive
from bot.calendar.clock import Calendar


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

    def open(self) -> Archive:
        """Open the archive, created or migrated if necessary.

        Close it or use it as a context manager.
        """
        return Archive.open(self.path, closures=self.closures)
