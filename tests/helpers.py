"""Small things that many tests need."""

from __future__ import annotations

from datetime import UTC, datetime


class StandingClock:
    """A clock that shows what the test sets."""

    def __init__(self, now: datetime) -> None:
        self.instant = now

    def now(self) -> datetime:
        return self.instant


def utc(text: str) -> datetime:
    """An ISO date or instant as UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
