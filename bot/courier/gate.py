"""Gate: until when nothing at all can be sent, and when the next DM channel may be opened."""

from __future__ import annotations

from collections.abc import Callable


class Gate:
    """Open until it is closed for some seconds.

    `elapsed` gives seconds on a scale that only grows: a wait has the length that it was meant to have, whatever is
    done to the machine's clock.
    """

    def __init__(self, elapsed: Callable[[], float]) -> None:
        self._elapsed = elapsed
        self._closed_until = self._next_dm = float("-inf")

    def close(self, seconds: float) -> None:
        """Close for so long.

        A longer wait that began earlier still holds: of several answers the strictest counts.
        """
        self._closed_until = max(self._closed_until, self._elapsed() + seconds)

    def closed_seconds(self) -> float:
        """Seconds for which nothing at all can be sent; 0 when the gate is open."""
        return max(self._closed_until - self._elapsed(), 0.0)

    def next_dm(self, *, every_seconds: float) -> float:
        """Take the permission to open a DM and return 0, or return the seconds until there is one.

        Asking and taking are one call without an `await`, so two deliveries cannot take the same
        permission.
        """
        wait = max(self._next_dm - self._elapsed(), 0.0)
        if not wait:
            self._next_dm = self._elapsed() + every_seconds
        return wait
