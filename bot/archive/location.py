"""Location of an archive and the dates of its calendar: what another process needs to open it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.archive.archive import Archive
from bot.calendar.clock import Calendar


@dataclass(frozen=True, slots=True)
class ArchiveLocation:
    """The archive's file, and the first and the last date of its calendar."""

    path: Path
    first: date
    last: date

    @property
    def calendar(self) -> Calendar:
        """The calendar over those dates."""
        return Calendar(self.first, self.last)

    def open(self) -> Archive:
        """Open the archive, created or migrated if necessary.

        Close it or use it as a context manager.
        """
        return Archive.open(self.path)
