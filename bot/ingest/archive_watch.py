"""Whether the archive's file is still the one whose content was looked at."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

GONE = "The market archive was deleted; its figures are fetched again."


@dataclass
class ArchiveWatch:
    """Remembers the file at `path`."""

    path: Path
    _inode: int | None = None

    def remember(self) -> None:
        """Take the file that is there now for the one that was looked at."""
        self._inode = self._present()

    def replaced(self) -> bool:
        """Whether the file that was remembered is gone, deleted or moved aside."""
        return self._inode is not None and self._present() != self._inode

    def _present(self) -> int | None:
        try:
            return self.path.stat().st_ino
        except OSError:
            return None
