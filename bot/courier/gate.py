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
        self._closed_until = self._dm_opened = self._free_turn = float("-inf")
        self._turns: dict[int, float] = {}

    def close(self, seconds: float) -> None:
        """Close for so long.

        A longer wait that began earlier still holds: of several answers the strictest counts.
        """
        self._closed_until = max(self._closed_until, self._elapsed() + seconds)

    def closed_seconds(self) -> float:
        """Seconds for which nothing at all can be sent; 0 when the gate is open."""
        return max(self._closed_until - self._elapsed(), 0.0)

    def next_dm(self, place: int, *, every_seconds: float) -> float:
        """Take the turn to open the DM of a place and return 0, or return the seconds until its turn comes.

        Each place has a turn of its own, one after the other, which it loses when it does not come for it until the
        next one is due. Asking and taking are one call without an `await`, so two deliveries cannot take the same turn.
        """
        now = self._elapsed()
        next_opening = max(now, self._dm_opened + every_seconds)
        self._turns = {waiting: turn for waiting, turn in self._turns.items() if turn > now - every_seconds}
        if place not in self._turns:
            self._turns[place] = max(next_opening, self._free_turn)
            self._free_turn = self._turns[place] + every_seconds
        wait = max(self._turns[place], next_opening) - now
        if not wait:
            del self._turns[place]
            self._dm_opened = now
        return wait
