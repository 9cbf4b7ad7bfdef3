"""What a command that takes long is doing, and on a slow machine that it still is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

LONGEST_SILENCE_SECONDS = 2.0


class Progress:
    """Says each step, and every two seconds how long it has taken so far, until `end`.

    Args:
        write: Gets the lines, from a thread of its own too.
        silence_seconds: The longest silence.
    """

    def __init__(self, write: Callable[[str], None], *, silence_seconds: float = LONGEST_SILENCE_SECONDS) -> None:
        self._write, self._silence_seconds = write, silence_seconds
        self._begun = self._spoke = time.monotonic()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._go_on, name="progress", daemon=True)

    def say(self, step: str) -> None:
        """A step begins."""
        self._write(step)
        self._begun = self._spoke = time.monotonic()
        if not self._thread.is_alive() and not self._ended.is_set():
            self._thread.start()

    def end(self) -> None:
        """All is done, or something else speaks from now on."""
        self._ended.set()

    def _go_on(self) -> None:
        while not self._ended.wait(self._spoke + self._silence_seconds - time.monotonic()):
            now = time.monotonic()
            if now - self._spoke >= self._silence_seconds:
                self._spoke = now
                self._write(f"... {now - self._begun:.0f} s")
