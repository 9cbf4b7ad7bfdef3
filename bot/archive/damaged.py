"""A market archive that is damaged: moved aside, because everything in it can be fetched again."""

from __future__ import annotations

from pathlib import Path

from bot.errors import UserError


class ArchiveDamagedError(UserError):
    """The archive was damaged and has been moved aside; the message says where it is and what happens now."""


def move_aside(path: Path, problem: str) -> ArchiveDamagedError:
    """Move a damaged archive and its journal away, over the one that was moved away before.

    Returns the error to raise. Raises OSError when a file cannot be moved.
    """
    aside = path.with_name(f"{path.stem}-damaged{path.suffix}")
    for ending in ("", "-wal", "-shm"):
        source, target = path.with_name(path.name + ending), aside.with_name(aside.name + ending)
        target.unlink(missing_ok=True)
        if source.exists():
            source.rename(target)
    return ArchiveDamagedError(
        f"{path.name} was damaged ({problem}) and is now {aside.name}; its figures are fetched again."
    )
