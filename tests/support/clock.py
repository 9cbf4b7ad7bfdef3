"""The clock of tests."""

from __future__ import annotations

from datetime import datetime, timedelta


class ManualClock:
    """A clock that shows what a test has set and moves only when a test moves it.

    It stands wherever the program asks for a `Clock` or a `DeliveryClock`. It starts at `instant`, which must be aware.
    """

    def __init__(self, instant: datetime) -> None:
        self._instant = instant
        self._elapsed = 1000.0

    def elapsed(self) -> float:
        """How far a test has moved it on; setting it by hand (`step`) moves nothing."""
        return self._elapsed

    def step(self, seconds: float) -> None:
        """Somebody sets the machine's clock; no time passes."""
        self._instant += timedelta(seconds=seconds)

    def now(self) -> datetime:
        """What the clock shows."""
        return self._instant

    def set(self, instant: datetime) -> None:
        """Show another instant, later or earlier."""
        self._elapsed += max((instant - self._instant).total_seconds(), 0.0)
        self._instant = instant

    def advance(self, seconds: float = 0.0, *, minutes: float = 0.0, hours: float = 0.0, days: float = 0.0) -> None:
        """Move on by all of these together."""
        passed = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        self._instant += passed
        self._elapsed += passed.total_seconds()
