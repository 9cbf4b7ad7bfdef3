"""Gate: until when nothing at all can be sent, and when the next DM channel may be opened."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.ports import Clock


class Gate:
    """Open until it is closed for some seconds.

    Every wait is stored as an instant of the courier's own clock, the same one that leases and
    retries are compared with. Two clocks (a monotonic one here, the wall clock there) would drift
    apart when the machine sleeps, and a test or a replay with a clock of its own could not move
    both.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._closed_until: datetime | None = None
        self._next_dm: datetime | None = None

    def close(self, seconds: float) -> None:
        """Close for so long.

        A longer wait that began earlier still holds: of several answers the strictest counts.
        """
        until = self._clock.now() + timedelta(seconds=seconds)
        self._closed_until = max(until, self._closed_until or until)

    def closed_seconds(self) -> float:
        """Seconds for which nothing at all can be sent; 0 when the gate is open."""
        return self._until(self._closed_until)

    def next_dm(self, *, every_seconds: float) -> float:
        """Take the permission to open a DM and return 0, or return the seconds until there is one.

        Asking and taking are one call without an `await`, so two deliveries cannot take the same
        permission.
        """
        wait = self._until(self._next_dm)
        if not wait:
            self._next_dm = self._clock.now() + timedelta(seconds=every_seconds)
        return wait

    def _until(self, instant: datetime | None) -> float:
        return max((instant - self._clock.now()).total_seconds(), 0.0) if instant is not None else 0.0
