"""One process per home: a file lock that the system releases when the process ends."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from bot.errors import UserError


class InUseError(UserError):
    """Another process holds the lock; the message names it and says what to do."""


def take(path: Path) -> int:
    """Lock the database at `path` by a lock file beside it.

    Closing the returned handle releases the lock.

    Raises InUseError when another process holds it.
    """
    handle = os.open(path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        owner = os.read(handle, 32).decode(errors="replace").strip() or "unknown"
        os.close(handle)
        raise InUseError(
            f"{path} is in use by another rotation-bot (process {owner}). Stop that one first, or choose another --home."
        ) from None
    os.ftruncate(handle, 0)
    os.pwrite(handle, str(os.getpid()).encode(), 0)
    return handle


@contextlib.contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the lock of `path` inside. Raises InUseError when another process holds it."""
    handle = take(path)
    try:
        yield
    finally:
        os.close(handle)
