"""The clock of tests."""

from __future__ import annotations

from datetime import datetime, timedelta


class ManualClock:
    """A clock that shows what a test has set and moves only when a test moves it.

    It stands wherever the program asks for a `Clock`. It starts at `instant`, which must be aware.
    """

    def __init__(self, instant: datetime) -> None:
        self._instant = instant

    def now(self) -> datetime:
        """What the clock shows."""
        return self._instant

    def set(self, instant: datetime) -> None:
        """Show another instant, later or earlier."""
        self._instant = instant

    def advance(self, seconds: float = 0.0, *, minutes: float = 0.0, hours: float = 0.0, days: float = 0.0) -> None:
        """Move on by all of these together."""
        self._instant += timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
