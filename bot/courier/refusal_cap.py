"""The cap on refusals: Discord bans an address after 10,000 of them within ten minutes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

MOST = 999
WINDOW_SECONDS = 600.0


class RefusalCap:
    """Counts refusals, and says how many more tries may be refused for now.

    `elapsed` gives seconds on a scale that only grows.
    """

    def __init__(self, elapsed: Callable[[], float], *, most: int = MOST) -> None:
        self._elapsed, self._most = elapsed, most
        self._refusals: deque[float] = deque()

    def refused(self) -> None:
        """Discord has refused a message."""
        self._refusals.append(self._elapsed())

    def free(self, *, under_way: int) -> int:
        """How many more places that refused before may be tried now; `under_way`: so many tries have no answer yet."""
        while self._refusals and self._elapsed() - self._refusals[0] >= WINDOW_SECONDS:
            self._refusals.popleft()
        return max(self._most - len(self._refusals) - under_way, 0)
