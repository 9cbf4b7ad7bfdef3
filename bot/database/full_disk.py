"""Errors that say that a disk is full, whoever raises them."""

from __future__ import annotations

import errno
import sqlite3

FULL = "The disk is full: alerts are kept in memory until the disk has room."
"""What people read meanwhile. Checks go on, and what could not be written is tried again."""

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
_SQLITE_TEXT = "database or disk is full"


def is_full(error: BaseException | None) -> bool:
    """Whether an error, or what led to it, is about a disk without room; also one of another process."""
    while error is not None:
        if isinstance(error, sqlite3.Error):
            # The code is lost on the way between processes.
            code = getattr(error, "sqlite_errorcode", 0)
            # The second: there was no room for the file beside the database by which its users share its journal.
            is_of_room = code & 0xFF == sqlite3.SQLITE_FULL or code == sqlite3.SQLITE_IOERR_SHMSIZE
            if is_of_room or _SQLITE_TEXT in str(error):
                return True
        elif isinstance(error, OSError) and error.errno in _NO_ROOM:
            return True
        error = error.__cause__ or error.__context__
    return False


def for_another_process(error: Exception) -> Exception:
    """The error in a form that `is_full` still recognises after it was pickled."""
    if is_full(error) and not isinstance(error, OSError):
        return sqlite3.OperationalError(_SQLITE_TEXT)
    return error
