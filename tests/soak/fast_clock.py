"""A clock that several processes share and one of them moves: the bot, its Discord and the soak see the same time."""

from __future__ import annotations

import struct
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

_FORMAT = struct.Struct("d")


class FastClock:
    """The machine's steady clock and an offset that stands in a file; time passes as it does, and jumps forward."""

    def __init__(self, file: Path) -> None:
        self._file = file

    @classmethod
    def begin(cls, file: Path, now: datetime) -> FastClock:
        """A clock that says `now`."""
        clock = cls(file)
        clock._write(now.timestamp() - time.monotonic())
        return clock

    def seconds(self) -> float:
        """Epoch seconds; never go back."""
        (offset,) = _FORMAT.unpack(self._file.read_bytes())
        return float(offset) + time.monotonic()

    def now(self) -> datetime:
        """The present as an aware UTC instant."""
        return datetime.fromtimestamp(self.seconds(), UTC)

    def skip(self, by: timedelta) -> None:
        """Go forward by so much."""
        self._write(self.seconds() - time.monotonic() + max(by, timedelta(0)).total_seconds())

    def skip_to(self, instant: datetime) -> None:
        """Go forward to an instant; nothing where it has passed."""
        self.skip(instant - self.now())

    def _write(self, offset: float) -> None:
        # Eight bytes in one write: a reader sees the old offset or the new one.
        with self._file.open("r+b" if self._file.exists() else "wb", buffering=0) as file:
            file.write(_FORMAT.pack(offset))
