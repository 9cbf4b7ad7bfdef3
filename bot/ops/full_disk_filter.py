"""One line in the log for a full disk, however many parts of the program meet it."""

from __future__ import annotations

import logging

from bot.database.full_disk import FULL, is_full

ROOM = "the disk has room again"
"""What the log says when the outage is over; after it a full disk is a new one."""

_REMINDER_SECONDS = 6 * 3600.0
_TEXTS = (FULL, "database or disk is full", "No space left on device", "Disk quota exceeded")


class FullDiskFilter(logging.Filter):
    """Lets the first record of an outage through as a sentence without its traceback, and one every six hours."""

    def __init__(self) -> None:
        super().__init__()
        self._told_at: float | None = None

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is logged; one about a full disk is rewritten."""
        message = record.getMessage()
        if message == ROOM:
            self._told_at = None
            return True
        error = record.exc_info[1] if record.exc_info else None
        if not is_full(error) and not any(text in message for text in _TEXTS):
            return True
        if self._told_at is not None and record.created - self._told_at < _REMINDER_SECONDS:
            return False
        self._told_at = record.created
        record.msg, record.args = FULL, None
        record.exc_info = record.exc_text = record.stack_info = None
        record.levelno, record.levelname = logging.ERROR, "ERROR"
        return True
