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
    handle = os.open(_beside(path), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        process = _written_in(handle)
        os.close(handle)
        raise InUseError(
            f"{path} is in use by another rotation-bot (process {process}). Stop that one first, or choose another --home."
        ) from None
    os.ftruncate(handle, 0)
    os.pwrite(handle, str(os.getpid()).encode(), 0)
    return handle


def owner(path: Path) -> str | None:
    """The process that holds the lock of `path`, None where none does. Changes nothing."""
    try:
        handle = os.open(_beside(path), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _written_in(handle)
    finally:
        os.close(handle)
    return None


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.lock")


def _written_in(handle: int) -> str:
    return os.pread(handle, 32, 0).decode(errors="replace").strip() or "unknown"


@contextlib.contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the lock of `path` inside. Raises InUseError when another process holds it."""
    handle = take(path)
    try:
        yield
    finally:
        os.close(handle)
